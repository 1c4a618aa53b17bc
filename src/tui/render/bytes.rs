//! The pane of the bytes: each field on its own rows with its name where there is
//! room, else bytes in rows, the selected field marked.

use super::canvas::{Canvas, pointer};
use super::fields::{place_of, runs, scrolled};
use super::ink::Mark;
use crate::tui::model::{Area, Detail, Model, Pane, Rows};
use crate::view::Role;
use crate::view::dump;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, model: &mut Model, area: Area) {
    if area.is_empty() {
        return;
    }
    let words = title(model);
    canvas.heading(model, Pane::Bytes, area, &words);
    match model.rows_of_bytes() {
        Some(rows) => in_rows(canvas, model, area, rows),
        None => named(canvas, model, area),
    }
}

fn title(model: &Model) -> String {
    let Some(detail) = &model.detail else {
        return String::new();
    };
    let (start, end) = detail.span();
    if end > start {
        format!("{start:04x}-{:04x} of {}", end - 1, detail.length)
    } else {
        detail.length.to_string()
    }
}

/// As `-x` shows them.
fn named(canvas: &mut Canvas<'_>, model: &mut Model, area: Area) {
    let has_focus = model.focus == Pane::Bytes;
    let (unfold, mut top) = (model.unfold, model.tops[1]);
    let Some(detail) = &mut model.detail else {
        return;
    };
    let selected = detail.node;
    let lines = detail.dump(usize::from(area.width), unfold);
    let place = place_of(lines, selected);
    let height = area.height.saturating_sub(1);
    top = scrolled(top, place, lines.len(), height);
    for (row, line) in (1..=height).zip(lines.iter().skip(top as usize)) {
        let is_selected = line.node.is_some() && line.node == place.map(|(_, node)| node);
        let mut pen = canvas.pen(area, row);
        pen.put(Role::Label, pointer(is_selected));
        runs(&mut pen, line, 1);
        pen.mark(area, Mark::of(is_selected, has_focus));
    }
    model.tops[1] = top;
}

/// Offset, digits, characters.
fn in_rows(canvas: &mut Canvas<'_>, model: &mut Model, area: Area, rows: Rows) {
    let has_focus = model.focus == Pane::Bytes;
    let Some(detail) = &model.detail else {
        return;
    };
    let (start, end) = detail.span();
    let count = detail.bytes.len().div_ceil(rows.per_row);
    let height = area.height.saturating_sub(1);
    let place = (start / rows.per_row).min(count.saturating_sub(1));
    let top = scrolled(model.tops[1], Some((place as u64, 0)), count, height);
    let roles = Roles::new(detail);
    for row in 0..height {
        let first = (top as usize + usize::from(row)) * rows.per_row;
        let Some(bytes) = detail.bytes.get(first..).filter(|bytes| !bytes.is_empty()) else {
            if first <= detail.bytes.len() && (first as u64) < detail.length {
                let more = detail.length - detail.bytes.len() as u64;
                let mut pen = canvas.pen(area, row + 1);
                pen.put(Role::Quiet, &format!("… {more} more bytes"));
            }
            break;
        };
        let mut pen = canvas.pen(area, row + 1);
        let digits = rows.digits;
        pen.put(Role::Quiet, &format!("{first:0digits$x}"));
        for (at, byte) in bytes.iter().take(rows.per_row).enumerate() {
            let role = roles.of(first + at);
            let is_selected = (start..end).contains(&(first + at));
            let character = match byte {
                b' '..=b'~' => char::from(*byte).to_string(),
                _ => ".".to_owned(),
            };
            for (column, text) in [
                (rows.digits_at(at), format!("{byte:02x}")),
                (rows.character_at(at), character),
            ] {
                let x = area.x + column as u16;
                pen.to(x);
                pen.put(role, &text);
                let columns = pen.at().saturating_sub(x);
                let mark = Mark::of(is_selected, has_focus);
                pen.highlight(x, columns, mark);
            }
        }
    }
    model.tops[1] = top;
}

/// The roles of bytes, by their fields.
struct Roles(Vec<(usize, Role)>);

impl Roles {
    fn new(detail: &Detail) -> Self {
        let leaves = detail
            .tree
            .leaves()
            .filter(|(_, node)| node.end > node.start);
        Self(
            leaves
                .map(|(_, node)| (node.end as usize, dump::role(node)))
                .collect(),
        )
    }

    fn of(&self, byte: usize) -> Role {
        let at = self.0.partition_point(|(end, _)| *end <= byte);
        self.0.get(at).map_or(Role::Plain, |(_, role)| *role)
    }
}
