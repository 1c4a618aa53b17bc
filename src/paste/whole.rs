//! Messages of a few bytes as digits: `<-- 0000000101`, `got 0000000102`,
//! `"tcp.payload": "00:00:00:01:01"`.
//!
//! Ten digits may be any number, and five pairs with colons nearly an address, so that they
//! are bytes only where both hold:
//!
//! - they are messages from the first digit to the last, each behind its length, of an id
//!   that can be so long, and one of them is more than a keep-alive;
//! - an arrow stands right before them, or a word that says that bytes were carried or are
//!   shown, [`WORDS`], with nothing but marks, a quotation mark or a count between.
//!
//! A keep-alive is eight zeros: it is one behind an arrow, beside a line that has a message
//! behind the same arrow.

use std::ops::Range;

use super::cells;
use super::glue::QUOTES;
use super::proof;
use super::text::Text;

/// Words before bytes, in small letters.
const WORDS: [&str; 35] = [
    "got",
    "sent",
    "send",
    "sends",
    "sending",
    "recv",
    "recvd",
    "received",
    "receive",
    "receives",
    "receiving",
    "read",
    "reads",
    "wrote",
    "write",
    "writes",
    "written",
    "rx",
    "tx",
    "in",
    "out",
    "payload",
    "data",
    "raw",
    "bytes",
    "byte",
    "hex",
    "packet",
    "message",
    "msg",
    "buf",
    "buffer",
    "frame",
    "wire",
    "stream",
];

/// Words that stand in any sentence: bytes only where a mark is behind them, `in: 0000000101`.
const COMMON: [&str; 2] = ["in", "out"];

/// Arrows before bytes, longer ones first.
const ARROWS: [&str; 16] = [
    "<--", "-->", "<==", "==>", "<-", "->", "<=", "=>", "<<", ">>", "→", "←", "⇒", "⇐", "»", "«",
];

/// Marks between a word and the bytes.
const MARKS: [char; 8] = [':', '=', '(', '[', '{', ' ', '\t', '|'];

/// Characters before the bytes in which the word stands.
const NEAR: usize = 40;

/// Digits of a keep-alive.
const KEEP_ALIVE: &str = "00000000";

/// Characters of a line that is looked at because it stands beside one.
const MAX_LINE: usize = 256;

/// Whether the digits at `span`, which spell `bytes`, are messages by what stands before them.
pub fn are_told(text: &Text<'_>, span: &Range<usize>, bytes: &[u8]) -> bool {
    if &text.text[span.clone()] == KEEP_ALIVE {
        return is_keep_alive(text, span.start);
    }
    proof::are_whole(bytes) && is_labelled(before(text, span.start))
}

/// What stands near before a place in its line.
fn before<'t>(text: &Text<'t>, at: usize) -> &'t str {
    let line = text.line(text.line_of(at)).unwrap_or_default();
    let start = at.saturating_sub(NEAR).max(line.start);
    &text.text[text.text.ceil_char_boundary(start)..at]
}

fn is_labelled(before: &str) -> bool {
    if arrow(before).is_some() {
        return true;
    }
    let quoted = before.trim_end_matches(QUOTES);
    let mut named = quoted.trim_end_matches(MARKS).trim_end_matches(QUOTES);
    let is_marked = quoted[named.len()..].contains([':', '=', '(', '[', '{']);
    let last = |named: &str| {
        let start = named.rfind(|c: char| !c.is_alphanumeric());
        start.map_or(0, |at| {
            at + named[at..].chars().next().map_or(1, char::len_utf8)
        })
    };
    // `got 5: 0000000102`, `recv(5) 0000000101`
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_digit());
    let named_before = named.trim_end_matches(')');
    if is_number(&named_before[last(named_before)..]) {
        named = named_before[..last(named_before)].trim_end_matches(MARKS);
    }
    let word = named[last(named)..].to_ascii_lowercase();
    WORDS.contains(&word.as_str()) && (is_marked || !COMMON.contains(&word.as_str()))
}

/// The arrow that a text ends with, but for blanks and a quotation mark.
fn arrow(before: &str) -> Option<&'static str> {
    let before = before.trim_end_matches(QUOTES).trim_end();
    ARROWS.into_iter().find(|arrow| before.ends_with(arrow))
}

/// Whether eight zeros are a keep-alive.
fn is_keep_alive(text: &Text<'_>, at: usize) -> bool {
    let line = text.line_of(at);
    let is_message = |line: usize| {
        let span = text.line(line).filter(|span| span.len() <= MAX_LINE);
        let row = span.map_or("", |span| &text.text[span]).trim_end();
        let digits = row.rsplit([' ', '\t']).next().unwrap_or_default();
        let bytes: Vec<_> = digits.as_bytes().chunks(2).map(cells::byte).collect();
        let is_arrow = arrow(&row[..row.len() - digits.len()]).is_some();
        is_arrow && cells::is_group(digits) && proof::are_whole(&bytes)
    };
    let is_beside = || line.checked_sub(1).is_some_and(is_message) || is_message(line + 1);
    arrow(before(text, at)).is_some() && is_beside()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> bool {
        let text = Text::new(text);
        let at = text.text.find("00000").unwrap_or_default();
        let digits = text.text[at..].find(|c: char| !c.is_ascii_hexdigit());
        let span = at..digits.map_or(text.text.len(), |end| at + end);
        let digits = text.text[span.clone()].as_bytes();
        let bytes: Vec<_> = digits.chunks(2).map(cells::byte).collect();
        are_told(&text, &span, &bytes)
    }

    #[test]
    fn bytes_have_a_label_and_are_messages() {
        for (text, expected) in [
            ("<-- 0000000101", true),
            ("got 0000000102 from peer", true),
            ("recv(5): 0000000102", true),
            ("got 5 bytes 0000000102", true),
            ("\"tcp.payload\": \"0000000101\"", true),
            ("in: 0000000101", true),
            ("-> 00000005040000004d", true),
            ("-> 0000000101\n<- 00000000", true),
            ("in 0000000101", false),
            ("order 0000000101", false),
            ("\"id\": \"0000000101\"", false),
            ("got 0000000104", false),
            ("got 0000000109", false),
            ("got 0000000201", false),
            ("got 00000000", false),
            ("address -> 00000000", false),
            ("forgot 0000000102", false),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
