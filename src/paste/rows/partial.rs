//! The end of a row whose beginning was not copied.

use super::head::head;
use super::kind::{Kind, USUAL_ROW, kind};
use crate::paste::cells::{self, COLUMN_GAP};
use crate::paste::column;
use crate::paste::found::{Found, PlacedByte};
use crate::paste::text::Text;

/// The end of a row whose beginning was not copied, before a row that was: its
/// characters go with it and say so.
pub fn row(text: &Text<'_>, line: usize) -> Option<Vec<PlacedByte>> {
    let span = text.line(line)?;
    let next = head(text, line + 1)?;
    let is_row = kind(text, &next, &[None; 3]) == Some(Kind::Hex);
    if head(text, line).is_some() || !is_row {
        return None;
    }
    let cells = cells::read(text, span.clone());
    let first = cells.groups.first()?;
    let is_start = text.text[span.start..first.span.start].trim().is_empty();
    let column = cells.groups.iter().skip(1);
    let count = 1 + column.take_while(|group| group.gap <= COLUMN_GAP).count();
    let size = cells.size(count);
    let end = cells.end(count)?;
    let shown = text.text[end..span.end].trim_start();
    let skip = shown.chars().count().checked_sub(size)?;
    if !is_start || size >= USUAL_ROW || skip > 2 * USUAL_ROW {
        return None;
    }
    let mut row = Found::new(Kind::Hex.form(), span.start);
    for group in &cells.groups[..count] {
        cells::push(&mut row, text, group);
    }
    let tail = shown
        .char_indices()
        .nth(skip)
        .map_or("", |(at, _)| &shown[at..]);
    let agrees = column::fits(tail, &row.bytes) || column::fits(shown, &row.bytes);
    agrees.then(|| row.bytes.into_iter().zip(row.offsets).collect())
}
