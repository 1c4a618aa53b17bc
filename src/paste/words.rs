//! 16-bit words, the little end first: `od -x`, `od`, `hexdump` without `-C`.

use std::ops::Range;

use super::found::PlacedByte;
use super::text::Text;

/// The bytes of a row of words in a radix; `due` drops the byte that fills up the
/// last word. Both bytes of a word stand where it does.
pub fn row(
    text: &Text<'_>,
    body: &Range<usize>,
    radix: u32,
    due: Option<usize>,
) -> Option<Vec<PlacedByte>> {
    let mut row = Vec::new();
    let line = &text.text[body.clone()];
    let mut at = body.start;
    for token in line.split_ascii_whitespace() {
        at += text.text[at..].find(token)?;
        let [low, high] = u16::from_str_radix(token, radix).ok()?.to_le_bytes();
        row.extend([(low, at), (high, at)]);
        at += token.len();
    }
    row.truncate(due.unwrap_or(row.len()));
    Some(row)
}
