//! Numbers behind a backslash: C, Python and PHP write octal ones, Lua and OCaml
//! decimal ones, Haskell decimal ones of any length beside names, Rust and Swift a zero.

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
    /// `\0` and no other, whatever digits follow.
    Zero,
}

impl Numbering {
    /// That of what stands before `end`, by all its escapes: names are Haskell's; an
    /// 8 or a 9 is of no octal number, and more than 255 of no decimal one. Who writes other
    /// bytes in hex, `\x13` in a literal that is of bytes, `\u{13}` in any, has no octal
    /// numbers but a zero, unless each has all digits.
    pub fn of(text: &str, end: char, is_bytes: bool) -> Self {
        let (mut has_names, mut has_nines, mut is_too_big) = (false, false, false);
        let (mut has_hex, mut is_whole, mut is_zero) = (false, true, true);
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
            let octal = leading(after, DIGITS, 8);
            is_whole &= octal.is_empty() || octal.len() == DIGITS;
            is_zero &= octal.is_empty() || octal.starts_with('0');
            has_hex |= after.starts_with("u{") || (is_bytes && after.starts_with('x'));
            has_names |= control::haskell(after).is_some();
            let skip = after.chars().next().map_or(0, char::len_utf8);
            rest = &after[skip..];
        }
        if has_hex && is_zero && !is_whole {
            return Self::Zero;
        }
        match (has_names && !is_path, has_nines && !is_too_big) {
            (true, _) => Self::Haskell,
            (false, true) => Self::Decimal,
            (false, false) => Self::Octal,
        }
    }

    /// Whether a number is a byte, and not the code of a character.
    pub fn is_of_bytes(self) -> bool {
        self != Self::Haskell
    }

    /// The number or name that `rest` begins with, and its length; no number where
    /// it stands for nothing.
    pub fn read(self, rest: &str) -> Option<(Option<u32>, usize)> {
        let (most, radix) = match self {
            Self::Octal => (DIGITS, 8),
            Self::Decimal => (DIGITS, 10),
            Self::Haskell => (CHARACTER_DIGITS, 10),
            Self::Zero => (1, 8),
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
