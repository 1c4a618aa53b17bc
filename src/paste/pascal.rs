//! Characters by their numbers, as Pascal writes them, and texts between: `#$13#$42`,
//! `#19'BitTorrent protocol'#0#0`.

use super::form::Form;
use super::found::{Broken, Found};
use super::string::is_of_text;
use super::text::Text;

/// Fewer numbers are an end of a line, `#13#10`, or those of issues.
const NUMBERS: usize = 3;

/// So many, and no text between, are no ends of lines.
const MANY: usize = 8;

/// Digits of a number, at most, and of one in hex.
const DIGITS: usize = 3;
const HEX_DIGITS: usize = 2;

/// Finds the first of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let mut at = from;
    while let Some(mark) = text.text.get(at..line.end).and_then(|rest| rest.find('#')) {
        let start = at + mark;
        let (found, numbers) = read(text, start, line.end);
        // `'one'#13#10'two'#13#10` is a text of lines.
        let is_alone = numbers >= MANY && numbers == found.bytes.len();
        let is_binary = is_alone || found.bytes.iter().any(|byte| !is_of_text(*byte));
        if numbers >= NUMBERS && is_binary {
            return Ok(Some(found));
        }
        at = found.span.end.max(start + 1);
    }
    Ok(None)
}

/// Reads from a `#` on, and counts the numbers.
fn read(text: &Text<'_>, start: usize, end: usize) -> (Found, usize) {
    let mut found = Found::new(Form::String, start);
    let mut numbers = 0;
    loop {
        let at = found.span.end;
        let rest = &text.text[at..end];
        if let Some((byte, length)) = number(rest) {
            found.push(byte, at);
            found.span.end += length;
            numbers += 1;
        } else if let Some(length) = quoted(rest) {
            // A quotation mark within is written twice.
            if text.text[..at].ends_with('\'') {
                found.push(b'\'', at);
            }
            for (index, byte) in rest.bytes().enumerate().take(length - 1).skip(1) {
                found.push(byte, at + index);
            }
            found.span.end += length;
        } else {
            return (found, numbers);
        }
    }
}

/// `#19` or `#$13`
fn number(rest: &str) -> Option<(u8, usize)> {
    let inner = rest.strip_prefix('#')?;
    let (digits, radix, most) = match inner.strip_prefix('$') {
        Some(digits) => (digits, 16, HEX_DIGITS),
        None => (inner, 10, DIGITS),
    };
    let count = digits
        .bytes()
        .take_while(|byte| char::from(*byte).is_digit(radix));
    let count = count.count().min(most);
    let byte = u8::from_str_radix(&digits[..count], radix).ok()?;
    Some((byte, rest.len() - digits.len() + count))
}

/// Length of `'…'`.
fn quoted(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    Some(inner.find('\'')? + 2)
}
