//! Text in which the characters that no text has are spelled, without quotation marks: as
//! references of HTML and XML (`&#19;BitTorrent`), as `cat -v` prints them (`^SBitTorrent
//! protocol^@`) and `less` and `vim` do (`^@<9F>`), as JSON does (`\u0013BitTorrent`), or as
//! digits in brackets of terminals (`[13][42]`, `<13>BitTorrent`).

use super::form::Form;
use super::found::{Broken, Found};
use super::glue::QUOTES;
use super::proof;
use super::text::Text;
use super::web;
use super::{caret, cells};

/// Fewer that are spelled prove nothing, where the bytes do not.
const SPELLED: usize = 4;

/// Fewer numbers in brackets are references to notes.
const IN_BRACKETS: usize = 8;

/// Characters in a row that are not spelled, at most: a name and two hashes.
const MAX_PLAIN: usize = 80;

/// A shorter run may be read again.
const AGAIN: usize = 256;

/// A longer reference is none.
const MAX_REFERENCE: usize = 8;

/// Brackets around the digits of a byte.
const BRACKETS: [(char, char); 4] = [('[', ']'), ('<', '>'), ('{', '}'), ('(', ')')];

/// Characters that have names in HTML.
const NAMES: [(&str, u8); 6] = [
    ("amp", b'&'),
    ("lt", b'<'),
    ("gt", b'>'),
    ("quot", b'"'),
    ("apos", b'\''),
    ("nbsp", 0xa0),
];

/// How characters are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Reference,
    Caret,
    Unicode,
    Bracket(char, char),
}

impl Style {
    /// The style that a text may begin with a character of.
    fn of(first: char) -> Option<Self> {
        Some(match first {
            '&' => Self::Reference,
            '^' | 'M' => Self::Caret,
            '\\' => Self::Unicode,
            _ => {
                let (open, close) = BRACKETS.iter().find(|(open, _)| *open == first)?;
                Self::Bracket(*open, *close)
            }
        })
    }

    /// The byte that a text begins with, if it is spelled, and the length of that.
    fn read(self, rest: &str) -> Option<(u8, usize)> {
        match self {
            Self::Reference => reference(rest),
            Self::Caret => caret::byte(rest),
            Self::Unicode => {
                let digits = rest.strip_prefix("\\u00")?.get(..2)?;
                let digits = cells::is_hex(digits).then_some(digits)?;
                Some((cells::byte(digits.as_bytes()), 6))
            }
            Self::Bracket(open, close) => {
                let inner = rest.strip_prefix(open)?;
                let digits = inner.strip_prefix("0x").unwrap_or(inner);
                let pair = digits.get(..2).filter(|pair| cells::is_hex(pair))?;
                let after = digits[2..].strip_prefix(close)?;
                Some((cells::byte(pair.as_bytes()), rest.len() - after.len()))
            }
        }
    }
}

fn reference(rest: &str) -> Option<(u8, usize)> {
    let inner = rest.strip_prefix('&')?;
    let near = &inner[..inner.floor_char_boundary(MAX_REFERENCE)];
    let (name, _) = near.split_once(';')?;
    let byte = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u8::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => NAMES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((byte, 1 + name.len() + 1))
}

/// Finds the first run of a line.
// A finder can fail; this one does not.
#[allow(clippy::unnecessary_wraps)]
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let row = text.text.get(from..line.end).unwrap_or_default();
    let mut refused: Vec<(Style, usize)> = Vec::new();
    for (offset, first) in row.char_indices() {
        let at = from + offset;
        let Some(style) = Style::of(first).filter(|_| !text.spelled.covers(at)) else {
            continue;
        };
        let is_refused = refused
            .iter()
            .any(|(known, to)| *known == style && at < *to);
        if is_refused || style.read(&row[offset..]).is_none() {
            continue;
        }
        let rest = &row[offset..];
        let run = run(style, rest);
        let found = proven(style, at, &rest[..run]);
        // Where nothing else stands in the line, blanks may be bytes too.
        let is_line = is_label(&text.text[line.start..at]) && !matches!(style, Style::Bracket(..));
        let whole = || {
            if text.spelled_lines.covers(at) {
                return None;
            }
            let whole = proven(style, at, rest.trim_end());
            if whole.is_none() {
                text.spelled_lines.reach(line.end);
            }
            whole
        };
        let is_open = |found: &Found| proof::is_open(&found.bytes);
        let found = match found {
            found if !is_line => found,
            Some(found) if !is_open(&found) => Some(found),
            found => whole().or(found),
        };
        let found = match found {
            Some(found) if is_line && style == Style::Caret && is_open(&found) => {
                Some(next_lines(text, line.end, found))
            }
            found => found,
        };
        if found.is_some() {
            return Ok(found);
        }
        if run > AGAIN {
            text.spelled.reach(at + run);
        }
        refused.retain(|(known, _)| *known != style);
        refused.push((style, at + run));
    }
    Ok(None)
}

