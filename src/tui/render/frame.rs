//! The whole screen.

use ratatui::buffer::Buffer;

use super::canvas::Canvas;
use super::ink::Palette;
use super::{bytes, connections, fields, findings, help, messages, status};
use crate::tui::model::{Area, Mode, Model};

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
