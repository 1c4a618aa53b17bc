//! Where a value begins in a text, and in which style it is written.

use super::parse::{MAX_DIGITS, Parse};
use super::style::Style;
use crate::paste::caret;
use crate::paste::found::{Broken, Found};
use crate::paste::glue::QUOTES;
use crate::paste::numbering::Numbering;
use crate::paste::text::Text;

/// Bytes that are looked over for escapes.
const MAX_LOOK: usize = 512;

/// Finds the first dictionary or list of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut starts = rest.match_indices(['d', 'l']);
    Ok(starts.find_map(|(offset, _)| {
        let start = from + offset;
        let before = text.text[..start].chars().next_back();
        let is_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '%');
        let begins = begins(&rest[offset..]);
        (!is_word && begins).then(|| value(text, start))?
    }))
}

/// Whether bytes begin a dictionary.
pub fn begins_value(bytes: &[u8]) -> bool {
    matches!(bytes, [b'd', b'0'..=b'9', ..])
}

/// Whether `d` or `l` is followed by the length of a string, or another opening.
pub fn begins(rest: &str) -> bool {
    let Some(after) = rest.strip_prefix(['d', 'l']) else {
        return false;
    };
    let inner = after.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = after.len() - inner.len();
    let is_list = rest.starts_with('l') && after.starts_with(['d', 'l', 'i']);
    (1..=MAX_DIGITS).contains(&digits) && inner.starts_with(':') || is_list
}

/// The value that begins at `start`, in the style in which it can be read to its end, or
/// else the furthest.
fn value(text: &Text<'_>, start: usize) -> Option<Found> {
    let line = text.line(text.line_of(start)).unwrap_or_default();
    let end = text.text.ceil_char_boundary(line.end.min(start + MAX_LOOK));
    let mut best: Option<Parse<'_, '_>> = None;
    for style in styles(&text.text[start..end]) {
        let parse = Parse::of(text, start, style);
        let is_closed = parse.is_closed();
        if is_closed || best.as_ref().is_none_or(|best| parse.is_further(best)) {
            best = Some(parse);
        }
        if is_closed {
            break;
        }
    }
    let found = best?.into_found()?;
    let until = if found.cut.is_some() {
        quoted_end(text, start, line.end)
    } else {
        0
    };
    Some(Found { until, ..found })
}

/// The styles in which a value may be written that begins like this.
fn styles(row: &str) -> impl Iterator<Item = Style> {
    let is_escape = |after: char| matches!(after, 'x' | 'u' | '0'..='9');
    let mut escapes = row.split('\\').skip(1);
    let styles = if escapes.any(|after| after.starts_with(is_escape)) {
        let numbering = Numbering::of(row, '\n', false);
        [Some(Style::Escaped(numbering)), Some(Style::Plain), None]
    } else if is_caret(row) {
        [Some(Style::Plain), Some(Style::Caret), None]
    } else {
        [Style::Plain, Style::Latin, Style::Symbols].map(Some)
    };
    styles.into_iter().flatten()
}

/// Whether bytes may be spelled as `cat -v` and `less` do.
fn is_caret(row: &str) -> bool {
    let marks = row.match_indices(['^', 'M', '<']).map(|(at, _)| at);
    marks
        .take(MAX_MARKS)
        .any(|at| caret::byte(&row[at..]).is_some())
}

/// Marks of such bytes that are tried.
const MAX_MARKS: usize = 64;

/// Where the text ends in which a value stands: its quotation mark, or its line. What it has
/// behind a string that is damaged is no other dump.
fn quoted_end(text: &Text<'_>, start: usize, line_end: usize) -> usize {
    let quote = text.text[..start].chars().next_back();
    let quote = quote.filter(|quote| QUOTES.contains(quote));
    let rest = text.text.get(start..line_end).unwrap_or_default();
    let end = quote.and_then(|quote| rest.find(quote));
    start + end.unwrap_or(rest.len())
}
