//! One byte a line, behind its index: `[0] = 0x13` of lldb, `- 0 : 19` of Swift's
//! `dump`, `0 = 19` of JetBrains' debuggers, the watch window of Visual Studio.

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
        due = Some(element.index.checked_add(1)?);
        found.push(element.value, element.at);
        found.span.end = element.end;
    }
    (found.bytes.len() >= least).then_some(found)
}

struct Element {
    index: u64,
    value: u8,
    /// Nothing tells the index from another number.
    is_bare: bool,
    /// Where the value stands.
    at: usize,
    end: usize,
}

fn element(text: &Text<'_>, line: usize) -> Option<Element> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    let inner = without_type(row.trim_start());
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
        None => return None,
    };
    let value = without_type(value.trim_start());
    let at = span.end - value.len();
    let (item, length) = Item::read(value)?;
    // A debugger puts the character behind the number, and then the type.
    let rest = &value[length..];
    let behind = rest.trim_start();
    let is_alone = behind.is_empty() || behind.starts_with(['\'', ',']) || value.contains('\t');
    let is_apart = rest.is_empty() || rest.starts_with([' ', '\t', ',']);
    Some(Element {
        index,
        value: item.decimal.filter(|_| is_alone && is_apart)?,
        is_bare: opening.is_empty(),
        at: at + item.at,
        end: span.end,
    })
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
