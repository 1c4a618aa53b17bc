//! The pane of the fields, and the line that says what the selected one means.

use super::canvas::{Canvas, pointer};
use super::ink::{Mark, Pen};
use crate::tui::model::{Area, DocumentLine, FIELD_INDENT, Model, Pane, field_columns};
use crate::view::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, model: &mut Model, area: Area) {
    if area.is_empty() {
        return;
    }
    let has_focus = model.focus == Pane::Fields;
    let words = title(model);
    canvas.heading(model, Pane::Fields, area, &words);
    let (unfold, mut top) = (model.unfold, model.tops[0]);
    let Some(detail) = &mut model.detail else {
        return;
    };
    let selected = detail.node;
    let lines = detail.fields(field_columns(area.width), unfold);
    let place = place_of(lines, selected);
    let rows = area.height.saturating_sub(1);
    top = scrolled(top, place, lines.len(), rows);
    for (row, line) in (1..=rows).zip(lines.iter().skip(top as usize)) {
        let is_selected = line.node.is_some() && line.node == place.map(|(_, node)| node);
        let mut pen = canvas.pen(area, row);
        pen.put(Role::Label, pointer(is_selected));
        runs(&mut pen, line, FIELD_INDENT);
        pen.mark(area, Mark::of(is_selected, has_focus));
    }
    model.tops[0] = top;
}

fn title(model: &Model) -> String {
    let Some(detail) = &model.detail else {
        return String::new();
    };
    let name = detail.message_type.map_or("event", |message| message.name);
    format!("of #{}, {name}", detail.line.stamp.frame)
}

/// Writes the runs of a line, without the first `indent` blanks.
pub fn runs(pen: &mut Pen<'_>, line: &DocumentLine, mut indent: usize) {
    for (role, text) in &line.runs {
        let blanks = text.len() - text.trim_start_matches(' ').len();
        let cut = blanks.min(indent);
        indent = if cut == text.len() { indent - cut } else { 0 };
        pen.put(*role, &text[cut..]);
    }
}

/// The first line about a node, or about the last one before it that has a line;
/// and the node that it is about.
pub fn place_of(lines: &[DocumentLine], node: usize) -> Option<(u64, usize)> {
    let shown = lines.iter().filter_map(|line| line.node);
    let nearest = shown.filter(|shown| *shown <= node).max()?;
    let first = lines.iter().position(|line| line.node == Some(nearest))?;
    Some((first as u64, nearest))
}

/// The first line that is shown, so that what is selected is among those shown.
pub fn scrolled(top: u64, place: Option<(u64, usize)>, count: usize, rows: u16) -> u64 {
    let rows = u64::from(rows.max(1));
    let place = place.map_or(0, |(place, _)| place);
    let top = top.clamp((place + 1).saturating_sub(rows), place);
    top.min((count as u64).saturating_sub(rows))
}

/// Draws what the selected field means.
pub fn meaning(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let Some(meaning) = model.meaning() else {
        return;
    };
    let last = meaning.rows.len().saturating_sub(1);
    for (row, text) in meaning.rows.iter().enumerate() {
        let mut pen = canvas.pen(area, row as u16);
        let mut rest = text.as_str();
        if row == 0 {
            for (role, part) in [
                (Role::Label, meaning.name.as_str()),
                (Role::Quiet, meaning.span.as_str()),
            ] {
                if let Some(behind) = rest.strip_prefix(part) {
                    pen.put(role, part);
                    rest = behind;
                }
            }
        }
        pen.put(Role::Plain, rest);
        if row == last {
            pen.to((area.x + area.width).saturating_sub(meaning.bep.len() as u16));
            pen.put(Role::Label, &meaning.bep);
        }
    }
}
