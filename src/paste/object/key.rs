//! The key of an entry, and what stands between it and its value.

use super::keys;
use super::reader::Reader;
use super::value::Literal;
use super::word::Bare;
use crate::paste::{binary, cells, string};

/// A longer key is none.
const MAX_KEY: usize = 255;

/// Signs between a key and its value, and what their values may be.
const SIGNS: [(&str, Bare); 6] = [
    ("=>", Bare::Line),
    ("->", Bare::Item),
    ("→", Bare::Item),
    (":", Bare::Tight),
    ("=", Bare::Item),
    ("", Bare::No),
];

/// A key that was read, and the sign behind it.
pub struct Key {
    pub literal: Literal,
    /// It is in quotation marks, or otherwise marked as a text.
    pub is_quoted: bool,
    /// It may be the name of a field of a structure.
    pub is_field: bool,
    /// It is a number.
    pub is_index: bool,
    /// What its value may be.
    pub bare: Bare,
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `a`
    Word,
    /// `"a"`, `b'a'`, `<<"a">>`
    Quoted,
    /// `:a`
    Symbol,
    /// `[a]`, `["a"]`
    Bracketed,
    /// `[97]`
    Bytes,
}

impl Reader<'_, '_> {
    /// Reads a key and the sign behind it; `None`, and nothing is read, where there is none.
    pub fn key(&mut self) -> Option<Key> {
        let start = self.at();
        let key = self.key_and_sign();
        if key.is_none() {
            self.go(start);
        }
        key
    }

    fn key_and_sign(&mut self) -> Option<Key> {
        let (literal, style) = self.key_text()?;
        if literal.bytes.len() > MAX_KEY {
            return None;
        }
        let is_apart = self.rest().starts_with(' ');
        self.skip();
        let rest = self.rest();
        let (sign, bare) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign))?;
        self.go(self.at() + sign.len());
        let behind = self.rest();
        let bare = match (*sign, style) {
            // Clojure has nothing between a symbol and its value.
            ("", Style::Symbol) if is_apart => Bare::No,
            ("", _) => return None,
            // `[a] => b` of PHP; in quotation marks it has types.
            ("=>", Style::Bracketed) if behind.starts_with(' ') => *bare,
            (":", Style::Word) if !behind.starts_with([' ', '\n', '\r', '\t']) => *bare,
            // `[0] = 19` is an element, `["a"] = 19` an entry.
            ("=>" | ":", _) | (_, Style::Bracketed) => Bare::No,
            // `==` compares.
            ("=", _) if behind.starts_with('=') => return None,
            _ => *bare,
        };
        Some(Key {
            is_index: style != Style::Quoted && literal.bytes.iter().all(u8::is_ascii_digit),
            is_quoted: matches!(style, Style::Quoted | Style::Bracketed | Style::Bytes),
            is_field: style == Style::Word,
            literal,
            bare,
        })
    }

    fn key_text(&mut self) -> Option<(Literal, Style)> {
        let rest = self.rest();
        let at = self.at();
        if rest.starts_with(['"', '\'']) || rest.starts_with("b'") || rest.starts_with("b\"") {
            let found = string::at(self.text(), at)?;
            self.go(found.span.end);
            return Some((Literal::of(found), Style::Quoted));
        }
        if rest.starts_with("<<") {
            let found = binary::at(self.text(), at)?;
            self.go(found.span.end);
            return Some((Literal::of(found), Style::Quoted));
        }
        if let Some(inner) = rest.strip_prefix('[') {
            return self.bracketed(inner);
        }
        let style = if rest.starts_with(':') {
            self.go(at + 1);
            Style::Symbol
        } else {
            Style::Word
        };
        Some((self.word_of_key()?, style))
    }

    fn word_of_key(&mut self) -> Option<Literal> {
        let rest = self.rest();
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || "_$.".contains(c);
        let length = match keys::with_blank(rest) {
            Some(key) => key.len(),
            None => rest.find(|c| !is_of_word(c)).filter(|length| *length > 0)?,
        };
        let literal = Literal::text(&rest[..length], self.at());
        self.go(self.at() + length);
        Some(literal)
    }

    /// A key in brackets: `["a"]`, `[a]`, `[0]`, and `[97]` for the bytes of it.
    fn bracketed(&mut self, inner: &str) -> Option<(Literal, Style)> {
        let at = self.at() + 1;
        if inner.starts_with(['"', '\'']) {
            let found = string::at(self.text(), at)?;
            self.go(found.span.end);
            return self.closed(Literal::of(found), Style::Bracketed);
        }
        let near = &inner[..inner.floor_char_boundary(MAX_KEY)];
        let content = &near[..near.find([']', '[', '\n'])?];
        self.go(at + content.len());
        let is_behind_colon = inner[content.len()..].starts_with("]:");
        if is_behind_colon {
            return self.closed(numbers(content, at)?, Style::Bytes);
        }
        let is_name = |c: char| c.is_alphanumeric() || " _.-".contains(c);
        let is_key = !content.is_empty() && content.chars().all(is_name);
        let literal = is_key.then(|| Literal::text(content, at))?;
        self.closed(literal, Style::Bracketed)
    }

    fn closed(&mut self, literal: Literal, style: Style) -> Option<(Literal, Style)> {
        self.take("]").then_some((literal, style))
    }
}

/// The bytes of which a text has the numbers.
fn numbers(content: &str, at: usize) -> Option<Literal> {
    let number = |digits: &str| {
        let digits = digits.trim();
        match digits.strip_prefix("0x") {
            Some(pair) if cells::is_hex(pair) => u8::from_str_radix(pair, 16).ok(),
            _ => digits.parse().ok(),
        }
    };
    let bytes: Vec<u8> = content.split(',').map(number).collect::<Option<_>>()?;
    let offsets = vec![at; bytes.len()];
    Some(Literal { bytes, offsets })
}
