//! Bencode as text: in prose, behind a label, in quotes; with the damage that
//! consoles do to strings of bytes.

use std::ops::Range;

use super::cells;
use super::damage::{LOST, LOST_ESCAPE, PLACEHOLDER, Printed};
use super::dump::{Cut, Missing};
use super::form::Form;
use super::found::{Absent, Broken, Found};
use super::glue::QUOTES;
use super::numbering::Numbering;
use super::symbol;
use super::text::Text;

/// A longer key is none.
const MAX_KEY: usize = 255;

/// A longer number is none.
const MAX_DIGITS: usize = 20;

/// Bytes that are looked over for escapes.
const MAX_LOOK: usize = 512;

/// Dictionaries and lists go so deep.
const MAX_DEPTH: usize = 128;

/// A dictionary with an entry: no prose has that.
const TOKENS: usize = 3;

/// How the bytes of strings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// As they are: UTF-8, if they are no ASCII.
    Plain,
    /// A character each, as JavaScript prints strings of bytes.
    Latin,
    /// A character each, whatever it is: consoles have signs of their own for those
    /// that are not printable.
    Symbols,
    /// With `\x13`, or a number, for those that are not printable.
    Escaped(Numbering),
}

/// Finds the first dictionary or list of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut starts = rest.match_indices(['d', 'l']);
    Ok(starts.find_map(|(offset, _)| {
        let start = from + offset;
        let before = text.text[..start].chars().next_back();
        let is_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '%');
        let begins = begins(&rest[offset..]);
        (!is_word && begins).then(|| value(text, start))?
    }))
}

/// Whether bytes begin a dictionary.
pub fn begins_value(bytes: &[u8]) -> bool {
    matches!(bytes, [b'd', b'0'..=b'9', ..])
}

/// Whether `d` or `l` is followed by the length of a string, or another opening.
fn begins(rest: &str) -> bool {
    let after = &rest[1..];
    let inner = after.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = after.len() - inner.len();
    let is_list = rest.starts_with('l') && after.starts_with(['d', 'l', 'i']);
    (1..=MAX_DIGITS).contains(&digits) && inner.starts_with(':') || is_list
}

fn value(text: &Text<'_>, start: usize) -> Option<Found> {
    let line = text.line(text.line_of(start)).unwrap_or_default();
    let end = text.text.ceil_char_boundary(line.end.min(start + MAX_LOOK));
    let row = &text.text[start..end];
    let is_escape = |after: char| matches!(after, 'x' | 'u' | '0'..='9');
    let mut escapes = row.split('\\').skip(1);
    let styles = if escapes.any(|after| after.starts_with(is_escape)) {
        let numbering = Numbering::of(row, '\n');
        &[Style::Escaped(numbering), Style::Plain][..]
    } else {
        &[Style::Plain, Style::Latin, Style::Symbols]
    };
    let mut best: Option<Parse<'_, '_>> = None;
    for &style in styles {
        let mut parse = Parse::new(text, start, style);
        parse.run();
        if parse.is_closed {
            best = Some(parse);
            break;
        }
        if best.as_ref().is_none_or(|best| parse.tokens > best.tokens) {
            best = Some(parse);
        }
    }
    let found = best?.into_found()?;
    let until = if found.cut.is_some() {
        quoted_end(text, start, line.end)
    } else {
        0
    };
    Some(Found { until, ..found })
}

/// Where the text ends in which a value stands: its quotation mark, or its line. What it has
/// behind a string that is damaged is no other dump.
fn quoted_end(text: &Text<'_>, start: usize, line_end: usize) -> usize {
    let quote = text.text[..start].chars().next_back();
    let quote = quote.filter(|quote| QUOTES.contains(quote));
    let rest = text.text.get(start..line_end).unwrap_or_default();
    let end = quote.and_then(|quote| rest.find(quote));
    start + end.unwrap_or(rest.len())
}

/// What is due within a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Item,
    Key,
    /// The value of a key.
    Value,
}

/// A list or a dictionary that is open.
#[derive(Debug, Clone)]
struct Level {
    due: Due,
    /// Where the item or the key under way begins, among the bytes.
    start: usize,
    /// The last key of the dictionary; of a list, that of the one around it.
    key: Range<usize>,
    /// The first string of the entry that is damaged.
    damage: Option<Damage>,
}

/// A damaged string.
#[derive(Debug, Clone, Copy)]
struct Damage {
    /// Where it is damaged first.
    at: usize,
    lost: usize,
    length: usize,
}

