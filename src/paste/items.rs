//! The items of an array, up to the bracket that closes it.

use super::dump::Cut;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::Found;
use super::item::{Character, Item};
use super::text::{Mark, Text};
use super::{cells, comment, margin, proof, repeats};

/// Fewer plain numbers in brackets are no array of bytes, unless the words before
/// them say so.
pub const ITEMS: usize = 4;

/// Fewer with `0x` before each are none: `f(0x13)`, `missing ":" [0x3a]`.
const PREFIXED: usize = 2;

/// More numbers without a zero are bytes, whatever follows them.
const MEASURED: usize = 8;

/// So many numbers and letters are hex without a zero before single digits, whatever they
/// are most.
const UNPADDED: usize = 16;

/// Characters of the properties behind the items, at most.
const MAX_PROPERTIES: usize = 200;

/// A character in quotes is no longer, as an escape.
const MAX_CHARACTER: usize = 8;

/// A shorter text may be read again.
const AGAIN: usize = 256;

/// Blanks between an index and its value, at most.
const MAX_INDENT: usize = 64;

/// The items of an array.
#[derive(Default)]
pub struct Items {
    pub list: Vec<Item>,
    pub has_commas: bool,
    pub end: usize,
    cut: Option<Cut>,
    /// The index of the first one, where indexes are printed.
    first_index: Option<usize>,
    /// Items that stand for several.
    repeated: usize,
    /// Cells without a byte fill up the last row.
    is_over: bool,
}

