//! Canonical bencode for what we send: sorted keys, no leading zeros.

use std::collections::BTreeMap;

/// The encoding of an integer.
pub fn int(value: i64) -> Vec<u8> {
    format!("i{value}e").into_bytes()
}

/// The encoding of a string.
pub fn bytes(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 8);
    push_bytes(&mut out, value);
    out
}

fn push_bytes(out: &mut Vec<u8>, value: &[u8]) {
    out.extend_from_slice(value.len().to_string().as_bytes());
    out.push(b':');
    out.extend_from_slice(value);
}

/// A dictionary in the making: entries in any order, encoded sorted. An entry
/// replaces an earlier one of the same key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dict(BTreeMap<Vec<u8>, Vec<u8>>);

impl Dict {
    /// An empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an integer.
    pub fn int(self, key: impl AsRef<[u8]>, value: impl Into<i64>) -> Self {
        self.raw(key, int(value.into()))
    }

    /// Adds a string.
    pub fn bytes(self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.raw(key, bytes(value.as_ref()))
    }

    /// Adds a dictionary.
    pub fn dict(self, key: impl AsRef<[u8]>, value: &Self) -> Self {
        self.raw(key, value.encode())
    }

    /// Adds a list.
    pub fn list(self, key: impl AsRef<[u8]>, value: List) -> Self {
        self.raw(key, value.encode())
    }

    /// Adds an integer if there is one.
    pub fn maybe_int(self, key: impl AsRef<[u8]>, value: Option<impl Into<i64>>) -> Self {
        match value {
            Some(value) => self.int(key, value),
            None => self,
        }
    }

    /// Adds a string if there is one.
    pub fn maybe_bytes(self, key: impl AsRef<[u8]>, value: Option<impl AsRef<[u8]>>) -> Self {
        match value {
            Some(value) => self.bytes(key, value),
            None => self,
        }
    }

    /// Adds a value that is bencoded already.
    pub fn raw(mut self, key: impl AsRef<[u8]>, value: impl Into<Vec<u8>>) -> Self {
        self.0.insert(key.as_ref().to_vec(), value.into());
        self
    }

    /// The encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![b'd'];
        for (key, value) in &self.0 {
            push_bytes(&mut out, key);
            out.extend_from_slice(value);
        }
        out.push(b'e');
        out
    }
}

/// A list in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List(Vec<u8>);

impl Default for List {
    fn default() -> Self {
        Self(vec![b'l'])
    }
}

impl List {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an integer.
    pub fn int(self, value: impl Into<i64>) -> Self {
        self.raw(&int(value.into()))
    }

    /// Appends a string.
    pub fn bytes(mut self, value: impl AsRef<[u8]>) -> Self {
        push_bytes(&mut self.0, value.as_ref());
        self
    }

    /// Appends a dictionary.
    pub fn dict(self, value: &Dict) -> Self {
        self.raw(&value.encode())
    }

    /// Appends a value that is bencoded already.
    pub fn raw(mut self, value: &[u8]) -> Self {
        self.0.extend_from_slice(value);
        self
    }

    /// The encoding.
    pub fn encode(mut self) -> Vec<u8> {
        self.0.push(b'e');
        self.0
    }
}
