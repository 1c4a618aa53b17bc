//! Rows of hex, with a column of characters or without.

use super::head::Head;
use super::kind::USUAL_ROW;
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

/// Digits of a byte.
const PAIR: usize = 2;

/// The first cell of a row that is no byte where one is due, `2O`, `xx`, `??`: the row begins
/// with a byte, has [`USUAL_ROW`] cells as wide as one, and no characters tell that its
/// bytes end there.
pub fn damage(text: &Text<'_>, head: &Head) -> Option<(usize, char)> {
    let body = text.text.get(head.body.clone())?;
    let words = body.split(cells::is_space).filter(|word| !word.is_empty());
    let is_cell = |word: &&str| word.chars().count() == PAIR;
    let row: Vec<_> = words.take_while(is_cell).take(USUAL_ROW).collect();
    let bad = row.iter().position(|cell| !cells::is_hex(cell))?;
    // What is no cell of a table.
    let is_mark = |cell: &&str| cell.starts_with(['|', '-', '.']);
    let is_row = bad > 0 && row.len() == USUAL_ROW && !is_mark(&row[bad]);
    let cells = cells::read_row(text, head.body.clone());
    if !is_row || column::groups_before(text, &cells, head.body.end, Order::Big).is_some() {
        return None;
    }
    let at = row[bad].find(|c: char| !c.is_ascii_hexdigit())?;
    let place = row[bad].as_ptr() as usize - body.as_ptr() as usize + at;
    Some((head.body.start + place, row[bad][at..].chars().next()?))
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
