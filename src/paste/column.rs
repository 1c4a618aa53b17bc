//! The column of characters beside bytes, as `hexdump -C` and others print it.

use super::cells::{self, COLUMN_GAP, Cells, is_frame};
use super::text::Text;

/// More bytes than this are not looked for in one row with characters.
pub const MAX_ROW: usize = 256;

/// Characters of such a row, at most, which take some bytes each.
const MAX_SHOWN: usize = 4 * MAX_ROW;

/// Which end of a group of digits is the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Big,
    Little,
}

/// How many of the groups are bytes where a column of characters follows them
/// that agrees with each.
pub fn groups_before(
    text: &Text<'_>,
    cells: &Cells,
    line_end: usize,
    order: Order,
) -> Option<usize> {
    let mut bytes = Vec::new();
    for (index, group) in cells.groups.iter().enumerate() {
        let digits = &text.text.as_bytes()[group.span.clone()];
        let start = bytes.len();
        bytes.extend(digits.chunks_exact(2).map(cells::byte));
        if order == Order::Little {
            bytes[start..].reverse();
        }
        if bytes.len() > MAX_ROW {
            return None;
        }
        let next = cells.groups.get(index + 1);
        if next.is_some_and(|next| next.gap < COLUMN_GAP) {
            continue;
        }
        let rest = text.text.get(group.span.end..line_end).unwrap_or_default();
        if follows(rest, &bytes) {
            return Some(index + 1);
        }
    }
    None
}

/// Whether `rest` is a gap and then a character for each of `bytes`: itself
/// where it is printable, else a placeholder.
pub fn follows(rest: &str, bytes: &[u8]) -> bool {
    let (length, gap) = cells::blanks(rest);
    let trimmed = rest.trim();
    if trimmed.is_empty() {
        return false;
    }
    for (open, close) in [
        ("|", "|"),
        (">", "<"),
        ("|", ""),
        ("[", "]"),
        ("'", "'"),
        ("\"", "\""),
        ("# ", ""),
        (": ", ""),
        ("| ", ""),
    ] {
        let inner = trimmed
            .strip_prefix(open)
            .and_then(|inner| inner.strip_suffix(close));
        if inner.is_some_and(|inner| fits(inner, bytes)) {
            return true;
        }
    }
    if gap > 0 && fits_spaced(trimmed, bytes) {
        return true;
    }
    // pwndbg draws a line behind each fourth.
    if trimmed.len() <= MAX_SHOWN && trimmed.contains(is_frame) {
        let inner: String = trimmed.chars().filter(|c| !is_frame(*c)).collect();
        if fits(&inner, bytes) {
            return true;
        }
    }
    // The column itself may begin with blanks, and a tab may be the gap.
    gap >= COLUMN_GAP
        && (1..=length).rev().any(|skip| {
            let shown = rest.get(skip..);
            shown.is_some_and(|shown| fits(shown, bytes))
        })
}

/// Bytes of a row behind its characters, at most.
const MAX_BEHIND: usize = 32;

/// Blanks that characters may begin with.
const MAX_BLANK: usize = 8;

/// Where the bytes begin in a row that has their characters before them, of at least so
/// many: `.BitTorrent prot 13 42 69 74 ...`
pub fn before(row: &str, least: usize) -> Option<usize> {
    let inner = row.trim();
    let is_pair = |word: &str| word.len() == 2 && cells::is_hex(word);
    let blanks = row.bytes().take_while(|byte| *byte == b' ').count();
    let pairs = inner.rsplit(' ').filter(|word| !word.is_empty());
    let pairs: Vec<_> = pairs
        .take(MAX_BEHIND)
        .take_while(|word| is_pair(word))
        .collect();
    let place = |word: &str| word.as_ptr() as usize - row.as_ptr() as usize;
    (least..=pairs.len()).rev().find_map(|count| {
        let at = place(pairs[count - 1]);
        let bytes = pairs[..count].iter().rev();
        let bytes: Vec<_> = bytes.map(|pair| cells::byte(pair.as_bytes())).collect();
        // Offsets and other bytes are no characters, unless they are just these.
        let shown = row.get(blanks..at)?;
        let mut words = shown.split(' ').filter(|word| !word.is_empty());
        let is_apart = shown.len() - shown.trim_end().len() >= COLUMN_GAP;
        let is_printable = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let is_text = words.any(|word| !cells::is_group(word)) || (is_apart && is_printable);
        let agrees = |start: usize| {
            let shown = row[start..at].trim_end();
            let inner = shown
                .strip_prefix('|')
                .and_then(|inner| inner.strip_suffix('|'));
            fits(inner.unwrap_or(shown), &bytes)
        };
        let starts = blanks.saturating_sub(MAX_BLANK)..=blanks;
        (is_text && starts.rev().any(agrees)).then_some(at)
    })
}

