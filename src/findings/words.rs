//! Anomalies of the dissector in words.

use std::fmt::Write as _;

use crate::wire::compact;
use crate::wire::{Argument, Deviation};

/// Bytes of a message's text that go into the words of an anomaly.
const MAX_TEXT: usize = 64;

/// Digits of the length of a key.
const MAX_DIGITS: usize = 2;

/// The words of an anomaly of the message `bytes`; may hold text of the capture.
pub fn of_deviation(deviation: &Deviation, bytes: &[u8]) -> String {
    let mut words = String::new();
    let entry = deviation.at.filter(|_| deviation.anomaly.is_of_entry);
    if let Some(key) = entry.and_then(|at| key(bytes.get(at as usize..)?)) {
        let _ = write!(words, "`{}`: ", key.escape_ascii());
    }
    let mut arguments = deviation.arguments.iter();
    for (index, part) in deviation.anomaly.words.split("{}").enumerate() {
        if index > 0 {
            push(&mut words, arguments.next().copied(), bytes);
        }
        words.push_str(part);
    }
    words
}

/// The bencoded string that `bytes` begin with, where it is short enough for a key.
fn key(bytes: &[u8]) -> Option<&[u8]> {
    let colon = bytes
        .iter()
        .take(MAX_DIGITS + 1)
        .position(|byte| *byte == b':')?;
    let (digits, rest) = bytes.split_at(colon);
    let length: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let is_key = |key: &&[u8]| {
        let is_text = key.iter().all(|byte| matches!(byte, b' '..=b'~'));
        !key.is_empty() && is_text && key.len() <= MAX_TEXT
    };
    rest[1..].get(..length).filter(is_key)
}

fn push(words: &mut String, argument: Option<Argument>, bytes: &[u8]) {
    let slice = |start: u32, end: u32| bytes.get(start as usize..end as usize);
    let _ = match argument {
        Some(Argument::Number(number)) => write!(words, "{number}"),
        Some(Argument::Text { start, end }) => {
            let text = slice(start, end).unwrap_or_default();
            let text = &text[..text.len().min(MAX_TEXT)];
            write!(words, "{}", String::from_utf8_lossy(text))
        }
        Some(Argument::Address { start, end }) => {
            match slice(start, end).and_then(compact::address) {
                Some(address) => write!(words, "{address}"),
                None => write!(words, "?"),
            }
        }
        Some(Argument::None) | None => write!(words, "?"),
    };
}
