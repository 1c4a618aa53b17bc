//! How most clients begin their peer ids (BEP 20).

/// Bytes of a peer id.
const LENGTH: usize = 20;

/// Whether bytes begin as most peer ids do: a dash, two letters, four letters or
/// digits, a dash (BEP 20).
pub fn begins_peer_id(bytes: &[u8]) -> bool {
    match bytes.first_chunk::<8>() {
        Some([b'-', client @ .., b'-']) => {
            client[..2].iter().all(u8::is_ascii_alphabetic)
                && client[2..].iter().all(u8::is_ascii_alphanumeric)
        }
        _ => false,
    }
}

/// Whether a peer id is the first 20 of 40 hex digits of one.
pub fn is_half_an_id(id: &[u8; LENGTH]) -> bool {
    let mut half = [0; LENGTH / 2];
    hex::decode_to_slice(id, &mut half).is_ok() && begins_peer_id(&half)
}
