//! What things of a capture are called in a page: by their names, or by others.

use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};

use crate::privacy::{Aliases, Fate, Sort, fate, is_protocol_word, words_of};
use crate::session::{Entry, Heard, PastEnd};
use crate::view::text::{Safe, clipped};
use crate::view::{remarks, words};
use crate::wire::client::Client;
use crate::wire::extension::Extension;
use crate::wire::span::slice;
use crate::wire::{Deviation, Kind, Label, Node, Note, Tree, Value};

/// Columns of a text of the capture that are shown.
const MAX_TEXT: usize = 120;

/// Fields of a message that its words name, where they may not quote it.
const MAX_FIELDS: usize = 6;

/// Keys of an extended handshake with a number that tells of nobody.
const PLAIN_KEYS: [&str; 6] = [
    "reqq",
    "metadata_size",
    "upload_only",
    "complete_ago",
    "share_mode",
    "e",
];

/// How things are called.
#[derive(Debug, Default)]
pub struct Names(Option<RefCell<Aliases>>);

impl Names {
    /// By their own names.
    pub fn own() -> Self {
        Self(None)
    }

    /// By names that stand for them, but for what tells of a protocol alone.
    pub fn aliased() -> Self {
        Self(Some(RefCell::default()))
    }

    /// Whether names stand for others.
    pub fn are_aliases(&self) -> bool {
        self.0.is_some()
    }

    /// A host.
    pub fn host(&self, ip: IpAddr) -> String {
        match &self.0 {
            None => ip.to_string(),
            Some(aliases) => aliases.borrow_mut().host(ip).to_string(),
        }
    }

    /// An address.
    pub fn address(&self, address: SocketAddr) -> String {
        match &self.0 {
            None => address.to_string(),
            Some(aliases) => aliases.borrow_mut().address(address),
        }
    }

    /// A hash.
    pub fn hash(&self, hash: &[u8]) -> String {
        self.bytes(Sort::Hash, hash)
    }

    /// A peer id.
    pub fn peer_id(&self, id: &[u8]) -> String {
        self.bytes(Sort::PeerId, id)
    }

    fn bytes(&self, sort: Sort, bytes: &[u8]) -> String {
        match &self.0 {
            None => hex::encode(bytes),
            Some(aliases) => aliases.borrow_mut().of(sort, bytes).to_string(),
        }
    }

    /// Text of the capture, sanitised.
    pub fn text(&self, text: &str) -> String {
        match &self.0 {
            Some(aliases) if !is_protocol_word(text.as_bytes()) => aliases
                .borrow_mut()
                .of(Sort::Text, text.as_bytes())
                .to_string(),
            _ => clipped(&Safe::from(text).to_string(), MAX_TEXT).to_string(),
        }
    }

    /// The client of an end: its name and version tell of a program, letters that
    /// nobody knows may tell of a person.
    pub fn client(&self, end: &PastEnd) -> Option<String> {
        if self.are_aliases() {
            let client = Client::from_peer_id(&end.peer_id?)?;
            return client.name().map(|_| client.to_string());
        }
        end.client.as_deref().map(|client| self.text(client))
    }

    /// Key and value of an entry of an extended handshake.
    pub fn entry(&self, entry: &Entry) -> (String, String) {
        let Some(aliases) = &self.0 else {
            return (self.text(&entry.key), self.text(&entry.value));
        };
        let value = entry.value.clone();
        match entry.key.as_str() {
            key if PLAIN_KEYS.contains(&key) => (key.to_owned(), value),
            "p" => {
                let port = value.parse().unwrap_or_default();
                ("p".to_owned(), aliases.borrow_mut().port(port).to_string())
            }
            key @ ("yourip" | "ipv4" | "ipv6") => {
                let host = value.parse().map(|ip| self.host(ip));
                (key.to_owned(), host.unwrap_or_else(|_| self.text(&value)))
            }
            key @ ("v" | "tr") => (key.to_owned(), self.text(&value)),
            key => match key.strip_prefix("m.") {
                Some(name) if Extension::ALL.iter().any(|known| known.name() == name) => {
                    (key.to_owned(), value)
                }
                Some(name) => (format!("m.{}", self.text(name)), value),
                None => (self.text(key), self.text(&value)),
            },
        }
    }

    /// A message in words.
    pub fn message(&self, heard: &Heard<'_>) -> String {
        if !self.are_aliases() {
            return heard.to_string();
        }
        // Whoever is met is numbered in the order of the capture.
        self.address(heard.src);
        self.address(heard.dst);
        let mut tree = Tree::new();
        heard.dissect(&mut tree);
        let mut told = Vec::new();
        for node in tree.nodes() {
            let Some(field) = node.label.field() else {
                continue;
            };
            let is_told = match field.kind {
                Kind::Uint(_) | Kind::Int | Kind::Enum(_) | Kind::Bool => {
                    fate(Some(field)) == Fate::Shown && !field.is_implied
                }
                _ => false,
            };
            if is_told && told.len() < MAX_FIELDS {
                let mut words = format!("{} ", field.name);
                words::push_value(&mut words, node, heard.bytes, std::iter::empty(), false);
                told.push(words);
            }
        }
        told.join(", ")
    }

    /// What departs from a specification, in words: without what they quote of the
    /// message where that may not be shown.
    pub fn deviation(&self, deviation: &Deviation, bytes: &[u8]) -> String {
        if self.are_aliases() {
            return words_of(deviation);
        }
        let mut words = String::new();
        remarks::push_deviation(&mut words, deviation, bytes);
        words
    }

    /// The name of a field.
    pub fn label(&self, label: Label, bytes: &[u8]) -> String {
        if let (Label::Key { start, end, field }, Some(aliases)) = (label, &self.0)
            && field.is_none()
            && let Some(alias) = aliases.borrow_mut().key(slice(bytes, start, end))
        {
            return alias;
        }
        let mut words = String::new();
        words::push_label(&mut words, label, bytes);
        words
    }

    /// The value of a field, and what its notes say of it, in words.
    pub fn value<'n>(
        &self,
        node: &Node,
        bytes: &[u8],
        notes: impl Iterator<Item = &'n Note> + Clone,
    ) -> String {
        let mut words = String::new();
        let Some(aliases) = &self.0 else {
            words::push_value(&mut words, node, bytes, notes, false);
            return words;
        };
        // Framing is lengths, and what the specification says.
        if is_framing(node) && matches!(node.value, Value::Bytes { .. }) {
            return words;
        }
        match aliases.borrow_mut().value(node, bytes) {
            Some(alias) if !is_framing(node) => alias,
            _ => {
                words::push_value(&mut words, node, bytes, std::iter::empty(), false);
                words
            }
        }
    }
}

fn is_framing(node: &Node) -> bool {
    matches!(
        node.label.field().map(|field| field.kind),
        Some(Kind::Framing)
    )
}
