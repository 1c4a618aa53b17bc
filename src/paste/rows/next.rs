//! From one row to the next, by their offsets.

use super::head::{Evidence, Head, aligned, head};
use crate::paste::column::MAX_ROW;
use crate::paste::repeats::is_same_again;
use crate::paste::text::Text;

/// Lines into which a row is wrapped, or annotated, at most.
const MAX_WRAPPED: usize = 3;

/// The line with the next offset, over wrapped parts of this row, notes on it,
/// `*` and lines of a frame.
pub fn next_head(text: &Text<'_>, line: usize, this: &Head) -> Option<(usize, Head)> {
    for next_line in (line + 1..).take(MAX_WRAPPED + 1) {
        text.line(next_line)?;
        // What is marked in another way is no offset but a part of a row.
        let is_number = this.evidence == Evidence::Aligned;
        let number = || is_number.then(|| aligned(text, next_line)).flatten();
        if let Some(next) = head(text, next_line).or_else(number)
            && next.is_marked == this.is_marked
            && (this.evidence == Evidence::Gap || is_number || next.evidence != Evidence::Gap)
        {
            return this.is_beside(&next).then_some((next_line, next));
        }
        let row = text.line_text(next_line);
        if row.trim().is_empty() || row.len() > MAX_ROW {
            return None;
        }
    }
    None
}

/// Bytes from one offset to the next, by each radix.
pub fn steps(this: &Head, next: &Head) -> [Option<usize>; 3] {
    std::array::from_fn(|radix| {
        let (this, next) = (this.values[radix]?, next.values[radix]?);
        usize::try_from(next.checked_sub(this)?).ok()
    })
}

/// The line between two others that says "the same again".
pub fn repeats(text: &Text<'_>, line: usize, end: usize) -> Option<usize> {
    (line + 1..end).find(|line| is_same_again(text.line_text(*line)))
}
