//! The reader of values, one behind the other.

use super::name;
use super::value::{Kind, Literal, Value, bencoded};
use super::word::{self, Bare};
use crate::paste::dump::{Cut, Missing};
use crate::paste::found::{Absent, Found};
use crate::paste::items::Items;
use crate::paste::text::Text;
use crate::paste::{binary, buffer, path, string};

/// Objects within objects go so deep.
const MAX_DEPTH: usize = 24;

/// A longer object is none.
const MAX_LENGTH: usize = 1 << 20;

/// How Node.js prints a buffer that is empty.
const EMPTY: [&str; 4] = [
    "<Buffer >",
    "<Buffer>",
    "Buffer(0) [Uint8Array] []",
    "Uint8Array(0) []",
];

pub struct Reader<'x, 't> {
    text: &'x Text<'t>,
    at: usize,
    end: usize,
    /// The keys down to where the reader is.
    path: Vec<Vec<u8>>,
    absent: Vec<Absent>,
}

impl<'x, 't> Reader<'x, 't> {
    pub fn new(text: &'x Text<'t>, at: usize) -> Self {
        Self {
            text,
            at,
            end: at + MAX_LENGTH,
            path: Vec::new(),
            absent: Vec::new(),
        }
    }

    pub fn text(&self) -> &'x Text<'t> {
        self.text
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn go(&mut self, at: usize) {
        self.at = at;
    }

    pub fn rest(&self) -> &'t str {
        self.text.rest(self.at)
    }

