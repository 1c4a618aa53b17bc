//! Lines of a dump that hold no bytes: rulers that number the columns, and what
//! frames are drawn with.

use crate::paste::cells::is_frame;
use crate::paste::text::Text;

/// A ruler numbers at least so many columns.
const COLUMNS: usize = 4;

/// A line of a frame has at least so many characters.
const FRAME: usize = 5;

/// Whether a line is a ruler or part of a frame.
pub fn is_ruler(text: &Text<'_>, line: usize) -> bool {
    let row = text.line_text(line).trim();
    let row = row.strip_prefix("> ").unwrap_or(row);
    !row.is_empty() && (is_drawn(row) || numbers_columns(row))
}

/// `+--------+----+`, `------ -----`, `┌────┬────┐`
fn is_drawn(row: &str) -> bool {
    let is_line = |c: char| matches!(c, '-' | '=' | '+' | '|' | ' ') || is_frame(c);
    let drawn = row.chars().filter(|c| *c != ' ' && *c != '|').count();
    drawn >= FRAME && row.chars().all(is_line)
}

/// `00 01 02 … 0F`, `+0 +1 +2`, `0 1 2 … f` among words.
fn numbers_columns(row: &str) -> bool {
    let is_blank = |c: char| c.is_whitespace() || c == '|' || c == '-' || c == '+' || is_frame(c);
    let words = || row.split(is_blank).filter(|word| !word.is_empty());
    [16, 10].into_iter().any(|radix| {
        let number = |word: &str| {
            let narrow = word.len() <= 2;
            u64::from_str_radix(word, radix).ok().filter(|_| narrow)
        };
        let Some(first) = words().position(|word| number(word) == Some(0)) else {
            return false;
        };
        let columns = words().skip(first).map(number);
        let counted = columns
            .zip(0..)
            .take_while(|(column, due)| *column == Some(*due));
        let counted = counted.count();
        // What follows are words, or the columns of the characters.
        let mut others = words().skip(first + counted);
        counted >= COLUMNS && others.all(|word| word.len() > 2 || number(word).is_none())
    })
}
