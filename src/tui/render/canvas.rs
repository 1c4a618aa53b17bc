//! What is drawn on.

use ratatui::buffer::Buffer;

use super::ink::{Mark, Palette, Pen};
use crate::tui::model::{Area, Model, Pane};
use crate::view::Role;

/// Where is drawn, and in which colours.
pub(super) struct Canvas<'b> {
    /// The cells.
    pub buffer: &'b mut Buffer,
    /// The colours.
    pub palette: Palette,
}

impl Canvas<'_> {
    /// A pen at the beginning of a row of an area.
    pub fn pen(&mut self, area: Area, row: u16) -> Pen<'_> {
        Pen::new(self.buffer, self.palette, area, row)
    }

    /// The first row of a pane: its number, its name, and what there is to say.
    pub fn heading(&mut self, model: &Model, pane: Pane, area: Area, words: &str) {
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
pub(super) fn pointer(is_selected: bool) -> &'static str {
    if is_selected { ">" } else { " " }
}
