//! Bytes as `cat -v`, `less` and `vim` spell them: `^X`, `M-a`, `M-^X`, `<9f>`.

use super::cells;

/// Bytes from this one on are `M-` and another one for `cat -v`.
const META: u8 = 0x80;

/// What makes a control character of a letter.
const CONTROL: u8 = 0x40;

const DELETE: u8 = 0x7f;

/// The byte that a text begins with, and the length of its spelling.
pub fn byte(rest: &str) -> Option<(u8, usize)> {
    if let Some(inner) = rest.strip_prefix("M-") {
        let (low, length) = if let Some(found) = control(inner) {
            found
        } else {
            let plain = inner.bytes().next()?;
            (matches!(plain, b' '..=b'~').then_some(plain)?, 1)
        };
        return Some((META | low, 2 + length));
    }
    // `less` and `vim` print bytes above ASCII by their digits.
    if let Some(pair) = rest.strip_prefix('<').and_then(|inner| inner.get(..2)) {
        let byte = cells::byte(pair.as_bytes());
        let is_high = cells::is_hex(pair) && byte >= META && rest[3..].starts_with('>');
        return is_high.then_some((byte, 4));
    }
    control(rest)
}

/// The same of `^X`.
fn control(rest: &str) -> Option<(u8, usize)> {
    let letter = rest.strip_prefix('^')?.bytes().next()?;
    match letter {
        b'?' => Some((DELETE, 2)),
        b'@'..=b'_' => Some((letter - CONTROL, 2)),
        _ => None,
    }
}
