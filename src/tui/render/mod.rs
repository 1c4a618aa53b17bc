//! The model as cells of a screen.

mod bytes;
mod connections;
mod fields;
mod findings;
mod help;
mod ink;
mod messages;
mod status;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;

pub use ink::Palette;

use super::model::{Area, Mode, Model, Pane};
use crate::view::Role;
use ink::{Mark, Pen};

/// Draws everything; gives the cell of the cursor, if one is shown.
pub fn draw(model: &mut Model, buffer: &mut Buffer, palette: Palette) -> Option<(u16, u16)> {
    let layout = model.layout();
    let mut canvas = Canvas { buffer, palette };
    if let Mode::Help(top) = &mut model.mode {
        let area = Area {
            x: 0,
            y: 0,
            width: model.size.0,
            height: model.size.1,
        };
        *top = help::draw(&mut canvas, area, *top);
        return None;
    }
    status::title(&mut canvas, model, layout.title);
    if !layout.upper.is_empty() {
        if model.shows_findings {
            findings::draw(&mut canvas, model, layout.upper);
        } else {
            connections::draw(&mut canvas, model, layout.upper);
        }
    }
    messages::draw(&mut canvas, model, layout.messages);
    fields::draw(&mut canvas, model, layout.fields);
    bytes::draw(&mut canvas, model, layout.bytes);
    fields::meaning(&mut canvas, model, layout.meaning);
    status::bottom(&mut canvas, model, layout.status)
}

/// Where is drawn, and in which colours.
struct Canvas<'b> {
    buffer: &'b mut Buffer,
    palette: Palette,
}

impl Canvas<'_> {
    fn pen(&mut self, area: Area, row: u16) -> Pen<'_> {
        Pen::new(self.buffer, self.palette, area, row)
    }

    /// The first row of a pane: its number, its name, and what there is to say.
    fn heading(&mut self, model: &Model, pane: Pane, area: Area, words: &str) {
        let has_focus = model.focus == pane;
        let number = Pane::ALL.iter().position(|other| *other == pane);
        let number = number.unwrap_or(0) + 1;
        let mut pen = self.pen(area, 0);
        pen.put(Role::Quiet, "─");
        let start = pen.at();
        pen.put(Role::Label, &format!(" {number} {} ", pane.name()));
        let columns = pen.at().saturating_sub(start);
        if has_focus {
            pen.highlight(start, columns, Mark::Focused);
        }
        if !words.is_empty() {
            pen.put(Role::Plain, words);
            pen.put(Role::Plain, " ");
        }
        pen.fill(Role::Quiet, "─");
    }
}

/// What stands before a line that is selected, for screens without any attribute.
fn pointer(is_selected: bool) -> &'static str {
    if is_selected { ">" } else { " " }
}
