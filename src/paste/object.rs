//! Dictionaries of the protocol as languages print them: `util.inspect` of
//! Node.js, JSON, `repr` of Python, `inspect` of Ruby. One object is one
//! bencoded dictionary; buffers in it are its values.

use super::array;
use super::buffer;
use super::cells;
use super::dump::{Cut, Missing};
use super::form::Form;
use super::found::{Absent, Broken, Found};
use super::string;
use super::text::Text;

/// Objects within objects go so deep.
const MAX_DEPTH: usize = 24;

/// A longer object is none.
const MAX_LENGTH: usize = 1 << 20;

/// Keys that only dictionaries of the protocol have.
const TELLING: [&str; 11] = [
    "msg_type",
    "metadata_size",
    "piece length",
    "file tree",
    "added",
    "dropped",
    "failure reason",
    "announce",
    "min interval",
    "peers6",
    "reqq",
];

/// Keys of which two tell as much.
const PAIRS: [(&str, &str); 6] = [
    ("interval", "peers"),
    ("complete", "incomplete"),
    ("name", "pieces"),
    ("t", "y"),
    ("y", "q"),
    ("y", "r"),
];

/// Keys whose values are binary, and the bytes of which those are multiples: where
/// all of a value is hex digits, it is those bytes.
const BINARY: [(&str, usize); 19] = [
    ("yourip", 4),
    ("ipv4", 4),
    ("ipv6", 16),
    ("ip", 6),
    ("added", 6),
    ("added6", 18),
    ("added.f", 1),
    ("added6.f", 1),
    ("dropped", 6),
    ("dropped6", 18),
    ("peers", 6),
    ("peers6", 18),
    ("nodes", 26),
    ("nodes6", 38),
    ("id", 20),
    ("target", 20),
    ("info_hash", 20),
    ("pieces", 20),
    ("pieces root", 32),
];

/// Finds the first object of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut openings = rest.match_indices('{');
    Ok(openings.find_map(|(at, _)| object(text, from + at)))
}

/// The object that fills a text.
pub fn whole(text: &Text<'_>) -> Option<Found> {
    let start = text.text.len() - text.text.trim_start().len();
    if !text.rest(start).starts_with('{') {
        return None;
    }
    let mut reader = Reader::new(text, start);
    let value = reader.value(0)?;
    let is_all = text.rest(reader.at).trim().is_empty();
    // A buffer by itself is an array.
    let is_all = is_all && !matches!(value.kind, Kind::Bytes(_));
    is_all.then(|| reader.into_found(start, &value))
}

fn object(text: &Text<'_>, start: usize) -> Option<Found> {
    let mut reader = Reader::new(text, start);
    let value = reader.value(0)?;
    let Kind::Dict(entries) = &value.kind else {
        return None;
    };
    let get = |name: &str| entries.iter().find(|(key, _)| key.bytes == name.as_bytes());
    let is_dict =
        |name: &str| get(name).is_some_and(|(_, value)| matches!(value.kind, Kind::Dict(_)));
    let tells = TELLING.iter().any(|name| get(name).is_some())
        || PAIRS
            .iter()
            .any(|(a, b)| get(a).is_some() && get(b).is_some())
        || is_dict("m")
        || is_dict("info");
    tells.then(|| reader.into_found(start, &value))
}

/// A value that was read.
struct Value {
    kind: Kind,
    at: usize,
}

enum Kind {
    Int(String),
    Bytes(Literal),
    List(Vec<Value>),
    Dict(Vec<(Literal, Value)>),
    /// `[Object]`, `...`, `null`: it is not there.
    Missing,
}

/// Bytes and where each stands.
struct Literal {
    bytes: Vec<u8>,
    offsets: Vec<usize>,
}

impl Literal {
    fn of(found: Found) -> Self {
        Self {
            bytes: found.bytes,
            offsets: found.offsets,
        }
    }

    fn text(text: &str, at: usize) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            offsets: (at..at + text.len()).collect(),
        }
    }
}

impl Literal {
    /// Takes digits of hex for the bytes that they are, where the key says that
    /// its value is binary.
    fn decode(&mut self, key: &[u8]) {
        let unit = BINARY.iter().find(|(name, _)| name.as_bytes() == key);
        let is_hex = self.bytes.iter().all(u8::is_ascii_hexdigit) && !self.bytes.is_empty();
        let fits = |(_, unit): &&(&str, usize)| self.bytes.len().is_multiple_of(2 * unit);
        if !is_hex || !unit.is_some_and(|unit| fits(&unit)) {
            return;
        }
        self.bytes = self.bytes.chunks_exact(2).map(cells::byte).collect();
        self.offsets = self.offsets.iter().copied().step_by(2).collect();
    }
}

