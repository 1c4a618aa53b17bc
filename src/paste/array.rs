//! Arrays of bytes as C, Rust, Go, Python and JavaScript write or print them:
//! `{0x13, 0x42}`, `[19, 66]`, `[19 66]`, `Uint8Array(4) [ 19, 66, ... 2 more
//! items ]`.

use super::cells;
use super::dump::Cut;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

const BRACKETS: [(char, char); 3] = [('[', ']'), ('{', '}'), ('(', ')')];

/// Fewer plain numbers in brackets are no array of bytes, unless the words before
/// them say so.
const ITEMS: usize = 4;

/// Fewer numbers with commas and no brackets are none.
const BARE_ITEMS: usize = 8;

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
        if let Some(items) = Items::read(text, at, Some(*close)).map_err(Broken::at(start))? {
            let least = if open != '(' && is_named(text, start) {
                1
            } else {
                ITEMS
            };
            if !is_index(text, start, open) && items.is_array(least) {
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

fn is_named(text: &Text<'_>, bracket: usize) -> bool {
    let mut start = bracket.saturating_sub(NEAR);
    while !text.text.is_char_boundary(start) {
        start += 1;
    }
    let before = text.text[start..bracket].to_ascii_lowercase();
    NAMES.iter().any(|name| before.contains(name))
}

/// Numbers with commas that fill the rest of a line.
fn bare(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let before = text.text.get(line.start..from).unwrap_or_default();
    if !before.trim().is_empty() {
        return Ok(None);
    }
    let Some(items) = Items::read(text, from, None).map_err(Broken::at(from))? else {
        return Ok(None);
    };
    Ok((items.has_commas && items.is_array(BARE_ITEMS)).then(|| items.into_found(from)))
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

/// The items of an array.
#[derive(Default)]
struct Items {
    list: Vec<Item>,
    has_commas: bool,
    cut: Option<Cut>,
    end: usize,
}

/// One number.
struct Item {
    /// Where it stands.
    at: usize,
    /// Its value if its digits are decimal, or behind `0x`.
    decimal: Option<u8>,
    /// Its value if they are hex.
    hex: Option<u8>,
    is_prefixed: bool,
    /// How many digits it has.
    width: usize,
}

impl Items {
    /// Reads items up to the closing bracket, or to the end of the line. `None`
    /// where there is anything else.
    fn read(text: &Text<'_>, from: usize, close: Option<char>) -> Result<Option<Self>, Fault> {
        let mut items = Self::default();
        let mut at = from;
        loop {
            at = skip_blanks(text, at, close.is_some());
            let rest = text.rest(at);
            let Some(next) = rest
                .chars()
                .next()
                .filter(|next| close.is_some() || *next != '\n')
            else {
                items.end = at;
                return Ok(close.is_none().then_some(items));
            };
            if Some(next) == close {
                items.end = at + 1;
                return Ok(Some(items));
            }
            if next == ',' {
                items.has_commas = true;
                at += 1;
            } else if let Some(dots) = cells::dots(rest) {
                at = items.ellipsis(text, at + dots, close);
            } else if let Some(length) = items.item(text, at) {
                at += length;
            } else if items.list.len() >= ITEMS && items.list.iter().all(|i| i.is_prefixed) {
                return Err(text.fault(at, Reason::NotByte));
            } else {
                return Ok(None);
            }
        }
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

    /// Reads one number; gives its length.
    fn item(&mut self, text: &Text<'_>, at: usize) -> Option<usize> {
        let rest = text.rest(at);
        let cast = ["(byte)", "(char)", "(uint8_t)", "(unsigned char)"];
        let cast = cast.iter().find(|cast| rest.starts_with(**cast));
        let mut start = cast.map_or(0, |cast| cast.len());
        start += rest[start..].len() - rest[start..].trim_start_matches(' ').len();
        let quote = rest[start..]
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"'));
        start += usize::from(quote.is_some());
        let body = &rest[start..];
        let end = body.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let end = end.unwrap_or(body.len());
        let mut item = number(&body[..end])?;
        item.at = at + start;
        let mut length = start + end;
        if let Some(quote) = quote {
            // Only hex is put in quotes; a digit in quotes is a character.
            let is_closed = rest[length..].starts_with(quote);
            if !is_closed || item.width < 2 {
                return None;
            }
            length += 1;
        }
        self.list.push(item);
        Some(length)
    }

    fn is_array(&self, least: usize) -> bool {
        let prefixed = self.list.iter().all(|item| item.is_prefixed);
        let least = if prefixed { 1 } else { least };
        let separated = self.has_commas || prefixed || self.list.len() < 2 || !self.is_hex();
        self.list.len() >= least && separated && self.bytes().is_some()
    }

    /// Whether unmarked digits are hex: each is two wide, and one has a letter or
    /// a zero before it.
    fn is_hex(&self) -> bool {
        let tells = |item: &Item| item.decimal.is_none() || item.width == 2;
        self.list
            .iter()
            .all(|item| item.hex.is_some() && tells(item))
            && self.list.iter().all(|item| item.width == 2)
            && self
                .list
                .iter()
                .any(|item| item.decimal.is_none_or(|n| n < 10))
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let hex = self.is_hex();
        let byte = |item: &Item| {
            if hex && !item.is_prefixed {
                item.hex
            } else {
                item.decimal
            }
        };
        self.list.iter().map(byte).collect()
    }

    fn into_found(self, start: usize) -> Found {
        let mut found = Found::new(Form::Array, start);
        found.bytes = self.bytes().unwrap_or_default();
        found.offsets = self.list.iter().map(|item| item.at).collect();
        found.cut = self.cut;
        found.span.end = self.end;
        found
    }
}

/// Reads `0x13`, `19`, `19u8` or `1f`.
fn number(token: &str) -> Option<Item> {
    let token = ["_u8", "u8", "U", "u"]
        .iter()
        .find_map(|suffix| token.strip_suffix(suffix))
        .unwrap_or(token);
    let mut item = Item {
        at: 0,
        decimal: None,
        hex: None,
        is_prefixed: false,
        width: token.len(),
    };
    if let Some(digits) = token.strip_prefix("0x").or(token.strip_prefix("0X")) {
        item.decimal = byte(digits, 16);
        item.is_prefixed = true;
        item.decimal?;
        return Some(item);
    }
    item.decimal = byte(token, 10);
    item.hex = (token.len() == 2).then(|| byte(token, 16)).flatten();
    (item.decimal.is_some() || item.hex.is_some()).then_some(item)
}

fn byte(digits: &str, radix: u32) -> Option<u8> {
    let is_digits = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    u8::from_str_radix(digits, radix).ok().filter(|_| is_digits)
}

/// Skips blanks, line ends where `lines`, and comments of C.
fn skip_blanks(text: &Text<'_>, at: usize, lines: bool) -> usize {
    let mut at = at;
    loop {
        let rest = text.rest(at);
        let is_blank = |c: char| c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n');
        let blank = rest.len() - rest.trim_start_matches(is_blank).len();
        let rest = &rest[blank..];
        let comment = if rest.starts_with("//") {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|end| end + 2)
        } else {
            None
        };
        at += blank;
        match comment {
            Some(length) if lines => at += length,
            _ => return at,
        }
    }
}