impl Items {
    /// Reads items up to the closing bracket; without one to the end of the line, or
    /// of lines of numbers behind `0x`. `None` where there is anything else.
    pub fn read(text: &Text<'_>, from: usize, close: Option<char>) -> Result<Option<Self>, Fault> {
        let mut items = Self::default();
        if close.is_some() && is_reference(text.rest(from)) {
            return Ok(None);
        }
        let mark = match close {
            Some(_) => &text.arrays,
            None => &text.bare,
        };
        let mut at = from;
        loop {
            let is_source = close.is_some() || items.is_of_source();
            at = skip_blanks(text, at, close.is_some(), is_source);
            if close.is_none() && is_source && items.has_commas {
                at = next_line(text, at);
            }
            let rest = text.rest(at);
            let Some(next) = rest
                .chars()
                .next()
                .filter(|next| close.is_some() || *next != '\n')
            else {
                if close.is_some() {
                    refuse(mark, from, at);
                }
                items.end = at;
                return Ok(close.is_none().then_some(items));
            };
            if Some(next) == close {
                items.end = at + 1;
                if items.list.iter().any(|item| item.is_quoted) {
                    // Single digits in quotes are a list of texts, unless others are hex.
                    let is_single =
                        |item: &Item| item.is_quoted && !item.is_prefixed && item.width == 1;
                    if items.list.iter().all(is_single) {
                        return Ok(None);
                    }
                    let digits = items.list.iter().map(|item| item.as_digit());
                    items.list = digits.collect();
                }
                return Ok(Some(items));
            }
            if next == ',' || (next == ';' && close.is_some()) {
                items.has_commas = true;
                at += 1;
            } else if next == '|' && close.is_some() {
                // `[|0uy; 1uy|]` of F#
                at += 1;
            } else if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") {
                at += 1 + rest[1..].find('\n').unwrap_or(0) + 1;
            } else if let Some(length) = items.index(rest, || is_one_line(text, from, at)) {
                at += length;
            } else if let Some(length) = Self::properties(rest, close) {
                at += length;
            } else if let Some(length) = cells::blank(rest).filter(|_| items.is_of_source()) {
                at += length;
                items.is_over = true;
            } else if let Some(dots) = cells::dots(rest) {
                at = items.ellipsis(text, at + dots, close);
            } else if let Some((mut item, length)) = Item::read(rest).filter(|_| !items.is_over) {
                item.at += at;
                items.list.push(item);
                at += length;
                at += items.repeats(text, at)?;
            } else if close.is_none() && is_blank_cell(rest) && !items.list.is_empty() {
                items.end = at;
                return Ok(Some(items));
            } else if items.is_damaged(rest, close) {
                return Err(text.fault(at, Reason::NotByte));
            } else {
                refuse(mark, from, at);
                return Ok(None);
            }
        }
    }

    /// Whether they can only be bytes in a source: with `0x` before each.
    fn is_of_source(&self) -> bool {
        let is_prefixed = |item: Option<&Item>| item.is_some_and(|item| item.is_prefixed);
        is_prefixed(self.list.first()) && is_prefixed(self.list.last())
    }

    /// Whether what comes next is a byte with a fault in it.
    fn is_damaged(&self, rest: &str, close: Option<char>) -> bool {
        let is_number = close.is_some() || rest.starts_with("0x");
        is_number && self.list.len() >= ITEMS && self.list.iter().all(|item| item.is_prefixed)
    }

    /// Reads `100 more items` behind dots.
    fn ellipsis(&mut self, text: &Text<'_>, at: usize, close: Option<char>) -> usize {
        let rest = text.rest(at);
        let inner = rest.split(|c| Some(c) == close || c == '\n').next();
        let inner = inner.unwrap_or_default();
        let missing = inner.trim_start().split(' ').next();
        let missing = missing.and_then(|number| number.parse().ok());
        self.cut = Some(Cut { missing });
        at + inner.len()
    }

    /// Length of the index of the next item: `"0":`, `[0] =>`, and `[0] =` in one line, for
    /// in lines of their own those are a table.
    fn index(&mut self, rest: &str, is_one_line: impl Fn() -> bool) -> Option<usize> {
        const MARKS: [(char, char); 3] = [('"', '"'), ('\'', '\''), ('[', ']')];
        let mark = MARKS.iter().find(|(open, _)| rest.starts_with(*open));
        let inner = mark.map_or(rest, |_| &rest[1..]);
        let digits = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        let number: usize = inner[..inner.len() - digits.len()].parse().ok()?;
        let after = match mark {
            Some((_, close)) => digits.strip_prefix(*close)?,
            None => digits,
        };
        let after = after.trim_start_matches(' ');
        let is_bracketed = rest.starts_with('[');
        let value = after
            .strip_prefix("=>")
            .or(after.strip_prefix(':'))
            .or_else(|| {
                after
                    .strip_prefix('=')
                    .filter(|_| is_bracketed && is_one_line())
            })?;
        // PHP's `unpack` counts from 1, a debugger from where it was told to.
        let first = match self.first_index {
            Some(first) => first,
            None if self.list.is_empty() && (number < 2 || is_bracketed) => number,
            None => return None,
        };
        if first.checked_add(self.list.len()) != Some(number) {
            return None;
        }
        self.first_index = Some(first);
        // In the same line: `[1]:` above a dump is none.
        let blank = value.len() - value.trim_start_matches([' ', '\t']).len();
        let value = value.get(blank.min(MAX_INDENT)..)?;
        Some(rest.len() - value.len())
    }

    /// Length of the properties that a console prints behind the items: `buffer:
    /// ArrayBuffer(4), byteLength: 4`.
    fn properties(rest: &str, close: Option<char>) -> Option<usize> {
        let is_property = rest.starts_with("buffer:") || rest.starts_with("byteLength:");
        let end = if is_property {
            rest.find(close?)?
        } else {
            return None;
        };
        (end <= MAX_PROPERTIES).then_some(end)
    }

    /// Length of what gdb puts behind a number: its character, and how often it
    /// is there, ` '\000' <repeats 5 times>`.
    fn repeats(&mut self, text: &Text<'_>, at: usize) -> Result<usize, Fault> {
        let rest = text.rest(at);
        let character = rest.strip_prefix(" '").and_then(|inner| {
            // The quotation mark itself is escaped.
            let start = if inner.starts_with("\\'") { 2 } else { 1 };
            let end = inner.get(start..MAX_CHARACTER.min(inner.len()))?;
            Some(&inner[start + end.find('\'')? + 1..])
        });
        let after = character.unwrap_or(rest);
        let length = rest.len() - after.len();
        let Some((times, words)) = repeats::repeats(after) else {
            return Ok(length);
        };
        text.charge(&mut self.repeated, times, at)?;
        if let Some(last) = self.list.last().copied() {
            self.list
                .resize(self.list.len() + times.saturating_sub(1), last);
        }
        Ok(length + words)
    }

    /// Whether they are the bytes of an array, of which there are so many at least.
    pub fn is_array(&self, least: usize) -> bool {
        let prefixed = self.list.iter().all(|item| item.is_prefixed);
        let enough = if prefixed { least.min(PREFIXED) } else { least };
        let separated = self.has_commas || prefixed || self.list.len() < 2 || !self.is_hex();
        // Characters alone are a list of texts, unless one is of no text.
        let is_text = |item: &Item| item.character == Some(Character::Plain);
        let is_texts = least > 1 && self.list.iter().all(is_text);
        self.list.len() >= enough && separated && !is_texts && self.bytes().is_some()
    }

    /// Whether each is a character in quotes, without an index.
    pub fn is_characters(&self) -> bool {
        let is_character = |item: &Item| item.character.is_some();
        self.first_index.is_none() && self.list.iter().all(is_character)
    }

    /// Whether they are so few, without a zero, that a unit behind them is theirs.
    pub fn are_few(&self) -> bool {
        self.list.len() <= MEASURED && self.list.iter().all(|item| item.decimal != Some(0))
    }

    /// Whether they are decimal numbers, each greater than the one before.
    pub fn is_rising(&self) -> bool {
        let is_decimal = |item: &Item| !item.is_prefixed && item.character.is_none();
        let is_rising = |pair: &[Item]| pair[0].decimal < pair[1].decimal;
        self.list.iter().all(is_decimal) && !self.is_hex() && self.list.windows(2).all(is_rising)
    }

    /// Whether unmarked digits are hex: each is two wide, and one has a letter or
    /// a zero before it.
    fn is_hex(&self) -> bool {
        let tells = |item: &Item| item.decimal.is_none() || item.width == 2;
        let all = |is: &dyn Fn(&Item) -> bool| self.list.iter().all(is);
        let has_zeros = self
            .list
            .iter()
            .any(|item| item.decimal.is_none_or(|n| n < 10));
        let is_padded = all(&|item| item.hex.is_some() && tells(item) && item.width == 2);
        (is_padded && has_zeros) || self.is_unpadded_hex()
    }

    /// `[0, 0, d, 6]`, as Rust's `{:x?}` prints it: letters among numbers.
    fn is_unpadded_hex(&self) -> bool {
        let letters = self.list.iter().filter(|item| item.decimal.is_none());
        let letters = letters.count();
        let numbers = self.list.len() - letters;
        let is_hex = || self.list.iter().all(|item| item.hex.is_some());
        if letters == 0 || !is_hex() {
            return false;
        }
        let is_many = self.list.len() >= UNPADDED && numbers >= ITEMS;
        is_many || 2 * letters <= self.list.len() || proof::is_known(&self.as_hex())
    }

    /// The bytes of digits that are hex.
    fn as_hex(&self) -> Vec<u8> {
        self.list.iter().filter_map(|item| item.hex).collect()
    }

    /// Whether digits without a sign of their base, of which none is a letter, are known
    /// bytes in hex and not in decimal: `[0, 0, 4, 17, 27, 10, 19, 80, ...]`.
    fn is_proven_hex(&self, decimal: &[u8]) -> bool {
        let is_plain = |item: &Item| item.hex.is_some() && !item.is_prefixed;
        self.list.len() >= MEASURED
            && self.list.iter().all(is_plain)
            && !proof::is_known(decimal)
            && proof::is_known(&self.as_hex())
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let is_signed = self.list.iter().any(|item| item.is_negative);
        let is_unsigned = |item: &Item| {
            let is_number = item.character.is_none() && !item.is_negative;
            is_number && item.decimal.is_some_and(|n| n > 127)
        };
        if is_signed && self.list.iter().any(is_unsigned) {
            return None;
        }
        let hex = self.is_hex();
        let byte = |item: &Item| {
            if hex && !item.is_prefixed {
                item.hex
            } else {
                item.decimal
            }
        };
        let bytes: Vec<_> = self.list.iter().map(byte).collect::<Option<_>>()?;
        Some(if !hex && self.is_proven_hex(&bytes) {
            self.as_hex()
        } else {
            bytes
        })
    }

    pub fn into_found(self, start: usize) -> Found {
        let mut found = Found::new(Form::Array, start);
        found.bytes = self.bytes().unwrap_or_default();
        found.offsets = self.list.iter().map(|item| item.at).collect();
        found.repeated = self.repeated;
        found.cut = self.cut;
        found.span.end = self.end;
        found
    }
}

