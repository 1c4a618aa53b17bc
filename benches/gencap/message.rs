//! A second, small encoder of peer wire messages (BEP 3, 5, 6, 10).

/// Message ids (BEP 3, BEP 6).
pub mod id {
    pub const CHOKE: u8 = 0;
    pub const UNCHOKE: u8 = 1;
    pub const INTERESTED: u8 = 2;
    pub const NOT_INTERESTED: u8 = 3;
    pub const HAVE: u8 = 4;
    pub const BITFIELD: u8 = 5;
    pub const REQUEST: u8 = 6;
    pub const PIECE: u8 = 7;
    pub const CANCEL: u8 = 8;
    pub const SUGGEST_PIECE: u8 = 13;
    pub const HAVE_NONE: u8 = 15;
    pub const ALLOWED_FAST: u8 = 17;
    pub const EXTENDED: u8 = 20;
}

/// A block: 16 KiB everywhere.
pub const BLOCK: u32 = 16 * 1024;

/// The name of a message as peerscope calls it.
pub fn name(id: u8) -> &'static str {
    match id {
        id::CHOKE => "choke",
        id::UNCHOKE => "unchoke",
        id::INTERESTED => "interested",
        id::NOT_INTERESTED => "not_interested",
        id::HAVE => "have",
        id::BITFIELD => "bitfield",
        id::REQUEST => "request",
        id::PIECE => "piece",
        id::CANCEL => "cancel",
        id::SUGGEST_PIECE => "suggest_piece",
        id::HAVE_NONE => "have_none",
        id::ALLOWED_FAST => "allowed_fast",
        id::EXTENDED => "extended_handshake",
        _ => unreachable!("the generator sends no such message"),
    }
}

/// The 68 bytes that open a connection (BEP 3), with the bits of BEP 5, 6, 10.
pub fn handshake(info_hash: &[u8; 20], peer_id: &[u8; 20]) -> Vec<u8> {
    let mut bytes = b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05".to_vec();
    bytes.extend_from_slice(info_hash);
    bytes.extend_from_slice(peer_id);
    bytes
}

/// A message of an id and numbers: have, request, cancel and those like them.
pub fn numbers(id: u8, numbers: &[u32]) -> Vec<u8> {
    let mut bytes = (1 + 4 * numbers.len() as u32).to_be_bytes().to_vec();
    bytes.push(id);
    for number in numbers {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes
}

/// What stands before the data of a block.
pub fn piece_header(index: u32, begin: u32, length: u32) -> Vec<u8> {
    let mut bytes = (9 + length).to_be_bytes().to_vec();
    bytes.push(id::PIECE);
    bytes.extend_from_slice(&index.to_be_bytes());
    bytes.extend_from_slice(&begin.to_be_bytes());
    bytes
}

/// A bitfield with all of `count` pieces.
pub fn full_bitfield(count: u32) -> Vec<u8> {
    let mut bits = vec![0xff; count.div_ceil(8) as usize];
    if let (Some(last), spare @ 1..) = (bits.last_mut(), bits_spare(count)) {
        *last = 0xff << spare;
    }
    let mut bytes = (1 + bits.len() as u32).to_be_bytes().to_vec();
    bytes.push(id::BITFIELD);
    bytes.append(&mut bits);
    bytes
}

/// Bits of the last byte of a bitfield that stand for no piece.
fn bits_spare(count: u32) -> u32 {
    (8 - count % 8) % 8
}

/// An extended handshake (BEP 10) such as a current client sends.
pub fn extended_handshake(client: &str, port: u16) -> Vec<u8> {
    let dictionary = format!(
        "d1:md11:lt_donthavei7e11:ut_metadatai2e6:ut_pexi1ee1:pi{port}e4:reqqi500e1:v{}:{client}e",
        client.len()
    );
    let mut bytes = (2 + dictionary.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(&[id::EXTENDED, 0]);
    bytes.extend_from_slice(dictionary.as_bytes());
    bytes
}
