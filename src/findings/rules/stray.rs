//! Bytes that are no message: what they look like, and what may have been meant.

use std::fmt::Write as _;

use crate::wire::peer::{MessageId, PREFIX, types};
use crate::wire::words::{Count, spoken};

/// Bytes that are shown in hex.
const SHOWN_BYTES: usize = 16;

/// Characters that make a text.
const MIN_TEXT: usize = 4;

/// Bytes of a length prefix.
pub const LENGTH_BYTES: usize = 4;

/// A longer message is not believed in.
const MAX_LENGTH: u32 = 1 << 17;

/// Bytes by which the length of a message that has no fixed one may be too small.
const MAX_SHORT: usize = 24;

/// Bytes that a peer id may have too few or too many.
const MAX_SHIFT: usize = 4;

/// The bytes in hex, or as the text that they are; `length` of them there were.
pub fn show(bytes: &[u8], length: u64) -> String {
    if is_text(bytes) {
        let more = if length > bytes.len() as u64 {
            " .."
        } else {
            ""
        };
        return format!("\"{}\"{more}", bytes.escape_ascii());
    }
    let mut shown = String::new();
    for byte in bytes.iter().take(SHOWN_BYTES) {
        let _ = write!(shown, "{byte:02x} ");
    }
    if length > SHOWN_BYTES as u64 {
        shown.push_str("..");
    }
    shown.trim_end().to_owned()
}

/// What they may be that a sender wrote there by mistake, behind a message of the type
/// `last`.
pub fn guess(bytes: &[u8], length: u64, last: Option<&str>) -> Option<String> {
    if bytes.starts_with(PREFIX) {
        return Some("a handshake".to_owned());
    }
    let is_behind_keep_alive = last == Some(types::KEEP_ALIVE.name);
    if is_behind_keep_alive && let Some(name) = without_count(bytes) {
        return Some(format!(
            "the id of {name} whose length, 0, does not count it"
        ));
    }
    match bytes {
        b"\n" | b"\r\n" => return Some("the end of a line".to_owned()),
        b"\0" => return Some("the zero byte that ends a C string".to_owned()),
        _ if is_text(bytes) => return None,
        _ => {}
    }
    if let Some(name) = little_endian(bytes) {
        return Some(format!("{name} with its length in little-endian order"));
    }
    if let Some(name) = without_length(bytes, length) {
        return Some(format!("{name} without the length before it"));
    }
    // Four of five zeros were read as a keep-alive.
    if is_behind_keep_alive
        && let [low, id, ..] = *bytes
        && let Some(name) = legal(u32::from(low), id)
    {
        return Some(format!("{name} with a zero byte too many before it"));
    }
    too_many(bytes, length, last)
}

/// Bytes too many before a message, or a length too small of the message before them.
fn too_many(bytes: &[u8], length: u64, last: Option<&str>) -> Option<String> {
    let variable = [&types::PIECE, &types::BITFIELD];
    let variable = variable.iter().find(|one| Some(one.name) == last);
    let most = if variable.is_some() {
        MAX_SHORT
    } else {
        MAX_SHIFT
    };
    // What came before was too long, or there is a message behind them.
    let is_all = (1..=most as u64).contains(&length);
    let shift = if is_all {
        length
    } else {
        let shift = (1..=most).find(|shift| begins_message(bytes.get(*shift..)));
        shift? as u64
    };
    let next = if is_all { "the next" } else { "a" };
    let many = Count(shift, "byte");
    let mut words = format!("{many} too many before {next} message");
    if let Some(before) = variable {
        let _ = write!(
            words,
            ", or the length of the {} message before them is {shift} too small",
            before.name
        );
    }
    Some(words)
}

/// The message of which all but the id was read as a keep-alive, in words.
fn without_count(bytes: &[u8]) -> Option<String> {
    let (id, behind) = bytes.split_first()?;
    let is_alone = behind.is_empty() || begins_message(Some(behind));
    legal(1, *id).filter(|_| is_alone)
}

/// What was meant by a length that is by `excess` too large for the message that begins
/// with these bytes.
pub fn guess_length(bytes: &[u8], excess: i64) -> Option<String> {
    if let [high, low, id, ..] = *bytes
        && let Some(name) = legal(u32::from(u16::from_be_bytes([high, low])), id)
    {
        return Some(format!("{name} with a length of 2 bytes"));
    }
    match excess {
        4 => Some("a length that counts itself".to_owned()),
        -1 => Some("a length that does not count the id".to_owned()),
        _ => None,
    }
}

/// By how many bytes a handshake that ends with `peer_id` is too short, if the first
/// message begins in what was taken for its end; and that message, in words.
pub fn short_peer_id(peer_id: &[u8; 20], message: &[u8]) -> Option<(usize, String)> {
    (1..=MAX_SHIFT).find_map(|missing| {
        let start = peer_id.iter().rev().take(missing).rev();
        let mut bytes = start.chain(message).copied();
        let prefix: [u8; LENGTH_BYTES] = std::array::from_fn(|_| bytes.next().unwrap_or(0xff));
        let name = legal(u32::from_be_bytes(prefix), bytes.next()?)?;
        Some((missing, name))
    })
}

fn is_text(bytes: &[u8]) -> bool {
    let is_char = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    let is_word = |byte: &&u8| matches!(byte, b'!'..=b'~');
    bytes.iter().all(is_char) && bytes.iter().filter(is_word).count() >= MIN_TEXT
}

/// The message of this length, id included, in words; `None` if there is none.
fn legal(length: u32, id: u8) -> Option<String> {
    let id = MessageId(id);
    let is_legal = (1..=MAX_LENGTH).contains(&length) && id.fits(u64::from(length));
    let message = id.message_type().filter(|_| is_legal)?;
    let article = match message.name.as_bytes().first() {
        Some(b'a' | b'e' | b'i' | b'o' | b'u') => "an",
        _ => "a",
    };
    Some(format!("{article} {} message", spoken(message.name)))
}

fn begins_message(bytes: Option<&[u8]>) -> bool {
    let Some([a, b, c, d, id, ..]) = bytes else {
        return false;
    };
    legal(u32::from_be_bytes([*a, *b, *c, *d]), *id).is_some()
}

fn little_endian(bytes: &[u8]) -> Option<String> {
    let [a, b, c, d, id, ..] = *bytes else {
        return None;
    };
    legal(u32::from_le_bytes([a, b, c, d]), id)
}

/// Messages of one fixed length alone: elsewhere anything would fit.
fn without_length(bytes: &[u8], length: u64) -> Option<String> {
    let id = MessageId(*bytes.first()?);
    let is_fixed = matches!(
        id,
        MessageId::HAVE | MessageId::REQUEST | MessageId::CANCEL | MessageId::REJECT_REQUEST
    );
    let whole = u32::try_from(length).ok()?;
    legal(whole, id.0).filter(|_| is_fixed)
}
