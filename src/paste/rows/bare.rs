//! Rows without offsets, `od -A n`: of characters, where these are BitTorrent for certain, and
//! of those that are printed twice, as characters and as digits below: `-t cx1`, `-t a -t x1`.

use super::chars::{self, CELL};
use crate::paste::cells::{self, Stop};
use crate::paste::form::Form;
use crate::paste::found::{Found, PlacedByte};
use crate::paste::margin::margin;
use crate::paste::proof;
use crate::paste::repeats::is_same_again;
use crate::paste::text::Text;

/// Bits of a byte that `od -a` shows.
const NAMED: u8 = 0x7f;

/// Digits of a byte.
const PAIR: usize = 2;

/// What tells characters from pairs of digits: every message has a zero.
const SIGNS: [&str; 2] = ["\\0", "nul"];

/// Rows without an offset from line `first` on.
pub fn block(text: &Text<'_>, first: usize) -> Option<Found> {
    twice(text, first).or_else(|| characters(text, first))
}

/// Rows of characters.
fn characters(text: &Text<'_>, first: usize) -> Option<Found> {
    let start = text.line(first)?.start;
    if text.characters.covers(start) {
        return None;
    }
    let mut found = Found::new(Form::Characters, start);
    let mut has_sign = false;
    for line in (first..).map_while(|line| text.line(line)) {
        let shown = &text.text[line.clone()];
        has_sign |= SIGNS.iter().any(|sign| shown.contains(sign));
        let Some(row) = chars::row(text, &line).filter(|row| !row.is_empty()) else {
            break;
        };
        for (byte, at) in row {
            found.push(byte, at);
        }
        found.span.end = line.end;
    }
    text.characters.reach(found.span.end);
    let next = text.line_of(found.span.end) + 1;
    let is_known = if is_same_again(text.line_text(next)) {
        proof::may_begin_messages(&found.bytes)
    } else {
        proof::is_known(&found.bytes)
    };
    (has_sign && is_known).then_some(found)
}

/// Rows that are printed twice; the digits of each are the bytes.
fn twice(text: &Text<'_>, first: usize) -> Option<Found> {
    let mut found = Found::new(Form::Rows, text.line(first)?.start);
    for line in (first..).step_by(2) {
        let Some(row) = pair(text, line) else {
            break;
        };
        for (byte, at) in row {
            found.push(byte, at);
        }
        found.span.end = text.line(line + 1)?.end;
    }
    (!found.bytes.is_empty()).then_some(found)
}

/// The bytes of two lines, of which one is characters and the other one digits.
fn pair(text: &Text<'_>, line: usize) -> Option<Vec<PlacedByte>> {
    let next = line + 1;
    let of_two = |shown: usize, spelled: usize| {
        // Pairs with two blanks between are characters too, as BSD prints them.
        let are_digits = digits(text, shown).is_some();
        let bytes = digits(text, spelled).filter(|_| !are_digits)?;
        // Both begin in the same column, behind what quotes them.
        let (_, first) = *bytes.first()?;
        let indent = (first - text.line(spelled)?.start).checked_sub(CELL - PAIR)?;
        let row = text.line(shown)?;
        let body = row.start + indent..row.end;
        text.text.get(body.clone())?;
        let shown = chars::row(text, &body)?;
        are_same(&shown, &bytes).then_some(bytes)
    };
    of_two(line, next).or_else(|| of_two(next, line))
}

/// The pairs of digits of a line that has nothing else.
pub fn digits(text: &Text<'_>, line: usize) -> Option<Vec<PlacedByte>> {
    let span = text.line(line)?;
    let start = span.start + margin(&text.text[span.clone()]);
    let cells = cells::read_row(text, start..span.end);
    let is_row = cells.stop == Stop::End && cells.groups.iter().all(|group| group.size() == 1);
    let mut row = Found::new(Form::Rows, span.start);
    for group in cells.groups.iter().filter(|_| is_row) {
        cells::push(&mut row, text, group);
    }
    let row: Vec<_> = row.bytes.into_iter().zip(row.offsets).collect();
    (!row.is_empty()).then_some(row)
}

/// Whether characters are those of digits, as far as they tell.
pub fn are_same(shown: &[PlacedByte], digits: &[PlacedByte]) -> bool {
    let is_same = |(index, (byte, _)): (usize, &PlacedByte)| {
        // Blanks at the end of a line get lost.
        let shown = shown.get(index).map_or(b' ', |(shown, _)| *shown);
        shown == *byte || shown == *byte & NAMED
    };
    shown.len() <= digits.len() && digits.iter().enumerate().all(is_same)
}
