//! The field tree (`-V`): a field a line, name and value in words.

use super::document::Document;
use super::dump::{self, Message, Row};
use super::remarks;
use super::style::Role;
use super::text::{width, wrap};
use super::words;
use crate::wire::{Kind, Node, Note, Value};

/// Columns before the names.
const MARGIN_COLUMNS: usize = 4;

/// Limits of the column of names.
const LABEL: std::ops::RangeInclusive<usize> = 13..=28;

/// Columns that a value gets at least.
const MIN_VALUE: usize = 16;

/// Writes the fields of a message, `columns` wide.
pub fn push_tree(document: &mut Document, message: &Message<'_>, columns: usize, unfold: bool) {
    let rows = || dump::rows(message.tree, unfold).filter(|row| is_shown(message, *row));
    let label = dump::label_width(message, rows()).clamp(*LABEL.start(), *LABEL.end());
    let value = columns
        .saturating_sub(MARGIN_COLUMNS + label + 2)
        .max(MIN_VALUE);
    let mut writer = Writer {
        document,
        message,
        columns: [label, value],
        unfold,
        label: String::new(),
        value: String::new(),
    };
    for row in rows() {
        match row {
            Row::Node(index) => writer.node(index),
            Row::Folded {
                depth,
                items,
                nodes,
                ..
            } => writer.folded(depth, items, nodes),
        }
    }
    document.subject(None);
    dump::push_faults(document, message, columns);
}

/// The punctuation of a bencoded value is for the hex dump, unless there is something
/// to be told of it: what a dictionary lacks stands at its end.
fn is_shown(message: &Message<'_>, row: Row) -> bool {
    let Row::Node(index) = row else { return true };
    let is_punctuation = |node: &Node| {
        let kind = node.label.field().map(|field| field.kind);
        matches!(kind, Some(Kind::Framing)) && matches!(node.value, Value::Bytes { .. })
    };
    let is_told = |note: &Note| note.is_wrong() && message.tells(note);
    !message.tree.nodes().get(index).is_some_and(is_punctuation)
        || dump::notes_of(message.tree, index).any(is_told)
}

struct Writer<'a> {
    document: &'a mut Document,
    message: &'a Message<'a>,
    /// Widths of name and value.
    columns: [usize; 2],
    unfold: bool,
    label: String,
    value: String,
}

impl Writer<'_> {
    fn node(&mut self, index: usize) {
        self.document.subject(Some(index));
        let node = &self.message.tree.nodes()[index];
        let notes = dump::notes_of(self.message.tree, index);
        self.label.clear();
        words::push_label(&mut self.label, node.label, self.message.bytes);
        self.value.clear();
        let bytes = self.message.bytes;
        words::push_value(&mut self.value, node, bytes, notes.clone(), self.unfold);
        self.lines(dump::indent(node.depth), dump::role(node));
        for note in notes.filter(|note| self.message.tells(note)) {
            self.value.clear();
            let remark = remarks::push_remark(&mut self.value, note, self.message.bytes);
            if let Some(is_fault) = remark {
                self.label.clear();
                self.lines(
                    0,
                    if is_fault {
                        Role::Problem
                    } else {
                        Role::Warning
                    },
                );
            }
        }
    }

    fn folded(&mut self, depth: u16, items: u64, nodes: (usize, usize)) {
        // It stands for all of them, the first to begin with.
        self.document.subject(Some(nodes.0));
        self.label.clear();
        self.label.push('…');
        self.value = dump::folded(self.message, items, nodes);
        self.lines(dump::indent(depth), Role::Quiet);
    }

    /// Writes name and value side by side, each wrapped in its column.
    fn lines(&mut self, indent: usize, role: Role) {
        let [label_width, value_width] = self.columns;
        let mut labels = wrap(&self.label, label_width.saturating_sub(indent));
        let mut values = wrap(&self.value, value_width);
        loop {
            let (label, value) = (labels.next(), values.next());
            if label.is_none() && value.is_none() {
                return;
            }
            let label = label.unwrap_or_default();
            self.document.spaces(MARGIN_COLUMNS + indent);
            self.document.push(label);
            if let Some(value) = value {
                let used = indent + width(label);
                self.document.spaces((label_width + 2).saturating_sub(used));
                self.document.role(role);
                self.document.push(value);
            }
            self.document.end_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Tree, dht};

    #[test]
    fn what_is_wrong_within_a_folded_list_is_counted() {
        // Twelve peers; the length of the tenth has a zero in front.
        let peers = (0..12_u8).flat_map(|peer| {
            let length: &[u8] = if peer == 9 { b"06:" } else { b"6:" };
            [length, &[8, 8, 8, peer, 0x1a, 0xe1]].concat()
        });
        let mut bytes = b"d1:rd2:id20:IIIIIIIIIIIIIIIIIIII6:valuesl".to_vec();
        bytes.extend(peers);
        bytes.extend(b"ee1:t2:aa1:y1:re");
        let mut tree = Tree::new();
        dht::dissect(&bytes, bytes.len(), None, &mut tree);
        let message = Message::decoded(&bytes, &tree, crate::view::Medium::Terminal);
        let mut document = Document::new(true);
        push_tree(&mut document, &message, 80, false);
        let line = document
            .text()
            .lines()
            .find(|line| line.contains("more items"));
        let line = line.expect("it is folded");
        assert!(
            line.ends_with("4 more items, an anomaly among them"),
            "{line}"
        );
    }
}
