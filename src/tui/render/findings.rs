//! The pane of what was found.

use super::canvas::{Canvas, pointer};
use super::ink::Mark;
use crate::tui::model::{Area, Model, Pane};
use crate::tui::spool::Found;
use crate::view::Role;
use crate::view::text::Safe;
use crate::wire::Severity;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let count = model.found.len();
    let words = if model.progress.is_complete {
        count.to_string()
    } else {
        format!("{count} so far")
    };
    canvas.heading(model, Pane::Findings, area, &words);
    let has_focus = model.focus == Pane::Findings;
    let top = model.findings.top;
    for row in 1..area.height {
        let place = top + u64::from(row - 1);
        let Some(found) = model.found.get(place as usize) else {
            break;
        };
        let is_selected = place == model.findings.selected;
        let mut pen = canvas.pen(area, row);
        pen.put(Role::Label, pointer(is_selected));
        let role = match found.severity {
            Severity::Error => Role::Problem,
            Severity::Warning => Role::Warning,
            Severity::Info => Role::Quiet,
        };
        pen.cell(role, found.severity.name(), 8);
        pen.cell(Role::Label, found.rule.id, 6);
        pen.number(Role::Quiet, &format!("#{}", found.stamp.frame), 8);
        pen.blanks(1);
        pen.cell(Role::Quiet, &place_of(found), 6);
        pen.put(Role::Plain, &Safe::from(&*found.words).to_string());
        if found.count > 1 {
            pen.put(Role::Quiet, &format!(", {} times", found.count));
        }
        pen.mark(area, Mark::of(is_selected, has_focus));
    }
    if count == 0 && model.progress.is_complete {
        canvas
            .pen(area, 1)
            .put(Role::Quiet, " nothing is wrong in it");
    }
}

/// The connection, by its number.
fn place_of(found: &Found) -> String {
    found
        .stream
        .map_or("udp".to_owned(), |stream| stream.to_string())
}
