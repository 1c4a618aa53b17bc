//! One byte a line, behind its index: `[0] = 0x13` of lldb, `- 0 : 19` of Swift's
//! `dump`, the watch window of Visual Studio.

use super::form::Form;
use super::found::Found;
use super::text::Text;

/// Fewer are no array.
const ELEMENTS: usize = 4;

/// What stands between an index and its value.
const MARKS: [&str; 4] = [" = ", ": ", " : ", "\t"];

/// Elements from line `first` on, each with the next index.
pub fn block(text: &Text<'_>, first: usize) -> Option<Found> {
    let mut found = Found::new(Form::Array, text.line(first)?.start);
    let mut due = None;
    for line in first.. {
        let Some(element) = element(text, line) else {
            break;
        };
        if due.is_some_and(|due| due != element.index) {
            break;
        }
        due = Some(element.index + 1);
        found.push(element.value, element.at);
        found.span.end = element.end;
    }
    (found.bytes.len() >= ELEMENTS).then_some(found)
}

struct Element {
    index: u64,
    value: u8,
    /// Where the value stands.
    at: usize,
    end: usize,
}

fn element(text: &Text<'_>, line: usize) -> Option<Element> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    let inner = row.trim_start();
    let after = match inner.strip_prefix('[') {
        Some(inner) => inner,
        None => inner.strip_prefix("- ")?,
    };
    let end = after.find(|c: char| !c.is_ascii_digit())?;
    let index = after[..end].parse().ok()?;
    let after = &after[end..];
    let after = if inner.starts_with('[') {
        after.strip_prefix(']')?
    } else {
        after
    };
    let value = MARKS.iter().find_map(|mark| after.strip_prefix(mark))?;
    let value = value.trim_start();
    let at = span.end - value.len();
    // A debugger puts the character behind the number, and then the type.
    let token = value.split([' ', '\t', ',']).next()?;
    let behind = value[token.len()..].trim_start();
    let is_alone = behind.is_empty() || behind.starts_with(['\'', ',']) || value.contains('\t');
    let value = byte(token).filter(|_| is_alone)?;
    let end = span.end;
    Some(Element {
        index,
        value,
        at,
        end,
    })
}

fn byte(token: &str) -> Option<u8> {
    if let Some(digits) = token.strip_prefix("0x") {
        return u8::from_str_radix(digits, 16).ok();
    }
    let value: i16 = token.parse().ok()?;
    u8::try_from(value)
        .ok()
        .or_else(|| i8::try_from(value).ok().map(i8::cast_unsigned))
}
