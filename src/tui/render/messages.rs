//! The pane of the messages: a list, or the conversation on one connection.

use std::fmt::Write as _;

use super::canvas::{Canvas, pointer};
use super::ink::{Mark, Pen};
use crate::tui::line::Line;
use crate::tui::model::{Area, Model, Pane};
use crate::view::clock::Clock;
use crate::view::text::{Safe, width};
use crate::view::{Role, TimeFormat};

/// Screens from this width on show addresses.
const WITH_ENDS: u16 = 150;

/// Columns of two addresses.
const ENDS: usize = 44;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, model: &mut Model, area: Area) {
    if area.is_empty() {
        return;
    }
    let rows = area.height.saturating_sub(1);
    let (top, selected, count) = (model.messages.top, model.messages.selected, model.count());
    let words = heading(model, selected, count);
    canvas.heading(model, Pane::Messages, area, &words);
    let mut times = Times::new(model);
    if let Some(before) = top.checked_sub(1).and_then(|place| model.line(place)) {
        times.text(&before.1);
    }
    let lines: Vec<Option<Line>> = (0..rows)
        .map(|row| model.line(top + u64::from(row)).map(|(_, line)| line))
        .collect();
    let texts: Vec<String> = lines
        .iter()
        .map(|line| line.as_ref().map_or(String::new(), |line| times.text(line)))
        .collect();
    let shown = lines.iter().flatten();
    let columns = Columns {
        frame: shown
            .clone()
            .map(|line| digits(line.stamp.frame) + 1)
            .max()
            .unwrap_or(0),
        time: texts.iter().map(String::len).max().unwrap_or(0),
        stream: shown
            .filter_map(|line| line.stream)
            .map(digits)
            .max()
            .unwrap_or(1),
        ends: area.width >= WITH_ENDS && !model.follows,
    };
    for (row, (line, time)) in (1..).zip(lines.iter().zip(&texts)) {
        let Some(line) = line else { continue };
        let place = top + u64::from(row - 1);
        let mut pen = canvas.pen(area, row);
        pen.put(Role::Label, pointer(place == selected));
        pen.number(
            Role::Quiet,
            &format!("#{}", line.stamp.frame),
            columns.frame,
        );
        pen.blanks(1);
        pen.number(Role::Quiet, time, columns.time);
        pen.blanks(1);
        if model.follows {
            conversation(&mut pen, line);
        } else {
            listed(&mut pen, line, &columns);
        }
        let has_focus = model.focus == Pane::Messages;
        pen.mark(area, Mark::of(place == selected, has_focus));
    }
    if count == 0 {
        let mut pen = canvas.pen(area, 1);
        pen.put(Role::Quiet, " ");
        pen.put(Role::Quiet, nothing(model));
    }
}

fn nothing(model: &Model) -> &'static str {
    match (
        model.left() > 0,
        model.filter.is_empty() && model.stream().is_none(),
    ) {
        (true, _) => "looking …",
        (false, false) => "no message passes; a shows all again",
        (false, true) if model.progress.is_complete => "no BitTorrent in it",
        (false, true) => "no message yet",
    }
}

struct Columns {
    frame: usize,
    time: usize,
    stream: usize,
    ends: bool,
}

fn heading(model: &Model, selected: u64, count: u64) -> String {
    let mut words = if count == 0 {
        "0".to_owned()
    } else {
        format!("{} of {count}", selected + 1)
    };
    if let Some(stream) = model.stream() {
        if model.follows {
            words.push_str(&ends(model, stream));
        } else {
            let _ = write!(words, ", connection {stream}");
        }
    }
    if !model.filter.is_empty() {
        words.push_str(", filter: ");
        words.push_str(&Safe::from(model.filter.as_str()).to_string());
    }
    if model.left() > 0 {
        let _ = write!(words, " ({} to look at)", model.left());
    }
    if model.tails {
        words.push_str(", latest");
    }
    words
}

/// Who speaks in a conversation.
fn ends(model: &Model, stream: u64) -> String {
    model.spool().overview(|overview| {
        let Some(row) = overview.row_of(stream) else {
            return String::new();
        };
        let mut words = ":".to_owned();
        for (letter, (end, client)) in ["A", "B"].iter().zip(row.ends.iter().zip(&row.clients)) {
            let _ = write!(words, " {letter} {end}");
            if let Some(client) = client {
                let _ = write!(words, " {}", Safe::from(&**client));
            }
        }
        words
    })
}

/// Connection, direction, words.
fn listed(pen: &mut Pen<'_>, line: &Line, columns: &Columns) {
    let stream = line
        .stream
        .map_or(String::new(), |stream| stream.to_string());
    pen.number(Role::Quiet, &stream, columns.stream);
    pen.blanks(1);
    let (role, direction) = if line.from_initiator {
        (Role::Initiator, "A>B")
    } else {
        (Role::Acceptor, "B>A")
    };
    pen.put(role, direction);
    pen.blanks(1);
    if columns.ends {
        let [src, dst] = line.ends;
        pen.cell(Role::Address, &format!("{src} > {dst}"), ENDS);
        pen.blanks(1);
    }
    words(pen, line, usize::MAX);
}

/// What A says on the left, what B says on the right.
fn conversation(pen: &mut Pen<'_>, line: &Line) {
    let half = pen.room() / 2;
    let start = pen.at();
    if line.from_initiator {
        pen.put(Role::Initiator, "A ");
        words(pen, line, half.saturating_sub(3));
    } else {
        pen.to(start + half as u16);
        pen.put(Role::Acceptor, "B ");
        words(pen, line, usize::MAX);
    }
}

fn words(pen: &mut Pen<'_>, line: &Line, most: usize) {
    let mut left = most;
    for (role, text) in &line.runs {
        let text = crate::view::text::clipped(text, left);
        pen.put(*role, &text);
        left = left.saturating_sub(width(&text));
    }
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Times of lines, one below the other.
struct Times(Clock);

impl Times {
    fn new(model: &Model) -> Self {
        let mut clock = Clock::new(model.time);
        if model.time != TimeFormat::Delta {
            clock.start(model.origin().time);
        }
        Self(clock)
    }

    fn text(&mut self, line: &Line) -> String {
        let mut text = String::new();
        self.0.write(&mut text, line.stamp.time);
        text
    }
}
