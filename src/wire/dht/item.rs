//! Stored items (BEP 44, and BEP 46 built on them).

use ed25519_dalek::{Signature, VerifyingKey};
use sha1::{Digest, Sha1};

use crate::wire::bencode;

/// Where an immutable item is stored: the SHA-1 of its bencoded value.
pub fn immutable_target(value: &[u8]) -> [u8; 20] {
    Sha1::digest(value).into()
}

/// Where a mutable item is stored: the SHA-1 of key and salt (empty for none).
pub fn mutable_target(key: &[u8; 32], salt: &[u8]) -> [u8; 20] {
    Sha1::new()
        .chain_update(key)
        .chain_update(salt)
        .finalize()
        .into()
}

/// What the signature of a mutable item signs: salt (empty for none), sequence
/// number and bencoded value.
pub fn signed_bytes(salt: &[u8], sequence: i64, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + salt.len() + 40);
    if !salt.is_empty() {
        out.extend_from_slice(b"4:salt");
        out.extend_from_slice(&bencode::bytes(salt));
    }
    out.extend_from_slice(format!("3:seqi{sequence}e1:v").as_bytes());
    out.extend_from_slice(value);
    out
}

/// Whether the signature of a mutable item holds; one without signature or sequence
/// number is not signed.
pub fn is_signed(
    key: &[u8; 32],
    signature: Option<&[u8]>,
    salt: &[u8],
    sequence: Option<i64>,
    value: &[u8],
) -> bool {
    let holds = || {
        let key = VerifyingKey::from_bytes(key).ok()?;
        let signature = Signature::from_slice(signature?).ok()?;
        let text = signed_bytes(salt, sequence?, value);
        key.verify_strict(&text, &signature).ok()
    };
    holds().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &[u8] = b"12:Hello World!";

    fn key(text: &str) -> [u8; 32] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_vectors_of_bep_44() {
        let k = key("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");
        assert_eq!(
            hex::encode(mutable_target(&k, b"")),
            "4a533d47ec9c7d95b1ad75f576cffc641853b750"
        );
        assert_eq!(
            hex::encode(mutable_target(&k, b"foobar")),
            "411eba73b6f087ca51a3795d9c8c938d365e32c1"
        );
        assert_eq!(
            hex::encode(immutable_target(VALUE)),
            "e5f96f6f38320f0f33959cb4d3d656452117aadb"
        );
        assert_eq!(signed_bytes(b"", 1, VALUE), b"3:seqi1e1:v12:Hello World!");
        assert_eq!(
            signed_bytes(b"foobar", 1, VALUE),
            b"4:salt6:foobar3:seqi1e1:v12:Hello World!"
        );
    }

    #[test]
    fn the_vectors_of_bep_46() {
        let k = key("8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e");
        assert_eq!(
            hex::encode(mutable_target(&k, b"")),
            "cc3f9d90b572172053626f9980ce261a850d050b"
        );
        assert_eq!(
            hex::encode(mutable_target(&k, b"n")),
            "59ee7c2cb9b4f7eb1986ee2d18fd2fdb8a56554f"
        );
    }
}
