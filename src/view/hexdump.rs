//! The annotated hex dump (`-x`): every field on its own rows, with its offset
//! within the message, its bytes, its name and its value. No byte is without a
//! name; long runs are folded, with a count.

use super::document::Document;
use super::dump::{self, Message, Row};
use super::remarks;
use super::style::Role;
use super::text::{width, wrap};
use super::words;
use crate::wire::span::slice;
use crate::wire::words::Count;
use crate::wire::{Kind, Label, Node};

/// Columns before the offset, and between columns.
const MARGIN_COLUMNS: usize = 2;

/// Limits of the column of names.
const LABEL: std::ops::RangeInclusive<usize> = 13..=24;

/// Bytes a row: the largest that leaves the value room, else the last.
const PER_ROW: [usize; 5] = [16, 14, 12, 10, 8];

/// Columns that a value should have.
const VALUE_COLUMNS: usize = 20;

/// Columns that a value has in the narrowest window.
const MIN_VALUE: usize = 8;

/// Rows that a folded field shows.
const FOLDED_ROWS: usize = 2;

/// Rows that a field may have without being folded: a v2 hash has three of 12
/// bytes.
const MAX_ROWS: usize = 4;

/// Writes the annotated bytes of a message, `columns` wide.
pub fn push_dump(document: &mut Document, message: &Message<'_>, columns: usize, unfold: bool) {
    let rows = || dump::rows(message.tree, unfold);
    let mut writer = Writer {
        document,
        message,
        layout: Layout::new(columns, message.length, dump::label_width(message, rows())),
        unfold,
        label: String::new(),
        value: String::new(),
    };
    for row in rows() {
        writer.row(row);
    }
    document.subject(None);
    dump::push_faults(document, message, columns);
}

/// Rows of an excerpt at most.
const EXCERPT_ROWS: usize = 8;

/// Writes those annotated bytes of a message that matter: all of a short one, of a
/// long one the field at `at` and those before it.
pub fn push_excerpt(
    document: &mut Document,
    message: &Message<'_>,
    columns: usize,
    at: Option<u32>,
) {
    let all: Vec<Row> = dump::rows(message.tree, false).collect();
    let at = at.unwrap_or(0);
    let is_behind = |row: &Row| match row {
        Row::Node(index) => message.tree.nodes()[*index].start > at,
        Row::Folded { start, .. } => *start > at,
    };
    let behind = all.iter().position(is_behind).unwrap_or(all.len());
    let end = behind.max(EXCERPT_ROWS.min(all.len()));
    let shown = &all[end.saturating_sub(EXCERPT_ROWS)..end];
    let label = dump::label_width(message, shown.iter().copied());
    let mut writer = Writer {
        layout: Layout::new(columns, message.length, label),
        document,
        message,
        unfold: false,
        label: String::new(),
        value: String::new(),
    };
    for row in shown {
        writer.row(*row);
    }
    document.subject(None);
    let more = all.len() - shown.len();
    if more > 0 {
        document.role(Role::Quiet);
        document.push_display(format_args!("  … {}", Count(more as u64, "more field")));
        document.end_line();
    }
}

/// Widths of the columns.
#[derive(Debug, Clone, Copy)]
struct Layout {
    offset_digits: usize,
    per_row: usize,
    label: usize,
    value: usize,
}

impl Layout {
    fn new(columns: usize, length: u64, longest_label: usize) -> Self {
        let offset_digits = match length {
            0..=0xffff => 4,
            0x1_0000..=0xff_ffff => 6,
            _ => 8,
        };
        let most = (columns / 4).clamp(*LABEL.start(), *LABEL.end());
        let label = longest_label.clamp(*LABEL.start(), most);
        let value_beside = |per_row: usize| {
            let others = MARGIN_COLUMNS
                + offset_digits
                + MARGIN_COLUMNS
                + hex_width(per_row)
                + MARGIN_COLUMNS
                + label;
            columns.saturating_sub(others + MARGIN_COLUMNS)
        };
        let fits = |per_row: &usize| value_beside(*per_row) >= VALUE_COLUMNS;
        let narrowest = PER_ROW[PER_ROW.len() - 1];
        let per_row = PER_ROW.into_iter().find(fits).unwrap_or(narrowest);
        Self {
            offset_digits,
            per_row,
            label,
            value: value_beside(per_row).max(MIN_VALUE),
        }
    }
}

const fn hex_width(bytes: usize) -> usize {
    3 * bytes - 1
}

/// One line of the hex column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left<'a> {
    Bytes(usize, &'a [u8]),
    /// Bytes that are not shown, the first at this offset.
    More(usize, usize),
    /// Bytes that are not there, the first at this offset.
    Missing(usize, usize),
}

/// The hex column of a span: rows of bytes, then what is not shown, then what is
/// not there.
fn left_lines<'a>(
    message: &Message<'a>,
    start: u32,
    end: u32,
    per_row: usize,
    max_rows: Option<usize>,
) -> impl Iterator<Item = Left<'a>> + use<'a> {
    let (start, end) = (start as usize, end as usize);
    let kept = slice(message.bytes, start as u32, end as u32);
    let captured = usize::try_from(message.length.saturating_sub(message.missing));
    let captured = captured.unwrap_or(usize::MAX).clamp(start, end.max(start));
    let captured = captured.max(start + kept.len());
    let shown = match max_rows {
        Some(rows) if kept.len() > rows * per_row || captured - start > kept.len() => {
            kept.len().min(FOLDED_ROWS.min(rows) * per_row)
        }
        _ => kept.len(),
    };
    let rows = kept[..shown].chunks(per_row).enumerate();
    let rows = rows.map(move |(row, bytes)| Left::Bytes(start + row * per_row, bytes));
    let more = captured - start - shown;
    let more = (more > 0).then_some(Left::More(start + shown, more));
    let missing = end.saturating_sub(captured);
    let missing = (missing > 0).then_some(Left::Missing(captured, missing));
    rows.chain(more).chain(missing)
}

