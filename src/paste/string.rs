//! String literals: `b'\x13Bit'` of Python and Rust, `"\u0013Bit"` of JSON,
//! `"\x13Bit"` of JavaScript, C, Go and Wireshark's escaped string.

use super::cells;
use super::dump::Cut;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

const QUOTES: [char; 3] = ['"', '\'', '`'];

/// A literal that was read.
struct Literal {
    found: Found,
    /// It begins with `b`: bytes for certain.
    is_bytes: bool,
    /// It has an escape that text does not need.
    is_binary: bool,
}

/// Finds the first literal of a line that holds bytes.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let mut at = from;
    while let Some(quote) = text.text.get(at..line.end).and_then(|s| s.find(QUOTES)) {
        let quote = at + quote;
        at = quote + 1;
        if is_apostrophe(text, quote) {
            continue;
        }
        if let Some(literal) = literal(text, quote).map_err(Broken::at(quote))? {
            if literal.is_bytes || literal.is_binary {
                let mut found = with_next(text, literal).map_err(Broken::at(quote))?;
                // `strace` puts them behind the quotation mark.
                if text.rest(found.span.end).starts_with("...") {
                    found.span.end += "...".len();
                    found.cut = Some(Cut { missing: None });
                }
                return Ok(Some(found));
            }
            at = literal.found.span.end;
        }
    }
    Ok(None)
}

/// Whether a quote mark ends a word or stands in one.
fn is_apostrophe(text: &Text<'_>, quote: usize) -> bool {
    let mut before = text.text[..quote].chars().rev();
    match before.next() {
        Some('b' | 'B') => before.next().is_some_and(char::is_alphanumeric),
        Some(other) => other.is_alphanumeric(),
        None => false,
    }
}

/// Reads the literal whose opening quote is at `quote`; `None` if it does not end
/// in its line, or is no literal by its escapes.
fn literal(text: &Text<'_>, quote: usize) -> Result<Option<Literal>, Fault> {
    let line = text.line(text.line_of(quote)).unwrap_or_default();
    let is_bytes = text.text[..quote].ends_with(['b', 'B']);
    let start = quote - usize::from(is_bytes);
    let mut literal = Literal {
        found: Found::new(Form::String, start),
        is_bytes,
        is_binary: false,
    };
    let Some(mark) = text.rest(quote).chars().next() else {
        return Ok(None);
    };
    let mut at = quote + 1;
    while at < line.end {
        let Some(character) = text.rest(at).chars().next() else {
            break;
        };
        if character == mark {
            literal.found.span.end = at + 1;
            return Ok(Some(literal));
        }
        if character == '\\' {
            let Some(length) = escape(text, at, &mut literal)? else {
                return Ok(None);
            };
            at += length;
        } else {
            plain(text, at, character, &mut literal)?;
            at += character.len_utf8();
        }
    }
    Ok(None)
}

/// A character as it is: a byte up to U+00FF (strings of JavaScript), else UTF-8.
fn plain(text: &Text<'_>, at: usize, character: char, literal: &mut Literal) -> Result<(), Fault> {
    if character == char::REPLACEMENT_CHARACTER && literal.is_binary {
        return Err(text.fault(at, Reason::Replaced));
    }
    match u8::try_from(u32::from(character)) {
        Ok(byte) if !literal.is_bytes || byte.is_ascii() => literal.found.push(byte, at),
        _ => {
            for &byte in character.encode_utf8(&mut [0; 4]).as_bytes() {
                literal.found.push(byte, at);
            }
        }
    }
    Ok(())
}

/// Reads an escape; gives its length, `None` where the literal is none after
/// all.
fn escape(text: &Text<'_>, at: usize, literal: &mut Literal) -> Result<Option<usize>, Fault> {
    let rest = text.rest(at + 1);
    let Some(letter) = rest.chars().next() else {
        return Ok(None);
    };
    let simple = match letter {
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'v' => Some(11),
        'e' => Some(27),
        '\\' | '\'' | '"' | '`' | '/' | '?' => u8::try_from(letter).ok(),
        _ => None,
    };
    if let Some(byte) = simple {
        literal.found.push(byte, at);
        return Ok(Some(2));
    }
    if let Some((value, length)) = number(rest) {
        literal.is_binary |= letter == 'x' || value < 0x20 || value == 0x7f;
        match u8::try_from(value) {
            Ok(byte) => literal.found.push(byte, at),
            Err(_) => plain(text, at, char::from_u32(value).unwrap_or('?'), literal)?,
        }
        return Ok(Some(1 + length));
    }
    if literal.is_bytes || literal.is_binary {
        return Err(text.fault(at, Reason::Escape));
    }
    Ok(None)
}