/// How Node.js prints a buffer that is empty.
const EMPTY: [&str; 4] = [
    "<Buffer >",
    "<Buffer>",
    "Buffer(0) [Uint8Array] []",
    "Uint8Array(0) []",
];

struct Reader<'x, 't> {
    text: &'x Text<'t>,
    at: usize,
    end: usize,
    /// The keys down to where the reader is.
    path: Vec<String>,
    absent: Vec<Absent>,
}

impl<'x, 't> Reader<'x, 't> {
    fn new(text: &'x Text<'t>, at: usize) -> Self {
        Self {
            text,
            at,
            end: at + MAX_LENGTH,
            path: Vec::new(),
            absent: Vec::new(),
        }
    }

    fn rest(&self) -> &'t str {
        self.text.rest(self.at)
    }

    fn skip(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, word: &str) -> bool {
        let taken = self.rest().starts_with(word);
        self.at += if taken { word.len() } else { 0 };
        taken
    }

    fn missing(&mut self, shown: &str) {
        self.absent.push(Absent {
            at: self.at,
            path: self.path.join("."),
            missing: Missing::Unprinted(shown.to_owned()),
        });
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip();
        if depth > MAX_DEPTH || self.at > self.end {
            return None;
        }
        let at = self.at;
        let rest = self.rest();
        let kind = if rest.starts_with('{') {
            self.at += 1;
            self.dict(depth)?
        } else if let Some(word) = placeholder(rest) {
            self.missing(word);
            self.at += word.len();
            Kind::Missing
        } else if holds_bytes(rest) {
            Kind::Bytes(self.bytes()?)
        } else if rest.starts_with('[') {
            self.at += 1;
            self.list(depth)?
        } else {
            self.word()?
        };
        Some(Value {
            kind: as_buffer(kind),
            at,
        })
    }

    /// A buffer, an array of bytes with a name, or a string.
    fn bytes(&mut self) -> Option<Literal> {
        let rest = self.rest();
        if let Some(shown) = EMPTY.iter().find(|shown| rest.starts_with(**shown)) {
            self.at += shown.len();
            return Some(Literal::text("", self.at));
        }
        let found = if rest.starts_with("<Buffer") {
            buffer::find(self.text, self.at).ok()??
        } else if rest.starts_with("Uint8Array") || rest.starts_with("Buffer") {
            let found = array::find(self.text, self.at).ok()??;
            let name = self.text.text.get(self.at..found.span.start)?;
            (!name.contains([',', '\n'])).then_some(found)?
        } else {
            string::at(self.text, self.at)?
        };
        if found.cut.is_some() {
            self.missing("...");
        }
        self.at = found.span.end;
        Some(Literal::of(found))
    }

    /// A number, a truth value, or nothing.
    fn word(&mut self) -> Option<Kind> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))?;
        let word = rest[..end].trim_end_matches('n');
        let kind = match &rest[..end] {
            "true" | "True" => Kind::Int("1".to_owned()),
            "false" | "False" => Kind::Int("0".to_owned()),
            "null" | "nil" | "None" | "undefined" => Kind::Missing,
            _ => {
                let word = without_separators(word);
                let digits = word.strip_prefix('-').unwrap_or(&word);
                let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                Kind::Int(is_number.then(|| word.clone())?)
            }
        };
        self.at += end;
        Some(kind)
    }

    fn list(&mut self, depth: usize) -> Option<Kind> {
        let mut items = Vec::new();
        loop {
            self.skip();
            if self.take(",") {
                continue;
            }
            if self.take("]") {
                return Some(Kind::List(items));
            }
            if self.more() {
                continue;
            }
            self.path.push(items.len().to_string());
            items.push(self.value(depth + 1)?);
            self.path.pop();
        }
    }

    /// `... 3 more items`
    fn more(&mut self) -> bool {
        let rest = self.rest();
        if !rest.starts_with("...") {
            return false;
        }
        let end = rest.find([',', ']', '}', '\n']).unwrap_or(rest.len());
        self.missing(rest[..end].trim_end());
        self.at += end;
        true
    }

    fn dict(&mut self, depth: usize) -> Option<Kind> {
        let mut entries = Vec::new();
        loop {
            self.skip();
            if self.take(",") {
                continue;
            }
            if self.take("}") {
                return Some(Kind::Dict(entries));
            }
            if self.more() {
                continue;
            }
            let key = self.key()?;
            self.skip();
            if !(self.take(":") || self.take("=>")) {
                return None;
            }
            self.path
                .push(String::from_utf8_lossy(&key.bytes).into_owned());
            let mut value = self.value(depth + 1)?;
            self.path.pop();
            if let Kind::Bytes(literal) = &mut value.kind {
                literal.decode(&key.bytes);
            }
            entries.push((key, value));
        }
    }

    fn key(&mut self) -> Option<Literal> {
        let rest = self.rest();
        if rest.starts_with(['"', '\'']) || rest.starts_with("b'") || rest.starts_with("b\"") {
            let found = string::at(self.text, self.at)?;
            self.at = found.span.end;
            return Some(Literal::of(found));
        }
        self.take(":");
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_$.".contains(c)))?;
        let key = Literal::text(&rest[..end], self.at);
        self.at += end;
        (end > 0).then_some(key)
    }

    fn into_found(self, start: usize, value: &Value) -> Found {
        let mut found = Found::new(Form::Object, start);
        encode(&mut found, value);
        found.span.end = self.at;
        found.absent = self.absent;
        if found.bytes.is_empty() {
            found.cut = Some(Cut { missing: None });
        }
        found
    }
}

