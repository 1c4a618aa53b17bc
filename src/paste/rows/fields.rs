//! Fields with bars between, `0000000d | 06 | 00000004`, of which the first looks like an
//! offset.

use crate::paste::cells;

/// Offsets of rows are multiples of this.
const ALIGNMENT: u64 = 4;

/// Digits of a byte.
const PAIR: usize = 2;

/// Whether a row is fields and has no offset: those behind the first one differ in width,
/// or all are a byte each, or the first one is no offset by its value, `first`, and no row
/// comes after this one, which `is_alone`.
pub fn are_fields(row: &str, first: Option<u64>, is_alone: bool) -> bool {
    let inner = row.trim().trim_matches('|');
    let mut fields = inner.split('|').map(str::trim);
    let Some(offset) = fields.next() else {
        return false;
    };
    let all = cells::is_group(offset) && fields.clone().all(cells::is_group);
    let Some(width) = fields.clone().next().map(str::len).filter(|_| all) else {
        return false;
    };
    let differ = fields.any(|field| field.len() != width);
    let are_bytes = width == PAIR && offset.len() == PAIR;
    differ || are_bytes || (is_alone && first.is_some_and(|value| !value.is_multiple_of(ALIGNMENT)))
}
