//! What there is to say of an event, which has no fields.

use super::document_line::DocumentLine;
use super::layout::FIELD_INDENT;
use crate::tui::line::Line;
use crate::view::Role;
use crate::view::text::{width, wrap};

/// Columns of the names of facts.
const NAME: usize = 11;

/// The lines, in so many columns.
pub(super) fn lines(line: &Line, columns: usize) -> Vec<DocumentLine> {
    let words: String = line.runs.iter().map(|(_, text)| text.as_str()).collect();
    let role = line.runs.first().map_or(Role::Plain, |(role, _)| *role);
    let [from, to] = line.ends;
    let stream = line.stream.map(|stream| ("connection", stream.to_string()));
    let facts = [
        ("event", words),
        ("by", from.to_string()),
        ("to", to.to_string()),
        ("packet", line.stamp.frame.to_string()),
    ];
    let mut lines = Vec::new();
    for (name, value) in facts.into_iter().chain(stream) {
        let role = if name == "event" { role } else { Role::Plain };
        push(&mut lines, columns, name, role, &value);
    }
    let none = "no message: it has no fields and no bytes";
    push(&mut lines, columns, "", Role::Quiet, none);
    lines
}

fn push(lines: &mut Vec<DocumentLine>, columns: usize, name: &str, role: Role, value: &str) {
    let room = columns.saturating_sub(FIELD_INDENT + 1 + NAME + 1);
    let blanks = |count: usize| " ".repeat(count);
    for (row, text) in wrap(value, room.max(1)).enumerate() {
        let name = if row == 0 { name } else { "" };
        let behind = blanks((NAME + 1).saturating_sub(width(name)));
        let label = format!("{}{name}{behind}", blanks(FIELD_INDENT + 1));
        lines.push(DocumentLine {
            runs: vec![(Role::Plain, label), (role, text.to_owned())],
            node: None,
        });
    }
}
