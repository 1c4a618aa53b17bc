//! String literals: `b'\x13Bit'` of Python and Rust, `"\u0013Bit"` of JSON,
//! `"\x13Bit"` of JavaScript, C, Go and Wireshark's escaped string, `"\19Bit"` of
//! Lua, `"\DC3Bit"` of Haskell.

use std::ops::RangeInclusive;

use super::dump::Cut;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::glue::QUOTES;
use super::numbering::Numbering;
use super::text::Text;
use super::{base64, bencode, cells, escape as escapes, glue, repeats, web};

/// Such a character is no longer, as an escape with its quotation mark.
const MAX_CHARACTER: usize = 6;

/// Digits of which a literal of bytes is the hex of others: Python prints what
/// `hexlify` makes so.
const HEX_DIGITS: usize = 16;

/// A literal that was read.
struct Literal {
    found: Found,
    mark: char,
    /// How its numbers are written, once there is one.
    numbering: Option<Numbering>,
    /// Where the first of its bytes was lost before they were printed, and how many
    /// there are before it.
    lost: Option<(usize, usize)>,
    /// It begins with `b`: bytes for certain.
    is_bytes: bool,
    /// It has an escape that text does not need.
    is_binary: bool,
    /// It is a character of gdb that is there several times.
    is_repeated: bool,
    /// How many bytes that are no UTF-8 Python kept in it, `\udccb`.
    kept: usize,
    /// How many bytes that are no UTF-8 stand in it as escapes, or were lost: characters
    /// beside them are UTF-8.
    strays: usize,
}

/// The character that Python makes of a byte which is no UTF-8 (`surrogateescape`, PEP
/// 383) is the byte and this.
const KEPT: u32 = 0xdc00;

/// Bytes that are kept so.
const KEPT_BYTES: RangeInclusive<u32> = 0x80..=0xff;

/// What Python and JavaScript write behind `\x` for characters up to U+00FF, which are no
/// proof of bytes: U+0080 to U+00A0, and the soft hyphen.
const UNPRINTABLE: RangeInclusive<u32> = 0x80..=0xa0;
const SOFT_HYPHEN: u32 = 0xad;

/// Whether an escape of this value behind `letter` is a byte and no character: Go, gdb and
/// Ruby print a character as it is, and so what is no UTF-8 only.
fn is_byte(letter: char, value: u32, is_number: bool) -> bool {
    let is_high = (0x80..=0xff).contains(&value);
    let is_character = UNPRINTABLE.contains(&value) || value == SOFT_HYPHEN;
    is_high && (is_number || (letter == 'x' && !is_character))
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
            // Bencode tells more of what is damaged.
            if literal.lost.is_some() && bencode::begins_value(&literal.found.bytes) {
                at = literal.found.span.end;
                continue;
            }
            let is_bytes = literal.is_bytes && !literal.is_encoded();
            let start = literal.found.span.start;
            let is_message = || web::is_message(&literal.found.bytes);
            let is_binary = literal.is_binary || is_before_repeat(text, literal.found.span.end);
            if (is_bytes && !is_subscript(text, start)) || is_binary || is_message() {
                let mut found = with_next(text, literal).map_err(Broken::at(quote))?;
                // `strace` puts them behind the quotation mark.
                if text.rest(found.span.end).starts_with("...") {
                    found.span.end += "...".len();
                    found.cut = Some(Cut { missing: None });
                }
                return Ok(Some(found));
            }
            at = literal.found.span.end;
            // `"BitTorrent protocol" + "\0\0"`: one of those that are joined may tell.
            if !text.literals.covers(at) && glue::is_explicit(text, at) {
                let joined = with_next(text, literal).map_err(Broken::at(quote))?;
                at = joined.span.end;
                if joined.bytes.iter().any(|byte| !is_of_text(*byte)) {
                    return Ok(Some(joined));
                }
                text.literals.reach(at);
            }
        }
    }
    Ok(None)
}

/// Whether a byte is one that texts have.
pub fn is_of_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t') || !byte.is_ascii()
}

