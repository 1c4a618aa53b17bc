//! The reader of names and values.

use std::net::Ipv6Addr;

use super::fault::{Fault, Result};
use super::value::{Kind, Value};

/// What is wrong with a word that is no field.
pub const FIELD_DUE: &str = "`key=value` is due";

/// Lists within lists go so deep: deeper ones are a mistake, and would take the
/// stack.
const MAX_DEPTH: usize = 32;

/// Reads words and values.
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Self {
        let (at, depth) = (0, 0);
        Self { text, at, depth }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault::new(self.at, reason)
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, character: char) -> bool {
        let taken = self.rest().starts_with(character);
        self.at += if taken { character.len_utf8() } else { 0 };
        taken
    }

    /// Offset of the next character.
    pub fn offset(&self) -> usize {
        self.at
    }

    pub fn is_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty()
    }

    /// The name of a message, and where it stands.
    pub fn name(&mut self) -> Result<(usize, &'t str)> {
        self.skip_blanks();
        let at = self.at;
        let name = self.while_(|c| c.is_alphanumeric() || c == '_');
        // `not-interested` is two words of one name.
        self.take('-');
        if name.is_empty() {
            return Err(self.fault("the name of a message is due, such as `request`"));
        }
        Ok((at, name))
    }

    fn while_(&mut self, is: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !is(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The word that is next, which stays so.
    pub fn next_word(&self) -> &'t str {
        let rest = self.rest().trim_start();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        &rest[..end.unwrap_or(rest.len())]
    }

    /// Whether the word that is next has no value behind it.
    pub fn is_word_alone(&self) -> bool {
        let rest = self.rest().trim_start();
        let after = rest[self.next_word().len()..].trim_start();
        !after.starts_with(['=', ':'])
    }

    /// Whether the value of what was read last is next.
    pub fn is_before_value(&self) -> bool {
        self.rest().trim_start().starts_with('=')
    }

    /// `key=value`, or `key: value`, behind a comma perhaps; and where the key stands.
    pub fn entry(&mut self) -> Result<(usize, Vec<u8>, Value)> {
        self.skip_blanks();
        if self.take(',') {
            self.skip_blanks();
        }
        let at = self.at;
        let key = if self.take('"') {
            self.quoted()?
        } else {
            let key = self.while_(|c| c.is_alphanumeric() || "_.-".contains(c));
            key.as_bytes().to_vec()
        };
        self.skip_blanks();
        if (key.is_empty() && self.at == at) || !(self.take('=') || self.take(':')) {
            return Err(Fault::new(at, FIELD_DUE));
        }
        let value = self.value()?;
        Ok((at, key, value))
    }

    /// The only value up to the end.
    pub fn only(&mut self) -> Result<Value> {
        let value = self.value()?;
        if self.is_end() {
            Ok(value)
        } else {
            Err(self.fault("one value is due, and this is more"))
        }
    }

    pub fn value(&mut self) -> Result<Value> {
        self.skip_blanks();
        let at = self.at;
        let kind = if self.take('"') {
            Kind::String(self.quoted()?)
        } else if let Some(address) = self.bracketed_address() {
            Kind::Word(address.to_owned())
        } else if self.take('[') {
            Kind::List(self.nested(Self::list)?)
        } else if self.take('{') {
            Kind::Dict(self.nested(Self::dict)?)
        } else {
            self.word()?
        };
        Ok(Value { at, kind })
    }

    fn word(&mut self) -> Result<Kind> {
        let at = self.at;
        let word = self.while_(|c| !(c.is_whitespace() || ",[]{}=\"".contains(c)));
        if word.is_empty() {
            return Err(self.fault("a value is due"));
        }
        match word.strip_prefix("0x") {
            Some(digits) => {
                let bytes = hex::decode(digits);
                let bytes = bytes.map_err(|_| Fault::new(at, "not pairs of hex digits"))?;
                Ok(Kind::String(bytes))
            }
            None => Ok(Kind::Word(word.to_owned())),
        }
    }

    /// `[2001:db8::1]:6881`, which is no list.
    fn bracketed_address(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let (inner, after) = rest.strip_prefix('[')?.split_once(']')?;
        inner.parse::<Ipv6Addr>().ok()?;
        let port = after.strip_prefix(':')?;
        let digits = port.len() - port.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let length = inner.len() + "[]:".len() + digits;
        self.at += length;
        rest.get(..length)
    }

    fn nested<T>(&mut self, read: impl Fn(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault("too many brackets within brackets"));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn list(&mut self) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        while !self.closes(']')? {
            items.push(self.value()?);
        }
        Ok(items)
    }

    fn dict(&mut self) -> Result<Vec<(Vec<u8>, Value)>> {
        let mut entries = Vec::new();
        while !self.closes('}')? {
            let (_, key, value) = self.entry()?;
            entries.push((key, value));
        }
        Ok(entries)
    }

    /// Skips a comma; whether the bracket closes.
    fn closes(&mut self, bracket: char) -> Result<bool> {
        self.skip_blanks();
        if self.take(',') {
            self.skip_blanks();
        }
        if self.rest().is_empty() {
            return Err(self.fault(format!("`{bracket}` is missing")));
        }
        Ok(self.take(bracket))
    }

    /// The bytes up to the closing quote.
    fn quoted(&mut self) -> Result<Vec<u8>> {
        let start = self.at;
        let mut bytes = Vec::new();
        loop {
            let Some(character) = self.rest().chars().next() else {
                return Err(Fault::new(start, "the closing quote is missing"));
            };
            self.at += character.len_utf8();
            match character {
                '"' => return Ok(bytes),
                '\\' => bytes.push(self.escape()?),
                other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    fn escape(&mut self) -> Result<u8> {
        let rest = self.rest();
        let (byte, length) = match rest.as_bytes().first() {
            Some(b'n') => (b'\n', 1),
            Some(b'r') => (b'\r', 1),
            Some(b't') => (b'\t', 1),
            Some(&same @ (b'"' | b'\\')) => (same, 1),
            Some(b'x') => {
                let digits = rest.get(1..3).and_then(|digits| hex::decode(digits).ok());
                let byte = digits.and_then(|bytes| bytes.first().copied());
                (
                    byte.ok_or_else(|| self.fault("`\\x` and two hex digits are due"))?,
                    3,
                )
            }
            _ => return Err(self.fault("an escape is one of \\xNN \\n \\r \\t \\\" \\\\")),
        };
        self.at += length;
        Ok(byte)
    }
}
