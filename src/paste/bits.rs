//! Bits as digits, first the highest of each byte: `00001101 00000110` of `unpack("B*")`
//! and of `format(byte, "08b")`, or one run of them.

use std::ops::Range;

use super::cells;
use super::form::Form;
use super::found::{Broken, Found};
use super::text::Text;

/// Digits of a byte.
const DIGITS: usize = 8;

/// Fewer groups are numbers.
const GROUPS: usize = 4;

/// Digits of a run that may be bits, at least.
const RUN: usize = GROUPS * DIGITS;

/// Bytes of a length before a message.
const LENGTH: usize = 4;

/// The lines of bits that begin with line `first`.
pub fn block(text: &Text<'_>, first: usize) -> Option<Found> {
    let start = text.line(first)?.start;
    if text.bits.covers(start) {
        return None;
    }
    let mut found = Found::new(Form::Bits, start);
    for line in (first..).map_while(|line| text.line(line)) {
        let row = &text.text[line.clone()];
        if row.trim().is_empty() || words(text, line.clone()).any(|word| !is_bits(text, &word)) {
            break;
        }
        for word in words(text, line.clone()) {
            push(&mut found, text, &word);
        }
        found.span.end = line.end;
    }
    let end = found.span.end;
    let found = proven(text, found);
    if found.is_none() {
        text.bits.reach(end);
    }
    found
}

/// Finds the first bits of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let begins = text.text[..from].ends_with(|c: char| c.is_alphanumeric());
    let mut words = words(text, from..line.end)
        .skip(usize::from(begins))
        .peekable();
    while let Some(word) = words.next() {
        if !is_bits(text, &word) {
            continue;
        }
        let mut found = Found::new(Form::Bits, word.start);
        push(&mut found, text, &word);
        while let Some(next) = words.next_if(|word| is_bits(text, word)) {
            push(&mut found, text, &next);
        }
        if let Some(found) = proven(text, found) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The words of a span; brackets, commas and quotation marks are none of theirs.
fn words(text: &Text<'_>, span: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = span.start;
    let line = text.text.get(span).unwrap_or_default();
    let is_gap = |c: char| c.is_whitespace() || "[](){}<>,;|\"'`=:".contains(c);
    line.split(is_gap).filter_map(move |word| {
        let at = start + (word.as_ptr() as usize - line.as_ptr() as usize);
        (!word.is_empty()).then_some(at..at + word.len())
    })
}

/// Whether a word is whole bytes of bits.
fn is_bits(text: &Text<'_>, word: &Range<usize>) -> bool {
    let is_bit = |digit: u8| matches!(digit, b'0' | b'1');
    word.len().is_multiple_of(DIGITS) && text.text[word.clone()].bytes().all(is_bit)
}

/// Whether all groups but the first are bits, and that is a number before them.
pub fn are_behind(text: &Text<'_>, groups: &[cells::Group]) -> bool {
    let Some((number, bits)) = groups.split_first() else {
        return false;
    };
    let is_byte = |group: &cells::Group| group.span.len() == DIGITS && is_bits(text, &group.span);
    number.span.len() < DIGITS && bits.len() >= GROUPS && bits.iter().all(is_byte)
}

fn push(found: &mut Found, text: &Text<'_>, word: &Range<usize>) {
    for at in word.clone().step_by(DIGITS) {
        let byte = u8::from_str_radix(&text.text[at..at + DIGITS], 2);
        found.push(byte.unwrap_or_default(), at);
    }
    found.span.end = word.end;
}

/// Bits that are enough, and no hex: zeros alone are digits of whatever base, and
/// `0000000101` is an unchoke.
fn proven(text: &Text<'_>, found: Found) -> Option<Found> {
    let digits = text.text.get(found.span.clone()).unwrap_or_default();
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).collect();
    let has_ones = digits.contains(&b'1');
    let is_enough = digits.len() >= RUN && has_ones;
    (is_enough && !is_framed(&digits)).then_some(found)
}

/// Whether digits are hex of messages, each behind its length.
fn is_framed(digits: &[u8]) -> bool {
    let bytes: Vec<u8> = digits.chunks_exact(2).map(cells::byte).collect();
    let mut rest = &bytes[..];
    while let Some((length, after)) = rest.split_first_chunk::<LENGTH>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some(next) = after.get(length..) else {
            return false;
        };
        rest = next;
    }
    rest.is_empty()
}
