//! Hashes and other bytes as people type them: digits of hex, often not all.

/// The fewest leading digits that stand for a hash without `..` behind them.
pub const MIN_DIGITS: usize = 8;

/// Digits of hex, all of a value or its beginning and end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits {
    head: Vec<u8>,
    /// What it ends with; `None` where nothing was left out.
    tail: Option<Vec<u8>>,
}

impl Digits {
    /// Reads `ef183b..eb05`, `ef183b..` or digits alone.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("0x").unwrap_or(text);
        let (head, tail) = match text.split_once("..") {
            Some((head, tail)) => (head, Some(tail)),
            None => (text, None),
        };
        let has_digits = !head.is_empty() || tail.is_some_and(|tail| !tail.is_empty());
        let head = nibbles(head)?;
        let tail = match tail {
            Some(tail) => Some(nibbles(tail)?),
            None => None,
        };
        has_digits.then_some(Self { head, tail })
    }

    /// Whether it says enough to find a hash by.
    pub fn is_enough(&self) -> bool {
        self.tail.is_some() || self.head.len() >= MIN_DIGITS
    }

    /// Whether `bytes` are these, to the last one where nothing was left out.
    pub fn are(&self, bytes: &[u8]) -> bool {
        let count = bytes.len() * 2;
        match &self.tail {
            None => self.head.len() == count && self.begin(bytes),
            Some(tail) => {
                let length = self.head.len() + tail.len();
                let digits = || (count - tail.len()..count).map(|at| nibble(bytes, at));
                length <= count && self.begin(bytes) && digits().eq(tail.iter().copied())
            }
        }
    }

    /// Whether they are a hash: where no end is given, a beginning will do.
    pub fn are_of_hash(&self, hash: &[u8]) -> bool {
        self.are(hash) || (self.tail.is_none() && self.is_enough() && self.begin(hash))
    }

    /// All of the bytes, if nothing was left out and no digit is alone.
    pub fn whole(&self) -> Option<Vec<u8>> {
        let is_whole = self.tail.is_none() && self.head.len().is_multiple_of(2);
        let bytes = self.head.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]);
        is_whole.then(|| bytes.collect())
    }

    fn begin(&self, bytes: &[u8]) -> bool {
        let digits = (0..self.head.len().min(bytes.len() * 2)).map(|at| nibble(bytes, at));
        digits.eq(self.head.iter().copied())
    }
}

fn nibbles(text: &str) -> Option<Vec<u8>> {
    let digit = |c: char| Some(c.to_digit(16)? as u8);
    text.chars().map(digit).collect()
}

fn nibble(bytes: &[u8], at: usize) -> u8 {
    let byte = bytes[at / 2];
    if at.is_multiple_of(2) {
        byte >> 4
    } else {
        byte & 15
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_abbreviated() {
        let hash = [0xef, 0x18, 0x3b, 0xa1, 0x6a, 0xeb, 0x05];
        for (text, expected) in [
            ("ef183ba16aeb05", true),
            ("EF183BA16AEB05", true),
            ("ef183ba1", true),
            ("ef183ba16", true),
            ("ef183ba17", false),
            ("ef183b", false),
            ("ef..", true),
            ("e..", true),
            ("ef..eb05", true),
            ("..5", true),
            ("ef..eb06", false),
            ("ef183ba16aeb05..", true),
            ("ef183ba16aeb05..5", false),
            ("ef183ba16aeb0500", false),
        ] {
            let digits = Digits::parse(text).unwrap();
            assert_eq!(digits.are_of_hash(&hash), expected, "{text}");
        }
        for wrong in ["", "..", "xy", "ef....", "-1"] {
            assert_eq!(Digits::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn other_bytes_are_not() {
        let digits = |text| Digits::parse(text).unwrap();
        assert!(digits("01020304").are(&[1, 2, 3, 4]));
        assert!(!digits("01020304").are(&[1, 2, 3, 4, 5]));
        assert!(digits("0102..").are(&[1, 2, 3, 4, 5]));
        assert_eq!(digits("0x0102").whole(), Some(vec![1, 2]));
        assert_eq!(digits("010").whole(), None);
        assert_eq!(digits("01..").whole(), None);
    }
}