    pub fn skip(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    pub fn take(&mut self, word: &str) -> bool {
        let taken = self.rest().starts_with(word);
        self.at += if taken { word.len() } else { 0 };
        taken
    }

    /// Goes down to the value of a key.
    pub fn enter(&mut self, key: &[u8]) {
        self.path.push(key.to_vec());
    }

    pub fn leave(&mut self) {
        self.path.pop();
    }

    fn missing(&mut self, shown: &str) {
        self.absent.push(Absent {
            at: self.at,
            path: path::joined(self.path.iter().map(Vec::as_slice)),
            missing: Missing::Unprinted(shown.to_owned()),
        });
    }

    /// Reads a value; `bare` is what it may be without quotation marks.
    pub fn value(&mut self, depth: usize, bare: Bare) -> Option<Value> {
        match bare {
            // An empty one ends its line.
            Bare::Line => self.skip_blanks(),
            _ => self.skip(),
        }
        if depth > MAX_DEPTH || self.at > self.end {
            return None;
        }
        if bare == Bare::No {
            self.skip_count();
        }
        let at = self.at;
        let rest = self.rest();
        let kind = if let Some(length) = name::uncounted(rest) {
            self.absent_word(length)
        } else if let Some(shown) = word::placeholder(rest) {
            self.absent_word(shown.len())
        } else if holds_bytes(rest) {
            Kind::Bytes(self.bytes()?)
        } else if let Some((name, length)) = name::ahead(rest, bare == Bare::Item) {
            return self.named_group(name, length, depth, bare);
        } else {
            self.word(bare)?
        };
        Some(Value { kind, at })
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Skips what PHP says of a text, `string(9) `, and Haskell of any value, `BInt `.
    fn skip_count(&mut self) {
        let rest = self.rest();
        let name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        let word = &rest[..rest.len() - name.len()];
        let is_text = |behind: &str| behind.starts_with('"');
        let is_value =
            |behind: &str| is_text(behind) || behind.starts_with(|c: char| c.is_ascii_digit());
        let behind = if word == "string" {
            let count = name
                .strip_prefix('(')
                .map(|inner| inner.trim_start_matches(|c: char| c.is_ascii_digit()));
            count
                .and_then(|count| count.strip_prefix(") "))
                .filter(|behind| is_text(behind))
        } else if word.starts_with(|c: char| c.is_ascii_uppercase()) {
            name.strip_prefix(' ').filter(|behind| is_value(behind))
        } else {
            None
        };
        if let Some(behind) = behind {
            self.at = self.text.text.len() - behind.len();
        }
    }

    fn absent_word(&mut self, length: usize) -> Kind {
        let shown = &self.rest()[..length];
        self.missing(shown);
        self.at += length;
        Kind::Missing
    }

    /// A group behind its name; where there may be a text without quotation marks, what is
    /// no group is that.
    fn named_group(
        &mut self,
        name: &str,
        length: usize,
        depth: usize,
        bare: Bare,
    ) -> Option<Value> {
        let (at, absent, path) = (self.at, self.absent.len(), self.path.len());
        self.at += length;
        let group = self.group(name, depth);
        if group.is_some() || bare == Bare::No || length == 0 {
            return group;
        }
        self.at = at;
        self.absent.truncate(absent);
        self.path.truncate(path);
        let kind = self.word(bare)?;
        Some(Value { kind, at })
    }

    /// A buffer, a binary, or a string.
    fn bytes(&mut self) -> Option<Literal> {
        let rest = self.rest();
        if let Some(shown) = EMPTY.iter().find(|shown| rest.starts_with(**shown)) {
            self.at += shown.len();
            return Some(Literal::text("", self.at));
        }
        let found = if rest.starts_with("<Buffer") {
            buffer::find(self.text, self.at).ok()??
        } else if rest.starts_with("<<") {
            binary::at(self.text, self.at)?
        } else if let Some(length) = array_name(rest) {
            self.at += length;
            return self.numbers();
        } else {
            self.string()?
        };
        if found.cut.is_some() {
            self.missing("...");
        }
        self.at = found.span.end;
        Some(Literal::of(found))
    }

    /// A string, and those that Python's `pprint` makes of it in the lines below.
    fn string(&self) -> Option<Found> {
        let mut found = string::at(self.text, self.at)?;
        loop {
            let rest = self.text.rest(found.span.end);
            let next = rest.trim_start();
            let is_below = rest[..rest.len() - next.len()].contains('\n');
            let is_string = next.trim_start_matches('b').starts_with(['"', '\'']);
            if !(is_below && is_string) {
                return Some(found);
            }
            let part = string::at(self.text, self.text.text.len() - next.len())?;
            found.bytes.extend(part.bytes);
            found.offsets.extend(part.offsets);
            found.span.end = part.span.end;
        }
    }

    /// The bytes of an array whose bracket is next.
    pub fn numbers(&mut self) -> Option<Literal> {
        let close = match self.rest().chars().next()? {
            '{' => '}',
            '[' => ']',
            _ => ')',
        };
        let items = Items::read(self.text, self.at + 1, Some(close)).ok()??;
        let is_array = items.list.is_empty() || items.is_array(1);
        let found = is_array.then(|| items.into_found(self.at))?;
        if found.cut.is_some() {
            self.missing("...");
        }
        self.at = found.span.end;
        Some(Literal::of(found))
    }

    /// A number, a truth value, nothing, or a text without quotation marks.
    fn word(&mut self, bare: Bare) -> Option<Kind> {
        let rest = self.rest();
        let shown = word::bare(rest, bare);
        if let Some((kind, length)) = word::plain(rest)
            && shown.is_none_or(|shown| shown.len() == length)
        {
            self.at += length;
            return Some(kind);
        }
        let shown = shown?;
        let literal = Literal::text(shown, self.at);
        self.at += shown.len();
        Some(Kind::Bytes(literal))
    }

    /// `... 3 more items`
    pub fn more(&mut self) -> bool {
        let rest = self.rest();
        if !rest.starts_with("...") {
            return false;
        }
        let end = rest.find([',', ']', '}', '\n']).unwrap_or(rest.len());
        self.missing(rest[..end].trim_end());
        self.at += end;
        true
    }

    pub fn into_found(self, start: usize, value: &Value) -> Found {
        let mut found = bencoded(start, value);
        found.span.end = self.at;
        found.absent = self.absent;
        if found.bytes.is_empty() {
            found.cut = Some(Cut { missing: None });
        }
        found
    }
}

/// Whether a buffer, a named array or a string begins here.
fn holds_bytes(rest: &str) -> bool {
    const BEGINNINGS: [&str; 7] = ["<Buffer", "<<", "\"", "'", "`", "b'", "b\""];
    BEGINNINGS.iter().any(|begin| rest.starts_with(begin)) || array_name(rest).is_some()
}

/// Length of the name of an array of Node.js: `Uint8Array(4) `, `Buffer(4) [Uint8Array] `.
fn array_name(rest: &str) -> Option<usize> {
    let inner = ["Uint8Array", "Buffer"]
        .iter()
        .find_map(|name| rest.strip_prefix(name))?;
    let count = inner
        .strip_prefix('(')
        .map(|inner| inner.trim_start_matches(|c: char| c.is_ascii_digit()));
    let inner = count
        .and_then(|count| count.strip_prefix(')'))
        .unwrap_or(inner);
    let inner = inner.trim_start_matches(' ');
    let inner = inner.strip_prefix("[Uint8Array] ").unwrap_or(inner);
    inner
        .starts_with(['[', '{'])
        .then_some(rest.len() - inner.len())
}
