//! What is derived from the shared secret and the info-hash.

use sha1::{Digest, Sha1};

use super::{PUBLIC_KEY, Rc4};

/// SHA-1 over the parts, one after another.
fn hash(parts: &[&[u8]]) -> [u8; 20] {
    let mut hasher = Sha1::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// H("req1", S): where it stands, the initiator's padding has ended.
pub fn req1(secret: &[u8; PUBLIC_KEY]) -> [u8; 20] {
    hash(&[b"req1", secret])
}

/// What both peers of a connection derive from S, the Diffie-Hellman secret, and
/// SKEY, the info-hash (of v2, its first 20 bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// H("keyA", S, SKEY): what the initiator sends is encrypted with it.
    pub a: [u8; 20],
    /// H("keyB", S, SKEY): what the acceptor sends is encrypted with it.
    pub b: [u8; 20],
}

/// H("req2", SKEY) xor H("req3", S): names the torrent to the acceptor, who
/// tries all that it has.
pub fn torrent(secret: &[u8; PUBLIC_KEY], skey: &[u8; 20]) -> [u8; 20] {
    let req2 = hash(&[b"req2", skey]);
    let req3 = hash(&[b"req3", secret]);
    std::array::from_fn(|at| req2[at] ^ req3[at])
}

impl Keys {
    /// Derives them.
    pub fn new(secret: &[u8; PUBLIC_KEY], skey: &[u8; 20]) -> Self {
        Self {
            a: hash(&[b"keyA", secret, skey]),
            b: hash(&[b"keyB", secret, skey]),
        }
    }

    /// The keystream of what the initiator sends, from VC on.
    pub fn cipher_a(&self) -> Rc4 {
        Rc4::for_mse(&self.a)
    }

    /// The keystream of what the acceptor sends, from VC on.
    pub fn cipher_b(&self) -> Rc4 {
        Rc4::for_mse(&self.b)
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{A, B, C};
    use super::*;

    #[test]
    fn derives_the_keys_of_the_vectors() {
        let keys = Keys::new(&A.secret(), &A.skey());
        assert_eq!(
            hex::encode(req1(&A.secret())),
            "90896606dafbb8f455a81bebcc266214333441a1"
        );
        assert_eq!(
            hex::encode(torrent(&A.secret(), &A.skey())),
            "2a34f499539a126f729135c373ef7c7472f1c8d7"
        );
        assert_eq!(
            hex::encode(keys.a),
            "810db63f2b1e6b32f8dea844cae85f404de76619"
        );
        assert_eq!(
            hex::encode(keys.b),
            "a7fc1b533e554285ed6766d6c817b5866d701c17"
        );

        let keys = Keys::new(&B.secret(), &B.skey());
        assert_eq!(
            hex::encode(keys.a),
            "88f435144042cf35c9623716319f7b64e9436362"
        );
        assert_eq!(
            hex::encode(keys.b),
            "50b379cf149293f6bb517b7d9c6d88f90bf5855a"
        );

        let keys = Keys::new(&C.secret(), &C.skey());
        assert_eq!(
            hex::encode(keys.b),
            "da4070ad9b2ae3cc131794b77e218346ccb05933"
        );
    }
    /// The first bytes that are encrypted, decrypted.
    fn plain(mut cipher: Rc4, stream: &[u8], at: usize, length: usize) -> String {
        let mut bytes = stream[at..at + length].to_vec();
        cipher.apply(&mut bytes);
        hex::encode(bytes)
    }

    #[test]
    fn decrypts_the_negotiations_of_the_vectors() {
        let handshake = "13426974546f7272656e742070726f746f636f6c";
        let offers = [(A, 96 + 40, "03"), (B, 96 + 10 + 40, "02")];
        for (vector, at, provide) in offers {
            let keys = Keys::new(&vector.secret(), &vector.skey());
            assert_eq!(
                plain(keys.cipher_a(), &vector.stream_a(), at, 36),
                format!("0000000000000000000000{provide}00000044{handshake}")
            );
        }
        let choices = [(A, 96, "0000"), (C, 96 + 130, "0109")];
        for (vector, at, pad) in choices {
            let keys = Keys::new(&vector.secret(), &vector.skey());
            assert_eq!(
                plain(keys.cipher_b(), &vector.stream_b(), at, 14),
                format!("000000000000000000000002{pad}")
            );
        }
    }
}
