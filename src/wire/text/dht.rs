//! Messages of the DHT in words: `query q=ping t=6161 a={id=..}`.

use super::Result;
use super::arguments::Arguments;
use super::bencoded::{self, Hint};
use super::value::Value;
use super::write::{checked, sound};
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
    let mut inner: [(&str, Vec<(Vec<u8>, Value)>); 2] = [("a", Vec::new()), ("r", Vec::new())];
    for (key, value) in fields.rest() {
        let part = inner.iter_mut().find_map(|(name, entries)| {
            let rest = key.strip_prefix(name.as_bytes())?;
            Some((rest.strip_prefix(b".")?.to_vec(), entries))
        });
        if let Some((key, entries)) = part {
            entries.push((key, value));
        } else {
            dict = dict.raw(&key, within(&[&key], &value)?);
        }
    }
    for (name, entries) in inner.iter().filter(|(_, entries)| !entries.is_empty()) {
        let hints = |path: &[&[u8]]| Hint::of_dht(&[&[name.as_bytes()], path].concat());
        dict = dict.raw(name, bencoded::dict(entries, &hints)?);
    }
    Ok(Some(dict.encode()))
}

/// The value of a key at `above`.
fn within(above: &[&[u8]], value: &Value) -> Result<Vec<u8>> {
    let hints = |path: &[&[u8]]| Hint::of_dht(&[above, path].concat());
    bencoded::value(value, &hints)
}

/// A message in words; `None` if `bytes` are not canonical.
pub fn of_dht(message: &Message<'_>, bytes: &[u8]) -> Option<String> {
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
    checked(text, bytes)
}
