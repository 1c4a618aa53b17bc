//! The offset of a first row that stands behind words in its line: `Received: 0000  13 42`,
//! `<pre>00000000: 1342`. The next row, which has its own at the beginning of its line, and
//! the number of bytes between the two tell it from a number.

use super::block::Rows;
use super::head::{self, Evidence, Head};
use super::kind::kind;
use super::next;
use crate::paste::repeats::is_same_again;
use crate::paste::text::Text;

/// Characters of such a line, at most.
const MAX_LINE: usize = 512;

/// Characters of the words, at most.
const MAX_WORDS: usize = 160;

/// What may stand right before the offset.
const MARKS: [char; 9] = ['>', '"', '\'', '`', ':', '=', '(', '[', '{'];

/// The offset of the row in `line` behind words, as if it stood where that of the next row
/// does, and where it does stand in the text.
pub fn head(text: &Text<'_>, line: usize) -> Option<(Head, usize)> {
    let span = text.line(line)?;
    let row = text.text.get(span.clone())?;
    if row.len() > MAX_LINE {
        return None;
    }
    let is_repeated = is_same_again(text.line_text(line + 1));
    let next = head::head(text, line + 1 + usize::from(is_repeated))?;
    if next.evidence == Evidence::Words {
        return None;
    }
    // A number of an array in rows is no offset: `[100  54  58`.
    let is_number = next.evidence == Evidence::Gap;
    let is_of_array = |at: usize| {
        let before = row[..at].trim_end();
        is_number && before.ends_with(|c: char| c.is_ascii_digit() || "[({".contains(c))
    };
    let own = head::head(text, line);
    if own.is_some_and(|own| own.evidence != Evidence::Words && own.is_beside(&next)) {
        return None;
    }
    let words = &row[..row.floor_char_boundary(MAX_WORDS)];
    let begins = |(at, _): &(usize, char)| {
        words[..*at].ends_with(|c: char| c.is_whitespace() || MARKS.contains(&c))
    };
    let starts = words.char_indices().filter(begins);
    let mut starts = starts.filter(|(at, _)| !is_of_array(*at));
    starts.find_map(|(at, _)| {
        let found = head::leading(row, at)?;
        let is_same = found.is_marked == next.is_marked && found.is_prefixed == next.is_prefixed;
        let head = Head {
            indent: next.indent + next.digits.checked_sub(found.digits)?,
            is_quoted: next.is_quoted,
            evidence: next.evidence,
            ..found.within(span.start)
        };
        let steps = next::steps(&head, &next);
        let kind = kind(text, &head, &steps).filter(|_| is_same)?;
        let (length, _) = Rows::new(text, kind, line, span.start).most(&head);
        let is_due = |step: &usize| {
            let repeats = is_repeated && length > 0 && step.is_multiple_of(length);
            *step > 0 && (*step == length || repeats)
        };
        let is_row = steps.iter().flatten().any(is_due);
        is_row.then_some((head, span.start + at))
    })
}
