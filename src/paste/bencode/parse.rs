//! One value read from a text, a token at a time.

use super::level::{Damage, Due, Level};
use super::style::Style;
use crate::paste::damage::{LOST, PLACEHOLDER, Printed};
use crate::paste::dump::{Cut, Missing};
use crate::paste::form::Form;
use crate::paste::found::{Absent, Found};
use crate::paste::path;
use crate::paste::text::Text;

/// A longer number is none.
pub const MAX_DIGITS: usize = 20;

/// A longer key is none.
const MAX_KEY: usize = 255;

/// Dictionaries and lists go so deep.
const MAX_DEPTH: usize = 128;

/// A dictionary with an entry: no prose has that.
const MIN_TOKENS: usize = 3;

/// A value as far as it can be read in one style.
pub struct Parse<'x, 't> {
    text: &'x Text<'t>,
    style: Style,
    /// Where the next token begins in the text.
    at: usize,
    found: Found,
    levels: Vec<Level>,
    tokens: usize,
    is_closed: bool,
    has_strings: bool,
}

impl<'x, 't> Parse<'x, 't> {
    /// Reads the value that begins at `start`.
    pub fn of(text: &'x Text<'t>, start: usize, style: Style) -> Self {
        let mut parse = Self {
            text,
            style,
            at: start,
            found: Found::new(Form::Bencode, start),
            levels: Vec::new(),
            tokens: 0,
            is_closed: false,
            has_strings: false,
        };
        parse.run();
        parse
    }

    /// Whether the value was read to its end.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether more could be read than in another style.
    pub fn is_further(&self, other: &Self) -> bool {
        self.tokens > other.tokens
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
                self.open(if first == 'd' { Due::Key } else { Due::Item });
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

    /// A list or a dictionary begins.
    fn open(&mut self, due: Due) {
        let key = self.levels.last().map_or(0..0, |level| level.key.clone());
        self.levels.push(Level {
            due,
            start: self.found.bytes.len(),
            key,
            damage: None,
        });
    }

    /// A key or a value came to its end.
    fn ended(&mut self) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        level.due = level.due.next();
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
            let key = self.found.bytes.get(level.own_key()?);
            Some(key.unwrap_or_default())
        };
        let keys = self.levels.iter().filter_map(key);
        Absent {
            at,
            path: path::joined(keys),
            missing: Missing::Damaged { lost, length },
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
        let due = content.saturating_add(length);
        let loss = self.content(due)?;
        if self.found.bytes.len() == due && self.goes_on() {
            self.found.span.end = self.at;
            self.has_strings = true;
            self.note_damage(content, loss, is_key);
            return Some(());
        }
        // It holds more or fewer bytes than were printed: the text is good up to
        // here.
        self.found.bytes.truncate(kept);
        self.found.offsets.truncate(kept);
        self.found.span.end = end;
        self.found.breaks = self.found.breaks.or(Some(loss.first.unwrap_or(start)));
        None
    }

    /// Takes the bytes of a string until there are `end` of all; `None` where the text ends
    /// within it.
    fn content(&mut self, end: usize) -> Option<Loss> {
        let mut loss = Loss::default();
        while self.found.bytes.len() < end {
            let Some((bytes, step)) = self.style.unit(self.text.rest(self.at)) else {
                self.found.cut = Some(Cut { missing: None });
                self.found.span.end = self.at;
                self.tokens += 1;
                return None;
            };
            if bytes == *LOST.as_bytes() {
                loss.first.get_or_insert(self.at);
                loss.count += 1;
                self.found.push(PLACEHOLDER, self.at);
            } else {
                for byte in bytes {
                    self.found.push(byte, self.at);
                }
            }
            self.at += step;
        }
        Some(loss)
    }

    /// Whether the text goes on as it may behind a string.
    fn goes_on(&self) -> bool {
        let next = self.text.rest(self.at).chars().next();
        next.is_none_or(|c| c.is_ascii_digit() || "dlie".contains(c))
    }

    /// Notes what was lost of a string that was read, from `content` on.
    fn note_damage(&mut self, content: usize, loss: Loss, is_key: bool) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        let length = self.found.bytes.len() - content;
        let printed = Printed {
            bytes: &self.found.bytes[content..],
            lost: loss.count,
            is_plain: self.style == Style::Plain,
            key: self.found.bytes.get(level.key.clone()).unwrap_or_default(),
            is_key,
        };
        if let Some(lost) = printed.damage() {
            let mark = printed.bytes.iter().position(|byte| *byte == PLACEHOLDER);
            let place = |mark| self.found.offsets.get(content + mark).copied();
            let at = loss.first.or_else(|| mark.and_then(place));
            let at = at.unwrap_or(self.at);
            level.damage.get_or_insert(Damage { at, lost, length });
        } else {
            self.found.breaks = self.found.breaks.or(loss.first);
        }
        if is_key {
            level.key = content..self.found.bytes.len();
        }
    }

    /// What was found, if it is enough to be no prose.
    pub fn into_found(self) -> Option<Found> {
        let mut found = self.found;
        let is_list = found.bytes.first() == Some(&b'l');
        let is_enough =
            self.tokens >= MIN_TOKENS && (!is_list || (self.is_closed && self.has_strings));
        if !self.is_closed {
            found.cut = Some(Cut { missing: None });
            found.breaks = found.breaks.or(Some(found.span.end));
        }
        is_enough.then_some(found)
    }
}

/// Bytes of a string that were lost before it was printed.
#[derive(Debug, Clone, Copy, Default)]
struct Loss {
    /// Where the first of them stands in the text.
    first: Option<usize>,
    count: usize,
}
