//! What was read of an object, and the bencoding of it.

use crate::paste::form::Form;
use crate::paste::found::Found;

/// A value that was read.
pub struct Value {
    pub kind: Kind,
    pub at: usize,
}

pub enum Kind {
    Int(String),
    Bytes(Literal),
    List(List),
    Dict(Vec<Entry>),
    /// `[Object]`, `...`, `null`: it is not there.
    Missing,
}

pub struct List {
    pub items: Vec<Value>,
    /// It is written as `(a, b)` or `{a, b}`.
    pub is_tuple: bool,
}

pub type Entry = (Literal, Value);

/// Bytes and where each stands.
pub struct Literal {
    pub bytes: Vec<u8>,
    pub offsets: Vec<usize>,
}

impl Literal {
    pub fn of(found: Found) -> Self {
        Self {
            bytes: found.bytes,
            offsets: found.offsets,
        }
    }

    pub fn text(text: &str, at: usize) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            offsets: (at..at + text.len()).collect(),
        }
    }

    /// Numbers of which each is a byte.
    pub fn of_numbers(items: &[Value]) -> Option<Self> {
        let byte = |item: &Value| match &item.kind {
            Kind::Int(digits) => digits.parse().ok(),
            _ => None,
        };
        Some(Self {
            bytes: items.iter().map(byte).collect::<Option<_>>()?,
            offsets: items.iter().map(|item| item.at).collect(),
        })
    }
}

/// A dictionary as what it is: `{"type":"Buffer","data":[76,4]}` are bytes in JSON of
/// Node.js.
pub fn as_buffer(kind: Kind) -> Kind {
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
        (Kind::Bytes(name), Kind::List(list)) if is_buffer && name.bytes == b"Buffer" => {
            Literal::of_numbers(&list.items)
        }
        _ => None,
    }
}

/// The bencoding of a value that begins at `start`.
pub fn bencoded(start: usize, value: &Value) -> Found {
    let mut found = Found::new(Form::Object, start);
    encode(&mut found, value);
    found
}

/// Appends the bencoding of a value; depth is bounded by the reader.
fn encode(found: &mut Found, value: &Value) {
    let at = value.at;
    match &value.kind {
        Kind::Missing => {}
        Kind::Int(digits) => push(found, &format!("i{digits}e"), at),
        Kind::Bytes(literal) => push_literal(found, literal, at),
        Kind::List(list) => {
            push(found, "l", at);
            for item in &list.items {
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
