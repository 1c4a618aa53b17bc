//! Digits behind the name of a value of the protocol: `reserved: 0x0000000000180005`, `"nodes":
//! "6162…"`, `values: ['c00002071ae1', 'c00002081ae2']`. The name, and as many digits as such
//! a value has, say that they are hex.

use std::ops::Range;

use super::cells;
use super::found::Found;
use super::glue::QUOTES;
use super::text::Text;

/// Names of values, in small letters, and the bytes of which these have a multiple.
const VALUES: [(&str, usize); 15] = [
    ("reserved", 8),
    ("peers", 6),
    ("peers6", 18),
    ("added", 6),
    ("added6", 18),
    ("dropped", 6),
    ("dropped6", 18),
    ("values", 6),
    ("nodes", 26),
    ("nodes6", 38),
    ("id", 20),
    ("target", 20),
    ("info_hash", 20),
    ("yourip", 4),
    ("ipv4", 4),
];

/// Digits without a letter may be a decimal number, up to so many.
const DECIMAL: usize = 20;

/// Characters before the digits in which the name stands.
const NEAR: usize = 32;

/// Marks between a name and its value.
const MARKS: [char; 6] = [' ', '\t', ':', '=', '[', '('];

/// Whether the digits of a span are the value of the name before them.
pub fn are_told(text: &Text<'_>, span: &Range<usize>) -> bool {
    let line = text.line(text.line_of(span.start)).unwrap_or_default();
    let start = span.start.saturating_sub(NEAR).max(line.start);
    let before = &text.text[text.text.ceil_char_boundary(start)..span.start];
    let digits = &text.text[span.clone()];
    unit(before).is_some_and(|unit| fits(digits, unit))
}

/// Bytes of the value of the name that stands before it.
fn unit(before: &str) -> Option<usize> {
    let before = before.strip_suffix("0x").unwrap_or(before);
    let quoted = before.trim_end_matches(QUOTES).trim_end_matches('b');
    let quoted = quoted.trim_end_matches(QUOTES);
    let named = quoted.trim_end_matches(MARKS);
    if !quoted[named.len()..].contains([':', '=']) {
        return None;
    }
    let named = named.trim_end_matches(QUOTES).to_ascii_lowercase();
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = &named[named.trim_end_matches(is_of_name).len()..];
    let known = VALUES.iter().find(|(known, _)| *known == name);
    known.map(|(_, unit)| *unit)
}

fn fits(digits: &str, unit: usize) -> bool {
    let is_told = digits.len() > DECIMAL
        || digits.starts_with('0')
        || digits.contains(|c: char| c.is_ascii_alphabetic());
    is_told && cells::is_group(digits) && digits.len().is_multiple_of(2 * unit)
}

/// Adds what stands in the same list: `'c00002081ae2']` behind `values: ['c00002071ae1', `.
pub fn push_next(text: &Text<'_>, found: &mut Found) {
    let first = found.span.clone();
    let digits = first.len();
    while let Some(start) = next_item(text, found.span.end)
        && let Some(item) = text.text.get(start..start + digits)
        && cells::is_group(item)
        && text.rest(start + digits).starts_with(QUOTES)
    {
        for (index, pair) in item.as_bytes().chunks_exact(2).enumerate() {
            found.push(cells::byte(pair), start + 2 * index);
        }
        found.span.end = start + digits;
    }
}

/// Where the next item in quotation marks begins.
fn next_item(text: &Text<'_>, end: usize) -> Option<usize> {
    let rest = text.rest(end);
    let after = rest.strip_prefix(QUOTES)?.strip_prefix(',')?;
    let item = after.trim_start().strip_prefix(QUOTES)?;
    Some(end + rest.len() - item.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_as_many_digits() {
        for (text, told) in [
            ("reserved: ~0000000000180005", true),
            ("\"reserved\": \"0x~0000000000180005", true),
            ("reserved = ~0000000000180005", true),
            ("reserved ~0000000000180005", false),
            ("reserved: ~00180005", false),
            ("values: ['~c00002071ae1", true),
            ("added: ~c00002071ae1", true),
            ("added: ~201912312359", false),
            ("uploaded: ~c00002071ae1", false),
            ("peers: ~c00002071ae1c0", false),
        ] {
            let at = text.find('~').unwrap();
            let text = text.replace('~', "");
            let parsed = Text::new(&text);
            assert_eq!(are_told(&parsed, &(at..text.len())), told, "{text}");
        }
    }
}
