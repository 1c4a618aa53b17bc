//! Binaries of Erlang and Elixir: `<<0,0,0,13,6>>`, `<<19,"BitTorrent protocol">>`,
//! `<<0x13, 0x42, ...>>`.

use super::cells;
use super::dump::Cut;
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

/// Finds the first binary of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut openings = rest.match_indices("<<");
    Ok(openings.find_map(|(start, _)| binary(text, from + start)))
}

/// Reads a binary, which may go over several lines.
fn binary(text: &Text<'_>, start: usize) -> Option<Found> {
    let mut found = Found::new(Form::Array, start);
    let mut at = start + "<<".len();
    loop {
        let rest = text.rest(at);
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', ',']).len();
        let rest = text.rest(at);
        if rest.starts_with(">>") {
            found.span.end = at + ">>".len();
            return (!found.bytes.is_empty()).then_some(found);
        }
        at += if let Some(dots) = cells::dots(rest) {
            found.cut = Some(Cut { missing: None });
            dots
        } else if let Some(inner) = rest.strip_prefix('"') {
            string(inner, at + 1, &mut found)? + 1
        } else {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#'))?;
            found.push(number(&rest[..end])?, at);
            // `19:8` says how wide it is.
            let after = &rest[end..];
            end + if after.starts_with(":8") { 2 } else { 0 }
        };
    }
}

fn number(token: &str) -> Option<u8> {
    let (digits, radix) = match token.strip_prefix("16#").or(token.strip_prefix("0x")) {
        Some(digits) => (digits, 16),
        None => (token, 10),
    };
    u8::from_str_radix(digits, radix).ok()
}

/// Adds the characters up to the closing quote; gives the length, that included.
fn string(inner: &str, at: usize, found: &mut Found) -> Option<usize> {
    let mut characters = inner.char_indices();
    while let Some((offset, character)) = characters.next() {
        let character = match character {
            '"' => return Some(offset + 1),
            '\n' => return None,
            '\\' => match characters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'e' => '\u{1b}',
                'd' => '\u{7f}',
                other => other,
            },
            other => other,
        };
        // Erlang prints strings of bytes as Latin-1.
        found.push(u8::try_from(u32::from(character)).ok()?, at + offset);
    }
    None
}
