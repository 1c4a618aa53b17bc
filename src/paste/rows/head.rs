//! The offset that a row begins with.

use std::ops::Range;

use crate::paste::cells::{self, is_frame};
use crate::paste::text::Text;

/// Radixes of offsets, in the order in which they are tried.
pub const RADIXES: [u32; 3] = [16, 8, 10];

/// Fewer digits are an offset only if the next row agrees.
const SURE_DIGITS: usize = 4;

/// More digits are no offset.
const MAX_DIGITS: usize = 16;

/// An offset in front of a row.
pub struct Head {
    /// Its value in each of [`RADIXES`].
    pub values: [Option<u64>; 3],
    /// How many digits it has.
    pub digits: usize,
    /// A colon, or a line of a frame, stands behind it.
    pub is_marked: bool,
    /// It begins with `0x`, or ends with `h`.
    pub is_prefixed: bool,
    /// Where it begins in its line: the two sides of a conversation are told
    /// apart so.
    pub indent: usize,
    /// What follows in the line.
    pub body: Range<usize>,
}

impl Head {
    /// Whether it is too short to be an offset by its looks.
    pub fn is_short(&self) -> bool {
        self.digits < SURE_DIGITS && !self.is_prefixed
    }

    /// Whether `od` writes such offsets.
    pub fn is_of_od(&self) -> bool {
        !self.is_marked && !self.is_prefixed && matches!(self.digits, 6 | 7)
    }

    /// Blanks before what follows.
    pub fn gap(&self, text: &Text<'_>) -> usize {
        let body = &text.text[self.body.clone()];
        body.len() - body.trim_start().len()
    }
}

/// Blanks and the lines of a frame.
pub fn is_margin(c: char) -> bool {
    c == ' ' || c == '\t' || c == '|' || is_frame(c)
}

/// Reads the offset that a line begins with.
pub fn head(text: &Text<'_>, line: usize) -> Option<Head> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    // A row that was quoted in a mail or a report.
    let inner = row.trim_start_matches(is_margin);
    let inner = inner.strip_prefix("> ").unwrap_or(inner);
    let inner = inner.trim_start_matches(is_margin);
    let indent = row.len() - inner.len();
    let inner = after_segment(inner.strip_prefix('[').unwrap_or(inner));
    let is_bracketed = row[indent..].starts_with('[');
    let (is_prefixed, digits) = match inner.strip_prefix("0x").or(inner.strip_prefix("0X")) {
        Some(digits) => (true, digits),
        None => (false, inner),
    };
    let is_digit = |c: char| c.is_ascii_hexdigit() || c == '`' || c == '\'';
    let length = digits.len() - digits.trim_start_matches(is_digit).len();
    let number = digits[..length].replace(['`', '\''], "");
    if number.is_empty() || number.len() > MAX_DIGITS {
        return None;
    }
    let mut after = &digits[length..];
    let is_suffixed = !is_prefixed && after.starts_with(['h', 'H']);
    after = after.strip_prefix(['h', 'H']).unwrap_or(after);
    after = after_symbol(after);
    if is_bracketed {
        after = after.strip_prefix(']')?;
    }
    let mark = after.trim_start_matches(' ');
    let behind = mark.trim_start_matches(is_margin);
    let begins = behind.split(' ').next().is_some_and(cells::is_group);
    let is_bar = mark.starts_with(is_frame) || (mark.starts_with('|') && begins);
    let is_marked = after.starts_with(':') || is_bar || is_bracketed;
    after = after.strip_prefix(':').unwrap_or(after);
    if is_bar {
        after = mark.trim_start_matches(|c| c == '|' || is_frame(c));
    }
    if !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    let head = Head {
        values: RADIXES.map(|radix| u64::from_str_radix(&number, radix).ok()),
        digits: number.len(),
        is_marked,
        is_prefixed: is_prefixed || is_suffixed,
        indent,
        body: span.end - after.len()..span.end,
    };
    (!head.is_short() || is_marked).then_some(head)
}

/// Skips `.text:`, `seg000:` and the like before an address.
fn after_segment(row: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let end = row.find(|c| !is_name(c)).unwrap_or(row.len());
    let name = &row[..end];
    let begins = name.starts_with(|c: char| c == '.' || c == '_' || c.is_ascii_alphabetic());
    let after = row[end..].strip_prefix(':');
    let is_address = |after: &str| {
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits >= SURE_DIGITS
    };
    match after {
        Some(after) if begins && !name.is_empty() && is_address(after) => after,
        _ => row,
    }
}

/// Skips ` <buffer+8>` behind an address.
fn after_symbol(after: &str) -> &str {
    let symbol = after.strip_prefix(" <").and_then(|s| s.split_once('>'));
    match symbol {
        Some((name, rest)) if !name.contains(' ') => rest,
        _ => after,
    }
}
