//! Signs for what is there several times: ` <repeats 28 times>` of gdb, `* 8` of
//! Python and Ruby, `x 8` of Perl, the `*` of `od` and `hexdump`.

use super::margin::margin;

const OPENING: &str = " <repeats ";
const CLOSING: &str = " times>";

/// How often, where a text begins with that, and the length of the words.
pub fn repeats(rest: &str) -> Option<(usize, usize)> {
    let inner = rest.strip_prefix(OPENING)?;
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let (times, after) = inner.split_at(digits);
    let after = after.strip_prefix(CLOSING)?;
    Some((times.parse().ok()?, rest.len() - after.len()))
}

/// Whether such words are near the beginning of a text, behind a character of so many
/// bytes at most.
pub fn are_near(text: &str, most: usize) -> bool {
    text[..text.floor_char_boundary(most + OPENING.len())].contains(OPENING)
}

/// How often a literal is there by what stands behind it, ` * 8` or ` x 8`, and the length
/// of that.
pub fn multiplied(rest: &str) -> Option<(usize, usize)> {
    let inner = rest.trim_start_matches(' ');
    let inner = inner.strip_prefix(['*', 'x'])?;
    let inner = inner.trim_start_matches(' ');
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let (times, after) = inner.split_at(digits);
    let ends = !after.starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == '_');
    let times = times.parse().ok().filter(|times| *times > 0 && ends)?;
    Some((times, rest.len() - after.len()))
}

/// What stands in a line of its own for rows that are the same as the one before.
const SAME: &str = "*";

/// Whether a line says "the same again".
pub fn is_same_again(row: &str) -> bool {
    row[margin(row)..].trim() == SAME || row.trim() == SAME
}
