//! Literals of bytes within a text that is itself a literal: logs in JSON double each backslash,
//! `{"log":"recv b'\\x00\\x00\\x00\\x05'"}`.

use super::cells;
use super::escape;
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

/// What a byte begins with.
const ESCAPE: &str = "\\\\x";

/// What the inner literal stands in: a mark that needs no backslash in the outer one, or has it.
const MARKS: [&str; 2] = ["'", "\\\""];

/// Fewer may be the folders of a path: `'C:\\x64'`.
const ESCAPES: usize = 3;

/// Characters before the first escape, at most.
const MAX_PLAIN: usize = 80;

/// Finds the first of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let row = text.text.get(from..line.end).unwrap_or_default();
    let mut at = 0;
    while let Some(offset) = row[at..].find(ESCAPE) {
        let first = at + offset;
        let Some((start, mark)) = opening(&row[at..first]) else {
            at = first + ESCAPE.len();
            continue;
        };
        let start = at + start;
        let inner = &row[start + mark.len()..];
        let Some(length) = inner.find(mark) else {
            return Ok(None);
        };
        at = start + mark.len() + length + mark.len();
        let begin = from + start + mark.len();
        let is_enough = inner[..length].matches(ESCAPE).count() >= ESCAPES;
        if is_enough && let Some(mut found) = read(begin, &inner[..length]) {
            found.span = from + start..from + at;
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Where the literal begins of which an escape follows, and its mark.
fn opening(before: &str) -> Option<(usize, &'static str)> {
    let near = before.ceil_char_boundary(before.len().saturating_sub(MAX_PLAIN));
    let marks = MARKS
        .iter()
        .filter_map(|mark| Some((before[near..].rfind(mark)?, *mark)));
    let (at, mark) = marks.max_by_key(|(at, _)| *at)?;
    Some((near + at, mark))
}

/// The bytes of a literal whose backslashes are doubled; `None` where one is not.
fn read(start: usize, inner: &str) -> Option<Found> {
    let mut found = Found::new(Form::String, start);
    let mut at = 0;
    while let Some(character) = inner[at..].chars().next() {
        let rest = &inner[at..];
        let (byte, length) = match rest.strip_prefix("\\\\") {
            Some(_) if rest[1..].starts_with("\\x") => {
                let digits = rest.get(3..5).filter(|digits| cells::is_hex(digits))?;
                (cells::byte(digits.as_bytes()), 5)
            }
            Some(_) => {
                let (byte, length) = escape::one(&rest[1..])?;
                (byte, 1 + length)
            }
            None => (u8::try_from(character).ok().filter(u8::is_ascii)?, 1),
        };
        found.push(byte, start + at);
        at += length;
    }
    Some(found)
}
