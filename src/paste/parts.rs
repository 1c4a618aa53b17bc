//! Hex digits in literals that a language joins, `"64 31 3a 61" +` in one line and `"64 32 30
//! 3a"` in the next, and `"0000000d" + "06"`: one dump.

use super::cells;
use super::form::Form;
use super::found::Found;
use super::glue::{self, QUOTES};
use super::string;
use super::text::Text;

/// Digits of all of them, at least.
const DIGITS: usize = 8;

/// Such literals that begin in a line.
pub fn block(text: &Text<'_>, line: usize) -> Option<Found> {
    let span = text.line(line)?;
    if text.parts.covers(span.start) {
        return None;
    }
    let first = span.start + text.text[span.clone()].find(QUOTES)?;
    let mut found = Found::new(Form::Hex, first);
    let mut digits: Vec<(u8, usize)> = Vec::new();
    let (mut count, mut quote) = (0, first);
    // Where the next literal is joined, if one is.
    while let Some(literal) = string::at(text, quote).filter(|literal| is_digits(&literal.bytes)) {
        let placed = literal.bytes.iter().copied().zip(literal.offsets);
        digits.extend(placed.filter(|(byte, _)| byte.is_ascii_hexdigit()));
        found.span.end = literal.span.end;
        count += 1;
        match glue::next_quote(text, found.span.end, false, true) {
            Some(next) => quote = next,
            None => break,
        }
    }
    let is_whole = count > 1 && digits.len() >= DIGITS && digits.len().is_multiple_of(2);
    if !is_whole {
        text.parts.reach(found.span.end);
        return None;
    }
    for pair in digits.chunks_exact(2) {
        found.push(cells::byte(&[pair[0].0, pair[1].0]), pair[0].1);
    }
    Some(found)
}

/// Whether a literal is digits, with blanks and line ends between.
fn is_digits(bytes: &[u8]) -> bool {
    let is_other = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r');
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    has_digit
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || is_other(byte))
}
