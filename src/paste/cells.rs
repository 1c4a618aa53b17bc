//! Groups of hex digits in a row, and where they end.

use std::ops::Range;

use super::found::Found;
use super::text::Text;

/// Some digits without a blank.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its span in the text; an even number of digits.
    pub span: Range<usize>,
    /// Blanks before it; a tab counts for two. 0 where `:` or `-` stands before.
    pub gap: usize,
}

impl Group {
    /// How many bytes it holds.
    pub fn size(&self) -> usize {
        self.span.len() / 2
    }
}

/// Why there are no more groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The line ends.
    End,
    /// `..`, `...` or `…`: bytes were left out. Ends here.
    Cut(usize),
    /// A word, or an odd number of digits, after so many blanks.
    Word(Range<usize>, usize),
    /// Another character, after so many blanks.
    Other(usize, usize),
}

/// The groups of one line.
#[derive(Debug)]
pub struct Cells {
    pub groups: Vec<Group>,
    pub stop: Stop,
}

impl Cells {
    /// Bytes in the first `count` groups.
    pub fn size(&self, count: usize) -> usize {
        self.groups.iter().take(count).map(Group::size).sum()
    }

    /// Where the first `count` groups end.
    pub fn end(&self, count: usize) -> Option<usize> {
        Some(self.groups.get(count.checked_sub(1)?)?.span.end)
    }
}

/// Columns that a gap before another column has at least.
pub const COLUMN_GAP: usize = 2;

/// Reads groups in `span` of the text.
pub fn read(text: &Text<'_>, span: Range<usize>) -> Cells {
    let mut groups: Vec<Group> = Vec::new();
    let mut at = span.start;
    let stop = loop {
        let rest = text.text.get(at..span.end).unwrap_or_default();
        let (blank, gap) = blanks(rest);
        let joined = groups.last().is_some_and(|group| group.span.len() == 2);
        let (skip, gap) = match separator(rest).filter(|_| joined) {
            Some(length) => (length, 0),
            None => (blank, gap),
        };
        at += skip;
        let rest = &rest[skip..];
        let word = word(rest);
        if word > 0 {
            let token = &rest[..word];
            if !is_group(token) || (gap == 0 && skip > 0 && word != 2) {
                break Stop::Word(at..at + word, gap);
            }
            let span = at..at + word;
            groups.push(Group { span, gap });
            at += word;
        } else if rest.is_empty() {
            break Stop::End;
        } else if let Some(dots) = dots(rest) {
            break Stop::Cut(at + dots);
        } else {
            break Stop::Other(at, gap);
        }
    };
    Cells { groups, stop }
}

/// Length and columns of the blanks at the start.
fn blanks(text: &str) -> (usize, usize) {
    let length = text.len() - text.trim_start_matches([' ', '\t']).len();
    let tabs = text[..length].matches('\t').count();
    (length, length + tabs)
}

/// `:` or `-` before two digits.
fn separator(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix([':', '-'])?;
    let digit = after.chars().next()?;
    digit.is_ascii_hexdigit().then_some(1)
}

/// Length of the letters and digits at the start.
fn word(rest: &str) -> usize {
    rest.len()
        - rest
            .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
            .len()
}

/// Whether a token is an even number of hex digits.
pub fn is_group(token: &str) -> bool {
    token.len().is_multiple_of(2) && is_hex(token)
}

/// Whether a token is hex digits.
pub fn is_hex(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Length of the dots that stand for bytes left out.
pub fn dots(rest: &str) -> Option<usize> {
    if rest.starts_with('…') {
        return Some('…'.len_utf8());
    }
    let length = rest.len() - rest.trim_start_matches('.').len();
    (length >= 2).then_some(length)
}

/// Adds the bytes of a group.
pub fn push(found: &mut Found, text: &Text<'_>, group: &Group) {
    let digits = &text.text.as_bytes()[group.span.clone()];
    for (index, pair) in digits.chunks_exact(2).enumerate() {
        found.push(byte(pair), group.span.start + 2 * index);
    }
}

/// The byte that two hex digits spell.
pub fn byte(pair: &[u8]) -> u8 {
    pair.iter().fold(0, |byte, digit| {
        byte << 4 | char::from(*digit).to_digit(16).unwrap_or(0) as u8
    })
}

/// How many of the groups are bytes where a column of characters follows them
/// that agrees with each, as `hexdump -C` and others print it.
pub fn before_characters(text: &Text<'_>, cells: &Cells, line_end: usize) -> Option<usize> {
    let mut bytes = Vec::new();
    for (index, group) in cells.groups.iter().enumerate() {
        let digits = &text.text.as_bytes()[group.span.clone()];
        bytes.extend(digits.chunks_exact(2).map(byte));
        let ends_column = cells
            .groups
            .get(index + 1)
            .is_none_or(|next| next.gap >= COLUMN_GAP);
        let rest = text.text.get(group.span.end..line_end).unwrap_or_default();
        if ends_column && bytes.len() <= MAX_ROW && agrees(rest, &bytes) {
            return Some(index + 1);
        }
    }
    None
}

/// More bytes than this are not looked for in one row with characters.
pub const MAX_ROW: usize = 256;

/// Whether `rest` is blanks and then a character for each of `bytes`: itself
/// where it is printable, else a dot.
fn agrees(rest: &str, bytes: &[u8]) -> bool {
    let (_, gap) = blanks(rest);
    if gap < COLUMN_GAP || rest.trim().is_empty() {
        return false;
    }
    let trimmed = rest.trim();
    for (open, close) in [('|', '|'), ('>', '<')] {
        let inner = trimmed
            .strip_prefix(open)
            .and_then(|inner| inner.strip_suffix(close));
        if inner.is_some_and(|inner| fits(inner, bytes)) {
            return true;
        }
    }
    // The column itself may begin with blanks.
    let (length, _) = blanks(rest);
    let whole = (1..=length).rev().any(|skip| fits(&rest[skip..], bytes));
    // Wireshark leaves a blank in the middle.
    let halves = trimmed.split_at_checked(HALF);
    let halves = halves.and_then(|(left, right)| Some((left, right.strip_prefix(' ')?)));
    whole
        || halves.is_some_and(|(left, right)| {
            bytes.len() > HALF && fits(left, &bytes[..HALF]) && fits(right, &bytes[HALF..])
        })
}

/// Bytes in the left half of a row.
const HALF: usize = 8;

fn fits(shown: &str, bytes: &[u8]) -> bool {
    let mut characters = shown.chars();
    for &byte in bytes {
        let agrees = match characters.next() {
            // Blanks at the end of a line get lost.
            None => byte == b' ',
            Some('.') => true,
            Some(character) if matches!(byte, b' '..=b'~') => character == char::from(byte),
            Some(character) => !character.is_ascii(),
        };
        if !agrees {
            return false;
        }
    }
    characters.all(char::is_whitespace)
}
