//! Characters and octal bytes: `od -c`, `od -b`; characters by their names: `od -a`.

use std::ops::Range;

use crate::paste::control;
use crate::paste::found::PlacedByte;
use crate::paste::text::Text;

/// Columns of one character.
pub const CELL: usize = 4;

/// The bytes of a row of cells, each a character, an escape or three octal
/// digits; `None` if it is not that.
pub fn row(text: &Text<'_>, body: &Range<usize>) -> Option<Vec<PlacedByte>> {
    let line = &text.text[body.clone()];
    if !line.is_ascii() {
        return None;
    }
    // BSD writes one blank more behind the offset.
    let extra = usize::from(line.len() % CELL == 1 && line.starts_with(' '));
    let (line, start) = (&line[extra..], body.start + extra);
    let cells = (0..line.len()).step_by(CELL);
    let cells = cells.map(|at| (at, &line[at..line.len().min(at + CELL)]));
    cells
        .map(|(at, cell)| Some((character(cell)?, start + at)))
        .collect()
}

fn character(cell: &str) -> Option<u8> {
    if !cell.starts_with(' ') {
        return None;
    }
    Some(match cell.trim_start_matches(' ') {
        "" if cell.len() == CELL => b' ',
        "\\0" => 0,
        "\\a" => 7,
        "\\b" => 8,
        "\\t" => b'\t',
        "\\n" => b'\n',
        "\\v" => 11,
        "\\f" => 12,
        "\\r" => b'\r',
        name if name.len() > 1 && control::named(name).is_some() => control::named(name)?,
        digits if digits.len() == 3 => u8::from_str_radix(digits, 8).ok()?,
        // BSD has no names for bytes that are no ASCII.
        digits if digits.len() == 2 => u8::from_str_radix(digits, 16).ok()?,
        other => other.parse::<char>().ok()?.try_into().ok()?,
    })
}