/// Whether the literal that ends here is one of several of gdb, `"abc", '\000' <repeats
/// 28 times>`.
fn is_before_repeat(text: &Text<'_>, end: usize) -> bool {
    let next = text.rest(end).strip_prefix(", '").unwrap_or_default();
    repeats::are_near(next, MAX_CHARACTER)
}

/// Whether a literal is the key of a dictionary: `state[b'node-id']`.
fn is_subscript(text: &Text<'_>, start: usize) -> bool {
    let before = text.text[..start].strip_suffix('[').unwrap_or_default();
    before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ']')
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
    let Some(mark) = text.rest(quote).chars().next() else {
        return Ok(None);
    };
    let mut literal = Literal {
        found: Found::new(Form::String, start),
        mark,
        numbering: None,
        lost: None,
        is_bytes,
        is_binary: false,
        is_repeated: false,
        kept: 0,
        strays: 0,
    };
    let mut at = quote + 1;
    while at < line.end {
        let Some(character) = text.rest(at).chars().next() else {
            break;
        };
        if character == mark {
            literal.found.span.end = at + 1;
            literal.encode_others(text);
            literal.repeat(text)?;
            literal.multiply(text)?;
            return Ok(Some(literal));
        }
        if character == '\\' {
            let Some(length) = escape(text, at, &mut literal)? else {
                return Ok(None);
            };
            at += length;
        } else {
            literal.plain(at, character);
            at += character.len_utf8();
        }
    }
    Ok(None)
}

impl Literal {
    /// Takes what gdb puts behind a character that is there several times, ` <repeats
    /// 28 times>`.
    fn repeat(&mut self, text: &Text<'_>) -> Result<(), Fault> {
        let times = repeats::repeats(text.rest(self.found.span.end));
        let ([byte], Some((times, words))) = (&self.found.bytes[..], times) else {
            return Ok(());
        };
        let byte = *byte;
        let at = self.found.offsets.first().copied().unwrap_or_default();
        let more = times.saturating_sub(1);
        text.charge(&mut self.found.repeated, more, at)?;
        self.found.bytes.resize(1 + more, byte);
        self.found.offsets.resize(1 + more, at);
        self.found.span.end += words;
        (self.is_binary, self.is_repeated) = (true, true);
        Ok(())
    }

    /// Takes what makes several of it, ` * 8`.
    fn multiply(&mut self, text: &Text<'_>) -> Result<(), Fault> {
        let times = repeats::multiplied(text.rest(self.found.span.end));
        let Some((times, length)) = times.filter(|_| self.is_binary || self.is_bytes) else {
            return Ok(());
        };
        let found = &mut self.found;
        let at = found.offsets.first().copied().unwrap_or_default();
        let more = found.bytes.len().saturating_mul(times - 1);
        text.charge(&mut found.repeated, more, at)?;
        let (bytes, offsets) = (found.bytes.clone(), found.offsets.clone());
        for _ in 1..times.min(1 + more) {
            found.bytes.extend(&bytes);
            found.offsets.extend(&offsets);
        }
        found.span.end += length;
        Ok(())
    }

    /// Takes characters up to U+00FF for UTF-8, where bytes that are none were kept in
    /// another way.
    fn encode_others(&mut self, text: &Text<'_>) {
        if self.kept > 0 {
            encode(text, &mut self.found, &["\\x", "\\u00"]);
        }
    }

    /// Takes a character as it is: a byte up to U+00FF (strings of JavaScript), else
    /// UTF-8.
    fn plain(&mut self, at: usize, character: char) {
        if character == char::REPLACEMENT_CHARACTER {
            self.lost.get_or_insert((at, self.found.bytes.len()));
            self.strays += 1;
        }
        match u8::try_from(u32::from(character)) {
            Ok(byte) if !self.is_bytes || byte.is_ascii() => self.found.push(byte, at),
            _ => {
                for &byte in character.encode_utf8(&mut [0; 4]).as_bytes() {
                    self.found.push(byte, at);
                }
            }
        }
    }

    /// Whether its text is that of other bytes: hex, or base64.
    fn is_encoded(&self) -> bool {
        let Ok(text) = std::str::from_utf8(&self.found.bytes) else {
            return false;
        };
        let is_hex = text.len() >= HEX_DIGITS && cells::is_group(text);
        is_hex || base64::looks_quoted(text) || base64::is_known(text)
    }

