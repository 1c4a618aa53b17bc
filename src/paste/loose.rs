//! Numbers with nothing but blanks between, without a sign of their base: `19 66 105` of a
//! shell, `13 42 0 5` of a sketch that prints no zeros before digits, one number a line.
//! Any text has such, so that they are bytes only where these are BitTorrent for certain.

use std::ops::Range;

use super::form::Form;
use super::found::{Broken, Found};
use super::margin::margin;
use super::proof;
use super::text::Text;

/// Fewer prove nothing.
const NUMBERS: usize = 8;

/// So many pairs of hex in a line need no proof: they are a form of their own.
const PAIRS: usize = 4;

/// Characters that a label before the numbers may have.
const MAX_LABEL: usize = 40;

/// How numbers may be meant.
#[derive(Debug, Clone, Copy)]
enum Notation {
    /// Three digits each.
    Octal,
    Decimal,
    /// Two digits, or one.
    Hex,
}

impl Notation {
    const ALL: [Self; 3] = [Self::Octal, Self::Decimal, Self::Hex];

    fn form(self) -> Form {
        match self {
            Self::Octal => Form::Octal,
            Self::Decimal => Form::Decimal,
            Self::Hex => Form::Hex,
        }
    }

    fn read(self, word: &str) -> Option<u8> {
        match self {
            Self::Octal if word.len() == 3 => u8::from_str_radix(word, 8).ok(),
            Self::Hex if word.len() <= 2 => u8::from_str_radix(word, 16).ok(),
            Self::Octal | Self::Hex => None,
            Self::Decimal => {
                let signed = || Some(word.parse::<i8>().ok()?.cast_unsigned());
                word.parse().ok().or_else(signed)
            }
        }
    }
}

/// Whether a word may be a number of a byte.
fn is_number(word: &str) -> bool {
    let is_digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digits(word.strip_prefix('-').unwrap_or(word))
        && Notation::ALL.iter().any(|way| way.read(word).is_some())
}

/// The words of a span.
fn words(text: &Text<'_>, span: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let row = text.text.get(span.clone()).unwrap_or_default();
    row.split_ascii_whitespace().map(move |word| {
        let at = span.start + (word.as_ptr() as usize - row.as_ptr() as usize);
        at..at + word.len()
    })
}

/// A line without what quotes it.
fn inner(text: &Text<'_>, line: Range<usize>) -> Range<usize> {
    line.start + margin(&text.text[line.clone()])..line.end
}

/// Lines of numbers from line `first` on, perhaps behind a label.
pub fn block(text: &Text<'_>, first: usize) -> Option<Found> {
    let line = inner(text, text.line(first)?);
    if text.loose.covers(line.start) {
        return None;
    }
    let is_word = |word: &Range<usize>| is_number(&text.text[word.clone()]);
    let last = words(text, line.clone())
        .filter(|word| !is_word(word))
        .last();
    let start = last.map_or(line.start, |word| word.end);
    let label = &text.text[line.start..start];
    let mut numbers: Vec<_> = words(text, start..line.end).collect();
    let is_label = label.len() <= MAX_LABEL && label.ends_with([':', '=', '>', '$']);
    let is_run = numbers.len() >= NUMBERS && is_label;
    let are_pairs = numbers.len() >= PAIRS && numbers.iter().all(|word| word.len() == 2);
    if numbers.is_empty() || are_pairs || !(label.is_empty() || is_run) {
        return None;
    }
    for next in (first + 1..).map_while(|line| text.line(line)) {
        let more: Vec<_> = words(text, inner(text, next)).collect();
        if more.is_empty() || !more.iter().all(is_word) {
            break;
        }
        numbers.extend(more);
    }
    let found = proven(text, &numbers);
    if found.is_none() {
        text.loose.reach(numbers.last()?.end);
    }
    found
}

/// Finds the first numbers of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let mut numbers = Vec::new();
    for word in words(text, from..line.end) {
        if is_number(&text.text[word.clone()]) {
            numbers.push(word);
        } else if let Some(found) = proven(text, &numbers) {
            return Ok(Some(found));
        } else {
            numbers.clear();
        }
    }
    Ok(proven(text, &numbers))
}

/// Numbers that are bytes, in whatever notation.
fn proven(text: &Text<'_>, numbers: &[Range<usize>]) -> Option<Found> {
    let start = numbers.first()?.start;
    if numbers.len() < NUMBERS {
        return None;
    }
    // Pairs are hex: a message has a zero, which is one digit in decimal.
    let are_pairs = numbers.iter().all(|word| word.len() == 2);
    let ways = if are_pairs {
        &[Notation::Hex][..]
    } else {
        &Notation::ALL
    };
    ways.iter().find_map(|notation| {
        let mut found = Found::new(notation.form(), start);
        for word in numbers {
            found.push(notation.read(&text.text[word.clone()])?, word.start);
            found.span.end = word.end;
        }
        proof::is_known(&found.bytes).then_some(found)
    })
}
