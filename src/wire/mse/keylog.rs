//! The line of a key log, by which a peer hands its secrets to an observer.
//!
//! `MSE <Ya> <S> <SKEY>`: the initiator's public key, the shared secret and the
//! info-hash, in hexadecimal. The same lines, as text, are the data of a
//! decryption secrets block of pcapng ([`SECRETS_TYPE`]).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::PUBLIC_KEY;

/// Secrets type of a decryption secrets block (pcapng) that holds lines of this
/// form: "MSEK". Not a registered number; those that are read like this too.
pub const SECRETS_TYPE: u32 = 0x4d53_454b;

/// What begins a line.
const LABEL: &str = "MSE";

/// The form of a line, for those who write one by hand.
const FORM: &str = "MSE <Ya> <S> <SKEY>";

/// All that is needed to decrypt one connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyLine {
    /// Ya: the initiator's public key, by which the connection is found.
    pub public_key: [u8; PUBLIC_KEY],
    /// S: the shared secret.
    pub secret: [u8; PUBLIC_KEY],
    /// SKEY: the info-hash (of v2, its first 20 bytes).
    pub skey: [u8; 20],
}

/// Why a line is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotAKey {
    /// It begins with something else.
    #[error("does not begin with a word of a key")]
    Label,
    /// It has more or fewer words than this form.
    #[error("not of the form {0}")]
    Words(&'static str),
    /// A word is no hexadecimal, or too long or short.
    #[error("{0} is not {1} hexadecimal digits")]
    Digits(&'static str, usize),
    /// A word is no index of RC4.
    #[error("{0} is no number from 0 to 255")]
    Index(&'static str),
    /// The state of RC4 holds a value twice.
    #[error("S is no permutation of 0 to 255")]
    Permutation,
}

impl FromStr for KeyLine {
    type Err = NotAKey;

    fn from_str(line: &str) -> Result<Self, NotAKey> {
        let mut words = line.split_ascii_whitespace();
        if words.next() != Some(LABEL) {
            return Err(NotAKey::Label);
        }
        let (Some(public_key), Some(secret), Some(skey), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(NotAKey::Words(FORM));
        };
        Ok(Self {
            public_key: digits("Ya", public_key)?,
            secret: digits("S", secret)?,
            skey: digits("SKEY", skey)?,
        })
    }
}

/// Exactly as many bytes, in hexadecimal.
pub(super) fn digits<const N: usize>(name: &'static str, word: &str) -> Result<[u8; N], NotAKey> {
    let mut bytes = [0; N];
    match hex::decode_to_slice(word, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(NotAKey::Digits(name, 2 * N)),
    }
}

impl fmt::Display for KeyLine {
    /// The line, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (public_key, secret) = (hex::encode(self.public_key), hex::encode(self.secret));
        write!(
            f,
            "{LABEL} {public_key} {secret} {}",
            hex::encode(self.skey)
        )
    }
}

impl fmt::Debug for KeyLine {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyLine")
            .field("skey", &hex::encode(self.skey))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::A;
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let line = A.key_line();
        assert_eq!(line.to_string().len(), 4 + 192 + 1 + 192 + 1 + 40);
        assert_eq!(line.to_string().parse(), Ok(line));
        assert_eq!(line.to_string().to_uppercase().parse(), Ok(line));
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        let line = A.key_line().to_string();
        let words = |text: &str| text.parse::<KeyLine>().unwrap_err().to_string();
        assert_eq!(
            words("CLIENT_RANDOM 00 00"),
            "does not begin with a word of a key"
        );
        assert_eq!(words("MSE 00"), "not of the form MSE <Ya> <S> <SKEY>");
        assert_eq!(
            words(&format!("{line} 00")),
            "not of the form MSE <Ya> <S> <SKEY>"
        );
        assert_eq!(
            words(&line[..line.len() - 2]),
            "SKEY is not 40 hexadecimal digits"
        );
        assert_eq!(
            words(&line.replacen("MSE 9", "MSE g", 1)),
            "Ya is not 192 hexadecimal digits"
        );
    }
}
