//! What the field tree and the hex dump have in common: which fields get rows,
//! in which colour, under which name.

use super::document::Document;
use super::options::Medium;
use super::record::{Origin, Record};
use super::style::Role;
use super::text::{width, wrap};
use super::words;
use crate::wire::{Kind, Label, Malformed, Node, Note, Tree, Value};

/// Items of a list that are shown, unless all is asked for.
const MAX_ITEMS: u32 = 8;

/// Levels that are shown by indentation; deeper ones are all at the last.
const MAX_INDENT: usize = 8;

/// The message a dump is made of.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// Its fields.
    pub tree: &'a Tree,
    /// What was kept of its bytes.
    pub bytes: &'a [u8],
    /// All its bytes on the wire.
    pub length: u64,
    /// How many of them (the last ones) are not there.
    pub missing: u64,
    /// Why they are not: `not captured`, `cut off`.
    pub absence: &'static str,
    /// Where and how it breaks its layout.
    pub malformed: Option<Malformed>,
    /// Whether anomalies are told that plain text does not have.
    pub all_anomalies: bool,
}

impl<'a> Message<'a> {
    /// A message of which `tree` has the fields, as `medium` is told of it.
    pub fn of(record: &Record<'a>, tree: &'a Tree, medium: Medium) -> Self {
        Self {
            tree,
            bytes: record.bytes,
            length: record.length,
            missing: record.missing,
            absence: match record.origin {
                Origin::Capture(captured) if captured.unsent == record.missing => "not sent",
                Origin::Capture(_) => "not captured",
                Origin::Log(_) => "not printed",
                Origin::Text(_) | Origin::Made => "cut here",
            },
            malformed: record.malformed,
            all_anomalies: medium == Medium::Terminal,
        }
    }

    /// What a message holds in another form than it was sent: all of it is there.
    pub fn decoded(bytes: &'a [u8], tree: &'a Tree, medium: Medium) -> Self {
        Self {
            tree,
            bytes,
            length: bytes.len() as u64,
            missing: 0,
            absence: "",
            malformed: None,
            all_anomalies: medium == Medium::Terminal,
        }
    }

    /// Whether a note is told beside its field.
    pub fn tells(&self, note: &Note) -> bool {
        match note {
            Note::Anomaly(deviation) if !self.all_anomalies => {
                deviation.anomaly.in_plain_text && deviation.at.is_some()
            }
            _ => true,
        }
    }
}

/// What gets a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The node of this index.
    Node(usize),
    /// The rest of a list.
    Folded {
        /// Depth of its items.
        depth: u16,
        /// How many of them.
        items: u64,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
        /// Its first node, and the one after its last.
        nodes: (usize, usize),
    },
}

/// The rows of a tree, in the order of the bytes.
pub fn rows(tree: &Tree, unfold: bool) -> impl Iterator<Item = Row> {
    let nodes = tree.nodes();
    let mut index = 0;
    std::iter::from_fn(move || {
        nodes.get(index)?;
        if !unfold && let Some((row, after)) = fold(nodes, index) {
            index = after;
            return Some(row);
        }
        index += 1;
        Some(Row::Node(index - 1))
    })
}

/// Folds the items from node `first` on, if they are too many: the row that
/// stands for them, and the index of the node after them.
fn fold(nodes: &[Node], first: usize) -> Option<(Row, usize)> {
    let depth = nodes[first].depth;
    if !matches!(nodes[first].label, Label::Item(MAX_ITEMS.., _)) {
        return None;
    }
    let belongs = |node: &&Node| {
        node.depth > depth || (node.depth == depth && matches!(node.label, Label::Item(..)))
    };
    let (mut items, mut end, mut after) = (0, nodes[first].end, first);
    for node in nodes[first..].iter().take_while(belongs) {
        items += u64::from(node.depth == depth);
        end = end.max(node.end);
        after += 1;
    }
    let start = nodes[first].start;
    let row = Row::Folded {
        depth,
        items,
        start,
        end,
        nodes: (first, after),
    };
    (items > 1).then_some((row, after))
}

