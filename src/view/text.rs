//! Text of a capture, made harmless.
//!
//! Whatever a capture holds may have been put there to be shown: escape
//! sequences that retitle or scroll the terminal, bidirectional overrides that
//! turn a line around, invisible and line-separating characters. Nothing of the
//! sort is printed: such a character appears as its escape (`\x1b`,
//! `\u{202e}`), a byte that is no UTF-8 as `\xNN`, and all else as it is.
//!
//! The escapes are plain ASCII and a backslash is left alone, so sanitising
//! twice is the same as once; where every byte counts there is `--json`.

use std::borrow::Cow;
use std::fmt::{self, Write};

use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

/// More combining marks than this on one character are a tower over the lines
/// above, not a word in any script.
const MAX_MARKS: u8 = 4;

/// Bytes or text of a capture; its `Display` is safe for a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Safe<'a>(pub &'a [u8]);

impl<'a> From<&'a str> for Safe<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Safe<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SafeWriter::new(f).write_bytes(self.0)
    }
}

/// Sanitises what is written through it: put it around any `Display` that may
/// hold text of a capture.
#[derive(Debug)]
pub struct SafeWriter<W> {
    inner: W,
    /// Combining marks that the character before may still take.
    marks: u8,
}

impl<W: Write> SafeWriter<W> {
    /// A filter in front of `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, marks: 0 }
    }

    /// Writes bytes that should be UTF-8 but need not be.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> fmt::Result {
        for chunk in bytes.utf8_chunks() {
            self.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                self.marks = 0;
                write!(self.inner, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }

    fn special(&mut self, character: char) -> fmt::Result {
        if is_mark(character) && is_plain(character) && self.marks > 0 {
            self.marks -= 1;
            return self.inner.write_char(character);
        }
        if is_plain(character) && !is_mark(character) {
            self.marks = MAX_MARKS;
            return self.inner.write_char(character);
        }
        self.marks = 0;
        match character {
            '\t' => self.inner.write_str("\\t"),
            '\n' => self.inner.write_str("\\n"),
            '\r' => self.inner.write_str("\\r"),
            '\0'..='\u{7f}' => write!(self.inner, "\\x{:02x}", u32::from(character)),
            _ => write!(self.inner, "\\u{{{:x}}}", u32::from(character)),
        }
    }
}

impl<W: Write> Write for SafeWriter<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while !rest.is_empty() {
            let ascii = rest
                .bytes()
                .position(|byte| !is_plain_ascii(byte))
                .unwrap_or(rest.len());
            if ascii > 0 {
                self.marks = MAX_MARKS;
                self.inner.write_str(&rest[..ascii])?;
            }
            let mut characters = rest[ascii..].chars();
            if let Some(character) = characters.next() {
                self.special(character)?;
            }
            rest = characters.as_str();
        }
        Ok(())
    }
}

/// Whether a byte is printable ASCII.
pub fn is_plain_ascii(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Whether a character may reach a terminal: it is visible (or a space that
/// looks like one), of an assigned category, and steers nothing.
///
/// Combining marks pass here; [`SafeWriter`] also sees that they have something
/// to combine with.
pub fn is_plain(character: char) -> bool {
    if character.is_ascii() {
        return is_plain_ascii(character as u8);
    }
    if is_invisible(character) {
        return false;
    }
    match character.general_category() {
        Category::Control
        | Category::Format
        | Category::Surrogate
        | Category::PrivateUse
        | Category::Unassigned
        | Category::LineSeparator
        | Category::ParagraphSeparator => false,
        // The ideographic space is a word space of Japanese; the others pass for
        // an ordinary one, or for nothing at all.
        Category::SpaceSeparator => character == '\u{3000}',
        _ => true,
    }
}

/// Letters, marks and symbols (by category) that show nothing.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{34f}' // combining grapheme joiner
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}' // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}' // Mongolian variation selectors
        | '\u{2800}' // blank braille pattern
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' // variation selectors
    )
}

