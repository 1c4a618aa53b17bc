//! A line that is bytes from its first character to the last, without quotation marks around
//! them, of which the first are no escapes, or among which there are quotation marks:
//! `HTTP/1.1 200 OK\r\n...\300\000`, `d1%3Aad2%3Aid20%3A...`, `\000\000\004\027'\020\031\200...`.
//! Words may stand before an escape too, so that it is bytes where these are BitTorrent from the
//! first to the last.

use std::ops::Range;

use super::escape::{self, OCTALS, PERCENTS, Style};
use super::form::Form;
use super::found::{Broken, Found};
use super::glue::QUOTES;
use super::margin::margin;
use super::proof;
use super::text::Text;
use super::web;

/// Characters that a label before the bytes may have.
const MAX_LABEL: usize = 40;

/// What a label ends with.
const MARKS: [&str; 3] = [": ", "= ", "> "];

/// Escapes that are looked at.
const MAX_LOOK: usize = 64;

/// Finds such bytes in a line of which nothing was read but a label.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let start = line.start + margin(&text.text[line.clone()]);
    let row = &text.text[start..line.end];
    let label = &row[..row.floor_char_boundary(MAX_LABEL)];
    let labels = MARKS
        .iter()
        .filter_map(|mark| Some(label.find(mark)? + mark.len()));
    let behind = labels.min().map(|at| start + at);
    let starts = [Some(start), behind].into_iter().flatten();
    let mut starts = starts.filter(|start| *start >= from);
    Ok(starts.find_map(|start| whole(text, start..line.end)))
}

/// The bytes of a span.
fn whole(text: &Text<'_>, span: Range<usize>) -> Option<Found> {
    let row = text.text[span.clone()].trim_end();
    let style = style(row)?;
    let begins = row.starts_with(['\\', '%']);
    let is_other = match style {
        Style::Percent => row.contains(|c| !escape::is_value(c)),
        Style::Hex | Style::Octal => escape::has_quote(row),
    };
    if row.starts_with(QUOTES) || (begins && !is_other) {
        return None;
    }
    let row = match style {
        Style::Octal => escape::without_end(row, "", !escape::is_of_sed(row)),
        Style::Hex | Style::Percent => row,
    };
    let is_form = style == Style::Percent && !row.contains("%20");
    let mut found = Found::new(Form::Escaped, span.start);
    escape::push_escapes(row, style, "", |byte, at| {
        let is_blank = is_form && row[at..].starts_with('+');
        found.push(if is_blank { b' ' } else { byte }, span.start + at);
    })
    .ok()?;
    found.span.end = span.start + row.len();
    let bytes = &found.bytes;
    let is_utp = || !row.contains([' ', '\'', '"', '`', '/']) && proof::looks_like_utp(bytes);
    (proof::is_whole(bytes) || web::is_message(bytes) || is_utp()).then_some(found)
}

/// How the bytes of a line are escaped, if enough are.
fn style(row: &str) -> Option<Style> {
    let count = |mark: char, is: fn(char) -> bool| {
        let escapes = row.split(mark).skip(1).take(MAX_LOOK);
        escapes.filter(|after| after.starts_with(is)).count()
    };
    if count('\\', |c| c == 'x') >= OCTALS {
        Some(Style::Hex)
    } else if count('\\', |c| matches!(c, '0'..='7')) >= OCTALS {
        Some(Style::Octal)
    } else if count('%', |c| c.is_ascii_hexdigit()) >= PERCENTS && !row.contains(' ') {
        Some(Style::Percent)
    } else {
        None
    }
}
