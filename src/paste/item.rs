//! One item of an array: a number in any of the ways in which languages write
//! bytes, or a character in quotes.

use super::{cells, escape};

/// One item.
#[derive(Clone, Copy)]
pub struct Item {
    /// Where it stands.
    pub at: usize,
    /// Its value if its digits are decimal, or behind `0x`.
    pub decimal: Option<u8>,
    /// It is below zero: Java and Kotlin have signed bytes.
    pub is_negative: bool,
    /// Its value if they are hex.
    pub hex: Option<u8>,
    /// `0x`, or another sign of hex, stands before them.
    pub is_prefixed: bool,
    /// It is a number in quotes.
    pub is_quoted: bool,
    /// It is a character in quotes.
    pub character: Option<Character>,
    /// How many digits it has.
    pub width: usize,
}

/// How a character is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Character {
    Plain,
    Escaped,
}

/// What stands before a value to make a byte of it.
const CASTS: [&str; 9] = [
    "(byte)",
    "(sbyte)",
    "(char)",
    "(u8)",
    "(BYTE)",
    "(jbyte)",
    "(int8_t)",
    "(uint8_t)",
    "(unsigned char)",
];

/// The same, with what closes it.
const CALLS: [(&str, char); 7] = [
    ("int(", ')'),
    ("byte(", ')'),
    ("Byte(", ')'),
    ("uint8(", ')'),
    ("UInt8(", ')'),
    ("std::byte(", ')'),
    ("std::byte{", '}'),
];

/// What stands before the digits of hex in Ada, Basic, Pascal, Lisp and Verilog.
const SIGNS: [&str; 6] = ["16#", "&H", "&h", "$", "#x", "8'h"];

/// What may follow the digits: of Ada, of Nim, of Kotlin and Scala, of Rust.
const SUFFIXES: [&str; 6] = ["#", "'u8", ".toByte()", ".toUByte()", ".toByte", " as u8"];

impl Item {
    /// The same as a digit, if it is a character that may be one: among numbers in quotes
    /// that are hex without zeros before them, `['13', '0']`.
    pub fn as_digit(self) -> Self {
        let digit = |value: u8| char::from(value).to_string();
        let digit = self.decimal.map(digit).filter(|digit| cells::is_hex(digit));
        match digit.filter(|_| self.character == Some(Character::Plain)) {
            Some(digit) => Self {
                at: self.at,
                decimal: byte(&digit, 10),
                hex: byte(&digit, 16),
                ..Self::of(&digit)
            },
            None => self,
        }
    }

    /// The item that a text begins with, and its length.
    pub fn read(rest: &str) -> Option<(Self, usize)> {
        let cast = CASTS.iter().find(|cast| rest.starts_with(**cast));
        let mut start = cast.map_or(0, |cast| cast.len());
        start += rest[start..].len() - rest[start..].trim_start_matches(' ').len();
        let call = CALLS
            .iter()
            .find(|(open, _)| rest[start..].starts_with(open));
        start += call.map_or(0, |(open, _)| open.len());
        let (mut item, length) = Self::value(&rest[start..])?;
        let mut end = start + length;
        if let Some((_, close)) = call {
            end += rest[end..].starts_with(*close).then_some(1)?;
        }
        item.at += start;
        Some((item, end))
    }

