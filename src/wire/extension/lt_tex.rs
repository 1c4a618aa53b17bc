//! `lt_tex` (BEP 28): trackers that the sender verified.

use std::fmt;

use super::anomalies;
use super::head::{HEAD, message};
use super::input::Input;
use crate::wire::bencode::{Dict, Key, List, Node, Shape, Table};
use crate::wire::words::Count;
use crate::wire::{Field, Kind, Member, MessageType, Sink, Topic};

static ADDED: Field = Field::new("added", Kind::List, "Trackers that the sender verified.");
static URL: Field = Field::new("url", Kind::Text, "URL of a tracker.");
static TABLE: Table =
    Table::new(&[Key::shaped(&ADDED, Shape::list(&URL))]).under(&anomalies::BENCODE);

/// Trackers that the sender verified.
pub static LT_TEX: MessageType = message("lt_tex", Topic::Discovery)
    .bep(28)
    .members(&[Member::Shared(HEAD), Member::Keys(&TABLE)]);

/// An `lt_tex` message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LtTex<'a> {
    /// URLs of the trackers added.
    pub added: Vec<&'a [u8]>,
}

pub(super) fn dissect<'i, S: Sink>(input: &mut Input<'_, 'i, '_, S>) -> LtTex<'i> {
    let document = input.dictionary(&TABLE);
    let added = document.root().and_then(|root| root.get(b"added"));
    if added.is_none() {
        input.missing(&anomalies::TEX_NO_TRACKERS);
    }
    let urls = added.iter().flat_map(Node::items);
    let message = LtTex {
        added: urls.filter_map(|url| url.as_bytes()).collect(),
    };
    input.end();
    message
}

impl LtTex<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let urls = self.added.iter().fold(List::new(), List::bytes);
        out.extend(Dict::new().list("added", urls).encode());
    }
}

impl fmt::Display for LtTex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lt_tex {}", Count(self.added.len() as u64, "tracker"))
    }
}
