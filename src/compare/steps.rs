//! The messages of one peer as steps: what an alignment compares.
//!
//! Runs of the same message are one step. From a peer's first request or block
//! on, the traffic of the transfer is one step as long as nothing else comes:
//! how `have` and `request` interleave depends on the network, and no two runs
//! repeat it.

use std::fmt::Write;

use sha1::{Digest, Sha1};

use super::category::Category;
use crate::packet::Stamp;
use crate::session::{Announced, Counts, Heard};
use crate::wire::MessageType;
use crate::wire::Problem;
use crate::wire::extension::{self, Body};
use crate::wire::peer::{Bitfield, Message, types as peer};

/// Steps of one peer that are kept. Real sessions have a few dozen.
const MAX_STEPS: usize = 2048;

/// Bytes of a message in words that are kept.
const MAX_TEXT: usize = 240;

/// What the allocations of a step cost beside their bytes: three texts, and the
/// counts of up to eight names.
const STEP_HEAP: usize = 3 * 16 + 8 * 24;

/// Messages of a transfer that are part of its traffic.
static TRAFFIC: [&MessageType; 14] = [
    &peer::REQUEST,
    &peer::PIECE,
    &peer::HAVE,
    &peer::CANCEL,
    &peer::REJECT_REQUEST,
    &peer::HASH_REQUEST,
    &peer::HASHES,
    &peer::HASH_REJECT,
    &peer::ALLOWED_FAST,
    &peer::SUGGEST_PIECE,
    &peer::KEEP_ALIVE,
    &extension::UT_PEX,
    &extension::LT_DONTHAVE,
    &extension::UT_METADATA_DATA,
];

/// Those of them that say how the peer behaves. The others come by the clock, or
/// have a category of their own.
static TELLING: [&MessageType; 5] = [
    &peer::CANCEL,
    &peer::REJECT_REQUEST,
    &peer::HASH_REQUEST,
    &peer::HASHES,
    &peer::HASH_REJECT,
];

/// Messages of which a torrent with more pieces or metadata takes more.
static BY_TORRENT: [&MessageType; 5] = [
    &peer::HAVE,
    &extension::UT_METADATA_REQUEST,
    &extension::UT_METADATA_DATA,
    &peer::HASH_REQUEST,
    &peer::HASHES,
];

/// Whether a message of this name is one of them.
fn is_among(messages: &[&MessageType], name: &str) -> bool {
    messages.iter().any(|message| message.name == name)
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The packet that completed it.
    pub stamp: Stamp,
    /// Its number among the messages of the session, both peers', from 0.
    pub number: u64,
}

/// One or more messages of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What an alignment goes by: the message's name, `transfer` for its
    /// traffic.
    pub key: String,
    /// Its messages by name.
    pub counts: Counts,
    /// What is compared of its values; empty for most.
    pub detail: String,
    /// The first message in words. Text of the capture.
    pub text: String,
    /// The first message.
    pub first: Mark,
    /// The last message.
    pub last: Mark,
    /// It began before the first block of the session.
    pub opening: bool,
    /// It is traffic of the transfer.
    pub is_transfer: bool,
}

impl Step {
    /// What a difference of values in this step is one of.
    pub fn category(&self) -> Category {
        match self.key.as_str() {
            key if key == peer::HANDSHAKE.name => Category::Reserved,
            key if key == extension::EXTENDED_HANDSHAKE.name => Category::Extensions,
            _ if self.opening => Category::Opening,
            _ => Category::Transfer,
        }
    }

    /// Whether another step with the same key says the same.
    pub fn equals(&self, other: &Self) -> bool {
        if self.is_circumstantial() {
            return true;
        }
        let counted = self.opening && other.opening && !self.is_transfer;
        if counted && !is_among(&BY_TORRENT, &self.key) {
            let count = self.counts.total();
            return self.detail == other.detail && count == other.counts.total();
        }
        self.detail == other.detail && self.telling() == other.telling()
    }

    /// Whether it says nothing of how the peer behaves if the other session
    /// lacks it: peers are exchanged by the clock, and if there are others.
    pub fn is_circumstantial(&self) -> bool {
        self.key == extension::UT_PEX.name
    }

    /// The traffic in it that says how the peer behaves.
    fn telling(&self) -> Vec<&'static str> {
        let counts = self.counts.sorted();
        let names = counts.into_iter().map(|(name, _)| name);
        names
            .filter(|name| self.is_transfer && is_among(&TELLING, name))
            .collect()
    }
}

