//! Numbers behind a backslash: C, Python and PHP write octal ones, Lua and OCaml
//! decimal ones, Haskell decimal ones of any length beside names.

use super::control;

/// Digits of an octal number, and of a decimal one but for Haskell.
const DIGITS: usize = 3;

/// Digits of a character in Haskell.
const CHARACTER_DIGITS: usize = 7;

/// How the numbers in a literal are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    Octal,
    Decimal,
    Haskell,
}

impl Numbering {
    /// That of what stands before `end`, by all its escapes: names are Haskell's; an
    /// 8 or a 9 is of no octal number, and more than 255 of no decimal one.
    pub fn of(text: &str, end: char) -> Self {
        let (mut has_names, mut has_nines, mut is_too_big) = (false, false, false);
        // A folder of Windows may have the name of a character.
        let is_path = text.get(1..3).is_some_and(|drive| drive == ":\\");
        let mut rest = text;
        while let Some(at) = rest.find(['\\', end]) {
            let Some(after) = rest[at..].strip_prefix('\\') else {
                break;
            };
            let digits = leading(after, DIGITS, 10);
            has_nines |= digits.contains(['8', '9']);
            is_too_big |= digits.parse::<u16>().is_ok_and(|value| value > 255);
            has_names |= control::haskell(after).is_some();
            let skip = after.chars().next().map_or(0, char::len_utf8);
            rest = &after[skip..];
        }
        match (has_names && !is_path, has_nines && !is_too_big) {
            (true, _) => Self::Haskell,
            (false, true) => Self::Decimal,
            (false, false) => Self::Octal,
        }
    }

    /// The number or name that `rest` begins with, and its length; no number where
    /// it stands for nothing.
    pub fn read(self, rest: &str) -> Option<(Option<u32>, usize)> {
        let (most, radix) = match self {
            Self::Octal => (DIGITS, 8),
            Self::Decimal => (DIGITS, 10),
            Self::Haskell => (CHARACTER_DIGITS, 10),
        };
        if self == Self::Haskell {
            // It parts a number from a digit.
            if rest.starts_with('&') {
                return Some((None, 1));
            }
            if let Some((byte, length)) = control::haskell(rest) {
                return Some((Some(byte.into()), length));
            }
        }
        let digits = leading(rest, most, radix);
        let value = u32::from_str_radix(digits, radix).ok()?;
        Some((Some(value), digits.len()))
    }
}

/// The digits that a text begins with, so many at most.
fn leading(text: &str, most: usize, radix: u32) -> &str {
    let digits = text.chars().take(most);
    let digits = digits.take_while(|digit| digit.is_digit(radix)).count();
    &text[..digits]
}
