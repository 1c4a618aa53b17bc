//! The page of the keys.

use super::canvas::Canvas;
use crate::tui::model::Area;
use crate::view::Role;

/// Keys and what they do; a line without a key is a heading.
const LINES: &[(&str, &str)] = &[
    ("", "Moving"),
    ("j k, arrows", "a line down, up"),
    (
        "Space b, PgDn PgUp",
        "a pane down, up; d and Ctrl-U half of one",
    ),
    ("g G, Home End", "to the beginning, the end"),
    ("Tab, 1 to 5", "another pane, in the order of their numbers"),
    ("h l", "the pane beside; among bytes the field beside"),
    ("z", "the pane alone on the screen, and back"),
    (":", "to the message of a packet, by its number; :q ends"),
    ("F", "stay at the latest message, as tail -f does"),
    ("", "Messages"),
    ("Enter", "from a request to its answer, and from that to it"),
    ("Backspace", "back to where that was, and what was listed"),
    (
        "/ n N",
        "search a text, the next, the one before; \\ backwards",
    ),
    ("f", "list what passes a filter, as of -Y; Tab completes"),
    ("c", "the conversation of the message, A left and B right"),
    ("a", "list all messages again"),
    (
        "t",
        "times: since the first packet, UTC, since the line above",
    ),
    ("u", "long lists of fields whole, and back"),
    ("y", "copy: y line, x hex, j JSON, e a hex --encode command"),
    ("", "Connections and findings"),
    ("Enter", "its messages alone; the message of the finding"),
    ("s S", "sort by the next column; the other way round"),
    ("] [", "the next finding, the one before, from any pane"),
    ("", "Signs"),
    ("A>B  B>A", "the initiator speaks, the acceptor speaks"),
    (
        "* ! !! i",
        "listed alone; a warning, an error, a note of check",
    ),
    ("", "Else"),
    ("Esc", "back: out of a search, of a filter, of this page"),
    ("q", "end; Ctrl-Z to the shell, Ctrl-L draws anew"),
    ("Mouse", "a click selects, the wheel scrolls"),
];

/// Columns of the keys.
const KEYS: usize = 20;

/// Draws it from a line on; gives the line that it really begins with.
pub fn draw(canvas: &mut Canvas<'_>, area: Area, top: u64) -> u64 {
    let rows = area.height.saturating_sub(2);
    let top = top.min((LINES.len() as u64).saturating_sub(rows.into()));
    let mut pen = canvas.pen(area, 0);
    pen.put(Role::Label, " peerscope tui: keys ");
    pen.fill(Role::Quiet, "─");
    for (row, (key, words)) in (1..=rows).zip(LINES.iter().skip(top as usize)) {
        let mut pen = canvas.pen(area, row);
        pen.blanks(1);
        if key.is_empty() {
            pen.put(Role::Label, words);
            continue;
        }
        pen.blanks(2);
        pen.cell(Role::Request, key, KEYS);
        pen.put(Role::Plain, words);
    }
    let more = LINES.len() as u64 > top + u64::from(rows);
    let words = if more {
        " j and k scroll, any other key goes back"
    } else {
        " any key goes back"
    };
    canvas
        .pen(area, area.height.saturating_sub(1))
        .put(Role::Quiet, words);
    top
}