struct Parse<'x, 't> {
    text: &'x Text<'t>,
    style: Style,
    at: usize,
    found: Found,
    levels: Vec<Level>,
    tokens: usize,
    is_closed: bool,
    has_strings: bool,
}

impl<'x, 't> Parse<'x, 't> {
    fn new(text: &'x Text<'t>, start: usize, style: Style) -> Self {
        Self {
            text,
            style,
            at: start,
            found: Found::new(Form::Bencode, start),
            levels: Vec::new(),
            tokens: 0,
            is_closed: false,
            has_strings: false,
        }
    }

    fn run(&mut self) {
        while self.token().is_some() {
            if self.levels.is_empty() {
                self.is_closed = true;
                return;
            }
        }
    }

    /// Reads one token; `None` where there is none.
    fn token(&mut self) -> Option<()> {
        let rest = self.text.rest(self.at);
        let first = rest.chars().next()?;
        let due = self.levels.last().map(|level| level.due);
        if due != Some(Due::Value) {
            let start = self.found.bytes.len();
            if let Some(level) = self.levels.last_mut() {
                level.start = start;
            }
        }
        match first {
            'e' if due != Some(Due::Value) => {
                self.plain(1);
                self.levels.pop();
                self.ended();
                return Some(());
            }
            'd' | 'l' if due != Some(Due::Key) && self.levels.len() < MAX_DEPTH => {
                self.plain(1);
                let key = self.levels.last().map_or(0..0, |level| level.key.clone());
                self.levels.push(Level {
                    due: if first == 'd' { Due::Key } else { Due::Item },
                    start: self.found.bytes.len(),
                    key,
                    damage: None,
                });
                self.tokens += 1;
                return Some(());
            }
            'i' if due != Some(Due::Key) => self.integer(rest)?,
            '0'..='9' => self.string(rest, due == Some(Due::Key))?,
            _ => return None,
        }
        self.tokens += 1;
        self.ended();
        Some(())
    }

