//! Sinks: what is kept while a dissector runs.

use super::field::Field;

/// Where a dissector reports the fields that it reads.
///
/// Offsets count from the first byte of the message. Every method does nothing
/// by default, so that `()` compiles to the plain parser.
pub trait Sink {
    /// A group begins at `start`; every field until its `close` belongs to it.
    fn open(&mut self, label: Label, start: usize) {
        let _ = (label, start);
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
impl Sink for () {}

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
    Group,
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

/// A remark on a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A deviation from the specification that does not stop the decoding.
    Anomaly(&'static str),
    /// The bytes from this offset on violate the layout, and how.
    Malformed(&'static str),
    /// The field goes on for this many bytes that are not in the capture.
    Cut(u64),
    /// A derived fact worth showing beside the value.
    Info(String),
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

    /// Whether node `index` holds no other node.
    pub fn is_leaf(&self, index: usize) -> bool {
        !matches!(self.nodes[index].value, Value::Group)
    }

    /// The fields that hold no other: their spans partition the message.
    pub fn leaves(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !matches!(node.value, Value::Group))
    }

    /// Whether fields were left out because there were too many.
    pub fn is_full(&self) -> bool {
        self.nodes.len() >= MAX_NODES
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
    fn open(&mut self, label: Label, start: usize) {
        let index = self.push(label, start, start, Value::Group);
        self.open.push(index);
    }

    fn close(&mut self, end: usize) {
        if let Some(index) = self.open.pop() {
            self.nodes[index as usize].end = end as u32;
        }
    }

    fn leaf(&mut self, label: Label, start: usize, end: usize, value: Value) {
        // A field of no bytes is dropped unless it carries a value worth a line
        // (an empty text): the partition stays exact either way.
        self.push(label, start, end, value);
    }

    fn note(&mut self, note: Note) {
        self.notes.push((self.last, note));
    }
}