/// A number without what Node.js puts between thousands, `31_235`.
fn without_separators(word: &str) -> String {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let mut groups = digits.split('_');
    let is_first = groups
        .next()
        .is_some_and(|group| (1..=3).contains(&group.len()));
    if is_first && groups.all(|group| group.len() == 3) {
        word.replace('_', "")
    } else {
        word.to_owned()
    }
}

/// A dictionary as what it is: `{"type":"Buffer","data":[76,4]}` are bytes in JSON of
/// Node.js.
fn as_buffer(kind: Kind) -> Kind {
    buffer_of(&kind).map_or(kind, Kind::Bytes)
}

fn buffer_of(kind: &Kind) -> Option<Literal> {
    let Kind::Dict(entries) = kind else {
        return None;
    };
    let [(first, name), (second, data)] = &entries[..] else {
        return None;
    };
    let is_buffer = first.bytes == b"type" && second.bytes == b"data";
    match (&name.kind, &data.kind) {
        (Kind::Bytes(name), Kind::List(items)) if is_buffer && name.bytes == b"Buffer" => {
            let byte = |item: &Value| match &item.kind {
                Kind::Int(digits) => digits.parse().ok(),
                _ => None,
            };
            Some(Literal {
                bytes: items.iter().map(byte).collect::<Option<_>>()?,
                offsets: items.iter().map(|item| item.at).collect(),
            })
        }
        _ => None,
    }
}

/// Whether a buffer, a named array or a string begins here.
fn holds_bytes(rest: &str) -> bool {
    const BEGINNINGS: [&str; 8] = [
        "<Buffer",
        "Uint8Array",
        "Buffer",
        "\"",
        "'",
        "`",
        "b'",
        "b\"",
    ];
    BEGINNINGS.iter().any(|begin| rest.starts_with(begin))
}

/// What stands for a value that is not printed.
fn placeholder(rest: &str) -> Option<&str> {
    const PLACEHOLDERS: [&str; 6] = [
        "[Object]",
        "[Array]",
        "[Getter]",
        "[Circular",
        "{...}",
        "...",
    ];
    let word = PLACEHOLDERS.iter().find(|word| rest.starts_with(**word))?;
    rest.get(..word.len())
}

/// Appends the bencoding of a value; depth is bounded by the reader.
fn encode(found: &mut Found, value: &Value) {
    let at = value.at;
    match &value.kind {
        Kind::Missing => {}
        Kind::Int(digits) => push(found, &format!("i{digits}e"), at),
        Kind::Bytes(literal) => push_literal(found, literal, at),
        Kind::List(items) => {
            push(found, "l", at);
            for item in items {
                encode(found, item);
            }
            push(found, "e", at);
        }
        Kind::Dict(entries) => {
            push(found, "d", at);
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.bytes.cmp(&b.bytes));
            for (key, value) in entries {
                if !matches!(value.kind, Kind::Missing) {
                    push_literal(found, key, value.at);
                    encode(found, value);
                }
            }
            push(found, "e", at);
        }
    }
}

fn push(found: &mut Found, text: &str, at: usize) {
    for byte in text.bytes() {
        found.push(byte, at);
    }
}

fn push_literal(found: &mut Found, literal: &Literal, at: usize) {
    let first = literal.offsets.first().copied().unwrap_or(at);
    push(found, &format!("{}:", literal.bytes.len()), first);
    for (byte, at) in literal.bytes.iter().zip(&literal.offsets) {
        found.push(*byte, *at);
    }
}
