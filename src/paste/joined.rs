//! Groups of hex digits that are all as wide, with the same sign between: `13426974_546f7272`
//! of Python's `bytes.hex("_", 4)`. Names and numbers look so too, so that they are bytes
//! where these are BitTorrent for certain, or where there are many behind `_`.

use std::ops::Range;

use super::cells;
use super::form::Form;
use super::found::{Broken, Found};
use super::proof;
use super::text::Text;

/// What may stand between them.
const SIGNS: [char; 4] = ['_', ':', '-', '.'];

/// Digits of a group, at least: two are a byte in a form of its own.
const GROUP: usize = 4;

/// Bytes, at least.
const BYTES: usize = 8;

/// So many groups behind `_` are no name.
const GROUPS: usize = 4;

/// Finds the first groups of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let is_part = |c: char| c.is_ascii_hexdigit() || SIGNS.contains(&c);
    let is_other = |c: char| !(c.is_alphanumeric() || SIGNS.contains(&c));
    let mut at = from;
    if text.text[..from].ends_with(|c| !is_other(c)) {
        at += text.rest(from).find(is_other).unwrap_or(0);
    }
    while at < line.end {
        let rest = &text.text[at..line.end];
        let skip = rest.find(|c| !is_other(c)).unwrap_or(rest.len());
        let word = &rest[skip..];
        let word = &word[..word.find(is_other).unwrap_or(word.len())];
        at += skip;
        if word.chars().all(is_part)
            && let Some(found) = groups(text, at..at + word.trim_end_matches(SIGNS).len())
        {
            return Ok(Some(found));
        }
        at += word.len();
    }
    Ok(None)
}

/// A line that is such groups, perhaps behind a label.
pub fn block(text: &Text<'_>, line: usize) -> Option<Found> {
    let span = text.line(line)?;
    let found = find(text, span.start).ok()??;
    let label = text.text[span.start..found.span.start].trim();
    let is_label = label.is_empty() || label.ends_with([':', '=', '>']);
    let behind = text.text[found.span.end..span.end].trim();
    (is_label && behind.is_empty()).then_some(found)
}

/// The bytes of a word.
fn groups(text: &Text<'_>, span: Range<usize>) -> Option<Found> {
    let word = &text.text[span.clone()];
    let sign = word.chars().find(|c| SIGNS.contains(c))?;
    let mut parts = word.split(sign);
    // What does not fill a group is the first one.
    let first = parts.next()?;
    let width = parts.clone().next()?.len();
    let fits = |part: &str| part.len() == width && cells::is_group(part);
    let is_short = first.len() <= width && cells::is_group(first);
    if width < GROUP || !is_short || !parts.clone().all(fits) {
        return None;
    }
    let mut found = Found::new(Form::Hex, span.start);
    let digits = word.char_indices().filter(|(_, c)| *c != sign);
    let digits: Vec<_> = digits.map(|(at, c)| (span.start + at, c as u8)).collect();
    for pair in digits.chunks_exact(2) {
        found.push(cells::byte(&[pair[0].1, pair[1].1]), pair[0].0);
    }
    found.span.end = span.end;
    let is_many = sign == '_' && 1 + parts.count() >= GROUPS;
    let has_letter = word.contains(|c: char| c.is_ascii_alphabetic());
    let is_told = (is_many && has_letter) || proof::is_known(&found.bytes);
    (found.bytes.len() >= BYTES && is_told).then_some(found)
}
