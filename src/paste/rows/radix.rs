//! In which radix the offsets of rows are written.

use super::block::Rows;
use super::head::{Evidence, Head, RADIXES};
use super::kind::{Kind, USUAL_ROW};
use super::{hex, next};
use crate::paste::cells;
use crate::paste::column::{self, Order};

/// Rows of which the offsets are looked at.
const MAX_LOOK: usize = 64;

/// Index of octal offsets in [`RADIXES`].
const OCTAL: usize = 1;

/// Digits of an offset that is not octal.
const NARROW: usize = 4;

/// Columns of a byte in a row of pairs.
const CELL: usize = 3;

impl Rows<'_, '_> {
    /// The radix in which the offsets of two rows differ by the bytes of the
    /// first.
    pub fn radix_of(&self, this: &Head, next: Option<&(usize, Head)>) -> Option<usize> {
        let (next_line, next) = next?;
        let steps = next::steps(this, next);
        let most = self.most(this);
        let radixes = || 0..RADIXES.len();
        if steps[0] == Some(USUAL_ROW) && self.lacks_start(this, next) {
            return Some(0);
        }
        // A byte that is none does not end the row.
        if self.kind == Kind::Hex
            && steps[0] == Some(USUAL_ROW)
            && hex::damage(self.text, this).is_some()
        {
            return Some(0);
        }
        let is_told = self.ends_by_characters(this);
        let exact = |radix: &usize| steps[*radix] == Some(most.0);
        if is_told && self.lacks_rows(this, (*next_line, next), &steps) {
            return None;
        }
        if radixes().any(|radix| exact(&radix)) {
            let rows = (*next_line, next);
            return radixes().filter(exact).max_by_key(|radix| {
                let counted = self.counted(rows, *radix, most.0);
                (counted, std::cmp::Reverse(*radix))
            });
        }
        if this.is_short() {
            return None;
        }
        // Between them there are more of the same: the next ones tell.
        if next::repeats(self.text, self.first, *next_line).is_some() {
            let rows = (*next_line, next);
            let is_multiple = |radix: &usize| {
                steps[*radix].is_some_and(|step| step > 0 && step.is_multiple_of(most.0.max(1)))
            };
            return radixes().filter(is_multiple).max_by_key(|radix| {
                (
                    self.counted(rows, *radix, most.0),
                    std::cmp::Reverse(*radix),
                )
            });
        }
        // Behind words, numbers that differ by less are fields: `action 00000001 00000458`.
        let least = match this.evidence {
            Evidence::Words => USUAL_ROW / 2,
            _ => 1,
        };
        // A row of which the characters are told has no fewer bytes.
        let least = if is_told { most.0 } else { least };
        let fits = |radix: &usize| steps[*radix].is_some_and(|n| n >= least && n <= most.1);
        // A row that lacks bytes is found out later.
        let usual = |radix: &usize| steps[*radix] == Some(USUAL_ROW);
        let is_wrapped = next_line - self.first > 1;
        let radix = radixes().find(fits);
        let usual = || radixes().find(usual);
        if is_wrapped {
            usual().or(radix)
        } else {
            radix.or_else(usual)
        }
    }

    /// Whether `0020` below `0000` is that of a later row, and not octal: no program writes
    /// octal ones in four digits, unless the rows behind count on so.
    fn lacks_rows(&self, this: &Head, next: (usize, &Head), steps: &[Option<usize>; 3]) -> bool {
        let is_later = steps[0] == Some(2 * USUAL_ROW) && steps[OCTAL] == Some(USUAL_ROW);
        let is_narrow = this.digits == NARROW && next.1.digits == NARROW;
        is_later && is_narrow && self.counted(next, OCTAL, USUAL_ROW) == 0
    }

    /// Whether the characters beside a row say how many bytes it has.
    fn ends_by_characters(&self, head: &Head) -> bool {
        let told = || {
            let cells = cells::read_row(self.text, head.body.clone());
            column::groups_before(self.text, &cells, head.body.end, Order::Big).is_some()
        };
        self.kind == Kind::Hex && told()
    }

    /// How many rows from this one on have as many bytes as their offsets say in a radix:
    /// `8` and `16` tell more than `0` and `8`. In a table of fields each row has its own.
    fn counted(&self, (line, head): (usize, &Head), radix: usize, width: usize) -> usize {
        let mut row = (line, head.clone());
        for count in 0..MAX_LOOK {
            let Some(next) = next::next_head(self.text, row.0, &row.1) else {
                return count;
            };
            let step = next::steps(&row.1, &next.1)[radix].unwrap_or_default();
            let is_repeated = next::repeats(self.text, row.0, next.0).is_some();
            let is_whole = step == width || step == self.most(&row.1).0;
            let is_full = is_whole || (is_repeated && step.is_multiple_of(width.max(1)));
            if !is_full {
                return count;
            }
            row = next;
        }
        MAX_LOOK
    }

    /// Whether a row begins in its middle: its first byte stands further right
    /// than that of the next row.
    pub fn lacks_start(&self, this: &Head, next: &Head) -> bool {
        self.kind == Kind::Hex && this.gap(self.text) >= next.gap(self.text) + CELL
    }
}