/// The notes on node `index`, found without a walk over all of them (a hostile
/// message has as many notes as fields).
pub fn notes_of(tree: &Tree, index: usize) -> impl Iterator<Item = &Note> + Clone {
    let notes = tree.notes();
    let first = notes.partition_point(|(node, _)| (*node as usize) < index);
    notes[first..]
        .iter()
        .take_while(move |(node, _)| *node as usize == index)
        .map(|(_, note)| note)
}

/// What stands for the rest of a list, in words: what is wrong in it is not passed over.
pub fn folded(message: &Message<'_>, items: u64, (first, after): (usize, usize)) -> String {
    let notes = message.tree.notes();
    let before = |index: usize| notes.partition_point(|(node, _)| (*node as usize) < index);
    let hidden = &notes[before(first)..before(after)];
    let is_wrong = |(_, note): &&(u32, Note)| note.is_wrong() && message.tells(note);
    match hidden.iter().filter(is_wrong).count() {
        0 => format!("{items} more items"),
        1 => format!("{items} more items, an anomaly among them"),
        count => format!("{items} more items, {count} anomalies among them"),
    }
}

/// Columns by which a node is indented.
pub fn indent(depth: u16) -> usize {
    2 * usize::from(depth).min(MAX_INDENT)
}

/// Columns that the longest name takes, indentation included.
pub fn label_width(message: &Message<'_>, rows: impl Iterator<Item = Row>) -> usize {
    let mut label = String::new();
    rows.filter_map(|row| match row {
        Row::Node(index) => message.tree.nodes().get(index),
        Row::Folded { .. } => None,
    })
    .map(|node| {
        label.clear();
        words::push_label(&mut label, node.label, message.bytes);
        indent(node.depth) + width(&label)
    })
    .max()
    .unwrap_or(0)
}

/// The colour of a field.
pub fn role(node: &Node) -> Role {
    if matches!(node.value, Value::Group(_)) {
        return Role::Plain;
    }
    match node.label.field().map(|field| field.kind) {
        None if !matches!(node.value, Value::Bytes { .. }) => Role::Number,
        None => Role::Text,
        Some(Kind::Escaped(kind)) => role_of(*kind),
        Some(kind) => role_of(kind),
    }
}

fn role_of(kind: Kind) -> Role {
    match kind {
        Kind::Text | Kind::Group | Kind::List | Kind::Escaped(_) => Role::Text,
        Kind::Framing | Kind::Data => Role::Quiet,
        Kind::Uint(_) | Kind::Int | Kind::Enum(_) => Role::Number,
        Kind::Flags(_) | Kind::Bool => Role::Flag,
        Kind::Hash | Kind::PeerId => Role::Hash,
        Kind::Bytes | Kind::Bitfield => Role::Availability,
        Kind::Address => Role::Address,
        Kind::Unclaimed => Role::Problem,
    }
}

/// What a line is set in that goes on.
const MORE: &str = "    ";

/// What is wrong with the message as a whole: a fault that no note in the tree
/// tells of, and fields that were too many.
pub fn push_faults(document: &mut Document, message: &Message<'_>, columns: usize) {
    let told = |reason: &str| {
        let same = |note: &Note| matches!(note, Note::Malformed(fault) if fault.words == reason);
        message.tree.notes().iter().any(|(_, note)| same(note))
    };
    if let Some(malformed) = message.malformed.filter(|fault| !told(fault.reason())) {
        let reason = malformed.reason();
        let words = format!("malformed: {reason}, at offset {:04x}", malformed.at);
        // Text in a pipe stays in its line.
        let columns = if message.all_anomalies {
            columns.saturating_sub(MORE.len())
        } else {
            usize::MAX
        };
        for (index, line) in wrap(&words, columns).enumerate() {
            document.role(Role::Problem);
            document.push(if index == 0 { "  " } else { MORE });
            document.push(line);
            document.end_line();
        }
    }
    if message.tree.is_full() {
        document.role(Role::Warning);
        document.push("  it has more fields than are kept");
        document.end_line();
    }
}
