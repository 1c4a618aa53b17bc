//! Base64, of the usual and of the URL alphabet, with or without padding.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::dump::Cut;
use super::form::Form;
use super::found::{Broken, Found};
use super::proof;
use super::text::Text;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const USUAL: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// Characters that a token must have: to fill a line, and among words.
const LINE: usize = 16;
const AMONG_WORDS: usize = 24;

/// So many in quotes are base64 even where a part of the last group is missing.
const CUT: usize = 64;

/// What YAML writes before base64, which may be of any length behind it.
const YAML: &str = "!!binary |";

/// Finds the first token of a line that is base64 by its looks.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let index = text.line_of(from);
    let line = text.line(index).unwrap_or_default();
    let mut at = from;
    while let Some(token) = next(text, at..line.end) {
        at = token.end;
        let is_line = text.text[line.clone()].trim().len() == token.len();
        // Digits are missing where the last group is not whole.
        let is_cut = !is_line && token.len() >= CUT && !token.len().is_multiple_of(4);
        let is_yaml = || text.text[..line.start].trim_end().ends_with(YAML);
        let is_last = text.text[token.end..line.end].trim().is_empty();
        let is_told = if is_line {
            looks(text, &token, LINE) || is_yaml()
        } else {
            is_marked(text, &token)
        };
        if !is_told && !may_prove(text, &token) {
            continue;
        }
        let tokens = if is_last {
            wrapped(text, index, token)
        } else {
            vec![token]
        };
        let found = decode(text, &tokens);
        let is_base64 = |found: &Found| is_told || proof::is_known(&found.bytes);
        if let Some(mut found) = found.filter(is_base64) {
            found.cut = is_cut.then_some(Cut { missing: None });
            return Ok(Some(found));
        }
        if !is_told {
            let end = tokens.last().map_or(at, |last| last.end);
            text.base64.reach(end);
        }
    }
    Ok(None)
}

/// Characters of the shortest message of which the bytes prove that it is one.
const PROVEN: usize = 12;

/// Whether a token of whatever looks may decode to something that is known.
fn may_prove(text: &Text<'_>, token: &Range<usize>) -> bool {
    let digits = &text.text[token.clone()];
    let before = text.text[..token.start].chars().next_back();
    let is_within = before.is_some_and(|c| c.is_alphanumeric() || c == '=');
    let is_other = is_within || text.base64.covers(token.start);
    digits.len() >= PROVEN && !is_other && proof::may_begin(digits)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/-_".contains(c)
}

/// The next run of characters of either alphabet, padding included.
fn next(text: &Text<'_>, span: Range<usize>) -> Option<Range<usize>> {
    let rest = text.text.get(span.clone())?;
    let start = rest.find(is_digit)?;
    let digits = &rest[start..];
    let length = digits.find(|c| !is_digit(c)).unwrap_or(digits.len());
    let padding = digits[length..].bytes().take(2);
    let padding = padding.take_while(|byte| *byte == b'=').count();
    let start = span.start + start;
    Some(start..start + length + padding)
}

/// Whether a token has the mix of characters that base64 of binary data has.
fn looks(text: &Text<'_>, token: &Range<usize>, least: usize) -> bool {
    is_mixed(&text.text[token.clone()], least)
}

fn is_mixed(token: &str, least: usize) -> bool {
    let has = |is: fn(char) -> bool| token.contains(is);
    token.len() >= least
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit() || "+/=".contains(c))
        && token.trim_end_matches('=').len() % 4 != 1
}

/// Whether what stands around a token says that it is no word.
fn is_marked(text: &Text<'_>, token: &Range<usize>) -> bool {
    let before = &text.text[..token.start];
    let after = text.rest(token.end);
    let digits = &text.text[token.clone()];
    let is_quoted = ['"', '\'', '`']
        .iter()
        .any(|quote| before.ends_with(*quote) && after.starts_with(*quote));
    let is_whole = token.len().is_multiple_of(4);
    let is_named = is_whole && token.len() >= LINE && is_named(before);
    before.ends_with("base64,")
        || is_named
        || (is_whole && digits.ends_with('=') && looks(text, token, LINE))
        || (is_whole && is_quoted && looks(text, token, AMONG_WORDS))
        || (is_quoted && looks(text, token, CUT))
}

