//! What the writers of messages share.

use std::fmt::Write as _;

use crate::wire::bencode::{Document, Limits};

/// A whole document that is not too deep for its words to be read back.
pub fn sound(bytes: &[u8]) -> Option<Document<'_>> {
    const LIMITS: Limits = Limits {
        depth: 24,
        tokens: 1 << 16,
    };
    let document = Document::parse_within(bytes, LIMITS);
    document.error().is_none().then_some(document)
}

/// Appends raw bytes: hex digits, or an empty string.
pub fn push_raw(out: &mut String, bytes: &[u8]) {
    if bytes.is_empty() {
        out.push_str("\"\"");
    } else {
        out.push_str(&hex::encode(bytes));
    }
}

/// Appends ` name=` and raw bytes.
pub fn push_field(out: &mut String, name: &str, bytes: &[u8]) {
    let _ = write!(out, " {name}=");
    push_raw(out, bytes);
}

/// Appends a string in quotes.
pub fn quote(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
}

/// Appends a key: in quotes unless it is a word.
pub fn push_key(out: &mut String, key: &[u8]) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    match std::str::from_utf8(key) {
        Ok(word) if !key.is_empty() && key.iter().all(is_word) => out.push_str(word),
        _ => quote(out, key),
    }
}
