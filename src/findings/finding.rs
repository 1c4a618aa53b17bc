//! A finding: a rule was broken, by whom, where, and by which bytes.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::rule::Rule;
use crate::flow::{Connection, Side};
use crate::packet::Stamp;
use crate::session::Heard;
use crate::wire::{MessageType, Severity, Tree};

/// Packets of a finding whose numbers are kept.
pub const MAX_FRAMES: usize = 8;

/// Bytes of a message that are kept to be shown.
const MAX_EXCERPT: usize = 256;

/// Fields that an excerpt has at most; of more, none is kept.
const MAX_FIELDS: usize = 48;

/// Where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The connection; `None` for datagrams outside of any.
    pub stream: Option<u64>,
    /// Who broke the rule.
    pub src: SocketAddr,
    /// The other end.
    pub dst: SocketAddr,
}

impl Place {
    /// What `from` did on a connection.
    pub fn on(connection: &Connection, from: Side) -> Self {
        Self {
            stream: Some(connection.stream),
            src: connection.address(from),
            dst: connection.address(from.other()),
        }
    }

    /// Where a message was heard.
    pub fn of(heard: &Heard<'_>) -> Self {
        let is_of_connection = heard.conversation.is_some() || heard.is_packet();
        Self {
            stream: is_of_connection.then_some(heard.stream),
            src: heard.src,
            dst: heard.dst,
        }
    }
}

/// A rule was broken, once or often, by one end of a connection.
#[derive(Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static Rule,
    /// How bad it is here: no worse than the rule.
    pub severity: Severity,
    /// The BEP that says so here; a rule can be broken in several ways.
    pub bep: Option<u16>,
    /// Where.
    pub place: Place,
    /// The packet of the first time.
    pub first: Stamp,
    /// The packet of the last time.
    pub last: Stamp,
    /// The packets of the first times.
    pub frames: Vec<u64>,
    /// How often.
    pub count: u64,
    /// What happened the first time, in words; may hold text of the capture.
    pub words: String,
    /// The name of the message that broke it.
    pub message: &'static str,
    /// What the capture lacks to be as sure as the rule is.
    pub weakened: Option<&'static str>,
    /// The bytes of the first time.
    pub excerpt: Option<Box<Excerpt>>,
    /// One of its messages is among those that were asked for; `None` until that
    /// is known.
    pub is_chosen: Option<bool>,
}

impl Finding {
    /// A finding about a message.
    pub fn of(rule: &'static Rule, heard: &Heard<'_>, words: String) -> Self {
        Self {
            message: heard.message_name(),
            ..Self::at(rule, Place::of(heard), heard.last, words)
        }
    }

    /// A finding about something that was not said, or about no message.
    pub fn at(rule: &'static Rule, place: Place, stamp: Stamp, words: String) -> Self {
        Self {
            rule,
            severity: rule.severity,
            bep: rule.bep,
            place,
            first: stamp,
            last: stamp,
            frames: vec![stamp.frame],
            count: 1,
            words,
            message: "",
            weakened: None,
            excerpt: None,
            is_chosen: None,
        }
    }

    /// This, with another severity.
    #[must_use]
    pub fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// The same finding, told of another packet.
    #[must_use]
    pub fn in_packet(self, stamp: Stamp) -> Self {
        Self {
            first: stamp,
            last: stamp,
            frames: vec![stamp.frame],
            ..self
        }
    }

    /// This, one degree weaker, for what the capture lacks.
    #[must_use]
    pub fn weakened(self, lack: &'static str) -> Self {
        let severity = match self.severity {
            Severity::Error => Severity::Warning,
            Severity::Warning | Severity::Info => Severity::Info,
        };
        Self {
            severity,
            weakened: Some(lack),
            ..self
        }
    }

    /// The same thing again, in a later packet.
    pub fn fold(&mut self, other: Self) {
        self.count += other.count;
        self.last = other.last;
        if other.severity > self.severity {
            // The words of the first time do not say what makes it so bad.
            if !other.words.is_empty() {
                let (frame, words) = (other.first.frame, &other.words);
                let _ = write!(self.words, "; in #{frame} {words}");
            }
            self.severity = other.severity;
        }
        if other.is_chosen == Some(true) {
            self.is_chosen = other.is_chosen;
        }
        for frame in other.frames {
            if self.frames.len() < MAX_FRAMES && self.frames.last() != Some(&frame) {
                self.frames.push(frame);
            }
        }
    }

    /// What it takes in memory.
    pub fn cost(&self) -> usize {
        let excerpt = self.excerpt.as_ref();
        size_of::<Self>()
            + self.words.len()
            + MAX_FRAMES * size_of::<u64>()
            + excerpt.map_or(0, |excerpt| excerpt.cost())
    }

    /// Whether a finding of this rule and place is folded into this one: on a connection
    /// by who did it, of datagrams by the rule alone (both are of the same two hosts).
    pub fn takes(&self, place: &Place, rule: &Rule) -> bool {
        self.rule == rule && (place.stream.is_none() || self.place == *place)
    }
}

/// Bytes of a message with their fields.
#[derive(Debug)]
pub struct Excerpt {
    /// Which message it is.
    pub message: &'static MessageType,
    /// The fields of the message.
    pub tree: Tree,
    /// Its first bytes.
    pub bytes: Vec<u8>,
    /// Its length on the wire.
    pub length: u64,
    /// The byte that is wrong, where it is one.
    pub at: Option<u32>,
}

impl Excerpt {
    /// What it takes in memory; the arena of its fields may be twice as large as
    /// they are.
    fn cost(&self) -> usize {
        size_of::<Self>() + self.bytes.len() + 2 * size_of_val(self.tree.nodes())
    }

    /// The excerpt of a message; `None` if it has too many fields to be kept.
    pub fn of(heard: &Heard<'_>, at: Option<u32>) -> Option<Box<Self>> {
        let mut tree = Tree::new();
        if heard.bytes.len() > 4 * MAX_EXCERPT {
            return None;
        }
        heard.dissect(&mut tree);
        if tree.nodes().len() > MAX_FIELDS {
            return None;
        }
        let bytes = heard.bytes[..heard.bytes.len().min(MAX_EXCERPT)].to_vec();
        Some(Box::new(Self {
            message: heard.message_type(),
            tree,
            bytes,
            length: heard.length,
            at,
        }))
    }
}