/// Whether a text in quotes is base64 by its looks.
pub fn looks_quoted(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_whole = text.len().is_multiple_of(4) && text.len() - digits.len() <= 2;
    is_whole && digits.chars().all(is_digit) && is_mixed(text, AMONG_WORDS)
}

/// Whether a text in quotation marks is base64 of what is BitTorrent for certain.
pub fn is_known(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_whole = text.len().is_multiple_of(4) && text.len() >= PROVEN;
    let is_base64 = is_whole && proof::may_begin(digits) && digits.chars().all(is_digit);
    let bytes = || USUAL.decode(digits).or_else(|_| URL.decode(digits));
    is_base64 && bytes().is_ok_and(|bytes| proof::is_known(&bytes))
}

/// Characters before a token in which a word may say what it is.
const NEAR: usize = 24;

/// Whether the end of what stands before says so.
fn is_named(before: &str) -> bool {
    let near: Vec<char> = before.chars().rev().take(NEAR).collect();
    let near: String = near.into_iter().rev().collect();
    near.to_ascii_lowercase().contains("base64")
}

/// The tokens of this and the following lines, all as long but the last. Words may stand
/// before the first one.
fn wrapped(text: &Text<'_>, line: usize, first: Range<usize>) -> Vec<Range<usize>> {
    let row = text.line(line).unwrap_or_default();
    let is_alone = text.text[row].trim().len() == first.len();
    let mut tokens = vec![first];
    let mut width = None;
    for span in (line + 1..).map_while(|line| text.line(line)) {
        let last = tokens[tokens.len() - 1].clone();
        let Some(token) = next(text, span.clone()) else {
            break;
        };
        let is_line = text.text[span].trim().len() == token.len();
        let is_whole = last.len().is_multiple_of(4);
        let is_padded = text.text[..last.end].ends_with('=');
        // Behind words the first one may have another width, but must be told from a
        // word below it.
        let fits = match width {
            None if is_alone => token.len() <= last.len(),
            None => looks(text, &token, LINE) || text.text[..token.end].ends_with('='),
            Some(width) => last.len() == width && token.len() <= width,
        };
        if !is_line || !is_whole || is_padded || !fits {
            break;
        }
        width = width.or(Some(if is_alone { last.len() } else { token.len() }));
        tokens.push(token);
    }
    tokens
}

fn decode(text: &Text<'_>, tokens: &[Range<usize>]) -> Option<Found> {
    let mut digits = String::new();
    let mut offsets = Vec::new();
    for token in tokens {
        digits.push_str(&text.text[token.clone()]);
        offsets.extend(token.clone());
    }
    let engine = if digits.contains(['-', '_']) {
        &URL
    } else {
        &USUAL
    };
    let bytes = engine.decode(digits.as_bytes()).ok()?;
    let mut found = Found::new(Form::Base64, tokens.first()?.start);
    for (index, byte) in bytes.into_iter().enumerate() {
        // Three bytes in four digits.
        found.push(byte, offsets.get(index * 4 / 3).copied()?);
    }
    found.span.end = tokens.last()?.end;
    Some(found)
}

/// A text that is one token.
pub fn whole(text: &Text<'_>) -> Option<Found> {
    let token = next(text, 0..text.text.len())?;
    let is_all = text.text.trim().len() == token.len() && token.len() >= 4;
    let is_other = |c: char| !(c.is_ascii_hexdigit() || c == '-');
    if !is_all || !token.len().is_multiple_of(4) || !text.text.contains(is_other) {
        return None;
    }
    decode(text, &[token])
}
