//! Sinks: what is kept while a dissector runs.

use super::anomaly::{Anomaly, Deviation};
use super::extension::ExtensionName;
use super::field::{Field, Kind};

/// Where a dissector reports the fields that it reads.
///
/// Offsets count from the first byte of the message. Every method does nothing
/// by default. What a sink does not want, a dissector need not find out:
/// `()` compiles to the plain parser.
pub trait Sink {
    /// Whether it keeps fields: `open`, `close` and `leaf` are not called for
    /// nothing.
    const FIELDS: bool = true;

    /// Whether it keeps notes: rules that only lead to a note are checked for
    /// such sinks alone.
    const NOTES: bool = true;

    /// A group begins at `start`; every field until its `close` belongs to it.
    fn open(&mut self, label: Label, start: usize, group: Group) {
        let _ = (label, start, group);
    }
    /// The innermost open group ends before `end`.
    fn close(&mut self, end: usize) {
        let _ = end;
    }
    /// A field covers the bytes `start..end`.
    fn leaf(&mut self, label: Label, start: usize, end: usize, value: Value) {
        let _ = (label, start, end, value);
    }
    /// Something about the field reported (or the group opened) last.
    fn note(&mut self, note: Note) {
        let _ = note;
    }
}

/// Keeps nothing.
impl Sink for () {
    const FIELDS: bool = false;
    const NOTES: bool = false;
}

/// The name of a field.
#[derive(Debug, Clone, Copy)]
pub enum Label {
    /// From a field table.
    Field(&'static Field),
    /// A dictionary key: the span of its text within the message, and the field
    /// table's entry when the key is a known one.
    Key {
        /// First byte of the key's text (after its `n:`).
        start: u32,
        /// One past its last byte.
        end: u32,
        /// The known field of that name.
        field: Option<&'static Field>,
    },
    /// An item of a list, counted from 0, which reads as `field` says.
    Item(u32, &'static Field),
}

impl Label {
    fn is(self, field: &'static Field) -> bool {
        matches!(self, Self::Field(own) if std::ptr::eq(own, field))
    }

    /// The field table's entry, if the name is a known one.
    pub fn field(self) -> Option<&'static Field> {
        match self {
            Self::Field(field) | Self::Item(_, field) => Some(field),
            Self::Key { field, .. } => field,
        }
    }
}

/// The value of a field. Bytes are given as a span of the message so that a
/// tree borrows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A group: its value is its members.
    Group(Group),
    /// An unsigned integer.
    Uint(u64),
    /// A signed integer.
    Int(i64),
    /// Bytes (or text) `start..end` of the message; may be shorter than the
    /// field, which can hold a length prefix too.
    Bytes {
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
}

/// What holds other fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Fields of one sort in a row.
    List,
    /// Keys of the sender's, each with a value.
    Dictionary,
    /// Fields of a layout.
    Record,
}

/// A remark on a field: data, which a view puts into words.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A deviation from the specification that does not stop the decoding.
    Anomaly(Deviation),
    /// The bytes of the field violate the layout, and how.
    Malformed(&'static Anomaly),
    /// The field goes on for this many bytes that are not in the capture.
    Cut(u64),
    /// A derived fact worth showing beside the value.
    Fact(Fact),
}

impl Note {
    /// Whether the bytes depart from the specification, in whichever way.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Self::Anomaly(_) | Self::Malformed(_))
    }
}

/// A fact that is derived from a field. Spans are of the message.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The extension that an id stands for.
    Extension {
        /// Its name.
        name: ExtensionName,
        /// It is a guess by the content.
        is_guess: bool,
    },
    /// A body of HTTP holds another one.
    Decoded {
        /// Name of its encoding; `None` if it came in chunks only.
        encoding: Option<(u32, u32)>,
        /// Length of what it holds.
        length: u64,
    },
    /// A body of HTTP in an encoding that is not decoded.
    NotDecoded,
    /// How many addresses a bloom filter holds, about.
    Estimate {
        /// So many.
        addresses: f64,
        /// The filter is full: or more.
        is_full: bool,
    },
    /// Two letters of a client, and its version.
    Client {
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// What an error code means.
    Meaning(&'static str),
    /// The packets that a selective ACK says have arrived.
    Arrived {
        /// First byte of the bits.
        start: u32,
        /// One past the last byte.
        end: u32,
        /// The number that the bits count from.
        ack_nr: u16,
    },
}

/// One field of a [`Tree`].
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name.
    pub label: Label,
    /// First byte, counted from the start of the message.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// How many groups it is in.
    pub depth: u16,
    /// Its value.
    pub value: Value,
}

/// Keeps all fields of one message, in an arena that is reused: pre-order, each
/// node with its depth. Holds no reference to the message.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    notes: Vec<(u32, Note)>,
    open: Vec<u32>,
    /// The node that a note belongs to.
    last: u32,
}

/// More fields than this of one message are not kept: a hostile message can
/// hold one bencoded value every two bytes.
pub const MAX_NODES: usize = 1 << 18;

