//! Values of fields.

use std::net::{IpAddr, SocketAddr};

use super::fault::{Fault, Result};
use crate::wire::compact;
use crate::wire::words::Count;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Value {
    pub at: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub enum Kind {
    /// Without quotes: a number, digits, an address, a name.
    Word(String),
    /// In quotes, or behind `0x`.
    String(Vec<u8>),
    List(Vec<Value>),
    Dict(Vec<(Vec<u8>, Value)>),
}

impl Value {
    fn fault(&self, reason: impl Into<String>) -> Fault {
        Fault::new(self.at, reason)
    }

    /// The word that it is.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether it is a dictionary.
    pub fn is_dict(&self) -> bool {
        matches!(self.kind, Kind::Dict(_))
    }

    /// A number.
    pub fn number<N: std::str::FromStr>(&self) -> Result<N> {
        let number = self.word().and_then(|word| word.parse().ok());
        number.ok_or_else(|| self.fault("not a number that fits here"))
    }

    /// A truth value as a byte.
    pub fn truth(&self) -> Result<u8> {
        match self.word() {
            Some("true") => Ok(1),
            Some("false") => Ok(0),
            _ => self.number(),
        }
    }

    /// Raw bytes: hex digits, or a string.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        match &self.kind {
            Kind::String(bytes) => Ok(bytes.clone()),
            Kind::Word(word) => hex::decode(word)
                .map_err(|_| self.fault("neither hex digits nor a string in quotes")),
            _ => Err(self.fault("hex digits or a string are due")),
        }
    }

    /// Bytes of fixed length.
    pub fn array<const N: usize>(&self) -> Result<[u8; N]> {
        let bytes = self.bytes()?;
        let length = Count(bytes.len() as u64, "byte");
        let array = bytes.try_into();
        array.map_err(|_| self.fault(format!("{length} where {N} are due")))
    }

    /// Text: a string, or a word as it is.
    pub fn text(&self) -> Result<Vec<u8>> {
        match &self.kind {
            Kind::String(bytes) => Ok(bytes.clone()),
            Kind::Word(word) => Ok(word.clone().into_bytes()),
            _ => Err(self.fault("a text is due")),
        }
    }

    /// An address without a port.
    pub fn ip(&self) -> Result<IpAddr> {
        let word = self.word().and_then(|word| word.parse().ok());
        word.ok_or_else(|| self.fault("not an IP address"))
    }

    /// An address as its bytes: with a port or without, or raw.
    pub fn address(&self) -> Result<Vec<u8>> {
        let Some(word) = self.word() else {
            return self.bytes();
        };
        let mut out = Vec::new();
        if let Ok(address) = word.parse::<SocketAddr>() {
            compact::push(&mut out, address);
            return Ok(out);
        }
        match word.parse() {
            Ok(IpAddr::V4(ip)) => out.extend(ip.octets()),
            Ok(IpAddr::V6(ip)) => out.extend(ip.octets()),
            Err(_) => return self.bytes(),
        }
        Ok(out)
    }

    /// The items of a list; anything else is one item.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// A list of which each item is so many bytes, or all of them in one string.
    pub fn packed(&self, item: impl Fn(&Self) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        match &self.kind {
            Kind::List(items) => items
                .iter()
                .map(item)
                .collect::<Result<Vec<_>>>()
                .map(|v| v.concat()),
            _ => self.bytes(),
        }
    }
}
