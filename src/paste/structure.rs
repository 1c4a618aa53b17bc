//! A message as a program prints the structure that holds it, its id apart from its payload:
//! `{Length:13 ID:6 Payload:[0 0 0 4 ...]}` of Go, `Message { id: Some(6), payload: [..] }`
//! of Rust, `{len = 13, id = 6, payload = "\000\000..."}` of gdb. The bytes are those of the
//! whole message; its length, which may not be printed, follows from the payload.

use super::form::Form;
use super::found::{Broken, Found};
use super::items::Items;
use super::text::Text;
use super::{buffer, cells, string};
use crate::wire::peer::MessageId;

/// Names of the id, in small letters.
const IDS: [&str; 10] = [
    "id",
    "type",
    "kind",
    "msgid",
    "msg_id",
    "messageid",
    "message_id",
    "msgtype",
    "msg_type",
    "message_type",
];

/// Names of what is behind it.
const PAYLOADS: [&str; 5] = ["payload", "data", "body", "content", "contents"];

/// Names of the length.
const LENGTHS: [&str; 5] = ["length", "len", "size", "msglen", "msg_len"];

/// Parts of the name of the structure that say what it is.
const MESSAGES: [&str; 5] = ["message", "msg", "frame", "packet", "peer"];

/// What is printed for no payload.
const NOTHING: [&str; 5] = ["[]", "nil", "None", "null", "\"\""];

/// Characters between the id and the payload, and between the beginning and the id.
const MAX_BETWEEN: usize = 80;

/// Digits of a payload that are printed without a sign of their base.
const MIN_DIGITS: usize = 8;

/// Characters of a type before a value.
const MAX_TYPE: usize = 24;