struct Writer<'a> {
    document: &'a mut Document,
    message: &'a Message<'a>,
    layout: Layout,
    unfold: bool,
    label: String,
    value: String,
}

impl Writer<'_> {
    fn row(&mut self, row: Row) {
        match row {
            Row::Node(index) => self.node(index),
            Row::Folded {
                depth,
                items,
                start,
                end,
                nodes,
            } => {
                self.document.subject(None);
                self.label.clear();
                self.label.push('…');
                self.value = dump::folded(self.message, items, nodes);
                let indent = dump::indent(depth);
                self.lines(indent, Role::Quiet, Some((start, end)), Some(0));
            }
        }
    }

    fn node(&mut self, index: usize) {
        self.document.subject(Some(index));
        let node = &self.message.tree.nodes()[index];
        let notes = dump::notes_of(self.message.tree, index);
        self.label.clear();
        words::push_label(&mut self.label, node.label, self.message.bytes);
        self.value.clear();
        if !repeats_the_hex(node) {
            let bytes = self.message.bytes;
            words::push_value(&mut self.value, node, bytes, notes.clone(), self.unfold);
        }
        let span = self
            .message
            .tree
            .is_leaf(index)
            .then_some((node.start, node.end));
        let is_bulk = matches!(node.label.field().map(|field| field.kind), Some(Kind::Data));
        let max_rows = if is_bulk { FOLDED_ROWS } else { MAX_ROWS };
        let max_rows = (!self.unfold).then_some(max_rows);
        self.lines(dump::indent(node.depth), dump::role(node), span, max_rows);
        for note in notes.filter(|note| self.message.tells(note)) {
            self.value.clear();
            let remark = remarks::push_remark(&mut self.value, note, self.message.bytes);
            if let Some(is_fault) = remark {
                self.remark(if is_fault {
                    Role::Problem
                } else {
                    Role::Warning
                });
            }
        }
    }

    /// Writes hex, name and value side by side, each wrapped in its column.
    fn lines(
        &mut self,
        indent: usize,
        role: Role,
        span: Option<(u32, u32)>,
        max_rows: Option<usize>,
    ) {
        let layout = self.layout;
        let (start, end) = span.unwrap_or_default();
        let mut lefts = left_lines(self.message, start, end, layout.per_row, max_rows);
        let mut labels = wrap(&self.label, layout.label.saturating_sub(indent));
        let mut values = wrap(&self.value, layout.value);
        loop {
            let (left, label, value) = (lefts.next(), labels.next(), values.next());
            if left.is_none() && label.is_none() && value.is_none() {
                return;
            }
            let used = push_left(self.document, self.message, layout, role, left);
            if label.is_some() || value.is_some() {
                let label = label.unwrap_or_default();
                self.document.role(Role::Plain);
                self.document
                    .spaces(left_width(layout).saturating_sub(used).max(1) + indent);
                self.document.push(label);
                if let Some(value) = value {
                    let used = indent + width(label);
                    self.document
                        .spaces((layout.label + MARGIN_COLUMNS).saturating_sub(used));
                    self.document.role(role);
                    self.document.push(value);
                }
            }
            self.document.end_line();
        }
    }

    /// Writes a remark under name and value, over both their columns.
    fn remark(&mut self, role: Role) {
        let layout = self.layout;
        let room = layout.label + MARGIN_COLUMNS + layout.value;
        for line in wrap(&self.value, room) {
            self.document.spaces(left_width(layout));
            self.document.role(role);
            self.document.push(line);
            self.document.end_line();
        }
    }
}

/// Whether the value would say what the hex does: one hash of many.
fn repeats_the_hex(node: &Node) -> bool {
    matches!(node.label, Label::Item(_, field) if matches!(field.kind, Kind::Hash | Kind::Bytes))
}

/// Columns before the names.
fn left_width(layout: Layout) -> usize {
    MARGIN_COLUMNS
        + layout.offset_digits
        + MARGIN_COLUMNS
        + hex_width(layout.per_row)
        + MARGIN_COLUMNS
}

/// Writes offset and hex; gives the columns used.
fn push_left(
    document: &mut Document,
    message: &Message<'_>,
    layout: Layout,
    role: Role,
    left: Option<Left<'_>>,
) -> usize {
    let Some(left) = left else { return 0 };
    let (Left::Bytes(at, _) | Left::More(at, _) | Left::Missing(at, _)) = left;
    let digits = layout.offset_digits;
    document.role(Role::Quiet);
    document.push_display(format_args!("  {at:0digits$x}  "));
    let text = match left {
        Left::Bytes(_, bytes) => {
            document.role(role);
            push_hex_row(document.buffer(), bytes);
            return MARGIN_COLUMNS + digits + MARGIN_COLUMNS + hex_width(bytes.len());
        }
        Left::More(_, count) => format!("… {count} more bytes"),
        Left::Missing(_, count) => {
            document.role(Role::Problem);
            format!("{count} bytes {}", message.absence)
        }
    };
    document.push(&text);
    MARGIN_COLUMNS + digits + MARGIN_COLUMNS + width(&text)
}

fn push_hex_row(out: &mut String, bytes: &[u8]) {
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        super::number::push_hex(out, &[*byte]);
    }
}

#[cfg(test)]
mod tests;
