//! How the bytes of strings are written in a text.

use crate::paste::cells;
use crate::paste::damage::{LOST, LOST_ESCAPE};
use crate::paste::numbering::Numbering;
use crate::paste::{caret, symbol};

/// How the bytes of strings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As they are: UTF-8, if they are no ASCII.
    Plain,
    /// A character each, as JavaScript prints strings of bytes.
    Latin,
    /// A character each, whatever it is: consoles have signs of their own for those
    /// that are not printable.
    Symbols,
    /// With `\x13`, or a number, for those that are not printable.
    Escaped(Numbering),
    /// As `cat -v` and `less` print them: `^S`, `M-i`, `<E9>`.
    Caret,
}

impl Style {
    /// The bytes that the first character or escape of a text stands for, and its length
    /// in the text.
    pub fn unit(self, rest: &str) -> Option<(Vec<u8>, usize)> {
        let character = rest.chars().next()?;
        let length = character.len_utf8();
        if let Self::Escaped(numbering) = self
            && let Some(escaped) = rest.strip_prefix('\\')
        {
            if let Some((byte, step)) = escape(escaped, numbering) {
                return Some((vec![byte], 1 + step));
            }
            let sign = escaped.get(..LOST_ESCAPE.len()).unwrap_or_default();
            if sign.eq_ignore_ascii_case(LOST_ESCAPE) {
                return Some((LOST.as_bytes().to_vec(), 1 + sign.len()));
            }
        }
        if self == Self::Caret
            && let Some((byte, step)) = caret::byte(rest)
        {
            return Some((vec![byte], step));
        }
        // `cat -A` puts a `$` before the end of a line.
        if self == Self::Caret && rest.starts_with("$\n") {
            return Some((vec![b'\n'], 2));
        }
        let byte = match self {
            Self::Latin => u8::try_from(u32::from(character)).ok(),
            Self::Symbols => symbol::byte(character),
            Self::Plain | Self::Escaped(_) | Self::Caret => None,
        };
        Some(match byte {
            Some(byte) => (vec![byte], length),
            None if self == Self::Symbols => (LOST.as_bytes().to_vec(), length),
            None => (rest.as_bytes()[..length].to_vec(), length),
        })
    }
}

/// The byte of `x13`, `u0013`, `023`, `n` and the like behind a backslash, and the length of
/// the escape.
fn escape(escaped: &str, numbering: Numbering) -> Option<(u8, usize)> {
    let hex = |digits: Option<&str>| {
        let digits = digits.filter(|digits| cells::is_hex(digits))?;
        u8::from_str_radix(digits, 16).ok()
    };
    Some(match escaped.chars().next()? {
        'x' => (hex(escaped.get(1..3))?, 3),
        'u' => (hex(escaped.get(1..5))?, 5),
        'n' => (b'\n', 1),
        'r' => (b'\r', 1),
        't' => (b'\t', 1),
        'a' => (7, 1),
        'b' => (8, 1),
        'f' => (12, 1),
        'v' => (11, 1),
        '0'..='9' => {
            let (value, length) = numbering.read(escaped)?;
            (u8::try_from(value?).ok()?, length)
        }
        other @ ('\\' | '"' | '\'') => (other as u8, 1),
        _ => return None,
    })
}
