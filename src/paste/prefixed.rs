//! `0x13 0x42`, with commas or without, in the rows of a debugger too; and
//! `0x13426974…`.

use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;
use super::{cells, comment, keyed, named};

/// Longer than any address or number that is printed so.
const STREAM: usize = 18;

/// Finds the first run of a line.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let mut at = from;
    while let Some(start) = text.text.get(at..line.end).and_then(prefix) {
        let start = at + start;
        let found = run(text, start).map_err(Broken::at(start))?;
        if found.bytes.len() >= 2 {
            return Ok(Some(found));
        }
        at = found.span.end.max(start + 2);
    }
    Ok(None)
}

fn prefix(rest: &str) -> Option<usize> {
    let mut pairs = rest.as_bytes().windows(2);
    pairs.position(|pair| matches!(pair, b"0x" | b"0X"))
}

/// The digits of the number that begins at `at`.
fn digits<'t>(text: &Text<'t>, at: usize) -> Option<&'t str> {
    let rest = text.rest(at);
    let digits = rest
        .strip_prefix("0x")
        .or_else(|| rest.strip_prefix("0X"))?;
    // Up to the first character that is none, so that no text is read twice.
    let end = digits.find(|c: char| !(c.is_ascii_hexdigit() || c == '_'));
    let (digits, after) = digits.split_at(end.unwrap_or(digits.len()));
    if after.starts_with(char::is_alphanumeric) {
        return None;
    }
    let mut parts = digits.split('_');
    parts.all(cells::is_hex).then_some(digits)
}

/// Pushes the pairs of digits, between which there may be `_`.
fn push_pairs(found: &mut Found, digits: &str, first: usize) {
    let digits: Vec<_> = digits
        .bytes()
        .zip(first..)
        .filter(|(c, _)| *c != b'_')
        .collect();
    for pair in digits.chunks_exact(2) {
        found.push(cells::byte(&[pair[0].0, pair[1].0]), pair[0].1);
    }
}

/// How many digits there are but for `_`.
fn count(digits: &str) -> usize {
    digits.bytes().filter(|byte| *byte != b'_').count()
}

fn run(text: &Text<'_>, start: usize) -> Result<Found, Fault> {
    let mut found = Found::new(Form::Prefixed, start);
    let mut at = start;
    let mut is_number = true;
    loop {
        at = skip_address(text, at);
        let Some(digits) = digits(text, at) else {
            break;
        };
        let end = at + 2 + digits.len();
        let digits = cells::without_sign(digits);
        let first = end - digits.len();
        let is_below_zero = first - at > 2;
        at = end;
        match count(digits) {
            1 => found.push(cells::byte(digits.as_bytes()), first),
            length @ 2..
                if length == 2
                    || length >= STREAM
                    || digits.contains('_')
                    || named::is_hex(&text.text[..first - 2])
                    || keyed::are_told(text, &(first..end)) =>
            {
                if !length.is_multiple_of(2) {
                    return Err(text.fault(at - 1, Reason::OddDigits));
                }
                push_pairs(&mut found, digits, first);
            }
            _ => break,
        }
        is_number &= is_below_zero;
        found.span.end = at;
        at = skip_separators(text, at);
    }
    while found.span.end < at
        && let Some(length) = cells::blank(text.rest(at))
    {
        found.span.end = at + length;
        at = skip_separators(text, found.span.end);
    }
    // Numbers below zero are bytes only among others.
    if is_number {
        found.bytes.clear();
    }
    Ok(found)
}

/// Skips what stands between two bytes, remarks on them included.
fn skip_separators(text: &Text<'_>, at: usize) -> usize {
    let mut at = at;
    for _ in 0..comment::MAX_ROW {
        let rest = text.rest(at);
        let inner = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
        at += rest.len() - inner.len();
        at += match comment::comment(inner) {
            Some(length) => length,
            None if inner.starts_with(';') => 1,
            None => return at,
        };
    }
    at
}

/// Skips `0x7ffe5c40:` or `0x401000 <buffer+8>:` before a row.
fn skip_address(text: &Text<'_>, at: usize) -> usize {
    let line = text.line(text.line_of(at)).unwrap_or_default();
    let row = text.text.get(at..line.end).unwrap_or_default();
    let Some(digits) = digits(text, at) else {
        return at;
    };
    let after = row.get(2 + digits.len()..).unwrap_or_default();
    let after = match after.strip_prefix(" <").and_then(|s| s.split_once('>')) {
        Some((_, after)) => after,
        None => after,
    };
    match after.strip_prefix(':') {
        Some(values) => line.end - values.trim_start_matches([' ', '\t']).len(),
        None => at,
    }
}

/// A text that is one such number.
pub fn whole(text: &Text<'_>) -> Result<Option<Found>, Fault> {
    let start = text.text.len() - text.text.trim_start().len();
    let Some(digits) = digits(text, start) else {
        return Ok(None);
    };
    let first = start + 2;
    if text.text.trim_end().len() != first + digits.len() {
        return Ok(None);
    }
    if !count(digits).is_multiple_of(2) {
        return Err(text.fault(first + digits.len() - 1, Reason::OddDigits));
    }
    let mut found = Found::new(Form::Prefixed, start);
    push_pairs(&mut found, digits, first);
    found.span.end = first + digits.len();
    Ok(Some(found))
}
