//! The line of a key log for a state of RC4 that was found in the memory of a
//! running peer.
//!
//! `RC4 <anchor> <i> <j> <S>`: the permutation S (512 hexadecimal digits) and its
//! two indices (decimal), somewhere in the stream of one direction, no one knows
//! which. RC4 can be stepped backwards, so that such a state opens the direction
//! from its first byte. The anchor is the 16 bytes of ciphertext that follow the
//! state (32 digits), or `-` where they are not known.

use std::fmt;
use std::str::FromStr;

use super::{NotAKey, Rc4};

/// What begins a line.
const LABEL: &str = "RC4";

/// The form of a line, for those who write one by hand.
const FORM: &str = "RC4 <anchor> <i> <j> <S>";

/// The bytes of ciphertext that follow a state.
pub type Anchor = [u8; 16];

/// A state of RC4, of some direction at some place.
#[derive(Clone, PartialEq, Eq)]
pub struct StateLine {
    /// What follows in the stream, encrypted, if that is known.
    pub anchor: Option<Anchor>,
    /// The state.
    pub cipher: Rc4,
}

impl FromStr for StateLine {
    type Err = NotAKey;

    fn from_str(line: &str) -> Result<Self, NotAKey> {
        let mut words = line.split_ascii_whitespace();
        if words.next() != Some(LABEL) {
            return Err(NotAKey::Label);
        }
        let mut next = || words.next().ok_or(NotAKey::Words(FORM));
        let (anchor, i, j, state) = (next()?, next()?, next()?, next()?);
        if words.next().is_some() {
            return Err(NotAKey::Words(FORM));
        }
        let anchor = match anchor {
            "-" => None,
            digits => Some(super::keylog::digits("the anchor", digits)?),
        };
        let (i, j) = (index("i", i)?, index("j", j)?);
        let state = super::keylog::digits("S", state)?;
        let cipher = Rc4::from_state(state, i, j).ok_or(NotAKey::Permutation)?;
        Ok(Self { anchor, cipher })
    }
}

fn index(name: &'static str, word: &str) -> Result<u8, NotAKey> {
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| word.parse().ok()).flatten();
    number.ok_or(NotAKey::Index(name))
}

impl fmt::Display for StateLine {
    /// The line, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let anchor = self.anchor.map_or_else(|| "-".to_owned(), hex::encode);
        let (i, j) = self.cipher.indices();
        let state = hex::encode(self.cipher.state());
        write!(f, "{LABEL} {anchor} {i} {j} {state}")
    }
}

impl fmt::Debug for StateLine {
    /// Without the state, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateLine")
            .field("anchor", &self.anchor)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(anchor: Option<Anchor>) -> StateLine {
        let mut cipher = Rc4::new(b"some key");
        cipher.skip(300);
        StateLine { anchor, cipher }
    }

    #[test]
    fn reads_what_it_writes() {
        for line in [line(None), line(Some([0xab; 16]))] {
            let text = line.to_string();
            assert_eq!(text.parse(), Ok(line.clone()));
            assert_eq!(text.to_uppercase().parse(), Ok(line));
        }
        assert!(line(None).to_string().starts_with("RC4 - 44 "));
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        let good = line(None).to_string();
        let words: Vec<&str> = good.split(' ').collect();
        let says = |words: &[&str]| {
            words
                .join(" ")
                .parse::<StateLine>()
                .unwrap_err()
                .to_string()
        };
        let [label, anchor, i, j, state] = words[..] else {
            panic!("five words");
        };
        let form = "not of the form RC4 <anchor> <i> <j> <S>";
        assert_eq!(
            says(&["MSE", anchor, i, j, state]),
            "does not begin with a word of a key"
        );
        assert_eq!(says(&[label, anchor, i, j]), form);
        assert_eq!(says(&[label, anchor, i, j, state, "x"]), form);
        assert_eq!(
            says(&[label, "00", i, j, state]),
            "the anchor is not 32 hexadecimal digits"
        );
        assert_eq!(
            says(&[label, anchor, "256", j, state]),
            "i is no number from 0 to 255"
        );
        assert_eq!(
            says(&[label, anchor, i, "+1", state]),
            "j is no number from 0 to 255"
        );
        assert_eq!(
            says(&[label, anchor, i, j, &state[2..]]),
            "S is not 512 hexadecimal digits"
        );
        let twice = format!("{}{}", &state[..2], &state[..510]);
        assert_eq!(
            says(&[label, anchor, i, j, &twice]),
            "S is no permutation of 0 to 255"
        );
    }
}
