//! The message that is selected: its fields and bytes, and which field is meant.

use std::io;

use super::document_line::DocumentLine;
use super::happened;
use crate::tui::line::{Line, Lines};
use crate::tui::spool::{Item, Reader};
use crate::view::dump::Message;
use crate::view::hexdump::push_dump;
use crate::view::tree::push_tree;
use crate::view::{Document, Medium, Role, with_record};
use crate::wire::{Malformed, MessageType, Node, Tree};

/// What decides how the lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Looks {
    columns: usize,
    unfold: bool,
}

/// A message with all that is shown of it.
#[derive(Debug)]
pub struct Detail {
    /// Its number.
    pub number: u64,
    /// Its line.
    pub line: Line,
    /// What it is, as the catalogue lists it; `None` for an event.
    pub message_type: Option<&'static MessageType>,
    /// Its fields.
    pub tree: Tree,
    /// What there is of its bytes.
    pub bytes: Vec<u8>,
    /// Its length on the wire.
    pub length: u64,
    /// The node of the field that is selected.
    pub node: usize,
    missing: u64,
    absence: &'static str,
    malformed: Option<Malformed>,
    /// What it holds in another form: the bytes and their fields.
    decoded: Option<(Vec<u8>, Tree)>,
    fields: Option<(Looks, Vec<DocumentLine>)>,
    dump: Option<(Looks, Vec<DocumentLine>)>,
}

impl Detail {
    /// Reads a message from the spool.
    pub fn read(reader: &mut Reader, lines: &mut Lines, number: u64) -> io::Result<Self> {
        reader.with(number, |item| {
            let line = lines.line(item);
            let mut detail = Self {
                number,
                line,
                message_type: None,
                tree: Tree::new(),
                bytes: Vec::new(),
                length: 0,
                node: 0,
                missing: 0,
                absence: "",
                malformed: None,
                decoded: None,
                fields: None,
                dump: None,
            };
            let Item::Message(heard) = item else {
                return detail;
            };
            heard.dissect(&mut detail.tree);
            let mut decoded = Tree::new();
            let body = heard.dissect_decoded(&mut decoded);
            detail.decoded = body.map(|body| (body, decoded));
            detail.message_type = Some(heard.message_type());
            detail.bytes = heard.bytes.to_vec();
            detail.length = heard.length;
            with_record(heard, false, |record| {
                let message = Message::of(record, &detail.tree, Medium::Terminal);
                (detail.missing, detail.absence) = (message.missing, message.absence);
                detail.malformed = message.malformed;
            });
            detail.node = telling_leaf(&detail.tree);
            detail
        })
    }

    /// The field that is selected.
    pub fn selected(&self) -> Option<&Node> {
        self.tree.nodes().get(self.node)
    }

    /// The bytes of the field that is selected.
    pub fn span(&self) -> (usize, usize) {
        let span = |node: &Node| (node.start as usize, node.end as usize);
        self.selected().map_or((0, 0), span)
    }

    /// Its fields, a line each, in so many columns.
    pub fn fields(&mut self, columns: usize, unfold: bool) -> &[DocumentLine] {
        let looks = Looks { columns, unfold };
        if self.fields.as_ref().is_none_or(|(made, _)| *made != looks) {
            let mut document = Document::new(true);
            let mut lines = if self.message_type.is_none() {
                happened::lines(&self.line, columns)
            } else {
                push_tree(&mut document, &self.message(), columns, unfold);
                owned(&document)
            };
            if let Some((bytes, tree)) = &self.decoded {
                document.clear();
                document.role(Role::Quiet);
                document.push("  the decoded body");
                document.end_line();
                let message = Message::decoded(bytes, tree, Medium::Terminal);
                push_tree(&mut document, &message, columns, unfold);
                lines.extend(
                    owned(&document)
                        .into_iter()
                        .map(|line| DocumentLine { node: None, ..line }),
                );
            }
            self.fields = Some((looks, lines));
        }
        self.fields.as_ref().map_or(&[], |(_, lines)| lines)
    }

    /// Its bytes with their meaning, in so many columns.
    pub fn dump(&mut self, columns: usize, unfold: bool) -> &[DocumentLine] {
        let looks = Looks { columns, unfold };
        if self.dump.as_ref().is_none_or(|(made, _)| *made != looks) {
            let mut document = Document::new(true);
            push_dump(&mut document, &self.message(), columns, unfold);
            self.dump = Some((looks, owned(&document)));
        }
        self.dump.as_ref().map_or(&[], |(_, lines)| lines)
    }

    /// The nodes that have a line among the fields, in their order.
    pub fn rows(&mut self, unfold: bool) -> Vec<usize> {
        let columns = self.fields.as_ref().map_or(80, |(made, _)| made.columns);
        let mut rows: Vec<usize> = self
            .fields(columns, unfold)
            .iter()
            .filter_map(|line| line.node)
            .collect();
        rows.dedup();
        rows
    }

    /// The leaf that a byte belongs to.
    pub fn leaf_at(&self, byte: usize) -> Option<usize> {
        let mut leaves = self.tree.leaves();
        let holds = |node: &Node| (node.start as usize..node.end as usize).contains(&byte);
        leaves.find(|(_, node)| holds(node)).map(|(node, _)| node)
    }

    /// The leaves with bytes, in the order of the bytes.
    pub fn leaves(&self) -> Vec<usize> {
        let leaves = self.tree.leaves().filter(|(_, node)| node.end > node.start);
        leaves.map(|(node, _)| node).collect()
    }

    fn message(&self) -> Message<'_> {
        Message {
            tree: &self.tree,
            bytes: &self.bytes,
            length: self.length,
            missing: self.missing,
            absence: self.absence,
            malformed: self.malformed,
            all_anomalies: true,
        }
    }
}

/// The field to begin with: the first with which something is wrong, or else the first.
fn telling_leaf(tree: &Tree) -> usize {
    let mut wrong = tree.notes().iter().filter(|(_, note)| note.is_wrong());
    let leaf = wrong.find_map(|(node, _)| {
        let node = *node as usize;
        tree.is_leaf(node).then_some(node)
    });
    leaf.unwrap_or_else(|| tree.leaves().next().map_or(0, |(node, _)| node))
}

fn owned(document: &Document) -> Vec<DocumentLine> {
    let lines = document.lines().map(|line| DocumentLine {
        runs: line
            .runs()
            .map(|(role, text)| (role, text.to_owned()))
            .collect(),
        node: line.subject,
    });
    lines.collect()
}
