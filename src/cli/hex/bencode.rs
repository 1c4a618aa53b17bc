//! Bencode that is given as it is, and not as a dump.

use crate::pasted::{self, Reading, Sample};

/// Whether a text is no dump of a bencoded value but the value itself.
pub fn is_bencode(text: &str) -> bool {
    let sample = Sample::new(text.trim().as_bytes());
    let best = pasted::readings(&sample).first().map(|best| best.reading);
    !matches!(best, None | Some(Reading::Bytes)) && begins_bencode(text)
}

/// Whether a text begins as bencode, and not as a word with the same letter: `debug`,
/// `length`, `id`.
fn begins_bencode(text: &str) -> bool {
    let inner = text.trim_start_matches('l');
    match *inner.as_bytes() {
        [b'i', b'-' | b'0'..=b'9', ..] => true,
        [b'd', ref key @ ..] => key.first().is_some_and(u8::is_ascii_digit) || key == b"e",
        [b'0'..=b'9', ..] => inner.len() < text.len(),
        _ => text == "le",
    }
}
