//! `<Buffer 13 42 69 ... 20 more bytes>` as Node.js prints it, and the
//! `[Uint8Contents]: <13 42>` of an `ArrayBuffer`.

use super::cells;
use super::dump::Cut;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

const OPENINGS: [&str; 2] = ["<Buffer", "[Uint8Contents]: <"];

/// Finds the first buffer of a line.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let begins = |(start, _): (usize, &str)| {
        let rest = &rest[start..];
        let opening = OPENINGS
            .iter()
            .find(|opening| rest.starts_with(**opening))?;
        Some((start, opening.len()))
    };
    let mut brackets = rest.match_indices(['<', '[']);
    let Some((start, length)) = brackets.find_map(begins) else {
        return Ok(None);
    };
    let mut found = Found::new(Form::NodeBuffer, from + start);
    let content = content(text, from + start + length, &mut found);
    content.map_err(Broken::at(from + start))?;
    Ok((!found.bytes.is_empty()).then_some(found))
}

/// Reads pairs up to `>`. Terminals wrap long lines, so that line ends are
/// blanks.
fn content(text: &Text<'_>, from: usize, found: &mut Found) -> Result<(), Fault> {
    let mut at = from;
    loop {
        let rest = text.rest(at);
        at += rest.len() - rest.trim_start().len();
        let rest = text.rest(at);
        if rest.starts_with('>') {
            found.span.end = at + 1;
            return Ok(());
        }
        if let Some(dots) = cells::dots(rest) {
            found.span.end = ellipsis(text, at + dots, found);
            return Ok(());
        }
        let end = rest.find(|c: char| c.is_whitespace() || c == '>');
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
fn ellipsis(text: &Text<'_>, at: usize, found: &mut Found) -> usize {
    let rest = text.rest(at);
    let inner = rest.split('>').next().unwrap_or_default();
    let missing = inner.trim_start().split(' ').next();
    let missing = missing.and_then(|number| number.parse().ok());
    found.cut = Some(Cut { missing });
    at + (inner.len() + 1).min(rest.len())
}
