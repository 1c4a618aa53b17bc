//! What is said instead of a value, a key, or the words of an anomaly.

use std::net::IpAddr;

use super::aliases::{Aliases, Sort};
use super::allowed::{Fate, fate, is_protocol_word};
use crate::wire::extension::Extension;
use crate::wire::percent;
use crate::wire::{Argument, Deviation, Field, Kind, Node, Value};

impl Aliases {
    /// What is said instead of the value of a leaf of the message `bytes`; `None`
    /// where it is shown as it is.
    pub fn value(&mut self, node: &Node, bytes: &[u8]) -> Option<String> {
        let field = node.label.field();
        let fate = fate(field);
        match node.value {
            Value::Group(_) => None,
            Value::Uint(number) => self.number(fate, number),
            Value::Int(number) => self.number(fate, number.cast_unsigned()),
            Value::Bytes { start, end } => {
                let end = (end as usize).min(bytes.len());
                let value = &bytes[(start as usize).min(end)..end];
                match field.map(|field| field.kind) {
                    Some(Kind::Escaped(_)) => self.bytes(fate, field, &percent::decode(value)),
                    _ => self.bytes(fate, field, value),
                }
            }
        }
    }

    fn number(&mut self, fate: Fate, number: u64) -> Option<String> {
        let sort = match fate {
            Fate::Renamed(sort) => sort,
            Fate::Shown | Fate::Address => return None,
        };
        let name = match u16::try_from(number) {
            Ok(port) if sort == Sort::Port => self.port(port),
            _ => self.of(sort, &number.to_be_bytes()),
        };
        Some(name.to_string())
    }

    fn bytes(&mut self, fate: Fate, field: Option<&Field>, value: &[u8]) -> Option<String> {
        match fate {
            Fate::Shown => None,
            Fate::Address => Some(self.compact(value)),
            Fate::Renamed(_) if is_protocol_word(value) && field.is_some() => {
                Some(String::from_utf8_lossy(value).into_owned())
            }
            Fate::Renamed(Sort::Text) => Some(self.text(value)),
            Fate::Renamed(Sort::Port) => {
                let port = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok());
                Some(match port {
                    Some(port) => self.port(port).to_string(),
                    None => self.of(Sort::Text, value).to_string(),
                })
            }
            Fate::Renamed(sort) => Some(self.of(sort, value).to_string()),
        }
    }

    /// What is said instead of a text: of an address in words the name of its host.
    pub fn text(&mut self, text: &[u8]) -> String {
        let ip = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse::<IpAddr>().ok());
        match ip {
            Some(ip) => self.host(ip).to_string(),
            None => self.of(Sort::Text, text).to_string(),
        }
    }

    /// What is said instead of a key that is in no table; `None` where it is one of a
    /// protocol.
    pub fn key(&mut self, key: &[u8]) -> Option<String> {
        let mut known = Extension::ALL.iter().map(|known| known.name().as_bytes());
        let is_known = known.any(|known| known == key) || is_protocol_word(key);
        (!is_known).then(|| self.of(Sort::Text, key).to_string())
    }
}

/// The words of an anomaly without what they quote of the message but numbers.
pub fn words_of(deviation: &Deviation) -> String {
    let mut words = String::new();
    let mut arguments = deviation.arguments.iter();
    for (index, part) in deviation.anomaly.words.split("{}").enumerate() {
        if index > 0 {
            match arguments.next() {
                Some(Argument::Number(number)) => words.push_str(&number.to_string()),
                _ => words.push('…'),
            }
        }
        words.push_str(part);
    }
    words
}
