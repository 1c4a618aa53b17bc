//! Rows of hex, with a column of characters or without.

use super::head::Head;
use crate::paste::cells::{self, COLUMN_GAP, Cells, Stop};
use crate::paste::column::{self, MAX_ROW, Order};
use crate::paste::fault::{Fault, Reason};
use crate::paste::form::Form;
use crate::paste::found::{Found, PlacedByte};
use crate::paste::text::Text;

/// Which end of a group comes first in a row, where its characters tell.
pub fn order(text: &Text<'_>, head: &Head) -> Option<Order> {
    let cells = cells::read_row(text, head.body.clone());
    let agrees = |order| column::groups_before(text, &cells, head.body.end, order).is_some();
    match (agrees(Order::Big), agrees(Order::Little)) {
        (true, false) => Some(Order::Big),
        (false, true) => Some(Order::Little),
        _ => None,
    }
}

/// The bytes of a row of hex: `due`, or those before the column of characters.
pub fn row(text: &Text<'_>, head: &Head, due: Option<usize>, order: Order) -> Vec<PlacedByte> {
    let cells = cells::read_row(text, head.body.clone());
    let count = column::groups_before(text, &cells, head.body.end, order);
    let count = count.unwrap_or_else(|| before_gap(&cells));
    let mut row = Found::new(Form::Rows, head.body.start);
    for (index, group) in cells.groups.iter().enumerate() {
        if due.map_or(index >= count, |due| row.bytes.len() >= due) {
            break;
        }
        let start = row.bytes.len();
        cells::push(&mut row, text, group);
        if order == Order::Little {
            row.bytes[start..].reverse();
            row.offsets[start..].reverse();
        }
    }
    let mut row: Vec<_> = row.bytes.into_iter().zip(row.offsets).collect();
    row.truncate(due.unwrap_or(MAX_ROW));
    row
}

/// Groups that are bytes for certain, or up to a wide gap.
pub fn count(text: &Text<'_>, cells: &Cells, end: usize) -> usize {
    let count = column::groups_before(text, cells, end, Order::Big);
    count
        .unwrap_or_else(|| before_gap(cells))
        .min(cells.groups.len())
}

/// Groups up to the first wide gap behind which is more than groups.
fn before_gap(cells: &Cells) -> usize {
    if matches!(cells.stop, Stop::End | Stop::Cut(_)) {
        return cells.groups.len();
    }
    // Eight pairs, a wide gap, eight more.
    let narrow = |gap: usize| gap <= COLUMN_GAP;
    let column = cells.groups.iter().skip(1);
    1 + column.take_while(|group| narrow(group.gap)).count()
}

/// Whether a row ends in a damaged byte instead of a column of characters. The next offset
/// tells that bytes are missing; the last row has none behind it.
pub fn check(
    text: &Text<'_>,
    head: &Head,
    cells: &Cells,
    found: usize,
    is_last: bool,
) -> Result<(), Fault> {
    if column::groups_before(text, cells, head.body.end, Order::Big).is_some() {
        return Ok(());
    }
    let Stop::Word(word, gap) = &cells.stop else {
        return Ok(());
    };
    if *gap >= COLUMN_GAP || cells.size(cells.groups.len()) != found {
        return Ok(());
    }
    let token = &text.text[word.clone()];
    // Behind the last row there may be words.
    let is_word = !token.contains(|c: char| c.is_ascii_digit());
    if is_last && is_word && !cells::is_amid(text, cells, word) {
        return Ok(());
    }
    Err(match token.find(|c: char| !c.is_ascii_hexdigit()) {
        Some(bad) => {
            let character = token[bad..].chars().next().unwrap_or(' ');
            text.fault(word.start + bad, Reason::NotHex(character))
        }
        None => text.fault(word.end - 1, Reason::OddDigits),
    })
}