    /// Whether its characters up to U+00FF are UTF-8 as well, and not taken for that yet.
    fn is_of_utf8(&self) -> bool {
        self.strays > 0 && self.kept == 0 && !self.is_bytes
    }

    /// What was found: of a text that was decoded as UTF-8, which its bytes are not,
    /// all before the first that was lost.
    fn into_found(self) -> Found {
        let mut found = self.found;
        if let Some((at, kept)) = self.lost {
            found.truncate(kept);
            found.breaks = Some(at);
        }
        found
    }
}

/// Escapes of characters, where those of bytes are others.
const CHARACTERS: &[&str] = &["\\u00", "\\u{"];

/// Takes characters up to U+00FF for UTF-8, and what begins with one of `escapes` too.
fn encode(text: &Text<'_>, found: &mut Found, escapes: &[&str]) {
    let bytes = std::mem::take(&mut found.bytes);
    for (byte, at) in bytes.into_iter().zip(std::mem::take(&mut found.offsets)) {
        let written = text.rest(at);
        let is_character = |c: char| c as u32 == u32::from(byte);
        let is_other = escapes.iter().any(|escape| written.starts_with(escape))
            || written.starts_with(is_character);
        if is_other && !byte.is_ascii() {
            for &part in char::from(byte).encode_utf8(&mut [0; 4]).as_bytes() {
                found.push(part, at);
            }
        } else {
            found.push(byte, at);
        }
    }
}

/// Reads an escape; gives its length, `None` where the literal is none after
/// all.
fn escape(text: &Text<'_>, at: usize, literal: &mut Literal) -> Result<Option<usize>, Fault> {
    let rest = text.rest(at + 1);
    let Some(letter) = rest.chars().next() else {
        return Ok(None);
    };
    // Python 3 doubles the backslash of a byte that is no text, where scapy has made others.
    if let Some(digits) = rest.strip_prefix("\\x").and_then(|rest| rest.get(..2))
        && literal.is_binary
        && cells::is_hex(digits)
        && !digits.starts_with(|c: char| c < '8')
    {
        literal.found.push(cells::byte(digits.as_bytes()), at);
        literal.strays += 1;
        return Ok(Some(5));
    }
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
    let number = coded(rest).or_else(|| {
        let line = text.line(text.line_of(at)).unwrap_or_default();
        let first = literal.found.span.start + usize::from(literal.is_bytes) + 1;
        let inner = text.text.get(first..line.end).unwrap_or_default();
        let numbering = literal
            .numbering
            .get_or_insert_with(|| Numbering::of(inner, literal.mark, literal.is_bytes));
        numbering.read(rest)
    });
    if let Some((value, length)) = number {
        let Some(value) = value else {
            return Ok(Some(1 + length));
        };
        let kept = value.checked_sub(KEPT);
        if let Some(byte) = kept.filter(|byte| letter == 'u' && KEPT_BYTES.contains(byte)) {
            literal.is_binary = true;
            literal.kept += 1;
            literal.found.push(byte as u8, at);
            return Ok(Some(1 + length));
        }
        let is_number = literal.numbering.is_some_and(Numbering::is_of_bytes);
        let is_stray = is_byte(letter, value, is_number && letter.is_ascii_digit());
        literal.strays += usize::from(is_stray);
        literal.is_binary |= letter == 'x' || value < 0x20 || value == 0x7f;
        match u8::try_from(value) {
            Ok(byte) => literal.found.push(byte, at),
            Err(_) => literal.plain(at, char::from_u32(value).unwrap_or('?')),
        }
        return Ok(Some(1 + length));
    }
    // `\@` of Perl, `\#` of Ruby: what would mean something else without it.
    if letter.is_ascii_punctuation() {
        literal.found.push(letter as u8, at);
        return Ok(Some(2));
    }
    if literal.is_bytes || literal.is_binary {
        return Err(text.fault(at, Reason::Escape));
    }
    Ok(None)
}

