//! The offset that a row begins with.

use std::ops::Range;

use crate::paste::cells::{self, COLUMN_GAP, is_frame};
use crate::paste::column;
use crate::paste::margin::{is_margin, margin};
use crate::paste::text::Text;

/// Radixes of offsets, in the order in which they are tried.
pub const RADIXES: [u32; 3] = [16, 8, 10];

/// Fewer digits are an offset only if the next row agrees.
const SURE_DIGITS: usize = 4;

/// Digits of an offset behind its row, and the column from which on it may stand
/// alone.
const BEHIND_DIGITS: usize = 8;
const BEHIND_COLUMN: usize = 40;

/// More digits are no offset.
const MAX_DIGITS: usize = 16;

/// What tells an offset from other digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Its looks.
    Looks,
    /// The same, and characters between it and the bytes that agree with these.
    Shown,
    /// Nothing but a wide gap behind a digit or two: the rows must count on.
    Gap,
    /// The same, with one blank, behind numbers that are set to the right.
    Aligned,
    /// The same behind words of a log.
    Words,
}

/// An offset in front of a row.
#[derive(Clone)]
pub struct Head {
    /// Its value in each of [`RADIXES`].
    pub values: [Option<u64>; 3],
    /// How many digits it has.
    pub digits: usize,
    /// A colon, or a line of a frame, stands behind it.
    pub is_marked: bool,
    /// It begins with `0x`, or ends with `h`.
    pub is_prefixed: bool,
    /// What tells it from other digits.
    pub evidence: Evidence,
    /// Where it begins in its line: the two sides of a conversation are told
    /// apart so.
    pub indent: usize,
    /// The mark of a comment or a quotation stands before it.
    pub is_quoted: bool,
    /// What follows in the line, or stands before it.
    pub body: Range<usize>,
    /// Where the line ends.
    pub end: usize,
}

impl Head {
    /// Whether it is too short to be an offset by its looks.
    pub fn is_short(&self) -> bool {
        self.digits < SURE_DIGITS && !self.is_prefixed
    }

    /// Whether a row by itself is none, whatever it begins with.
    pub fn needs_proof(&self) -> bool {
        self.is_short() || self.evidence == Evidence::Words
    }

    /// Whether another begins where it does: the two sides of a conversation are set
    /// apart. The mark of a comment may stand before the first row alone.
    pub fn is_beside(&self, other: &Self) -> bool {
        let end = |head: &Self| head.indent + head.digits;
        let is_number = matches!(self.evidence, Evidence::Gap | Evidence::Aligned);
        let is_number = is_number || self.digits != other.digits;
        let is_aligned = is_number && end(self) == end(other);
        let is_first = self.is_quoted != other.is_quoted;
        let is_same = self.indent == other.indent || is_aligned || is_first;
        let in_words = |head: &Self| head.evidence == Evidence::Words;
        is_same && in_words(self) == in_words(other)
    }

    /// Whether `od` writes such offsets.
    pub fn is_of_od(&self) -> bool {
        !self.is_marked && !self.is_prefixed && matches!(self.digits, 6 | 7)
    }

    /// Whether it is a whole address of a 64-bit process, as WinDbg prints it.
    pub fn is_address(&self) -> bool {
        !self.is_marked && !self.is_prefixed && self.digits == MAX_DIGITS
    }

    /// The same, with the place of the line added to that of what follows.
    pub fn within(mut self, start: usize) -> Self {
        self.body = self.body.start + start..self.body.end + start;
        self.end += start;
        self
    }

    /// Blanks before what follows.
    pub fn gap(&self, text: &Text<'_>) -> usize {
        let body = &text.text[self.body.clone()];
        body.len() - body.trim_start().len()
    }
}