/// Bytes in the left half of a row.
const HALF: usize = 8;

/// Whether a text is a character for each byte, perhaps with something between
/// each [`HALF`], and nothing else.
pub fn fits(shown: &str, bytes: &[u8]) -> bool {
    let is_gap = |c: char| c == ' ' || c == '|' || is_frame(c);
    let mut rest = shown;
    for (index, &byte) in bytes.iter().enumerate() {
        let mut characters = rest.chars();
        let mut next = characters.next();
        // Wireshark leaves a blank in the middle, hexyl draws a line.
        if index > 0 && index % HALF == 0 && next.is_some_and(|c| is_gap(c) && !shows(c, byte)) {
            rest = rest.trim_start_matches(is_gap);
            characters = rest.chars();
            next = characters.next();
        }
        let agrees = match next {
            // Blanks at the end of a line get lost.
            None => byte == b' ',
            Some(character) => shows(character, byte),
        };
        if !agrees {
            return fits_halves(shown, bytes);
        }
        rest = characters.as_str();
    }
    let is_end = |c: char| c.is_whitespace() || c == '|' || is_frame(c);
    rest.chars().all(is_end) || fits_halves(shown, bytes)
}

/// Whether a text is a character for each byte with a blank between, as the cells
/// of a table are copied.
fn fits_spaced(shown: &str, bytes: &[u8]) -> bool {
    let mut characters = shown.chars();
    let mut is_first = true;
    let all = bytes.iter().all(|byte| {
        let is_apart =
            std::mem::take(&mut is_first) || matches!(characters.next(), Some(' ') | None);
        // Blanks at the end of a line get lost.
        let shown = characters.next();
        is_apart && shown.map_or(*byte == b' ', |shown| shows(shown, *byte))
    });
    all && characters.all(char::is_whitespace) && !bytes.is_empty()
}

/// The same where the blank in the middle could be that of a byte too.
fn fits_halves(shown: &str, bytes: &[u8]) -> bool {
    let Some((right_start, _)) = shown.char_indices().nth(HALF) else {
        return false;
    };
    let (left, right) = shown.split_at(right_start);
    let Some(right) = right.strip_prefix(|c| c == ' ' || c == '|' || is_frame(c)) else {
        return false;
    };
    let all = |shown: &str, bytes: &[u8]| {
        let mut characters = shown.chars();
        let same = |byte: &u8| characters.next().map_or(*byte == b' ', |c| shows(c, *byte));
        bytes.iter().all(same) && characters.all(|c| c.is_whitespace() || c == '|' || is_frame(c))
    };
    bytes.len() > HALF && all(left, &bytes[..HALF]) && all(right, &bytes[HALF..])
}

/// Bytes from this one on are no ASCII.
const HIGH: u8 = 0x80;

/// Whether a character may stand for a byte.
fn shows(character: char, byte: u8) -> bool {
    match character {
        '.' => true,
        _ if matches!(byte, b' '..=b'~') => character == char::from(byte),
        // A placeholder, or what a code page makes of the byte.
        ' ' | '_' | '?' | '*' | '-' => true,
        '0' => byte == 0,
        // What frames are drawn with are bytes of old code pages too.
        other => !other.is_ascii() && (!is_frame(other) || byte >= HIGH),
    }
}