/// The value of `x13`, `u0013` or `u{13}`, and its length.
fn coded(rest: &str) -> Option<(Option<u32>, usize)> {
    let hex = |from: usize, to: usize| {
        let digits = rest.get(from..to).filter(|digits| cells::is_hex(digits))?;
        Some((Some(u32::from_str_radix(digits, 16).ok()?), to))
    };
    match rest.as_bytes().first()? {
        b'x' | b'u' if rest[1..].starts_with('{') => {
            let close = rest.find('}').filter(|close| *close <= 8)?;
            let (value, _) = hex(2, close)?;
            Some((value, close + 1))
        }
        b'x' => hex(1, 3),
        b'u' => {
            let (first, length) = hex(1, 5)?;
            // Two halves of one character.
            let high = first
                .and_then(|high| high.checked_sub(0xd800))
                .filter(|high| *high < 0x400);
            let second = rest[length..]
                .starts_with("\\u")
                .then(|| hex(length + 2, length + 6));
            let low = second
                .flatten()
                .and_then(|(low, _)| low?.checked_sub(0xdc00));
            match (high, low.filter(|low| *low < 0x400)) {
                (Some(high), Some(low)) => Some((Some(0x1_0000 + (high << 10) + low), length + 6)),
                _ => Some((first, length)),
            }
        }
        _ => None,
    }
}

/// Adds what gdb writes of bytes that begin a character and do not end it, `, <incomplete
/// sequence \360>`; gives its length.
fn incomplete(text: &Text<'_>, found: &mut Found) -> Option<usize> {
    const OPENING: &str = ", <incomplete sequence ";
    let start = found.span.end;
    let mut at = start + OPENING.len();
    text.rest(start).strip_prefix(OPENING)?;
    let mut bytes = Vec::new();
    while !text.rest(at).starts_with('>') {
        let (byte, length) = escapes::one(text.rest(at))?;
        bytes.push((byte, at));
        at += length;
    }
    for (byte, at) in bytes {
        found.push(byte, at);
    }
    Some(at + 1 - start)
}

/// Adds the literals that a language joins to this one.
fn with_next(text: &Text<'_>, first: Literal) -> Result<Found, Fault> {
    let is_bytes = first.is_bytes;
    let before = text.text[..first.found.span.start].trim_end();
    let joins_lines = !is_bytes || before.ends_with('(');
    let mut was_repeated = first.is_repeated;
    let mut is_utf8 = first.is_of_utf8();
    let mut found = first.into_found();
    loop {
        if let Some(length) = incomplete(text, &mut found) {
            found.span.end += length;
            was_repeated = true;
        }
        let end = found.span.end;
        // gdb sets a comma between a character that is there several times and the rest.
        let after_comma = || {
            let comma = was_repeated || is_before_repeat(text, end);
            let rest = text.rest(end).strip_prefix(", ").filter(|_| comma)?;
            rest.starts_with(['"', '\'']).then_some(end + 2)
        };
        let next = glue::next_quote(text, end, is_bytes, joins_lines).or_else(after_comma);
        // A fault of the next one is not this one's.
        let Some(next) = next.and_then(|quote| literal(text, quote).ok()?) else {
            if is_utf8 {
                encode(text, &mut found, CHARACTERS);
            }
            return Ok(found);
        };
        let quote = next.found.span.start;
        was_repeated = next.is_repeated;
        is_utf8 |= next.is_of_utf8();
        let next = next.into_found();
        text.count(&mut found.repeated, next.repeated, quote)?;
        found.span.end = next.span.end;
        if found.breaks.is_none() {
            found.bytes.extend(next.bytes);
            found.offsets.extend(next.offsets);
            found.breaks = next.breaks;
        }
    }
}

/// The literal that begins at `at`, of whatever characters.
pub fn at(text: &Text<'_>, at: usize) -> Option<Found> {
    let quote = at + usize::from(text.rest(at).starts_with(['b', 'B']));
    let literal = literal(text, quote).ok()??;
    let is_utf8 = literal.is_of_utf8();
    let mut found = literal.found;
    if is_utf8 {
        encode(text, &mut found, CHARACTERS);
    }
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
        .map(Literal::into_found)
        .filter(|found| found.span.end == end && !found.bytes.is_empty()))
}