/// Reads the offset of a row: what the line begins with, or a log writes before it,
/// or what it ends with.
pub fn head(text: &Text<'_>, line: usize) -> Option<Head> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    let indent = margin(row);
    if let Some(mut head) = behind(row).or_else(|| leading(row, indent)) {
        let shown = column::before(&row[head.body.clone()], 1);
        if shown.is_some() && head.evidence == Evidence::Looks {
            head.evidence = Evidence::Shown;
        }
        head.body.start += shown.unwrap_or_default();
        return Some(head.within(span.start));
    }
    let indent = after_prefix(row)?;
    let head = leading(row, indent).filter(|head| head.evidence == Evidence::Looks)?;
    let evidence = Evidence::Words;
    // The numbers of lines get longer.
    let is_numbered = is_line_number(&row[..indent]);
    let indent = if is_numbered { 0 } else { indent };
    Some(
        Head {
            evidence,
            indent,
            ..head
        }
        .within(span.start),
    )
}

/// Whether nothing but the number of a line stands before an offset, as editors, `cat -n` and
/// `grep -n` print it: `12:`, `12 `.
fn is_line_number(before: &str) -> bool {
    let number = before.trim_matches([' ', '\t', ':', '|']);
    !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
}

/// The offset of a row that is a number set to the right, with one blank behind it.
pub fn aligned(text: &Text<'_>, line: usize) -> Option<Head> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    let indent = margin(row);
    let inner = &row[indent..];
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let body = inner[digits..].strip_prefix(' ')?;
    if !(1..SURE_DIGITS).contains(&digits) || !starts_with_pair(body) {
        return None;
    }
    let values = RADIXES.map(|radix| u64::from_str_radix(&inner[..digits], radix).ok());
    let head = Head {
        values,
        digits,
        is_marked: false,
        is_prefixed: false,
        evidence: Evidence::Aligned,
        indent,
        is_quoted: row[..indent].contains(|c| !is_margin(c)),
        body: indent + digits..row.len(),
        end: row.len(),
    };
    Some(head.within(span.start))
}

/// Characters of a line of a log before an offset, at most.
const MAX_PREFIX: usize = 160;

/// Where an offset stands behind words, with digits behind it: of four digits or more,
/// or with a mark behind it, `recv[16]:`.
fn after_prefix(row: &str) -> Option<usize> {
    let near = &row[..row.floor_char_boundary(MAX_PREFIX)];
    let mut starts = near.match_indices([' ', '\t', '[', '|', ':']);
    starts.find_map(|(at, mark)| {
        if mark == ":" && !is_line_number(&near[..at]) {
            return None;
        }
        let at = if mark == "[" { at } else { at + 1 };
        let word = near[at..].split([' ', '\t']).next().unwrap_or_default();
        let number = word.trim_end_matches([':', ']', ')', '>']);
        let digits = number.trim_start_matches(['[', '(', '<', '+']);
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        let is_marked = number.len() < word.len();
        let behind = row[at + word.len()..].trim_start_matches(cells::is_space);
        let first = behind.split(' ').next().unwrap_or_default();
        let is_number = cells::is_hex(digits) && (is_marked || digits.len() >= SURE_DIGITS);
        // `client[99]: 0000  00 0d`: the number of a process is before the offset.
        let after = &behind[first.len()..];
        let is_other =
            first.len() >= SURE_DIGITS && (after.trim().is_empty() || stands_apart(after));
        // The end alone stands behind the last row.
        let is_set_apart = row[..at].trim_end().ends_with([':', ']', ')', '>', '|']);
        let is_end = behind.is_empty() && digits.len() >= SURE_DIGITS && is_set_apart;
        (is_number && (cells::is_group(first) || is_end) && !is_other).then_some(at)
    })
}

/// An offset of eight digits behind the characters of a row.
fn behind(row: &str) -> Option<Head> {
    let inner = row.trim_end();
    let at = inner.len().checked_sub(BEHIND_DIGITS)?;
    let digits = inner.get(at..).filter(|digits| cells::is_hex(digits))?;
    let before = &inner[..at];
    let body = match before.trim_start_matches(' ').strip_prefix('|') {
        Some(body) if before.ends_with(' ') => before.len() - body.len(),
        None if before.trim().is_empty() && at >= BEHIND_COLUMN => before.len(),
        _ => return None,
    };
    Some(Head {
        values: RADIXES.map(|radix| u64::from_str_radix(digits, radix).ok()),
        digits: BEHIND_DIGITS,
        is_marked: true,
        is_prefixed: false,
        evidence: Evidence::Looks,
        indent: 0,
        is_quoted: false,
        body: body..before.trim_end().len().max(body),
        end: row.len(),
    })
}

