//! The line at the top, and that at the bottom, with what is typed.

use ratatui::style::{Modifier, Style};

use super::canvas::Canvas;
use super::ink::Mark;
use crate::tui::model::{Area, Mode, Model, Pane, Prompt, Purpose};
use crate::view::Role;
use crate::view::quantity::Bytes;
use crate::view::text::{Safe, clipped_front, fitting, width};
use crate::wire::words::Count;

/// Draws the line at the top: what is read, and how far.
pub fn title(canvas: &mut Canvas<'_>, model: &Model, area: Area) {
    let progress = model.progress;
    let amount = match (progress.is_complete, model.total) {
        (true, _) => Count(progress.packets, "packet").to_string(),
        (false, Some(total)) if total > 0 => {
            let share = progress.position.min(total) * 100 / total;
            format!("reading, {share} % of {}", Bytes(total))
        }
        (false, _) if model.is_live => format!("live, {}", Count(progress.packets, "packet")),
        (false, _) => format!("reading, {}", Bytes(progress.position)),
    };
    let right = format!("{amount}, {} ", Count(progress.messages, "message"));
    let mut pen = canvas.pen(area, 0);
    pen.put(Role::Label, " peerscope ");
    let room = pen.room().saturating_sub(width(&right) + 1);
    let source = Safe::from(model.source.as_str()).to_string();
    pen.put(Role::Plain, &clipped_front(&source, room));
    let end = area.x + area.width;
    pen.to(end.saturating_sub(width(&right) as u16));
    pen.put(Role::Plain, &right);
    pen.mark(area, Mark::Focused);
}

/// Draws the line at the bottom, and above it what helps to type; gives the cell
/// of the cursor.
pub fn bottom(canvas: &mut Canvas<'_>, model: &Model, area: Area) -> Option<(u16, u16)> {
    match &model.mode {
        Mode::Prompt(prompt) => return typed(canvas, prompt, area),
        Mode::Copy => {
            let mut pen = canvas.pen(area, 0);
            pen.put(Role::Label, " copy ");
            pen.put(
                Role::Plain,
                "y the line  x bytes in hex  j JSON  e hex --encode  Esc nothing",
            );
            return None;
        }
        Mode::Browse | Mode::Help(_) => {}
    }
    let mut pen = canvas.pen(area, 0);
    pen.blanks(1);
    if let Some(notice) = &model.notice {
        let role = if notice.is_trouble {
            Role::Warning
        } else {
            Role::Plain
        };
        let sign = if notice.is_trouble { "! " } else { "" };
        let text = Safe::from(notice.text.as_str());
        pen.put(role, &format!("{sign}{text}"));
    } else if model.is_searching() {
        let words = match model.left_to_search() {
            0 => "searching …  Esc gives up".to_owned(),
            left => format!("searching, {left} to look at  Esc gives up"),
        };
        pen.put(Role::Plain, &words);
    } else {
        pen.put(Role::Quiet, hints(model));
    }
    None
}

fn hints(model: &Model) -> &'static str {
    match model.focus {
        Pane::Connections => "? help  Enter its messages  s sort  Tab panes  ] finding  q quit",
        Pane::Findings => "? help  Enter its message  ] [ next, before  Tab panes  q quit",
        Pane::Messages => {
            "? help  / search  f filter  Enter answer  c conversation  Tab panes  q quit"
        }
        Pane::Fields | Pane::Bytes => {
            "? help  j k fields  u whole lists  y copy  Tab panes  q quit"
        }
    }
}

fn typed(canvas: &mut Canvas<'_>, prompt: &Prompt, area: Area) -> Option<(u16, u16)> {
    let name = match prompt.purpose {
        Purpose::Filter => "filter: ",
        Purpose::Search { backwards: false } => "/",
        Purpose::Search { backwards: true } => "\\",
        Purpose::Packet => "packet: ",
    };
    let before = Safe::from(prompt.editor.before()).to_string();
    let start = width(name);
    // The cursor stays on the screen.
    let room = usize::from(area.width).saturating_sub(start + 1);
    let hidden = width(&before).saturating_sub(room);
    let text = Safe::from(prompt.editor.text()).to_string();
    let skipped = fitting(&text, hidden).len();
    let mut pen = canvas.pen(area, 0);
    pen.put(Role::Label, name);
    pen.put(Role::Plain, &text[skipped..]);
    let cursor = start + width(&before).saturating_sub(width(&text[..skipped]));
    let above = Area {
        y: area.y.saturating_sub(1),
        ..area
    };
    if area.y > 0 {
        help_to_type(canvas, prompt, above, start as u16);
    }
    let last = area.width.checked_sub(1).filter(|_| area.height > 0)?;
    Some((area.x + (cursor as u16).min(last), area.y))
}

/// The line above: how the name can go on, else what is wrong and where.
fn help_to_type(canvas: &mut Canvas<'_>, prompt: &Prompt, area: Area, start: u16) {
    let clear = " ".repeat(area.width.into());
    let mut pen = canvas.pen(area, 0);
    pen.put_styled(Style::reset(), &clear);
    pen.to(area.x);
    if !prompt.offered.is_empty() {
        pen.put(Role::Quiet, "Tab: ");
        // The chosen one is in sight.
        let first = prompt.chosen.unwrap_or(0).saturating_sub(2);
        for (at, name) in prompt.offered.iter().enumerate().skip(first) {
            let style = if prompt.chosen == Some(at) {
                Style::new().add_modifier(Modifier::REVERSED)
            } else {
                Style::new()
            };
            if pen.room() < width(name) + 2 {
                pen.put(Role::Quiet, "…");
                break;
            }
            pen.put_styled(style, name);
            pen.blanks(2);
        }
        return;
    }
    let Some((column, reason)) = &prompt.fault else {
        return;
    };
    // The reason above, and between it and the line a mark at the column.
    let at = start + (*column as u16).saturating_sub(1);
    pen.to(area.x + at.min(area.width.saturating_sub(1)));
    pen.put(Role::Problem, "v");
    let reason = Safe::from(reason.lines().next().unwrap_or_default()).to_string();
    if area.y > 0 {
        let above = Area {
            y: area.y - 1,
            ..area
        };
        let mut pen = canvas.pen(above, 0);
        pen.put_styled(Style::reset(), &clear);
        pen.to(above.x);
        pen.put(Role::Problem, "! ");
        pen.put(Role::Problem, &reason);
    }
}