/// Whether a character is drawn on the one before it.
fn is_mark(character: char) -> bool {
    !character.is_ascii()
        && matches!(
            character.general_category(),
            Category::NonspacingMark | Category::SpacingMark | Category::EnclosingMark
        )
}

/// Columns that sanitised text takes on a terminal.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char_width).sum()
}

/// Columns that a character of sanitised text takes.
pub fn char_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// The longest beginning of sanitised `text` that fits into `columns`.
pub fn fitting(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += char_width(character);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// Sanitised text in at most `columns`, with an ellipsis where it is cut.
pub fn clipped(text: &str, columns: usize) -> Cow<'_, str> {
    // As long in bytes is as wide at most.
    if text.len() <= columns || fitting(text, columns).len() == text.len() {
        return text.into();
    }
    format!("{}…", fitting(text, columns.saturating_sub(1))).into()
}

/// The same with its end, behind an ellipsis: the names of files differ there.
pub fn clipped_front(text: &str, columns: usize) -> Cow<'_, str> {
    if fitting(text, columns).len() == text.len() {
        return text.into();
    }
    let mut used = 1;
    let kept = text.char_indices().rev().take_while(|(_, character)| {
        used += char_width(*character);
        used <= columns
    });
    let start = kept.last().map_or(text.len(), |(at, _)| at);
    format!("…{}", &text[start..]).into()
}

/// The same as [`clipped`], with the last `end` bytes of it, which are ASCII, behind the `…`.
pub fn clipped_before(text: &str, columns: usize, end: usize) -> Cow<'_, str> {
    let cut = text.len().saturating_sub(end);
    if end == 0 || end >= columns || fitting(text, columns).len() == text.len() {
        return clipped(text, columns);
    }
    let head = clipped(&text[..cut], columns - end);
    format!("{head}{}", &text[cut..]).into()
}

/// Splits sanitised text into lines of at most `columns`: at a line feed (which
/// only a view writes: one of the capture is escaped), else at the last space
/// that is not before a number, else at the last space, else within a word.
pub fn wrap(text: &str, columns: usize) -> impl Iterator<Item = &str> {
    let columns = columns.max(1);
    let mut rest = Some(text).filter(|text| !text.is_empty());
    std::iter::from_fn(move || {
        let text = rest?;
        let (line, after) = split_line(text, columns);
        rest = Some(after).filter(|after| !after.is_empty());
        Some(line)
    })
}

/// The same, each line as many phrases as fit, where commas and semicolons end phrases:
/// a number and its unit stay together.
pub fn wrap_phrases(text: &str, columns: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    // Where the line begins, and where the last phrase ends that fits it.
    let (mut start, mut end) = (0, 0);
    let stops = text.match_indices([',', ';']).map(|(at, _)| at + 1);
    for stop in stops.chain([text.len()]) {
        if width(&text[start..stop]) > columns && end > start {
            lines.push(&text[start..end]);
            start = end + text[end..].len() - text[end..].trim_start().len();
        }
        end = stop;
    }
    lines.push(&text[start..]);
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    lines.flat_map(|line| wrap(line, columns)).collect()
}

/// The first line of `text` and what follows it; takes at least one character.
fn split_line(text: &str, columns: usize) -> (&str, &str) {
    // No further than the line goes: the text may have a million of them.
    let mut used = 0;
    let end = text.char_indices().find(|(_, character)| {
        used += char_width(*character);
        *character == '\n' || used > columns
    });
    let head = match end {
        None => return (text, ""),
        Some((at, '\n')) => return (&text[..at], &text[at + 1..]),
        Some((at, _)) => &text[..at],
    };
    let bytes = text.as_bytes();
    let is_space = |at: &usize| bytes[*at] == b' ';
    // A number stays with the word that it belongs to ("BEP 10"), if it can.
    let parts_number = |at: &usize| bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
    let mut spaces = (1..=head.len()).rev().filter(is_space);
    let last = spaces.clone().next();
    if let Some(space) = spaces.find(|at| !parts_number(at)).or(last) {
        return (&text[..space], &text[space + 1..]);
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    text.split_at(head.len().max(first))
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