/// What an offset may stand in.
const BRACKETS: [(char, char); 4] = [('[', ']'), ('(', ')'), ('{', '}'), ('<', '>')];

/// What may stand before its digits: of a difference, of a debugger, of Basic, of Pascal
/// and monitors, of a list.
const SIGNS: [char; 5] = ['+', '@', '&', '$', '#'];

/// How a tag of HTML begins that may stand right behind the last offset.
const CLOSING_TAG: &str = "</";

/// The offset at `indent` of a row.
pub fn leading(row: &str, indent: usize) -> Option<Head> {
    let inner = &row[indent..];
    let bracket = BRACKETS.iter().find(|(open, _)| inner.starts_with(*open));
    let inner = inner.strip_prefix(|c| bracket.is_some_and(|(open, _)| *open == c));
    let inner = after_segment(inner.unwrap_or(&row[indent..]));
    let inner = inner.strip_prefix(SIGNS).unwrap_or(inner);
    let (is_prefixed, digits) = match inner.strip_prefix("0x").or(inner.strip_prefix("0X")) {
        Some(digits) => (true, digits),
        None => (false, inner.strip_prefix('x').unwrap_or(inner)),
    };
    let is_digit = |c: char| c.is_ascii_hexdigit() || matches!(c, '`' | '\'' | '_');
    let length = digits.len() - digits.trim_start_matches(is_digit).len();
    let number = digits[..length].replace(['`', '\'', '_'], "");
    if number.is_empty() || number.len() > MAX_DIGITS {
        return None;
    }
    let mut after = &digits[length..];
    let is_suffixed = !is_prefixed && after.starts_with(['h', 'H']);
    after = after.strip_prefix(['h', 'H']).unwrap_or(after);
    after = after_symbol(after);
    if let Some((_, close)) = bracket {
        after = after.strip_prefix(*close)?;
    }
    // `16) 13 42`, `0016. 13 42`
    let numbered = after.strip_prefix([')', '.']);
    let numbered = numbered.filter(|after| bracket.is_none() && is_before_pair(after));
    after = numbered.unwrap_or(after);
    if !is_prefixed && number.len() >= SURE_DIGITS {
        after = after_separator(after);
    }
    if (is_prefixed || number.len() >= SURE_DIGITS) && after.starts_with(" : ") {
        after = &after[1..];
    }
    let mark = after.trim_start_matches(cells::is_space);
    let behind = mark.trim_start_matches(is_margin);
    let behind = behind.strip_prefix(CODE).unwrap_or(behind);
    let first = behind.split([' ', CODE]).next();
    let begins = first.is_some_and(cells::is_group);
    // It may be the first of the characters before the bytes, or one of `od -a`, of whose
    // names `ff` alone is hex digits.
    let is_named = after.starts_with("   |  ff") && matches!(number.len(), 6 | 7);
    let is_line = || {
        let is_bar = mark.starts_with('|') && begins && !is_named;
        is_bar && column::before(after, 1).is_none()
    };
    let is_bar = mark.starts_with(is_frame) || is_line();
    let is_bracketed = bracket.is_some() || numbered.is_some();
    let is_marked = after.starts_with(':') || is_bar || is_bracketed;
    after = after.trim_start_matches(':');
    if is_bar {
        after = mark.trim_start_matches(|c| c == '|' || is_frame(c));
    }
    if after.starts_with(CLOSING_TAG) && after.trim_end().ends_with('>') {
        after = "";
    }
    // Two colons set the first pair apart.
    let is_apart = after.is_empty() || after.starts_with(cells::is_space);
    if !is_apart && !digits[length..].starts_with("::") {
        return None;
    }
    after = after_address(after);
    // The cells of a table of Markdown are code.
    let (code, end) = within_code(after);
    let end = row.len() - after.len() + end;
    after = &after[code..];
    let is_weak = number.len() < SURE_DIGITS && !is_prefixed && !is_suffixed && !is_marked;
    let head = Head {
        values: RADIXES.map(|radix| u64::from_str_radix(&number, radix).ok()),
        digits: number.len(),
        is_marked,
        is_prefixed: is_prefixed || is_suffixed,
        evidence: if is_weak {
            Evidence::Gap
        } else {
            Evidence::Looks
        },
        indent,
        is_quoted: row[..indent].contains(|c| !is_margin(c)),
        body: row.len() - after.len()..end,
        end: row.len(),
    };
    (!is_weak || stands_apart(after)).then_some(head)
}

