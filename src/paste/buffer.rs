//! `<Buffer 13 42 69 ... 20 more bytes>` as Node.js prints it, the
//! `[Uint8Contents]: <13 42>` of an `ArrayBuffer`, and the `<0000000d 06>` and
//! `{length = 5, bytes = 0x0000000d 06}` of `NSData`.

use super::cells;
use super::dump::Cut;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

/// What stands before the bytes, what ends them, and how they are printed then.
const OPENINGS: [(&str, char, Form); 4] = [
    ("<Buffer", '>', Form::NodeBuffer),
    ("[Uint8Contents]: <", '>', Form::NodeBuffer),
    ("bytes = 0x", '}', Form::NsData),
    ("<", '>', Form::NsData),
];

/// Digits of a group in the oldest form of `NSData`.
const GROUP: usize = 8;

/// Whether a text begins with what opens a buffer.
pub fn begins(text: &str) -> bool {
    opening(text).is_some()
}

fn opening(text: &str) -> Option<&'static (&'static str, char, Form)> {
    OPENINGS.iter().find(|(opening, ..)| {
        let after = text.strip_prefix(opening);
        after.is_some_and(|after| *opening != "<" || is_data(after))
    })
}

/// Finds the first buffer of a line.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let begins = |(start, _): (usize, &str)| {
        let (opening, close, form) = opening(&rest[start..])?;
        Some((start, opening.len(), *close, *form))
    };
    let mut brackets = rest.match_indices(['<', '[', 'b']);
    let Some((start, length, close, form)) = brackets.find_map(begins) else {
        return Ok(None);
    };
    let mut found = Found::new(form, from + start);
    let content = content(text, from + start + length, close, &mut found);
    content.map_err(Broken::at(from + start))?;
    Ok((!found.bytes.is_empty()).then_some(found))
}

/// Whether groups of eight digits stand before a `>`.
fn is_data(after: &str) -> bool {
    let end = after.find(|c: char| !(c.is_ascii_hexdigit() || c == ' '));
    let inner = &after[..end.unwrap_or(after.len())];
    let mut groups = inner.split(' ').rev();
    let last = groups.next().map_or(0, str::len);
    after[inner.len()..].starts_with('>')
        && matches!(last, 2 | 4 | 6 | GROUP)
        && inner.len() > GROUP
        && groups.all(|group| group.len() == GROUP)
}

/// Reads pairs up to `close`. Terminals wrap long lines, so that line ends are
/// blanks.
fn content(text: &Text<'_>, from: usize, close: char, found: &mut Found) -> Result<(), Fault> {
    let mut at = from;
    loop {
        let rest = text.rest(at);
        at += rest.len() - rest.trim_start().len();
        let rest = text.rest(at);
        if rest.starts_with(close) {
            found.span.end = at + 1;
            return Ok(());
        }
        if let Some(dots) = cells::dots(rest) {
            found.span.end = ellipsis(text, at + dots, close, found);
            return Ok(());
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == close);
        let token = &rest[..end.unwrap_or(rest.len())];
        if token.is_empty() {
            // The text ends before the buffer does.
            found.cut = Some(Cut { missing: None });
            found.span.end = at;
            return Ok(());
        }
        if let Some(bad) = token.find(|c: char| !c.is_ascii_hexdigit()) {
            let character = token[bad..].chars().next().unwrap_or(' ');
            return Err(text.fault(at + bad, Reason::NotHex(character)));
        }
        if !token.len().is_multiple_of(2) {
            return Err(text.fault(at + token.len() - 1, Reason::OddDigits));
        }
        for (index, pair) in token.as_bytes().chunks_exact(2).enumerate() {
            found.push(cells::byte(pair), at + 2 * index);
        }
        at += token.len();
    }
}

/// Reads what follows the dots: nothing, or how many bytes do. Gives the end of
/// the buffer.
fn ellipsis(text: &Text<'_>, at: usize, close: char, found: &mut Found) -> usize {
    let rest = text.rest(at);
    let inner = rest.split(close).next().unwrap_or_default();
    let missing = inner.trim_start().split(' ').next();
    let missing = missing.and_then(|number| number.parse().ok());
    found.cut = Some(Cut { missing });
    at + (inner.len() + 1).min(rest.len())
}
