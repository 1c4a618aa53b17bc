//! `\x13\x42` without quotes, and `\x1342` of PostgreSQL.

use super::cells;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

/// Fewer digits after one `\x` are no stream.
const STREAM: usize = 8;

/// Finds the first run of a line.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let Some(start) = rest.find("\\x") else {
        return Ok(None);
    };
    let start = from + start;
    let before = text.text.get(line.start..start).unwrap_or_default();
    let rest = text.text[start..line.end].trim_end();
    // Where nothing else stands in the line, blanks are bytes too.
    let is_line = before.trim().is_empty() || before.trim_end().ends_with([':', '=', '>']);
    let is_line = is_line && !rest.contains(['"', '\'', '`']);
    let end = if is_line {
        rest.len()
    } else {
        let end = rest.find(|c: char| c.is_whitespace() || "\"'`".contains(c));
        end.unwrap_or(rest.len())
    };
    let run = &rest[..end];
    if run.matches("\\x").count() == 1 {
        return Ok(stream(start, run));
    }
    let found = escapes(text, start, run).map_err(Broken::at(start))?;
    Ok(Some(found))
}

fn stream(start: usize, run: &str) -> Option<Found> {
    let digits = run.get(2..)?;
    if digits.len() < STREAM || !cells::is_group(digits) {
        return None;
    }
    let mut found = Found::new(Form::Escaped, start);
    for (index, pair) in digits.as_bytes().chunks_exact(2).enumerate() {
        found.push(cells::byte(pair), start + 2 + 2 * index);
    }
    found.span.end = start + run.len();
    Some(found)
}

fn escapes(text: &Text<'_>, start: usize, run: &str) -> Result<Found, Fault> {
    let mut found = Found::new(Form::Escaped, start);
    let mut at = 0;
    while let Some(character) = run[at..].chars().next() {
        if run[at..].starts_with("\\x") {
            let digits = run
                .get(at + 2..at + 4)
                .filter(|digits| cells::is_hex(digits));
            let Some(digits) = digits else {
                return Err(text.fault(start + at, Reason::Escape));
            };
            found.push(cells::byte(digits.as_bytes()), start + at);
            at += 4;
        } else {
            for byte in run[at..at + character.len_utf8()].bytes() {
                found.push(byte, start + at);
            }
            at += character.len_utf8();
        }
    }
    found.span.end = start + run.len();
    Ok(found)
}
