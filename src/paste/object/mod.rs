//! Dictionaries of the protocol as languages print them: `util.inspect` of Node.js, JSON,
//! `repr` of Python (`OrderedDict([('m', {})])`), `inspect` of Ruby, `print_r` and `var_dump`
//! of PHP, maps of Go, Java, Rust, Swift and Elixir. One object is one bencoded dictionary;
//! buffers in it are its values.

mod group;
mod key;
mod keys;
mod name;
mod reader;
mod value;
mod word;

use name::OPENINGS;
use reader::Reader;
use value::Kind;

use super::found::{Broken, Found};
use super::text::Text;

/// Finds the first object of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut openings = rest.match_indices(OPENINGS);
    Ok(openings.find_map(|(at, _)| object(text, line.start, from + at)))
}

/// The object whose bracket stands at `open`, in the line that begins at `line`.
fn object(text: &Text<'_>, line: usize, open: usize) -> Option<Found> {
    let before = &text.text[line..open];
    // PHP has the name in a line of its own.
    let name = if before.trim().is_empty() {
        name::before(text.text[..line].trim_end())
    } else {
        name::before(before)
    };
    let mut reader = Reader::new(text, open);
    let value = reader.group(name, 0)?;
    let Kind::Dict(entries) = &value.kind else {
        return None;
    };
    keys::tell(entries).then(|| reader.into_found(open, &value))
}

/// The object that fills a text.
pub fn whole(text: &Text<'_>) -> Option<Found> {
    let start = text.text.len() - text.text.trim_start().len();
    let mut reader = Reader::new(text, start);
    let value = reader.value(0, word::Bare::No)?;
    let Kind::Dict(entries) = &value.kind else {
        return None;
    };
    let is_all = text.rest(reader.at()).trim().is_empty();
    // A name before the bracket may be that of a function.
    let is_map =
        text.rest(start).starts_with(['{', '%', '#', '@']) || name::is_go_map(text.rest(start));
    (is_all && (is_map || keys::tell(entries))).then(|| reader.into_found(start, &value))
}
