//! Characters and octal bytes: `od -c`, `od -b`.

use std::ops::Range;

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
    let cells = (0..line.len()).step_by(CELL);
    let cells = cells.map(|start| (start, &line[start..line.len().min(start + CELL)]));
    cells
        .map(|(start, cell)| Some((character(cell)?, body.start + start)))
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
        digits if digits.len() == 3 => u8::from_str_radix(digits, 8).ok()?,
        other => other.parse::<char>().ok()?.try_into().ok()?,
    })
}
