//! Bencoded values in words, and what the keys of messages hold.

use super::fault::{Fault, Result};
use super::value::{Kind, Value};
use super::write::{push_key, quote};
use crate::wire::bencode::{self, Dict, List, Node, TokenKind};
use crate::wire::compact;

/// How the value under a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// By its looks: an integer is one, anything else is text.
    Any,
    /// Hex digits.
    Hex,
    /// An address of 4, 6, 16 or 18 bytes.
    Address,
    /// Addresses in a row, so many bytes each.
    Packed(usize),
    /// The same, but for an empty list, which is one of dictionaries.
    PackedOrList(usize),
    /// Numbers in a row, a byte each.
    Numbers,
    /// A list of addresses.
    Addresses,
}

impl Hint {
    /// Of a value on its own.
    pub fn of_value(_: &[&[u8]]) -> Self {
        Self::Any
    }

    /// Of a key in the payload of an extended message.
    pub fn of_extension(path: &[&[u8]]) -> Self {
        match path {
            [b"yourip" | b"ipv4" | b"ipv6"] => Self::Address,
            [b"tr" | b"filter"] => Self::Hex,
            [b"added" | b"dropped"] => Self::Packed(6),
            [b"added6" | b"dropped6"] => Self::Packed(18),
            [b"added.f" | b"added6.f"] => Self::Numbers,
            _ => Self::Any,
        }
    }

    /// Of a key in a message of the DHT.
    pub fn of_dht(path: &[&[u8]]) -> Self {
        match path {
            [b"t" | b"v"] => Self::Hex,
            [b"ip"] => Self::Address,
            [b"r", b"values"] => Self::Addresses,
            [b"a" | b"r", key] => match *key {
                b"id" | b"target" | b"info_hash" | b"token" | b"nodes" | b"nodes6" | b"k"
                | b"sig" | b"salt" | b"samples" | b"BFsd" | b"BFpe" => Self::Hex,
                _ => Self::Any,
            },
            _ => Self::Any,
        }
    }
}

/// What tells the hint of a path of keys.
pub type Hints<'f> = &'f dyn Fn(&[&[u8]]) -> Hint;

/// The bencoding of a value.
pub fn value(value: &Value, hints: Hints<'_>) -> Result<Vec<u8>> {
    encode(value, &mut Vec::new(), hints)
}

/// The bencoding of a dictionary.
pub fn dict(entries: &[(Vec<u8>, Value)], hints: Hints<'_>) -> Result<Vec<u8>> {
    encode_dict(entries, &mut Vec::new(), hints)
}

fn encode<'v>(value: &'v Value, path: &mut Vec<&'v [u8]>, hints: Hints<'_>) -> Result<Vec<u8>> {
    let hint = hints(path);
    Ok(match (&value.kind, hint) {
        (Kind::Dict(entries), _) => return encode_dict(entries, path, hints),
        (Kind::List(items), Hint::PackedOrList(_)) if items.is_empty() => List::new().encode(),
        (Kind::List(items), Hint::Packed(size) | Hint::PackedOrList(size))
            if !items.iter().any(Value::is_dict) =>
        {
            let address = |item: &Value| {
                let address = item.address()?;
                if address.len() == size {
                    return Ok(address);
                }
                Err(Fault::new(
                    item.at,
                    format!("an address of {size} bytes is due"),
                ))
            };
            bencode::bytes(&value.packed(address)?)
        }
        (Kind::List(items), Hint::Numbers) => {
            let numbers: Result<Vec<u8>> = items.iter().map(Value::number).collect();
            bencode::bytes(&numbers?)
        }
        (Kind::List(items), Hint::Addresses) => {
            let mut list = List::new();
            for item in items {
                list = list.bytes(item.address()?);
            }
            list.encode()
        }
        (Kind::List(items), _) => {
            let mut list = List::new();
            for item in items {
                list = list.raw(&encode(item, path, hints)?);
            }
            list.encode()
        }
        (Kind::String(bytes), _) => bencode::bytes(bytes),
        (Kind::Word(word), Hint::Any) if is_integer(word) => format!("i{word}e").into_bytes(),
        (Kind::Word(word), Hint::Any) => bencode::bytes(word.as_bytes()),
        (Kind::Word(_), Hint::Address | Hint::Addresses) => bencode::bytes(&value.address()?),
        (Kind::Word(word), _) => match value.bytes() {
            Ok(bytes) => bencode::bytes(&bytes),
            // A value of the wrong type, as it was sent.
            Err(_) if is_integer(word) => format!("i{word}e").into_bytes(),
            Err(fault) => return Err(fault),
        },
    })
}