/// Finds the first of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let row = text.text.get(from..line.end).unwrap_or_default();
    let mut at = 0;
    while let Some(offset) = row[at..].find(|c: char| c.is_ascii_alphabetic()) {
        let start = at + offset;
        let word = word(&row[start..]);
        at = start + word.len().max(1);
        let is_start = !row[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if is_start
            && is_one_of(word, &IDS)
            && let Some(found) = message(text, from, from + start)
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn word(rest: &str) -> &str {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    &rest[..end.unwrap_or(rest.len())]
}

fn is_one_of(word: &str, names: &[&str]) -> bool {
    names.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// What stands behind a name and its mark.
fn behind_mark(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(['"', '\'']).trim_start_matches(' ');
    let inner = rest.strip_prefix("=>").or(rest.strip_prefix([':', '=']))?;
    Some(inner.trim_start_matches(' '))
}

/// The message of which the name of the id stands at `name`; it begins at `from` or later.
fn message(text: &Text<'_>, from: usize, name: usize) -> Option<Found> {
    let rest = text.rest(name);
    let value = behind_mark(&rest[word(rest).len()..])?;
    let id_at = text.text.len() - value.len();
    let (id, after) = number(value)?;
    let near = &after[..after.floor_char_boundary(MAX_BETWEEN)];
    let (key_at, value) = payload_key(near, after)?;
    let (fields, key) = (&near[..key_at], word(&near[key_at..]));
    let start = text.text.len() - value.len();
    let payload = payload(text, start)?;
    let length = 1 + payload.bytes.len();
    let opening = opening(text, from, name);
    let before = text.text.get(opening..name).unwrap_or_default();
    let told = told_length(before).or_else(|| told_length(fields));
    if told.is_some_and(|told| told != length && told + 1 != length) {
        return None;
    }
    let structure = before.to_ascii_lowercase();
    let is_message = MESSAGES.iter().any(|part| structure.contains(part));
    let is_named = told.is_some() || is_message;
    let is_payload = key.eq_ignore_ascii_case("payload") && length > 1;
    let fits = MessageId(id).fits(length as u64);
    if !fits || payload.cut.is_some() || !(is_named || is_payload) {
        return None;
    }
    let mut found = Found::new(Form::Structure, opening);
    for byte in u32::try_from(length).ok()?.to_be_bytes() {
        found.push(byte, id_at);
    }
    found.push(id, id_at);
    found.bytes.extend(&payload.bytes);
    found.offsets.extend(&payload.offsets);
    found.repeated = payload.repeated;
    found.span.end = payload.span.end;
    let end = text.rest(found.span.end);
    let close = end.trim_start_matches([' ', ',', '\n', '\r', '\t']);
    if close.starts_with(['}', ')']) {
        found.span.end = text.text.len() - close.len() + 1;
    }
    Some(found)
}

/// The number that a text begins with, and what stands behind it: `6`, `0x06`, `Some(6)`,
/// `6 '\006'`, `Some(MessageId(6))`.
fn number(value: &str) -> Option<(u8, &str)> {
    let mut rest = value;
    let mut open = 0;
    while rest.starts_with(|c: char| c.is_ascii_alphabetic()) && open < 2 {
        rest = rest[word(rest).len()..].strip_prefix('(')?;
        open += 1;
    }
    let token = word(rest);
    let digits = token.strip_prefix("0x").or(token.strip_prefix("0X"));
    let id = match digits {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => token.trim_end_matches("u8").trim_end_matches('_').parse(),
    };
    let mut after = &rest[token.len()..];
    for _ in 0..open {
        after = after.strip_prefix(')')?;
    }
    Some((id.ok()?, after))
}

/// Where the name of the payload stands, and its value, behind other fields of the structure.
fn payload_key<'r>(near: &str, after: &'r str) -> Option<(usize, &'r str)> {
    let mut at = 0;
    while let Some(offset) = near[at..].find(|c: char| c.is_ascii_alphabetic()) {
        let start = at + offset;
        if near[..start].contains(['{', '}', '[', ']', '(', ')', ';', '<', '>']) {
            return None;
        }
        let key = word(&near[start..]);
        at = start + key.len().max(1);
        if is_one_of(key, &PAYLOADS)
            && let Some(value) = behind_mark(&after[start + key.len()..])
        {
            return Some((start, value));
        }
    }
    None
}

/// The length that the structure says it has.
fn told_length(fields: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(offset) = fields[at..].find(|c: char| c.is_ascii_alphabetic()) {
        let start = at + offset;
        let key = word(&fields[start..]);
        at = start + key.len().max(1);
        if is_one_of(key, &LENGTHS)
            && let Some(value) = behind_mark(&fields[at..])
        {
            return word(value).parse().ok();
        }
    }
    None
}

/// Where the structure begins that has the name of its id at `name`: with its own name.
fn opening(text: &Text<'_>, from: usize, name: usize) -> usize {
    let start = from.max(name.saturating_sub(MAX_BETWEEN));
    let start = text.text.ceil_char_boundary(start);
    let before = &text.text[start..name];
    let Some(open) = before.rfind(['{', '(']) else {
        return name;
    };
    if before[open..].contains(['}', ')', '\n']) {
        return name;
    }
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '&' | ':' | '*');
    let named = before[..open].trim_end_matches(' ');
    let unnamed = named.trim_end_matches(is_name);
    if unnamed.len() < named.len() {
        start + unnamed.len()
    } else {
        start + open
    }
}

/// The bytes of the payload whose value begins at `at`.
fn payload(text: &Text<'_>, at: usize) -> Option<Found> {
    let rest = text.rest(at);
    let nothing = NOTHING.iter().find(|nothing| {
        let after = rest.strip_prefix(**nothing);
        after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '{'))
    });
    if let Some(nothing) = nothing {
        let mut found = Found::new(Form::Array, at);
        found.span.end = at + nothing.len();
        return Some(found);
    }
    let mut at = at;
    for _ in 0..3 {
        let rest = text.rest(at);
        let first = rest.chars().next()?;
        match first {
            '"' | '\'' | '`' => return string::at(text, at),
            'b' | 'B' if rest[1..].starts_with(['"', '\'']) => return string::at(text, at),
            '<' => {
                if !buffer::begins(rest) {
                    return None;
                }
                let found = buffer::find(text, at).ok()??;
                return (found.span.start == at).then_some(found);
            }
            '[' if is_type(rest) => at += 2,
            '[' | '{' | '(' => {
                if let Some(found) = array(text, at, first) {
                    return Some(found);
                }
                // `Bytes(b"..")`
                at += 1;
            }
            _ => {
                let digits = word(rest);
                if cells::is_group(digits) && digits.len() >= MIN_DIGITS {
                    return Some(digits_of(at, digits));
                }
                let is_name =
                    |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '!' | '&');
                let end = rest
                    .find(|c| !is_name(c))
                    .filter(|end| (1..=MAX_TYPE).contains(end))?;
                at += end;
                at += usize::from(text.rest(at).starts_with(' '));
            }
        }
    }
    None
}

/// Whether a text begins with the sign for an array before the type of its items.
fn is_type(rest: &str) -> bool {
    let name = rest.strip_prefix("[]");
    name.is_some_and(|name| name.starts_with(|c: char| c.is_alphanumeric()))
}

fn array(text: &Text<'_>, at: usize, open: char) -> Option<Found> {
    if text.arrays.covers(at) {
        return None;
    }
    let close = match open {
        '[' => ']',
        '{' => '}',
        _ => ')',
    };
    let items = Items::read(text, at + 1, Some(close)).ok()??;
    items
        .is_array(usize::from(!items.list.is_empty()))
        .then(|| items.into_found(at))
}

fn digits_of(at: usize, digits: &str) -> Found {
    let mut found = Found::new(Form::Hex, at);
    for (index, pair) in digits.as_bytes().chunks_exact(2).enumerate() {
        found.push(cells::byte(pair), at + 2 * index);
    }
    found.span.end = at + digits.len();
    found
}
