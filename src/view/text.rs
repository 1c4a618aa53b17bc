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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn safe(text: &str) -> String {
        Safe::from(text).to_string()
    }

    #[test]
    fn phrases_stay_together() {
        let words = "fin by A, 4 unanswered, 2388 gaps";
        let lines = ["fin by A,", "4 unanswered,", "2388 gaps"];
        assert_eq!(wrap_phrases(words, 13), lines);
        assert_eq!(
            wrap_phrases(words, 24),
            ["fin by A, 4 unanswered,", "2388 gaps"]
        );
        assert_eq!(wrap_phrases(words, 40), [words]);
        assert_eq!(
            wrap_phrases("fin by somebody, no", 9),
            ["fin by", "somebody,", "no"]
        );
        assert_eq!(wrap_phrases("", 9), [""; 0]);
    }

    #[test]
    fn controls_show_as_escapes() {
        assert_eq!(safe("\u{1b}[2J\u{7}"), "\\x1b[2J\\x07");
        assert_eq!(safe("a\tb\nc\rd\0"), "a\\tb\\nc\\rd\\x00");
        assert_eq!(safe("\u{7f}\u{80}\u{9b}31m"), "\\x7f\\u{80}\\u{9b}31m");
    }

    #[test]
    fn characters_that_trick_the_eye_show_as_escapes() {
        let ranges = [
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2060}'..='\u{2069}',
            '\u{feff}'..='\u{feff}',
            '\u{fff9}'..='\u{fffb}',
            '\u{e0020}'..='\u{e007f}',
            '\u{e000}'..='\u{e000}',
            '\u{ad}'..='\u{ad}',
            '\u{a0}'..='\u{a0}',
            '\u{61c}'..='\u{61c}',
        ];
        for character in ranges.into_iter().flatten() {
            let expected = format!("\\u{{{:x}}}", u32::from(character));
            assert_eq!(safe(&character.to_string()), expected);
        }
    }

    #[test]
    fn words_of_the_world_pass() {
        for text in [
            "Ubuntu 24.04",
            "µTorrent",
            "日本語\u{3000}版",
            "Ελλάδα",
            "🦀",
            "e\u{301}té",
        ] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn marks_need_a_base_and_do_not_pile_up() {
        assert_eq!(safe("\u{301}a"), "\\u{301}a");
        let tower = format!("a{}", "\u{301}".repeat(6));
        assert_eq!(
            safe(&tower),
            "a\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}"
        );
    }

    #[test]
    fn bytes_that_are_no_utf8_show_in_hex() {
        assert_eq!(Safe(b"\xc2\xb5T\xff\xfe").to_string(), "µT\\xff\\xfe");
        // Overlong forms of '/' and of ESC, and an encoded surrogate.
        assert_eq!(Safe(b"\xc0\xaf").to_string(), "\\xc0\\xaf");
        assert_eq!(Safe(b"\xe0\x80\x9b").to_string(), "\\xe0\\x80\\x9b");
        assert_eq!(Safe(b"\xed\xa0\x80").to_string(), "\\xed\\xa0\\x80");
    }

    #[test]
    fn wrapping_prefers_spaces_and_keeps_line_feeds() {
        let lines = |text, columns| wrap(text, columns).collect::<Vec<_>>();
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("to be (BEP 6)", 11), ["to be", "(BEP 6)"]);
        assert_eq!(lines("BEP 6", 4), ["BEP", "6"]);
        assert_eq!(lines("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(lines("a\n\nb", 9), ["a", "", "b"]);
        assert_eq!(lines("日本", 1), ["日", "本"]);
        assert_eq!(lines("", 5), [""; 0]);
    }

    proptest! {
        #[test]
        fn any_bytes_become_plain_text(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let once = Safe(&bytes).to_string();
            prop_assert!(once.chars().all(is_plain));
            prop_assert_eq!(safe(&once), once);
        }

        #[test]
        fn any_text_becomes_plain_text(text in "\\PC*|\\p{C}*|.*") {
            prop_assert!(safe(&text).chars().all(is_plain));
        }

        #[test]
        fn wrapping_loses_no_letter(text in "[a-z ]{0,60}", columns in 1_usize..20) {
            let joined: String = wrap(&text, columns).collect();
            prop_assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
            prop_assert!(wrap(&text, columns).all(|line| width(line) <= columns));
        }
    }
}
