//! One byte a line, behind its index: `[0] = 0x13` of lldb, `- 0 : 19` of Swift's
//! `dump`, `0 = 19` of JetBrains' debuggers, the watch window of Visual Studio.

use std::ops::Range;

use super::form::Form;
use super::found::Found;
use super::item::Item;
use super::text::Text;

/// Fewer are no array.
const ELEMENTS: usize = 4;

/// Fewer are none where nothing but a number stands before the value.
const BARE_ELEMENTS: usize = 8;

/// What stands between an index and its value.
const MARKS: [&str; 4] = ["=>", "=", ":", "\t"];

/// Brackets in which the type of a value stands before it.
const TYPES: [(char, char); 2] = [('(', ')'), ('{', '}')];

/// Characters of a type, at most.
const MAX_TYPE: usize = 24;

/// Elements from line `first` on, each with the next index.
pub fn block(text: &Text<'_>, first: usize) -> Option<Found> {
    let mut found = Found::new(Form::Array, text.line(first)?.start);
    let mut items: Vec<Item> = Vec::new();
    let mut due = None;
    let mut least = ELEMENTS;
    for line in first.. {
        let Some(element) = element(text, line) else {
            break;
        };
        if due.is_some_and(|due| due != element.index) {
            break;
        }
        if element.is_bare {
            // A table may begin anywhere, an array with its first byte.
            if due.is_none() && element.index != 0 {
                return None;
            }
            least = BARE_ELEMENTS;
        }
        let is_number = element.item.decimal.is_some();
        // Pairs of hex digits stand behind `buf[0] =`, and nowhere else.
        if !(is_number || (element.is_named && element.item.is_pair())) {
            break;
        }
        due = Some(element.index.checked_add(1)?);
        found.offsets.push(element.at);
        items.push(element.item);
        found.span.end = element.end;
    }
    if items.len() < least {
        return None;
    }
    let is_hex = items.iter().all(Item::is_pair) && items.iter().any(Item::is_padded);
    let value = |item: &Item| if is_hex { item.hex } else { item.decimal };
    found.bytes = items.iter().map(value).collect::<Option<_>>()?;
    Some(found)
}

struct Element {
    index: u64,
    item: Item,
    /// A name that says that it is of bytes stands before the index: `buf[0]`, `byte 0`.
    is_named: bool,
    /// Nothing tells the index from another number.
    is_bare: bool,
    /// Where the value stands.
    at: usize,
    end: usize,
}

fn element(text: &Text<'_>, line: usize) -> Option<Element> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    if let Some(element) = of_table(text, span.clone()) {
        return Some(element);
    }
    let whole = without_type(row.trim_start());
    let inner = without_name(whole);
    let is_named = inner.len() < whole.len();
    let (opening, after) = match inner.strip_prefix('[') {
        Some(inner) => ("[", inner.trim_start_matches(' ')),
        None => match inner.strip_prefix("- ") {
            Some(inner) => ("- ", inner),
            None => ("", inner),
        },
    };
    let end = after.find(|c: char| !c.is_ascii_digit())?;
    let index = after[..end].parse().ok()?;
    let after = &after[end..];
    let after = match opening {
        "[" => after.strip_prefix(']')?,
        _ => after,
    };
    let inner = after.trim_start_matches(' ');
    let mark = MARKS.iter().find(|mark| inner.starts_with(**mark));
    let value = match mark {
        Some(mark) => &inner[mark.len()..],
        // Ruby's `[ 0] 19,` of a table.
        None if opening == "[" && inner.len() < after.len() => inner,
        // `0 0x13` of a loop
        None if inner.starts_with("0x") && inner.len() < after.len() => inner,
        None => return None,
    };
    let value = without_type(value.trim_start());
    let at = span.end - value.len();
    let (item, length) = Item::read(value)?;
    // A debugger puts the character behind the number, and then the type.
    let rest = &value[length..];
    let behind = rest.trim_start();
    let is_alone = behind.is_empty() || behind.starts_with(['\'', ',']) || value.contains('\t');
    let is_alone = is_alone || (is_named && is_character(behind));
    let is_apart = rest.is_empty() || rest.starts_with([' ', '\t', ',']);
    Some(Element {
        index,
        item: Some(item).filter(|_| is_alone && is_apart)?,
        is_named,
        is_bare: opening.is_empty() || is_named,
        at: at + item.at,
        end: span.end,
    })
}

/// The lines of the frame that `console.table` draws.
const LINE: char = '│';

/// A row of `console.table`, `│ 0       │ 19     │`.
fn of_table(text: &Text<'_>, span: Range<usize>) -> Option<Element> {
    let row = text.text[span.clone()].trim();
    let inner = row.strip_prefix(LINE)?.strip_suffix(LINE)?;
    let (index, value) = inner.split_once(LINE)?;
    let index = index.trim();
    let is_index = index.bytes().all(|digit| digit.is_ascii_digit());
    let number = value.trim();
    let (item, length) = Item::read(number).filter(|_| is_index)?;
    let at = number.as_ptr() as usize - text.text.as_ptr() as usize;
    (length == number.len()).then_some(Element {
        index: index.parse().ok()?,
        at: at + item.at,
        item,
        is_named: false,
        is_bare: true,
        end: span.end,
    })
}

/// Parts of the names of arrays of bytes.
const NAMES: [&str; 8] = [
    "buf", "byte", "data", "msg", "message", "packet", "payload", "pkt",
];

/// Skips the name in `buf[0] = 00` and the word in `byte 0: 0`.
fn without_name(row: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let inner = row.trim_start_matches(is_name);
    let name = &row[..row.len() - inner.len()];
    let is_known = || {
        let name = name.to_ascii_lowercase();
        NAMES.iter().any(|known| name.contains(known))
    };
    if name.len() > MAX_TYPE || !is_known() {
        return row;
    }
    match inner.strip_prefix(' ') {
        Some(index) if index.starts_with(|c: char| c.is_ascii_digit()) => index,
        _ if inner.starts_with('[') => inner,
        _ => row,
    }
}

/// Whether a text is the character of a byte in brackets: `(B)`.
fn is_character(behind: &str) -> bool {
    let inner = behind.strip_prefix('(').and_then(|s| s.strip_suffix(')'));
    inner.is_some_and(|inner| inner.chars().count() == 1)
}

/// Skips `(uint8_t) ` and `{byte} `.
fn without_type(row: &str) -> &str {
    let skip = |(open, close): &(char, char)| {
        let inner = row.strip_prefix(*open)?;
        let end = inner.find(*close).filter(|end| *end <= MAX_TYPE)?;
        let is_name = inner[..end].contains(|c: char| c.is_ascii_alphabetic());
        inner[end + 1..].strip_prefix(' ').filter(|_| is_name)
    };
    TYPES.iter().find_map(skip).unwrap_or(row)
}
