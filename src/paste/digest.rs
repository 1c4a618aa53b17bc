//! Info-hashes in base32, as magnet links and logs have them: only where a word
//! says what they are.

use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

/// Digits of 20 bytes.
const DIGITS: usize = 32;

/// Bits of a digit.
const BITS: usize = 5;

/// Characters before the digits where a word may stand that names them.
const NEAR: usize = 24;

/// Words that name them.
const NAMES: [&str; 3] = ["hash", "btih", "torrent"];

/// Finds the first one of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut start = from;
    for word in rest.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if digits.len() == DIGITS && is_named(&text.text[line.start..start]) {
            let found = decode(digits, start);
            if found.is_some() {
                return Ok(found);
            }
        }
        start += word.len();
    }
    Ok(None)
}

/// Whether the end of what stands before says what the digits are.
fn is_named(before: &str) -> bool {
    let mut near: Vec<char> = before.chars().rev().take(NEAR).collect();
    near.reverse();
    let near: String = near.into_iter().collect();
    let near = near.to_ascii_lowercase();
    NAMES.iter().any(|name| near.contains(name))
}

fn decode(digits: &str, start: usize) -> Option<Found> {
    let mut found = Found::new(Form::Base32, start);
    let (mut bits, mut count) = (0_u32, 0);
    for (index, digit) in digits.bytes().enumerate() {
        let value = match digit.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            number @ b'2'..=b'7' => number - b'2' + 26,
            _ => return None,
        };
        bits = bits << BITS | u32::from(value);
        count += BITS;
        if count >= 8 {
            count -= 8;
            found.push((bits >> count) as u8, start + index);
        }
    }
    found.span.end = start + digits.len();
    Some(found)
}
