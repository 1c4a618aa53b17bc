//! Messages of the DHT in words: `query q=ping t=6161 a={id=..}`.

use super::arguments::Arguments;
use super::bencoded::{self, Hint};
use super::fault::Result;
use super::write::sound;
use crate::wire::bencode::{Dict, TokenKind};
use crate::wire::dht::{Body, Message};

/// The value of `y` that a name stands for.
const KINDS: [(&str, &str); 3] = [("query", "q"), ("response", "r"), ("error", "e")];

/// Makes a message; `None` if there is none of this name.
pub fn encode(name: &str, fields: &mut Arguments<'_>) -> Result<Option<Vec<u8>>> {
    let kind = KINDS.iter().find(|(known, _)| *known == name);
    if kind.is_none() && name != "unknown" {
        return Ok(None);
    }
    let mut dict = Dict::new();
    if let Some((_, kind)) = kind {
        dict = dict.bytes("y", kind);
    }
    // `a.id=..` is short for `a={id=..}`.
    let (mut arguments, mut results) = (Vec::new(), Vec::new());
    for (key, value) in fields.rest() {
        if let Some(key) = key.strip_prefix(b"a.") {
            arguments.push((key.to_vec(), value));
        } else if let Some(key) = key.strip_prefix(b"r.") {
            results.push((key.to_vec(), value));
        } else {
            let hints = |path: &[&[u8]]| Hint::of_dht(&[&[&key[..]], path].concat());
            dict = dict.raw(&key, bencoded::value(&value, &hints)?);
        }
    }
    for (name, entries) in [("a", arguments), ("r", results)] {
        if !entries.is_empty() {
            let hints = |path: &[&[u8]]| Hint::of_dht(&[&[name.as_bytes()], path].concat());
            dict = dict.raw(name, bencoded::dict(&entries, &hints)?);
        }
    }
    Ok(Some(dict.encode()))
}

/// A message in words; `None` if `bytes` are no dictionary.
pub fn words(message: &Message<'_>, bytes: &[u8]) -> Option<String> {
    let document = sound(bytes)?;
    let root = document.root()?;
    if root.kind() != TokenKind::Dict {
        return None;
    }
    let mut text = format!("dht {}", message.name());
    if matches!(message.body, Body::Unknown(_)) {
        bencoded::push_fields(&mut text, root, &Hint::of_dht);
    } else {
        let entries = root.entries().filter(|(key, _)| *key != b"y");
        bencoded::push_entries(&mut text, entries, &Hint::of_dht);
    }
    Some(text)
}