/// What stands around code in Markdown.
const CODE: char = '`';

/// Where the digits of a row begin and end: all, or what stands in backticks.
fn within_code(after: &str) -> (usize, usize) {
    let inner = after.trim_start_matches(cells::is_space);
    let code = inner.strip_prefix(CODE).and_then(|code| {
        let end = code.find(CODE)?;
        starts_with_pair(&code[..end]).then_some((after.len() - code.len(), end))
    });
    match code {
        Some((start, length)) => (start, start + length),
        None => (0, after.len()),
    }
}

/// Whether the first word is a pair of digits.
fn starts_with_pair(body: &str) -> bool {
    let first = body.split(' ').next().unwrap_or_default();
    first.len() == 2 && cells::is_hex(first)
}

/// Whether blanks, one or more, and a pair of digits follow.
fn is_before_pair(after: &str) -> bool {
    let body = after.trim_start_matches(cells::is_space);
    body.len() < after.len() && starts_with_pair(body)
}

/// Skips an address behind an offset, with pairs behind it: `+0010 0x7fffffffe0b0  6f 63`.
fn after_address(after: &str) -> &str {
    let inner = after.trim_start_matches(' ');
    let behind = inner.strip_prefix("0x").map(|digits| {
        let count = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
        (count, &digits[count..])
    });
    match behind {
        Some((count, behind)) if count > SURE_DIGITS && stands_apart(behind) => behind,
        _ => after,
    }
}

/// Whether pairs of digits follow behind more than one blank.
fn stands_apart(after: &str) -> bool {
    let body = after.trim_start_matches(' ');
    after.len() - body.len() >= COLUMN_GAP && starts_with_pair(body)
}

/// Skips `.text:`, `seg000:`, the `0B1F:` of DOS and the like before an address.
fn after_segment(row: &str) -> &str {
    let is_digits = |part: &str| part.len() == SURE_DIGITS && cells::is_hex(part);
    if row.get(..SURE_DIGITS).is_some_and(is_digits)
        && let Some(address) = row[SURE_DIGITS..].strip_prefix(':')
        && address.get(..SURE_DIGITS).is_some_and(is_digits)
        && address[SURE_DIGITS..].starts_with(' ')
    {
        return address;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let end = row.find(|c| !is_name(c)).unwrap_or(row.len());
    let name = &row[..end];
    let begins = name.starts_with(|c: char| c == '.' || c == '_' || c.is_ascii_alphabetic());
    let after = row[end..].strip_prefix(':');
    let is_address = |after: &str| {
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        // `ssl_msg.c:2350: |4| 0000:` is a place in a source.
        let behind = after[digits..].trim_start_matches(':').trim_start();
        digits >= SURE_DIGITS && !behind.starts_with('|')
    };
    match after {
        Some(after) if begins && !name.is_empty() && is_address(after) => after,
        _ => row,
    }
}

/// What may stand between an offset and its row, before a blank.
const SEPARATORS: [&str; 8] = ["=>", "->", "-", ")", ">", "=", ";", ","];

/// Skips such a one.
fn after_separator(after: &str) -> &str {
    let mark = after.strip_prefix(' ').unwrap_or(after);
    let behind = SEPARATORS.iter().find_map(|separator| {
        let behind = mark.strip_prefix(*separator)?;
        behind.starts_with(' ').then_some(behind)
    });
    behind.unwrap_or(after)
}

/// Skips ` <buffer+8>` behind an address.
fn after_symbol(after: &str) -> &str {
    let symbol = after.strip_prefix(" <").and_then(|s| s.split_once('>'));
    match symbol {
        Some((name, rest)) if !name.contains(' ') => rest,
        _ => after,
    }
}
