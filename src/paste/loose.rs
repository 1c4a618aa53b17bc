//! Numbers with nothing but blanks between, without a sign of their base: `19 66 105` of a
//! shell, `13 42 0 5` of a sketch that prints no zeros before digits, one number a line.
//! Any text has such, so that they are bytes only where these are BitTorrent for certain, or
//! where many have the looks of what a program prints, or nothing else is there.

use std::ops::Range;

use super::cells;
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
            Self::Hex if cells::without_sign(word).len() <= 2 => {
                u8::from_str_radix(cells::without_sign(word), 16).ok()
            }
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
    let are_pairs = numbers.len() >= PAIRS && are_all_pairs(&numbers);
    let has_columns = column(text, &numbers).is_some();
    let is_other = are_pairs && !has_columns;
    if numbers.is_empty() || is_other || !(label.is_empty() || is_run) {
        return None;
    }
    let mut in_columns = has_columns && label.is_empty();
    let columns = column(text, &numbers);
    for next in (first + 1..).map_while(|line| text.line(line)) {
        let more: Vec<_> = words(text, inner(text, next)).collect();
        if more.is_empty() || !more.iter().all(is_word) {
            break;
        }
        in_columns = in_columns && is_row(text, &more, columns);
        numbers.extend(more);
    }
    // Pairs alone are a form of their own.
    let is_new = !(are_pairs && are_all_pairs(&numbers));
    let found = is_new.then(|| {
        let told = || told(text, &numbers, in_columns);
        proven(text, &numbers).or_else(told)
    });
    let found = found.flatten();
    if found.is_none() {
        text.loose.reach(numbers.last()?.end);
    }
    found
}

/// Decimal numbers with full stops between, `19.66.105` of Perl's `%vd`.
fn dotted(text: &Text<'_>, word: &Range<usize>) -> Option<Found> {
    let digits = &text.text[word.clone()];
    let is_digits = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.');
    let parts = is_digits.then(|| digits.split('.'))?;
    let mut at = word.start;
    let mut numbers = Vec::new();
    for part in parts {
        part.parse::<u8>().ok()?;
        numbers.push(at..at + part.len());
        at += part.len() + 1;
    }
    if numbers.len() < NUMBERS {
        return None;
    }
    let found = read(text, &numbers, Notation::Decimal)?;
    proof::is_known(&found.bytes).then_some(found)
}

fn are_all_pairs(numbers: &[Range<usize>]) -> bool {
    numbers.iter().all(|word| word.len() == 2)
}

/// Numbers in a row of `od`, and columns of one, of a signed one too.
const ROW: usize = 16;
const COLUMNS: [usize; 2] = [4, 5];

/// Where the first number of a row of `od -An -t u1` ends in its line, and the columns of
/// each.
fn column(text: &Text<'_>, row: &[Range<usize>]) -> Option<(usize, usize)> {
    let (first, second) = (row.first()?, row.get(1)?);
    let columns = second.end - first.end;
    let start = text.line(text.line_of(first.start))?.start;
    let is_row = row.len() == ROW && COLUMNS.contains(&columns);
    let column = (first.end - start, columns);
    (is_row && is_aligned(row, columns)).then_some(column)
}

fn is_aligned(row: &[Range<usize>], columns: usize) -> bool {
    let mut pairs = row.windows(2);
    pairs.all(|pair| pair[1].end - pair[0].end == columns)
}

/// Whether a row stands in the same columns.
fn is_row(text: &Text<'_>, row: &[Range<usize>], columns: Option<(usize, usize)>) -> bool {
    let Some((first, (end, columns))) = row.first().zip(columns) else {
        return false;
    };
    let line = text.line(text.line_of(first.start)).unwrap_or_default();
    first.end - line.start == end && is_aligned(row, columns) && row.len() <= ROW
}

/// Numbers that are bytes by their looks: decimal ones in the columns of `od`, or that are all
/// of the text; hex ones without a zero before a single digit.
fn told(text: &Text<'_>, numbers: &[Range<usize>], in_columns: bool) -> Option<Found> {
    let digits = || numbers.iter().map(|word| &text.text[word.clone()]);
    let is_canonical = |word: &str| word == "0" || !word.starts_with('0');
    if numbers.len() < ROW || !digits().all(is_canonical) {
        return None;
    }
    let has_letter = |word: &&str| word.contains(|c: char| c.is_ascii_alphabetic());
    let is_hex = || {
        let mut singles = digits().filter(|word| word.len() == 1);
        let is_pair = |word: &&str| word.len() == 2 && has_letter(word);
        singles.next().is_some() && digits().filter(is_pair).count() >= PAIRS
    };
    if digits().any(|word| has_letter(&word)) {
        return is_hex()
            .then(|| read(text, numbers, Notation::Hex))
            .flatten();
    }
    let first = numbers.first()?.start;
    let is_all = || {
        let end = numbers.last().map_or(first, |last| last.end);
        text.text[..first].trim().is_empty() && text.rest(end).trim().is_empty()
    };
    let is_decimal = digits().any(|word| word.len() > 2) && (in_columns || is_all());
    is_decimal
        .then(|| read(text, numbers, Notation::Decimal))
        .flatten()
}

/// A text that is decimal numbers and nothing else, of which one is no byte in hex.
pub fn whole(text: &Text<'_>) -> Option<Found> {
    let numbers: Vec<_> = words(text, 0..text.text.len()).collect();
    let mut digits = numbers.iter().map(|word| &text.text[word.clone()]);
    let is_canonical = |word: &str| word == "0" || !word.starts_with('0');
    let is_wide = digits.clone().any(|word| word.len() > 2);
    let is_decimal = is_wide && numbers.len() >= PAIRS && digits.all(is_canonical);
    is_decimal
        .then(|| read(text, &numbers, Notation::Decimal))
        .flatten()
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
        } else if let Some(found) = dotted(text, &word) {
            return Ok(Some(found));
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
    let mut ways = ways.iter().filter_map(|way| read(text, numbers, *way));
    ways.find(|found| proof::is_known(&found.bytes))
}

/// Numbers in a notation.
fn read(text: &Text<'_>, numbers: &[Range<usize>], notation: Notation) -> Option<Found> {
    let mut found = Found::new(notation.form(), numbers.first()?.start);
    for word in numbers {
        found.push(notation.read(&text.text[word.clone()])?, word.start);
        found.span.end = word.end;
    }
    Some(found)
}
