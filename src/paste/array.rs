//! Arrays of bytes as C, Rust, Go, Python and JavaScript write or print them:
//! `{0x13, 0x42}`, `[19, 66]`, `[19 66]`, `Uint8Array(4) [ 19, 66, ... 2 more
//! items ]`.

use super::fields;
use super::found::{Broken, Found};
use super::items::{self, ITEMS, Items};
use super::text::Text;

const BRACKETS: [(char, char); 3] = [('[', ']'), ('{', '}'), ('(', ')')];

/// Fewer numbers with commas and no brackets are none.
const BARE_ITEMS: usize = 8;

/// What numbers without brackets stand behind.
const LABELS: [&str; 5] = [": ", "= ", "db ", ".byte ", "hex:"];

/// What says so, in lower case.
const NAMES: [&str; 7] = ["byte", "buffer", "uint8", "int8", "u8", "char", "data"];

/// Characters before a bracket where such a name may stand.
const NEAR: usize = 32;

/// Finds the first array of a line.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let mut at = from;
    while let Some((offset, open)) = bracket(text, at, line.end) {
        let start = at + offset;
        at = start + 1;
        let Some((_, close)) = BRACKETS.iter().find(|(bracket, _)| *bracket == open) else {
            continue;
        };
        if text.arrays.covers(start) || fields::is_field(text, start) {
            continue;
        }
        if let Some(items) = Items::read(text, at, Some(*close)).map_err(Broken::at(start))? {
            let least = if open != '(' && is_named(text, start) {
                1
            } else {
                ITEMS
            };
            let is_length = items.list.len() == 1 && is_dimension(text, start, open);
            let is_index = is_index(text, start, open) && (least > 1 || items.list.len() < 2);
            let is_scalar = items.list.len() == 1 && is_constructor(text, start);
            // `strip('\r', '\n')` are arguments.
            let is_arguments = open == '(' && items.is_characters();
            let is_other = is_index || is_length || is_scalar || is_arguments;
            let is_other = is_other || (least > 1 && is_of_things(text, start, &items));
            if !is_other && items.is_array(least) {
                return Ok(Some(items.into_found(start)));
            }
        }
    }
    bare(text, from)
}

fn bracket(text: &Text<'_>, at: usize, end: usize) -> Option<(usize, char)> {
    let mut rest = text.text.get(at..end)?.char_indices();
    rest.find(|(_, c)| BRACKETS.iter().any(|(open, _)| open == c))
}

/// Whether a bracket belongs to the name before it: `buffer[68]`.
fn is_index(text: &Text<'_>, bracket: usize, open: char) -> bool {
    let before = text.text[..bracket].chars().next_back();
    open == '[' && before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ']')
}

/// Removes the length behind the name of a type: `Uint8Array(200) `.
fn without_length(before: &str) -> &str {
    let name = before.trim_end().strip_suffix(')');
    let name = name.map(|inner| inner.trim_end_matches(|c: char| c.is_ascii_digit()));
    let name = name.and_then(|inner| inner.strip_suffix('('));
    let is_name = |name: &&str| name.ends_with(char::is_alphanumeric);
    name.filter(is_name).unwrap_or(before)
}

/// Whether a bracket may hold the length of an array: `(uint8_t [5]) data`.
fn is_dimension(text: &Text<'_>, bracket: usize, open: char) -> bool {
    let before = text.text[..bracket].strip_suffix(' ').unwrap_or_default();
    open == '[' && before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Whether a bracket holds the value of one byte: `std::byte{0x13}`.
fn is_constructor(text: &Text<'_>, bracket: usize) -> bool {
    text.text[..bracket]
        .trim_end_matches(' ')
        .ends_with("::byte")
}

/// Units of numbers that are no bytes.
const UNITS: [&str; 11] = [
    "ms", "s", "us", "ns", "sec", "seconds", "KiB", "MiB", "KB", "MB", "%",
];

/// Functions of numbers that are none.
const FUNCTIONS: [&str; 6] = ["rgb", "rgba", "hsl", "hsla", "rect", "version"];

/// Whether numbers in brackets count or measure something: each is greater than the one
/// before, as in a list of pieces or ports, or what stands around them says so.
fn is_of_things(text: &Text<'_>, bracket: usize, items: &Items) -> bool {
    let unit = text.rest(items.end);
    let unit = unit.strip_prefix(' ').unwrap_or(unit);
    let unit = unit.split(|c: char| c.is_whitespace() || ",;.)".contains(c));
    let is_measured = items.are_few() && unit.take(1).any(|unit| UNITS.contains(&unit));
    let before = text.text[..bracket].rsplit(|c: char| !c.is_ascii_alphanumeric());
    let is_call = before.take(1).any(|name| FUNCTIONS.contains(&name));
    is_measured || is_call || items.is_rising()
}

fn is_named(text: &Text<'_>, bracket: usize) -> bool {
    let start = text.text.ceil_char_boundary(bracket.saturating_sub(NEAR));
    let before = text.text[start..bracket].to_ascii_lowercase();
    // What another bracket or a sentence closes is not about this one.
    let before = without_length(&before)
        .rsplit([']', '}', ')', '>', '"', '.', ',', '\n'])
        .next();
    let before = before.unwrap_or_default();
    NAMES.iter().any(|name| before.contains(name))
}

/// Numbers with commas that fill the rest of a line.
fn bare(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let before = text.text.get(line.start..from).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let at_start = before.trim().is_empty().then_some(from);
    let labels = LABELS
        .iter()
        .filter_map(|label| Some(rest.find(label)? + label.len()));
    let behind_label = labels.min().map(|at| from + at);
    // The label itself may look like a number: the reading from the start of a line must
    // not hide the one behind the label.
    let is_new = |start: &usize| !text.bare.covers(*start);
    for start in [at_start.filter(is_new), behind_label.filter(is_new)]
        .into_iter()
        .flatten()
    {
        let items = Items::read(text, start, None).map_err(Broken::at(start))?;
        let enough =
            |items: &Items| items.has_commas && items.is_array(BARE_ITEMS) && !items.is_rising();
        match items {
            Some(items) if enough(&items) => return Ok(Some(items.into_found(start))),
            Some(items) => items::refuse(&text.bare, start, items.end),
            None => {}
        }
    }
    Ok(None)
}

/// A text that is numbers with commas, or one array of any length.
pub fn whole(text: &Text<'_>) -> Option<Found> {
    let start = text.text.len() - text.text.trim_start().len();
    let open = text.rest(start).chars().next()?;
    let bracket = BRACKETS.iter().find(|(bracket, _)| *bracket == open);
    let (from, close) = match bracket {
        Some((_, close)) => (start + 1, Some(*close)),
        None => (start, None),
    };
    let items = Items::read(text, from, close).ok()??;
    let is_all = text.rest(items.end).trim().is_empty();
    let enough = close.is_some() || items.has_commas;
    (is_all && enough && items.is_array(1) && !items.list.is_empty())
        .then(|| items.into_found(start))
}