/// The value of `x13`, `u0013`, `u{13}` or `023`, and its length.
fn number(rest: &str) -> Option<(u32, usize)> {
    let hex = |from: usize, to: usize| {
        let digits = rest.get(from..to).filter(|digits| cells::is_hex(digits))?;
        Some((u32::from_str_radix(digits, 16).ok()?, to))
    };
    match rest.as_bytes().first()? {
        b'x' | b'u' if rest[1..].starts_with('{') => {
            let close = rest.find('}').filter(|close| *close <= 8)?;
            let (value, _) = hex(2, close)?;
            Some((value, close + 1))
        }
        b'x' => hex(1, 3),
        b'u' => hex(1, 5),
        b'0'..=b'7' => {
            let digits = rest.bytes().take(3);
            let length = digits
                .take_while(|digit| matches!(digit, b'0'..=b'7'))
                .count();
            Some((u32::from_str_radix(&rest[..length], 8).ok()?, length))
        }
        _ => None,
    }
}

/// Adds the literals that a language joins to this one.
fn with_next(text: &Text<'_>, first: Literal) -> Result<Found, Fault> {
    let is_bytes = first.is_bytes;
    let before = text.text[..first.found.span.start].trim_end();
    let joins_lines = !is_bytes || before.ends_with('(');
    let mut found = first.found;
    loop {
        let Some(quote) = next_quote(text, found.span.end, is_bytes, joins_lines) else {
            return Ok(found);
        };
        let Some(next) = literal(text, quote)? else {
            return Ok(found);
        };
        found.bytes.extend(next.found.bytes);
        found.offsets.extend(next.found.offsets);
        found.span.end = next.found.span.end;
    }
}

/// The opening quote of a literal that is joined to the one that ends at `end`:
/// only blanks, `+` or a `\` at the end of a line are between.
fn next_quote(text: &Text<'_>, end: usize, is_bytes: bool, joins_lines: bool) -> Option<usize> {
    let rest = text.rest(end);
    let is_glue = |c: char| c.is_whitespace() || c == '+' || c == '\\';
    let glue = rest.len() - rest.trim_start_matches(is_glue).len();
    let between = &rest[..glue];
    let explicit = between.contains(['+', '\\']);
    if glue == 0 || (between.contains('\n') && !(joins_lines || explicit)) {
        return None;
    }
    let next = &rest[glue..];
    let prefix = usize::from(is_bytes);
    if is_bytes && !next.starts_with(['b', 'B']) {
        return None;
    }
    next[prefix..]
        .starts_with(QUOTES)
        .then_some(end + glue + prefix)
}

/// The literal that begins at `at`, of whatever characters.
pub fn at(text: &Text<'_>, at: usize) -> Option<Found> {
    let quote = at + usize::from(text.rest(at).starts_with(['b', 'B']));
    let literal = literal(text, quote).ok()??;
    let mut found = literal.found;
    // Text that is no string of bytes is UTF-8 on the wire.
    let inner = text.text.get(quote + 1..found.span.end - 1)?;
    let is_latin = inner.chars().any(|c| ('\u{80}'..'\u{a0}').contains(&c));
    if !literal.is_bytes && !inner.is_ascii() && !inner.contains('\\') && !is_latin {
        found.bytes = inner.as_bytes().to_vec();
        found.offsets = (quote + 1..found.span.end - 1).collect();
    }
    Some(found)
}

/// A text that is one literal, of whatever characters.
pub fn whole(text: &Text<'_>) -> Result<Option<Found>, Fault> {
    let start = text.text.len() - text.text.trim_start().len();
    if !text.rest(start).starts_with(QUOTES) {
        return Ok(None);
    }
    let literal = literal(text, start)?;
    let end = text.text.trim_end().len();
    Ok(literal
        .map(|literal| literal.found)
        .filter(|found| found.span.end == end && !found.bytes.is_empty()))
}