/// In the stack of open groups: one that is not kept.
const NO_NODE: u32 = u32::MAX;

pub(super) static NOT_SHOWN: Field = Field::new(
    "too_many_fields",
    Kind::Unclaimed,
    "The rest of a message with more fields than are told apart.",
);

impl Tree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the fields and keeps the memory.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.notes.clear();
        self.open.clear();
        self.last = 0;
    }

    /// All fields, in the order of the bytes, groups before their members.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The remarks, each with the index of its node.
    pub fn notes(&self) -> &[(u32, Note)] {
        &self.notes
    }

    /// The remarks on node `index`.
    pub fn notes_of(&self, index: usize) -> impl Iterator<Item = &Note> {
        self.notes
            .iter()
            .filter(move |(node, _)| *node as usize == index)
            .map(|(_, note)| note)
    }

    /// Drops the remarks for which `is` holds.
    pub fn forget_notes(&mut self, is: impl Fn(&Note) -> bool) {
        self.notes.retain(|(_, note)| !is(note));
    }

    /// What departs from the specification without stopping the decoding.
    pub fn deviations(&self) -> impl Iterator<Item = &Deviation> {
        self.notes.iter().filter_map(|(_, note)| match note {
            Note::Anomaly(deviation) => Some(deviation),
            _ => None,
        })
    }

    /// Whether node `index` holds no other node.
    pub fn is_leaf(&self, index: usize) -> bool {
        !matches!(self.nodes[index].value, Value::Group(_))
    }

    /// The fields that hold no other: their spans partition the message.
    pub fn leaves(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !matches!(node.value, Value::Group(_)))
    }

    /// Whether fields were left out because there were too many.
    pub fn is_full(&self) -> bool {
        self.nodes.len() >= MAX_NODES
    }

    /// Beyond [`MAX_NODES`] all fields are told as one.
    fn overflow(&mut self, start: usize, end: usize) {
        let beyond = Label::Field(&NOT_SHOWN);
        match self.nodes.last_mut() {
            Some(node) if node.label.is(&NOT_SHOWN) => node.end = end as u32,
            _ => {
                let span = (start as u32, end as u32);
                let value = Value::Bytes {
                    start: span.0,
                    end: span.1,
                };
                self.push(beyond, start, end, value);
            }
        }
    }

    fn push(&mut self, label: Label, start: usize, end: usize, value: Value) -> u32 {
        let index = self.nodes.len() as u32;
        self.nodes.push(Node {
            label,
            start: start as u32,
            end: end as u32,
            depth: self.open.len() as u16,
            value,
        });
        self.last = index;
        index
    }
}

impl Sink for Tree {
    fn open(&mut self, label: Label, start: usize, group: Group) {
        let index = if self.is_full() {
            NO_NODE
        } else {
            self.push(label, start, start, Value::Group(group))
        };
        self.open.push(index);
    }

    fn close(&mut self, end: usize) {
        let group = self.open.pop().unwrap_or(NO_NODE);
        if let Some(node) = self.nodes.get_mut(group as usize) {
            node.end = end as u32;
        }
    }

    fn leaf(&mut self, label: Label, start: usize, end: usize, value: Value) {
        if self.is_full() {
            self.overflow(start, end);
        } else {
            self.push(label, start, end, value);
        }
    }

    fn note(&mut self, note: Note) {
        if self.notes.len() < MAX_NODES {
            self.notes.push((self.last, note));
        }
    }
}

/// Deviations of one message that [`Deviations`] keeps.
pub const MAX_DEVIATIONS: usize = 64;

/// Keeps only what departs from the specification: the sink for rules that run
/// over every message. Its memory is reused.
#[derive(Debug, Default)]
pub struct Deviations {
    list: Vec<Deviation>,
    left_out: u64,
}

impl Deviations {
    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets them and keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.left_out = 0;
    }

    /// Those found, in the order of the bytes as far as they have a place.
    pub fn list(&self) -> &[Deviation] {
        &self.list
    }

    /// How many more there were than are kept.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Adds one.
    pub fn push(&mut self, deviation: Deviation) {
        if self.list.len() < MAX_DEVIATIONS {
            self.list.push(deviation);
        } else {
            self.left_out += 1;
        }
    }
}

impl Sink for Deviations {
    const FIELDS: bool = false;

    fn note(&mut self, note: Note) {
        if let Note::Anomaly(deviation) = note {
            self.push(deviation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FIELD: Field = Field::new("field", Kind::Int, "");

    #[test]
    fn too_many_fields_still_partition() {
        let mut tree = Tree::new();
        let count = MAX_NODES + 10;
        for at in 0..count {
            tree.open(Label::Field(&FIELD), at, Group::Record);
            tree.leaf(Label::Field(&FIELD), at, at + 1, Value::Uint(0));
            tree.close(at + 1);
        }
        assert!(tree.nodes().len() <= MAX_NODES + 1);
        let mut at = 0;
        for (_, node) in tree.leaves() {
            assert_eq!(node.start, at);
            at = node.end;
        }
        assert_eq!(at as usize, count);
    }
}