    fn value(rest: &str) -> Option<(Self, usize)> {
        if let Some(found) = character(rest) {
            return Some(found);
        }
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let mut start = usize::from(quote.is_some());
        let is_negative = quote.is_none() && rest.starts_with('-');
        start += usize::from(is_negative);
        let body = &rest[start..];
        let sign = SIGNS.iter().find(|sign| body.starts_with(**sign));
        let sign = sign.map_or(0, |sign| sign.len());
        let end = body[sign..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let mut end = sign + end.unwrap_or(body.len() - sign);
        let mut item = if sign > 0 {
            signed(&body[sign..end])?
        } else {
            number(&body[..end])?
        };
        for suffix in SUFFIXES {
            end += usize::from(body[end..].starts_with(suffix)) * suffix.len();
        }
        if is_negative {
            item.negate()?;
        }
        item.at = start;
        let mut length = start + end;
        if let Some(quote) = quote {
            // Only hex is put in quotes; behind `'` a single digit is a character.
            let is_hex = item.is_prefixed || item.width >= 2 || quote == '"';
            let is_closed = rest[length..].starts_with(quote) && is_hex;
            item.is_quoted = true;
            length += is_closed.then_some(1)?;
        }
        Some((item, length))
    }

    /// Whether it is two digits that may be hex.
    pub fn is_pair(&self) -> bool {
        self.width == 2 && self.hex.is_some() && !self.is_prefixed
    }

    /// Whether two digits are hex: one is a letter, or a zero is before the other.
    pub fn is_padded(&self) -> bool {
        self.is_pair() && self.decimal.is_none_or(|value| value < 10)
    }

    fn negate(&mut self) -> Option<()> {
        let value = self.decimal.filter(|value| *value <= 128)?;
        self.decimal = Some(value.wrapping_neg());
        self.hex = None;
        self.is_negative = true;
        Some(())
    }
}

/// `'B'`, `'\r'`, `b'\x13'`: one character that is a byte.
fn character(rest: &str) -> Option<(Item, usize)> {
    let inner = rest.strip_prefix(['b', 'B']).unwrap_or(rest);
    let mark = rest.len() - inner.len();
    let quote = inner.chars().next()?;
    if quote != '\'' && (quote != '"' || mark == 0) {
        return None;
    }
    let inner = &inner[1..];
    let escaped = escape::one(inner).or_else(|| code_point(inner));
    let (byte, length, character) = if let Some((byte, length)) = escaped {
        (byte, length, Character::Escaped)
    } else if let Some(byte) = latin(inner) {
        (byte, char::from(byte).len_utf8(), Character::Plain)
    } else {
        let byte = *inner.as_bytes().first()?;
        let is_plain = matches!(byte, b' '..=b'~') && byte != b'\\';
        (is_plain.then_some(byte)?, 1, Character::Plain)
    };
    let is_closed = inner.get(length..)?.starts_with(quote);
    let item = Item {
        at: mark,
        decimal: Some(byte),
        is_negative: false,
        hex: None,
        is_prefixed: false,
        is_quoted: false,
        character: Some(character),
        width: length,
    };
    is_closed.then_some((item, mark + 1 + length + 1))
}

/// The character up to U+00FF that a text begins with, if it is no ASCII.
fn latin(inner: &str) -> Option<u8> {
    let byte = u8::try_from(u32::from(inner.chars().next()?)).ok()?;
    (!byte.is_ascii()).then_some(byte)
}

/// The byte that Rust writes `\u{13}`, and the length of that.
fn code_point(inner: &str) -> Option<(u8, usize)> {
    const MAX_DIGITS: usize = 2;
    let digits = inner.strip_prefix("\\u{")?;
    let end = digits
        .bytes()
        .take(MAX_DIGITS)
        .take_while(u8::is_ascii_hexdigit)
        .count();
    let after = digits[end..].strip_prefix('}')?;
    let byte = u8::from_str_radix(&digits[..end], 16).ok()?;
    Some((byte, inner.len() - after.len()))
}

/// Reads digits that a sign says are hex.
fn signed(digits: &str) -> Option<Item> {
    Some(Item {
        decimal: Some(byte(digits, 16)?),
        is_prefixed: true,
        ..Item::of(digits)
    })
}

impl Item {
    fn of(digits: &str) -> Self {
        Self {
            at: 0,
            decimal: None,
            is_negative: false,
            hex: None,
            is_prefixed: false,
            is_quoted: false,
            character: None,
            width: digits.len(),
        }
    }
}

/// Reads `0x13`, `19`, `19u8`, `1f`, or `ffffffee`.
fn number(token: &str) -> Option<Item> {
    let token = ["_u8", "u8", "uy", "U", "u"]
        .iter()
        .find_map(|suffix| token.strip_suffix(suffix))
        .unwrap_or(token);
    if let Some(digits) = token.strip_prefix("0x").or(token.strip_prefix("0X")) {
        return signed(cells::without_sign(digits));
    }
    // `oct` and `bin` of Python.
    for (sign, radix) in [("0o", 8), ("0b", 2)] {
        if let Some(digits) = token.strip_prefix(sign).filter(|digits| !digits.is_empty()) {
            return Some(Item {
                decimal: Some(byte(digits, radix)?),
                is_prefixed: true,
                ..Item::of(digits)
            });
        }
    }
    // Assemblers write `0Dh`.
    if let Some(digits) = token.strip_suffix(['h', 'H']) {
        return signed(digits);
    }
    let token = cells::without_sign(token);
    let item = Item {
        decimal: byte(token, 10),
        hex: (token.len() <= 2).then(|| byte(token, 16)).flatten(),
        ..Item::of(token)
    };
    (item.decimal.is_some() || item.hex.is_some()).then_some(item)
}

fn byte(digits: &str, radix: u32) -> Option<u8> {
    let is_digits = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    u8::from_str_radix(digits, radix).ok().filter(|_| is_digits)
}
