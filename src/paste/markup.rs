//! What Markdown and HTML put between the rows of a dump: `<br>`, the cells of a table, the
//! signs around code, and offsets in cells of their own.

use super::cells;
use super::text::Text;

/// Characters between two rows, at most.
const MAX_JOINT: usize = 96;

/// Digits of an offset, at least.
const OFFSET: usize = 4;

/// Where the next row begins behind one that ends at `end`, and what stands between, with
/// any offset in it as `0`.
pub fn next_row(text: &Text<'_>, end: usize) -> Option<(usize, String)> {
    let rest = text.rest(end);
    let rest = &rest[..rest.floor_char_boundary(MAX_JOINT)];
    let (mut at, mut joint, mut has_offset) = (0, String::new(), false);
    loop {
        let inner = &rest[at..];
        let first = inner.chars().next()?;
        if first == '<' {
            let tag = &inner[..=inner.find('>')?];
            at += tag.len();
            joint.push_str(tag);
        } else if first.is_whitespace() || matches!(first, '`' | '|' | ':') {
            at += first.len_utf8();
            joint.push(first);
        } else {
            let sign = if inner.starts_with("0x") { 2 } else { 0 };
            let digits = &inner[sign..];
            let length = digits.find(|c: char| !c.is_alphanumeric());
            let digits = &digits[..length.unwrap_or(digits.len())];
            if sign == 0 && digits.len() == 2 && cells::is_hex(digits) {
                let is_markup = joint.contains(['<', '`']);
                return is_markup.then_some((end + at, joint));
            }
            if has_offset || digits.len() < OFFSET || !cells::is_hex(digits) {
                return None;
            }
            has_offset = true;
            at += sign + digits.len();
            joint.push('0');
        }
    }
}