/// The steps of one peer.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    all: Vec<Step>,
    in_transfer: bool,
    /// Bytes of texts and counts in `all`.
    heap: usize,
    /// Messages that were not kept.
    pub left_out: u64,
}

impl Steps {
    /// Adds a message; `opening` until the first block of the session has come.
    pub fn push(&mut self, heard: &Heard<'_>, number: u64, opening: bool) {
        let message = heard.message_type();
        let mark = Mark {
            stamp: heard.last,
            number,
        };
        self.in_transfer |= [&peer::REQUEST, &peer::PIECE].contains(&message);
        let is_malformed = matches!(heard.problem(), Some(Problem::Malformed(_)));
        let is_transfer = self.in_transfer && !is_malformed && TRAFFIC.contains(&message);
        let (key, detail) = if is_transfer {
            ("transfer".to_owned(), String::new())
        } else {
            (key(heard), detail(heard))
        };
        if self.left_out > 0 {
            self.left_out += 1;
        } else if let Some(step) = self.all.last_mut()
            && step.key == key
            && step.detail == detail
        {
            step.counts.add(message);
            step.last = mark;
        } else if self.all.len() < MAX_STEPS {
            let mut counts = Counts::default();
            counts.add(message);
            let text = words(heard);
            self.heap += key.capacity() + detail.capacity() + text.capacity() + STEP_HEAP;
            self.all.push(Step {
                key,
                counts,
                detail,
                text,
                first: mark,
                last: mark,
                opening,
                is_transfer,
            });
        } else {
            self.left_out += 1;
        }
    }

    /// All of them in order.
    pub fn all(&self) -> &[Step] {
        &self.all
    }

    /// Drops the handshake, so that a session in which it was visible can be
    /// aligned with one in which it was not.
    pub(super) fn drop_handshake(&mut self) {
        self.all.retain(|step| step.key != peer::HANDSHAKE.name);
    }

    /// Bytes of memory on the heap, about.
    pub(super) fn cost(&self) -> usize {
        self.all.capacity() * size_of::<Step>() + self.heap
    }
}

/// What a message is aligned by.
fn key(heard: &Heard<'_>) -> String {
    let name = heard.message_name();
    if matches!(heard.problem(), Some(Problem::Malformed(_))) {
        return format!("malformed {name}");
    }
    let Some(message) = heard.peer_message() else {
        return name.to_owned();
    };
    match message {
        Message::Unknown { id, .. } => format!("unknown id {}", id.0),
        Message::Extended(extended) if name == extension::EXTENDED.name => match &extended.name {
            Some(name) => format!("extended {}", name.text()),
            None => format!("extended id {}", extended.id.0),
        },
        _ => name.to_owned(),
    }
}

/// What is compared of a message's values.
fn detail(heard: &Heard<'_>) -> String {
    let Some(message) = heard.peer_message() else {
        return String::new();
    };
    match message {
        Message::Handshake(handshake) => hex::encode(handshake.reserved.0),
        Message::HandshakeStart(start) => hex::encode(start.reserved.0),
        Message::Bitfield(bitfield) => fullness(bitfield).to_owned(),
        Message::Extended(extended) => match &extended.body {
            Body::Handshake(handshake) => digest(&Announced::new(handshake).compared()),
            Body::Mode(mode) => mode.value.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// What stands for a long text where only equality counts.
fn digest(text: &str) -> String {
    hex::encode(Sha1::digest(text))
}

fn fullness(bitfield: &Bitfield<'_>) -> &'static str {
    let set = bitfield.set();
    // Where the number of pieces is not known the last byte may have spare bits.
    let all = bitfield
        .pieces
        .map_or(bitfield.len().saturating_sub(7), u64::from);
    match set {
        0 => "no piece",
        _ if set >= all => "all pieces",
        _ => "some pieces",
    }
}

/// A message in words, cut.
fn words(heard: &Heard<'_>) -> String {
    struct Capped(String);
    impl Write for Capped {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            let room = MAX_TEXT - self.0.len();
            if text.len() <= room {
                self.0.push_str(text);
                return Ok(());
            }
            let end = text.floor_char_boundary(room);
            self.0.push_str(&text[..end]);
            // Nobody needs the rest: the formatter stops.
            Err(std::fmt::Error)
        }
    }
    let mut out = Capped(String::new());
    let inferred = if heard.is_inferred() {
        " (inferred)"
    } else {
        ""
    };
    let cut = write!(out, "{heard}{inferred}").is_err();
    if cut {
        out.0.push('…');
    }
    out.0
}
