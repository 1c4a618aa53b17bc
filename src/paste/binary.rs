//! Binaries of Erlang and Elixir: `<<0,0,0,13,6>>`, `<<19,"BitTorrent protocol">>`,
//! `<<0x13, 0x42, ...>>`.

use super::dump::Cut;
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;
use super::{cells, comment, margin};

/// Finds the first binary of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut openings = rest.match_indices("<<");
    Ok(openings.find_map(|(start, _)| binary(text, from + start)))
}

/// The binary that begins at `start`.
pub fn at(text: &Text<'_>, start: usize) -> Option<Found> {
    binary(text, start)
}

/// What joins binaries and strings in Elixir.
const JOIN: &str = "<>";

/// Reads a binary, which may go over several lines, and those that are joined to it.
fn binary(text: &Text<'_>, start: usize) -> Option<Found> {
    let mut found = Found::new(Form::Array, start);
    let end = segments(text, start + "<<".len(), &mut found)?;
    found.span.end = end;
    // Nothing is joined to an empty one: the next one is found by itself.
    while !found.bytes.is_empty() {
        let joined = text.rest(found.span.end).trim_start().strip_prefix(JOIN);
        let Some(next) = joined.map(str::trim_start) else {
            break;
        };
        let at = text.text.len() - next.len();
        let (length, cut) = (found.bytes.len(), found.cut);
        let end = if next.starts_with("<<") {
            segments(text, at + "<<".len(), &mut found)
        } else if let Some(inner) = next.strip_prefix('"') {
            string(inner, at + 1, &mut found).map(|length| at + 1 + length)
        } else {
            break;
        };
        let Some(end) = end else {
            // What is wrong with this part is not wrong with those before it.
            found.truncate(length);
            found.cut = cut;
            break;
        };
        found.span.end = end;
    }
    (!found.bytes.is_empty()).then_some(found)
}

/// Remarks in one binary, at most: another may begin in each.
const MAX_REMARKS: usize = 64;

/// Adds the segments of a binary up to its end, which it gives.
fn segments(text: &Text<'_>, from: usize, found: &mut Found) -> Option<usize> {
    let (mut at, mut remarks) = (from, 0);
    loop {
        let rest = text.rest(at);
        let inner = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
        let blank = rest.len() - inner.len();
        at += blank;
        let quote = margin::quote(&rest[..blank], inner);
        if quote > 0 {
            at += quote;
            continue;
        }
        let rest = inner;
        if rest.starts_with(">>") {
            return Some(at + ">>".len());
        }
        at += if let Some(dots) = cells::dots(rest) {
            found.cut = Some(Cut { missing: None });
            dots
        } else if let Some(inner) = rest.strip_prefix('"') {
            string(inner, at + 1, found)? + 1
        } else if let Some(length) = comment::comment(rest).filter(|_| remarks < MAX_REMARKS) {
            remarks += 1;
            length
        } else {
            integer(rest, at, found)?
        };
    }
}

/// Bits of an integer: where its type does not say, and at most.
const BITS: usize = 8;
const MAX_BITS: usize = 64;

/// Words of a type that change no byte of a number which is not below zero.
const WORDS: [&str; 4] = ["integer", "unsigned", "signed", "big"];

/// Adds an integer of one byte, or of as many as `:32` behind it says; gives its length.
fn integer(rest: &str, at: usize, found: &mut Found) -> Option<usize> {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#'))?;
    let value = number(&rest[..end])?;
    let after = &rest[end..];
    let kind = after.strip_prefix("::").or(after.strip_prefix(':'));
    let is_of_kind = |c: char| c.is_ascii_alphanumeric() || "-_()".contains(c);
    let behind = kind.map_or(after, |kind| kind.trim_start_matches(is_of_kind));
    let bits = match kind {
        Some(kind) => bits(&kind[..kind.len() - behind.len()])?,
        None => BITS,
    };
    let is_whole = bits % 8 == 0 && (8..=MAX_BITS).contains(&bits);
    let fits = bits == MAX_BITS || value >> bits.min(MAX_BITS - 1) == 0;
    if !is_whole || !fits {
        return None;
    }
    for byte in &value.to_be_bytes()[(MAX_BITS - bits) / 8..] {
        found.push(*byte, at);
    }
    Some(rest.len() - behind.len())
}

/// Bits of an integer of a type, `32`, `size(32)-big`; `None` of a type that has other bytes,
/// or other words than are known.
fn bits(kind: &str) -> Option<usize> {
    let mut bits = BITS;
    for word in kind.split('-').filter(|word| !WORDS.contains(word)) {
        let size = word
            .strip_prefix("size(")
            .and_then(|size| size.strip_suffix(')'));
        bits = size.unwrap_or(word).parse().ok()?;
    }
    Some(bits)
}

fn number(token: &str) -> Option<u64> {
    let (digits, radix) = match token.strip_prefix("16#").or(token.strip_prefix("0x")) {
        Some(digits) => (digits, 16),
        None => (token, 10),
    };
    u64::from_str_radix(digits, radix).ok()
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
