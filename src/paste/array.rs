//! Arrays of bytes as C, Rust, Go, Python and JavaScript write or print them:
//! `{0x13, 0x42}`, `[19, 66]`, `[19 66]`, `Uint8Array(4) [ 19, 66, ... 2 more
//! items ]`.

use super::cells;
use super::dump::Cut;
use super::fault::{Fault, MAX_REPEATED, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

const BRACKETS: [(char, char); 3] = [('[', ']'), ('{', '}'), ('(', ')')];

/// Fewer plain numbers in brackets are no array of bytes, unless the words before
/// them say so.
const ITEMS: usize = 4;

/// Fewer with `0x` before each are none: `f(0x13)`, `missing ":" [0x3a]`.
const PREFIXED: usize = 2;

/// Fewer numbers with commas and no brackets are none.
const BARE_ITEMS: usize = 8;

/// What numbers without brackets stand behind.
const LABELS: [&str; 5] = [": ", "= ", "db ", ".byte ", "hex:"];

/// What says so, in lower case.
const NAMES: [&str; 7] = ["byte", "buffer", "uint8", "int8", "u8", "char", "data"];

/// Characters of the properties behind the items, at most.
const MAX_PROPERTIES: usize = 200;

/// A character in quotes is no longer, as an escape.
const MAX_CHARACTER: usize = 8;

/// Blanks between an index and its value, at most.
const MAX_INDENT: usize = 64;

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
            let is_length = items.list.len() == 1 && is_dimension(text, start, open);
            let is_index = is_index(text, start, open) && (least > 1 || items.list.len() < 2);
            let is_scalar = items.list.len() == 1 && is_constructor(text, start);
            if !is_index && !is_length && !is_scalar && items.is_array(least) {
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

fn is_named(text: &Text<'_>, bracket: usize) -> bool {
    let mut start = bracket.saturating_sub(NEAR);
    while !text.text.is_char_boundary(start) {
        start += 1;
    }
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
    for start in at_start.into_iter().chain(behind_label) {
        let items = Items::read(text, start, None).map_err(Broken::at(start))?;
        let enough = |items: &Items| items.has_commas && items.is_array(BARE_ITEMS);
        if let Some(items) = items.filter(enough) {
            return Ok(Some(items.into_found(start)));
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

/// The items of an array.
#[derive(Default)]
struct Items {
    list: Vec<Item>,
    has_commas: bool,
    cut: Option<Cut>,
    end: usize,
    /// Items that stand for several.
    repeated: usize,
}

/// One number.
#[derive(Clone, Copy)]
struct Item {
    /// Where it stands.
    at: usize,
    /// Its value if its digits are decimal, or behind `0x`.
    decimal: Option<u8>,
    /// It is below zero: Java and Kotlin have signed bytes.
    is_negative: bool,
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
            if next == ',' || (next == ';' && close.is_some()) {
                items.has_commas = true;
                at += 1;
            } else if next == '|' && close.is_some() {
                // `[|0uy; 1uy|]` of F#
                at += 1;
            } else if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") {
                at += 1 + rest[1..].find('\n').unwrap_or(0) + 1;
            } else if let Some(length) = items.index(rest) {
                at += length;
            } else if let Some(length) = Self::properties(rest, close) {
                at += length;
            } else if let Some(dots) = cells::dots(rest) {
                at = items.ellipsis(text, at + dots, close);
            } else if let Some(length) = items.item(text, at) {
                at += length;
                at += items.repeats(text, at)?;
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

    /// Length of the index of the next item: `"0":`, `[0] =>`, with the type that
    /// PHP writes before the value.
    fn index(&self, rest: &str) -> Option<usize> {
        let inner = rest.strip_prefix(['"', '\'', '[']).unwrap_or(rest);
        let digits = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = &inner[..inner.len() - digits.len()];
        if number.parse() != Ok(self.list.len()) {
            return None;
        }
        let after = digits.strip_prefix(['"', '\'', ']']).unwrap_or(digits);
        let after = after.trim_start_matches(' ');
        let value = after.strip_prefix("=>").or(after.strip_prefix(':'))?;
        let blank = value.len() - value.trim_start().len();
        let value = value.get(blank.min(MAX_INDENT)..)?;
        let value = value.strip_prefix("int(").unwrap_or(value);
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
        let is_negative = quote.is_none() && rest[start..].starts_with('-');
        start += usize::from(is_negative);
        let body = &rest[start..];
        let sign = SIGNS.iter().find(|sign| body.starts_with(**sign));
        let sign = sign.map_or(0, |sign| sign.len());
        let end = body[sign..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let mut end = sign + end.unwrap_or(body.len() - sign);
        let mut item = if sign > 0 {
            signed(&body[sign..end])?
        } else {
            number(&body[..end])?
        };
        // `16#13#` of Ada, `19'u8` of Nim
        for suffix in ["#", "'u8"] {
            end += usize::from(body[end..].starts_with(suffix)) * suffix.len();
        }
        if is_negative {
            item.negate()?;
        }
        item.at = at + start;
        let mut length = start + end;
        if let Some(quote) = quote {
            // Only hex is put in quotes; a digit in quotes is a character.
            let is_closed = rest[length..].starts_with(quote);
            if !is_closed || item.width < 2 {
                return None;
            }
            length += 1;
        } else if text.text[..at].ends_with("int(") && rest[length..].starts_with(')') {
            length += 1;
        }
        self.list.push(item);
        Some(length)
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
        let times = after.strip_prefix(" <repeats ").and_then(|inner| {
            let (times, after) = inner.split_at(inner.find(|c: char| !c.is_ascii_digit())?);
            Some((times.parse::<usize>().ok()?, after.strip_prefix(" times>")?))
        });
        let Some((times, behind)) = times else {
            return Ok(rest.len() - after.len());
        };
        self.repeated = self.repeated.saturating_add(times);
        if self.repeated > MAX_REPEATED {
            return Err(text.fault(at, Reason::Repeated));
        }
        if let Some(last) = self.list.last().copied() {
            self.list
                .resize(self.list.len() + times.saturating_sub(1), last);
        }
        Ok(rest.len() - behind.len())
    }

    fn is_array(&self, least: usize) -> bool {
        let prefixed = self.list.iter().all(|item| item.is_prefixed);
        let least = if prefixed { least.min(PREFIXED) } else { least };
        let separated = self.has_commas || prefixed || self.list.len() < 2 || !self.is_hex();
        self.list.len() >= least && separated && self.bytes().is_some()
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
        letters > 0
            && 2 * letters <= self.list.len()
            && self.list.iter().all(|item| item.hex.is_some())
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let is_signed = self.list.iter().any(|item| item.is_negative);
        let is_unsigned = |item: &Item| !item.is_negative && item.decimal.is_some_and(|n| n > 127);
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
        self.list.iter().map(byte).collect()
    }

    fn into_found(self, start: usize) -> Found {
        let mut found = Found::new(Form::Array, start);
        found.bytes = self.bytes().unwrap_or_default();
        found.offsets = self.list.iter().map(|item| item.at).collect();
        found.repeated = self.repeated;
        found.cut = self.cut;
        found.span.end = self.end;
        found
    }
}

impl Item {
    fn negate(&mut self) -> Option<()> {
        let value = self.decimal.filter(|value| *value <= 128)?;
        self.decimal = Some(value.wrapping_neg());
        self.hex = None;
        self.is_negative = true;
        Some(())
    }
}

/// What stands before the digits of hex in Ada, Basic and Pascal.
const SIGNS: [&str; 4] = ["16#", "&H", "&h", "$"];

/// Reads the digits behind one of these.
fn signed(digits: &str) -> Option<Item> {
    Some(Item {
        at: 0,
        decimal: Some(byte(digits, 16)?),
        hex: None,
        is_negative: false,
        is_prefixed: true,
        width: digits.len(),
    })
}

/// Reads `0x13`, `19`, `19u8` or `1f`.
fn number(token: &str) -> Option<Item> {
    let token = ["_u8", "u8", "uy", "U", "u"]
        .iter()
        .find_map(|suffix| token.strip_suffix(suffix))
        .unwrap_or(token);
    let mut item = Item {
        at: 0,
        decimal: None,
        hex: None,
        is_negative: false,
        is_prefixed: false,
        width: token.len(),
    };
    if let Some(digits) = token.strip_prefix("0x").or(token.strip_prefix("0X")) {
        item.decimal = byte(digits, 16);
        item.is_prefixed = true;
        item.decimal?;
        return Some(item);
    }
    // Assemblers write `0Dh`.
    if let Some(digits) = token.strip_suffix(['h', 'H']) {
        item.decimal = u8::try_from(u32::from_str_radix(digits, 16).ok()?).ok();
        item.is_prefixed = true;
        item.decimal?;
        return Some(item);
    }
    item.decimal = byte(token, 10);
    item.hex = (token.len() <= 2).then(|| byte(token, 16)).flatten();
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