fn encode_dict<'v>(
    entries: &'v [(Vec<u8>, Value)],
    path: &mut Vec<&'v [u8]>,
    hints: Hints<'_>,
) -> Result<Vec<u8>> {
    let mut dict = Dict::new();
    for (key, value) in entries {
        path.push(key);
        let value = encode(value, path, hints)?;
        path.pop();
        dict = dict.raw(key, value);
    }
    Ok(dict.encode())
}

/// Whether a word is an integer as bencode writes it.
fn is_integer(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let is_zero = word == "0";
    let begins = digits.starts_with(|c: char| matches!(c, '1'..='9'));
    is_zero || (begins && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Appends the entries of a dictionary as fields.
pub fn push_fields(out: &mut String, dict: Node<'_, '_>, hints: Hints<'_>) {
    push_entries(out, dict.entries(), hints);
}

/// Appends these entries as fields.
pub fn push_entries<'i, 't>(
    out: &mut String,
    entries: impl Iterator<Item = (&'i [u8], Node<'i, 't>)>,
    hints: Hints<'_>,
) where
    'i: 't,
{
    for (key, value) in entries {
        out.push(' ');
        push_key(out, key);
        out.push('=');
        push_value(out, value, &mut vec![key], hints);
    }
}

/// Appends a value. The depth of a document is bounded by its parser, and here.
pub fn push_value<'i>(
    out: &mut String,
    value: Node<'i, '_>,
    path: &mut Vec<&'i [u8]>,
    hints: Hints<'_>,
) {
    match value.kind() {
        TokenKind::Int => out.push_str(value.digits().unwrap_or("0")),
        TokenKind::Bytes => push_bytes(out, value.as_bytes().unwrap_or_default(), hints(path)),
        TokenKind::List => {
            out.push('[');
            for (index, item) in value.items().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                push_value(out, item, path, hints);
            }
            out.push(']');
        }
        TokenKind::Dict => {
            out.push('{');
            for (index, (key, value)) in value.entries().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                push_key(out, key);
                out.push('=');
                path.push(key);
                push_value(out, value, path, hints);
                path.pop();
            }
            out.push('}');
        }
    }
}

fn push_bytes(out: &mut String, bytes: &[u8], hint: Hint) {
    let address = |bytes: &[u8]| match (compact::ip(bytes), compact::address(bytes)) {
        (Some(ip), _) => Some(ip.to_string()),
        (None, Some(address)) => Some(address.to_string()),
        (None, None) => None,
    };
    let joined = |items: Vec<String>| format!("[{}]", items.join(", "));
    let text = match hint {
        // Digits alone would be an integer.
        Hint::Hex if !bytes.is_empty() => Some(hex::encode(bytes)),
        Hint::Address | Hint::Addresses => address(bytes),
        Hint::Packed(size) | Hint::PackedOrList(size)
            if !bytes.is_empty() && bytes.len().is_multiple_of(size) =>
        {
            let items: Option<Vec<_>> = bytes.chunks(size).map(address).collect();
            items.map(joined)
        }
        Hint::Numbers if !bytes.is_empty() => {
            Some(joined(bytes.iter().map(u8::to_string).collect()))
        }
        _ => None,
    };
    match text {
        Some(text) => out.push_str(&text),
        None => quote(out, bytes),
    }
}