/// Lines that a handshake may have.
const MAX_LINES: usize = 8;

/// Adds the lines behind a newline within a handshake, which `cat -v` prints as it is, and
/// `cat -A` behind a `$`.
fn next_lines(text: &Text<'_>, end: usize, first: Found) -> Found {
    let mut found = first;
    for line in (text.line_of(end) + 1..).take(MAX_LINES) {
        let Some(span) = text.line(line).filter(|_| proof::is_open(&found.bytes)) else {
            break;
        };
        if found.bytes.last() == Some(&LINE_END) {
            found.truncate(found.bytes.len() - 1);
        }
        found.push(b'\n', span.start - 1);
        let mut at = 0;
        let row = &text.text[span.clone()];
        while let Some(character) = row[at..].chars().next() {
            let (byte, length) = caret::byte(&row[at..]).unwrap_or((row.as_bytes()[at], 1));
            if !character.is_ascii() {
                return found;
            }
            found.push(byte, span.start + at);
            at += length;
        }
        found.span.end = span.end;
    }
    found
}

/// What `cat -A` puts at the end of a line.
const LINE_END: u8 = b'$';

/// Whether what stands before in the line is nothing, or names what follows.
fn is_label(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty() || before.ends_with([':', '=', '>'])
}

/// Length of the run that a text begins with: up to the first blank, quotation mark or tag
/// behind the last that is spelled; of numbers in brackets that are enough, up to the last.
fn run(style: Style, rest: &str) -> usize {
    let (mut at, mut last, mut spelled) = (0, 0, 0);
    while let Some(character) = rest[at..].chars().next() {
        if let Some((_, length)) = style.read(&rest[at..]) {
            at += length;
            last = at;
            spelled += 1;
            continue;
        }
        let is_row = matches!(style, Style::Bracket(..)) && spelled >= IN_BRACKETS;
        let is_quote = style == Style::Unicode && QUOTES.contains(&character);
        if is_quote || (is_row && last == at) {
            return last;
        }
        if at - last > MAX_PLAIN {
            break;
        }
        at += character.len_utf8();
    }
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<');
    let rest = &rest[last..];
    last + rest.find(is_end).unwrap_or(rest.len())
}

/// The bytes of a run, if they are some.
fn proven(style: Style, start: usize, run: &str) -> Option<Found> {
    let mut found = Found::new(Form::Escaped, start);
    let (mut at, mut spelled, mut has_control) = (0, 0, false);
    // How many are spelled from the first on, without anything between.
    let (mut leading, mut is_leading) = (0, true);
    while let Some(character) = run[at..].chars().next() {
        if let Some((byte, length)) = style.read(&run[at..]) {
            found.push(byte, start + at);
            has_control |= byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
            leading += usize::from(is_leading);
            spelled += 1;
            at += length;
            found.span.end = start + at;
        } else {
            is_leading = false;
            let length = character.len_utf8();
            for byte in run[at..at + length].bytes() {
                found.push(byte, start + at);
            }
            at += length;
        }
    }
    if proof::is_known(&found.bytes) {
        found.span.end = start + run.len();
        return Some(found);
    }
    match style {
        // Numbers alone.
        Style::Bracket(..) if leading == found.bytes.len() && leading >= IN_BRACKETS => Some(found),
        Style::Bracket(..) | Style::Caret => None,
        Style::Reference | Style::Unicode => {
            found.span.end = start + run.len();
            let is_proof = (spelled >= SPELLED && has_control) || web::is_message(&found.bytes);
            is_proof.then_some(found)
        }
    }
}