/// Notes that what was read between two places as items is no array: another one may
/// begin within its remarks, or in its next line.
pub fn refuse(mark: &Mark, from: usize, to: usize) {
    if to - from > AGAIN {
        mark.reach(to);
    }
}

/// Whether a text begins with a sign for a number of something or a place, `(#1234)`,
/// `[#12](url)`, and neither a remark nor a number of Lisp.
fn is_reference(rest: &str) -> bool {
    rest.starts_with('#') && !rest.starts_with("#x") && !rest.starts_with("#X")
}

/// Whether `0x` without digits is next, as `hexdump -e` prints behind the last byte.
fn is_blank_cell(rest: &str) -> bool {
    let digits = rest.strip_prefix("0x");
    digits.is_some_and(|digits| digits.starts_with(' ') || digits.is_empty())
}

/// Whether two places are in the same line.
fn is_one_line(text: &Text<'_>, from: usize, to: usize) -> bool {
    text.line_of(from) == text.line_of(to)
}

/// Skips blanks, line ends where `lines`, and comments where there may be some.
fn skip_blanks(text: &Text<'_>, at: usize, lines: bool, comments: bool) -> usize {
    let mut at = at;
    loop {
        let rest = text.rest(at);
        let is_blank = |c: char| c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n');
        let blank = rest.len() - rest.trim_start_matches(is_blank).len();
        at += blank;
        let quote = margin::quote(&rest[..blank], &rest[blank..]);
        if quote > 0 {
            at += quote;
            continue;
        }
        match comment::comment(&rest[blank..]) {
            Some(length) if comments => at += length,
            _ => return at,
        }
    }
}

/// The beginning of the next line where numbers behind `0x` go on there.
fn next_line(text: &Text<'_>, at: usize) -> usize {
    let Some(line) = text.rest(at).strip_prefix('\n') else {
        return at;
    };
    let inner = line.trim_start_matches([' ', '\t']);
    if inner.starts_with("0x") {
        text.text.len() - inner.len()
    } else {
        at
    }
}