    /// A key or a value came to its end.
    fn ended(&mut self) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        level.due = match level.due {
            Due::Item => Due::Item,
            Due::Key => Due::Value,
            Due::Value => Due::Key,
        };
        if level.due == Due::Value {
            return;
        }
        if let Some(damage) = level.damage.take() {
            let start = level.start;
            let absent = self.absent(&damage);
            self.found.absent.push(absent);
            self.found.truncate(start);
        }
    }

    /// What is told of a damaged string.
    fn absent(&self, damage: &Damage) -> Absent {
        let Damage { at, lost, length } = *damage;
        let key = |level: &Level| {
            let key = self.found.bytes.get(level.key.clone()).unwrap_or_default();
            let is_own = level.due != Due::Item && level.key.start >= level.start;
            is_own.then(|| String::from_utf8_lossy(key).into_owned())
        };
        let keys: Vec<_> = self.levels.iter().filter_map(key).collect();
        Absent {
            at,
            path: keys.join("."),
            missing: Missing::Damaged { lost, length },
        }
    }

    /// Notes what was lost of a string that was read, from `content` on.
    fn note_damage(&mut self, content: usize, lost: usize, first: Option<usize>, is_key: bool) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        let length = self.found.bytes.len() - content;
        let printed = Printed {
            bytes: &self.found.bytes[content..],
            lost,
            is_plain: self.style == Style::Plain,
            key: self.found.bytes.get(level.key.clone()).unwrap_or_default(),
            is_key,
        };
        if let Some(lost) = printed.damage() {
            let mark = printed.bytes.iter().position(|byte| *byte == PLACEHOLDER);
            let at = first.or_else(|| self.found.offsets.get(content + mark?).copied());
            let at = at.unwrap_or(self.at);
            level.damage.get_or_insert(Damage { at, lost, length });
        } else {
            self.found.breaks = self.found.breaks.or(first);
        }
        if is_key {
            level.key = content..self.found.bytes.len();
        }
    }

    /// Takes ASCII as it is.
    fn plain(&mut self, length: usize) {
        for offset in 0..length {
            let at = self.at + offset;
            self.found.push(self.text.text.as_bytes()[at], at);
        }
        self.at += length;
        self.found.span.end = self.at;
    }

    fn integer(&mut self, rest: &str) -> Option<()> {
        let digits = rest[1..].strip_prefix('-').unwrap_or(&rest[1..]);
        let count = digits
            .bytes()
            .take(MAX_DIGITS)
            .take_while(u8::is_ascii_digit);
        let count = count.count();
        let end = rest.len() - digits.len() + count;
        if count == 0 || !rest[end..].starts_with('e') {
            return None;
        }
        self.plain(end + 1);
        Some(())
    }

    fn string(&mut self, rest: &str, is_key: bool) -> Option<()> {
        let digits = rest.bytes().take(MAX_DIGITS).take_while(u8::is_ascii_digit);
        let digits = digits.count();
        let length: usize = rest[..digits].parse().ok()?;
        let is_string = rest[digits..].starts_with(':');
        if !is_string || (is_key && length > MAX_KEY) {
            return None;
        }
        let (start, kept) = (self.at, self.found.bytes.len());
        let end = self.found.span.end;
        self.plain(digits + 1);
        let content = self.found.bytes.len();
        let (mut first, mut lost) = (None, 0);
        while self.found.bytes.len() < content + length {
            let Some((bytes, step)) = self.unit(self.at) else {
                // The text ends within the string.
                self.found.cut = Some(Cut { missing: None });
                self.found.span.end = self.at;
                self.tokens += 1;
                return None;
            };
            if bytes == *LOST.as_bytes() {
                first.get_or_insert(self.at);
                lost += 1;
                self.found.push(PLACEHOLDER, self.at);
            } else {
                for byte in bytes {
                    self.found.push(byte, self.at);
                }
            }
            self.at += step;
        }
        let is_due = content + length == self.found.bytes.len();
        let next = self.text.rest(self.at).chars().next();
        let goes_on = next.is_some_and(|c| c.is_ascii_digit() || "dlie".contains(c));
        if is_due && (goes_on || next.is_none()) {
            self.found.span.end = self.at;
            self.has_strings = true;
            self.note_damage(content, lost, first, is_key);
            return Some(());
        }
        // It holds more or fewer bytes than were printed: the text is good up to
        // here.
        self.found.bytes.truncate(kept);
        self.found.offsets.truncate(kept);
        self.found.span.end = end;
        self.found.breaks = self.found.breaks.or(Some(first.unwrap_or(start)));
        None
    }

    /// The bytes that a character or an escape stands for, and its length.
    fn unit(&self, at: usize) -> Option<(Vec<u8>, usize)> {
        let rest = self.text.rest(at);
        let character = rest.chars().next()?;
        let length = character.len_utf8();
        if let Style::Escaped(numbering) = self.style
            && let Some(escaped) = rest.strip_prefix('\\')
        {
            if let Some((byte, step)) = escape(escaped, numbering) {
                return Some((vec![byte], 1 + step));
            }
            let sign = escaped.get(..LOST_ESCAPE.len()).unwrap_or_default();
            if sign.eq_ignore_ascii_case(LOST_ESCAPE) {
                return Some((LOST.as_bytes().to_vec(), 1 + sign.len()));
            }
        }
        let byte = match self.style {
            Style::Latin => u8::try_from(u32::from(character)).ok(),
            Style::Symbols => symbol::byte(character),
            Style::Plain | Style::Escaped(_) => None,
        };
        Some(match byte {
            Some(byte) => (vec![byte], length),
            None if self.style == Style::Symbols => (LOST.as_bytes().to_vec(), length),
            None => (rest.as_bytes()[..length].to_vec(), length),
        })
    }

    fn into_found(self) -> Option<Found> {
        let mut found = self.found;
        let is_list = found.bytes.first() == Some(&b'l');
        let enough = self.tokens >= TOKENS && (!is_list || (self.is_closed && self.has_strings));
        if !self.is_closed {
            found.cut = Some(Cut { missing: None });
            found.breaks = found.breaks.or(Some(found.span.end));
        }
        enough.then_some(found)
    }
}

/// The byte of `x13`, `u0013`, `023`, `n` and the like behind a backslash.
fn escape(escaped: &str, numbering: Numbering) -> Option<(u8, usize)> {
    let hex = |digits: Option<&str>| {
        let digits = digits.filter(|digits| cells::is_hex(digits))?;
        u8::from_str_radix(digits, 16).ok()
    };
    Some(match escaped.chars().next()? {
        'x' => (hex(escaped.get(1..3))?, 3),
        'u' => (hex(escaped.get(1..5))?, 5),
        'n' => (b'\n', 1),
        'r' => (b'\r', 1),
        't' => (b'\t', 1),
        'a' => (7, 1),
        'b' => (8, 1),
        'f' => (12, 1),
        'v' => (11, 1),
        '0'..='9' => {
            let (value, length) = numbering.read(escaped)?;
            (u8::try_from(value?).ok()?, length)
        }
        other @ ('\\' | '"' | '\'') => (other as u8, 1),
        _ => return None,
    })
}
