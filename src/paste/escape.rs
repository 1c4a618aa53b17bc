//! Escapes without quotes: `\x13\x42`, `\023\102`, `%13%42`, and the `\x1342` of
//! PostgreSQL.

use std::ops::Range;

use super::cells;
use super::fault::{Fault, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::margin::margin;
use super::numbering::Numbering;
use super::proof;
use super::text::Text;

/// Fewer digits after one `\x` are no stream.
const STREAM: usize = 8;

/// Fewer percent signs are those of a name or an address.
pub const PERCENTS: usize = 4;

/// Fewer octal escapes are the names of folders.
pub const OCTALS: usize = 3;

/// Digits of an octal escape, at most.
const OCTAL_DIGITS: usize = 3;

/// Escapes that are looked at to count those.
const MAX_LOOK: usize = 64;

/// How a byte is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `\x13`
    Hex,
    /// `\023`, and `\0` where no digit follows
    Octal,
    /// `%13`
    Percent,
}

impl Style {
    /// The byte that `rest` begins with an escape of, and the length of that.
    fn read(self, rest: &str) -> Option<(u8, usize)> {
        match self {
            Self::Hex => {
                let digits = rest.strip_prefix("\\x")?.get(..2)?;
                let digits = cells::is_hex(digits).then_some(digits)?;
                Some((cells::byte(digits.as_bytes()), 4))
            }
            Self::Octal => {
                let (value, length) = Numbering::Octal.read(rest.strip_prefix('\\')?)?;
                Some((u8::try_from(value?).ok()?, 1 + length))
            }
            Self::Percent => {
                let digits = rest.strip_prefix('%')?.get(..2)?;
                let digits = cells::is_hex(digits).then_some(digits)?;
                Some((cells::byte(digits.as_bytes()), 3))
            }
        }
    }
}

/// Finds the first run of a line.
pub fn find(text: &Text<'_>, from: usize) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(from)).unwrap_or_default();
    let rest = text.text.get(from..line.end).unwrap_or_default();
    let mut marks = rest.match_indices(['\\', '%']);
    let mut at = from;
    let first = marks.find_map(|(offset, mark)| {
        let start = from + offset;
        if start < at {
            return None;
        }
        let rest = &rest[offset..];
        if mark == "%" {
            let start = value_start(text, at, start);
            at = start + percent_run(text.rest(start));
            return percents(start, &text.text[start..at]).map(Start::Found);
        }
        if rest.starts_with("\\x") {
            return Some(Start::Run(start, Style::Hex));
        }
        let (byte, length) = Style::Octal.read(rest)?;
        // `C:\1\2` is a folder.
        let is_folder = text.text[..start].ends_with(|c: char| c == ':' || c.is_alphanumeric());
        if length <= OCTAL_DIGITS && (byte > 0 || is_folder) {
            return None;
        }
        let escapes = rest.match_indices('\\').take(MAX_LOOK);
        let octal = escapes.filter(|(at, _)| Style::Octal.read(&rest[*at..]).is_some());
        (octal.count() >= OCTALS).then_some(Start::Run(start, Style::Octal))
    });
    match first {
        None => Ok(None),
        Some(Start::Found(found)) => Ok(Some(found)),
        Some(Start::Run(start, style)) => backslashes(text, start, style),
    }
}

/// Lines of octal escapes from line `first` on, as `sed -n l` prints and wraps whatever
/// there is, quotation marks and bencode too: bytes where they are BitTorrent for certain.
pub fn block(text: &Text<'_>, first: usize) -> Option<Found> {
    let line = text.line(first)?;
    let start = line.start + margin(&text.text[line.clone()]);
    if text.escapes.covers(start) {
        return None;
    }
    let row = |line: &Range<usize>| text.text[line.clone()].trim_end();
    let lines = (first..).map_while(|line| text.line(line));
    let lines = lines.take_while(|line| row(line).ends_with(['\\', '$']));
    let prove = |last: Range<usize>| {
        let span = start..last.start + row(&last).len();
        let run = text.text.get(span.clone())?.strip_suffix('$')?;
        let found = escapes(text, start, run, Style::Octal).ok()?;
        let is_octal = run.contains("\\0");
        (is_octal && proof::is_known(&found.bytes)).then_some(Found { span, ..found })
    };
    // The shortest first: of many messages, a line each, every line is read once.
    let shortest = lines.clone().find(|line| row(line).ends_with('$'));
    let shortest = shortest.and_then(prove);
    if shortest
        .as_ref()
        .is_some_and(|found| !proof::is_open(&found.bytes))
    {
        return shortest;
    }
    let whole = lines.last()?;
    let end = whole.end;
    let found = prove(whole);
    if found.is_none() {
        text.escapes.reach(end);
    }
    found.or(shortest)
}

/// What begins where a mark stands.
enum Start {
    Found(Found),
    Run(usize, Style),
}

fn backslashes(text: &Text<'_>, start: usize, style: Style) -> Result<Option<Found>, Broken> {
    let line = text.line(text.line_of(start)).unwrap_or_default();
    let before = text.text.get(line.start..start).unwrap_or_default();
    let rest = text.text[start..line.end].trim_end();
    // Where nothing else stands in the line, blanks are bytes too.
    let is_line = before.trim().is_empty() || before.trim_end().ends_with([':', '=', '>']);
    let is_line = is_line && !has_quote(rest);
    let end = if is_line {
        rest.len()
    } else {
        let end = rest.find(|c: char| c.is_whitespace() || "\"'`".contains(c));
        end.unwrap_or(rest.len())
    };
    let mut run = &rest[..end];
    if style == Style::Octal {
        let length = is_line.then(|| continued(text, start)).flatten();
        let whole = length.and_then(|length| text.text.get(start..start + length));
        let needs_proof = whole.is_none() && !(is_line && is_of_sed(run));
        run = without_end(whole.unwrap_or(run), indent(text, start), needs_proof);
    }
    if style == Style::Hex && run.matches("\\x").count() == 1 {
        return Ok(stream(start, run));
    }
    let found = escapes(text, start, run, style).map_err(Broken::at(start))?;
    Ok(Some(found))
}

/// Length of a run that goes on in the next lines, each of which ends in a `\\`, as `sed -n
/// l` wraps what it prints.
fn continued(text: &Text<'_>, start: usize) -> Option<usize> {
    let first = text.line_of(start);
    let is_open = |line: &Range<usize>| {
        let row = text.text[line.clone()].trim_end_matches('\r');
        let marks = row.len() - row.trim_end_matches('\\').len();
        marks % 2 == 1
    };
    let lines = (first..).map_while(|line| text.line(line));
    let count = lines.take_while(is_open).count();
    let last = first + count;
    // The last one may be open too.
    let end = text
        .line(last)
        .or_else(|| text.line(last.checked_sub(1)?))?
        .end;
    (count > 0).then(|| end - start)
}

/// What stands before a run in its line, if that is only what quotes it.
fn indent<'t>(text: &Text<'t>, start: usize) -> &'t str {
    let line = text.line(text.line_of(start)).unwrap_or_default();
    let is_margin = line.start + margin(&text.text[line.clone()]) == start;
    let before = text.text.get(line.start..start);
    before.filter(|_| is_margin).unwrap_or_default()
}

/// Drops the `$` that `sed` puts at the end of what it prints; of a single line only where
/// what is before it is BitTorrent for certain.
pub fn without_end<'r>(run: &'r str, indent: &str, needs_proof: bool) -> &'r str {
    let Some(inner) = run.trim_end().strip_suffix('$') else {
        return run;
    };
    let is_proven = || {
        let mut bytes = Vec::new();
        push_escapes(inner, Style::Octal, indent, |byte, _| bytes.push(byte)).is_ok()
            && proof::is_known(&bytes)
    };
    if needs_proof && !is_proven() {
        run
    } else {
        inner
    }
}

/// Characters of a line of `sed -n l`, at most: it wraps a longer one.
const SED_LINE: usize = 70;

/// Whether a line is one of `sed -n l`: short enough, and all digits of each number are
/// there.
pub fn is_of_sed(run: &str) -> bool {
    let is_digit = |c: char| matches!(c, '0'..='7');
    let mut escapes = run
        .split('\\')
        .skip(1)
        .filter(|after| after.starts_with(is_digit));
    let is_whole = |after: &str| {
        after
            .chars()
            .take(OCTAL_DIGITS)
            .filter(|c| is_digit(*c))
            .count()
            == OCTAL_DIGITS
    };
    run.len() < SED_LINE && escapes.all(is_whole)
}

/// Whether a quotation mark stands in a text without a `\` before it.
pub fn has_quote(text: &str) -> bool {
    let mut marks = text.match_indices(['"', '\'', '`']);
    marks.any(|(at, _)| !text[..at].ends_with('\\'))
}

fn stream(start: usize, run: &str) -> Option<Found> {
    let digits = run.get(2..)?;
    if digits.len() < STREAM || !cells::is_group(digits) {
        return None;
    }
    let mut found = Found::new(Form::Escaped, start);
    for (index, pair) in digits.as_bytes().chunks_exact(2).enumerate() {
        found.push(cells::byte(pair), start + 2 + 2 * index);
    }
    found.span.end = start + run.len();
    Some(found)
}

/// Reads a run; characters that are not escaped are themselves.
fn escapes(text: &Text<'_>, start: usize, run: &str, style: Style) -> Result<Found, Fault> {
    let mut found = Found::new(Form::Escaped, start);
    push_escapes(run, style, indent(text, start), |byte, at| {
        found.push(byte, start + at);
    })
    .map_err(|at| text.fault(start + at, Reason::Escape))?;
    found.span.end = start + run.len();
    Ok(found)
}

/// Gives each byte of a run and where it stands; or where an escape is none.
pub fn push_escapes(
    run: &str,
    style: Style,
    indent: &str,
    mut push: impl FnMut(u8, usize),
) -> Result<(), usize> {
    let mut at = 0;
    while let Some(character) = run[at..].chars().next() {
        let rest = &run[at..];
        let escape = style.read(rest).or_else(|| {
            let is_broken = style == Style::Hex && rest.starts_with("\\x");
            let other = || letter(rest).or_else(|| Style::Octal.read(rest));
            (!is_broken).then(other)?
        });
        if let Some((byte, length)) = escape {
            push(byte, at);
            at += length;
        } else if let Some((byte, length)) = line_end(rest, indent) {
            if let Some(byte) = byte {
                push(byte, at);
            }
            at += length;
        } else if rest.starts_with("\\x") && style == Style::Hex {
            return Err(at);
        } else {
            let length = character.len_utf8();
            for byte in rest[..length].bytes() {
                push(byte, at);
            }
            at += length;
        }
    }
    Ok(())
}

/// What stands for the end of a line in a run of several: nothing where it goes on in the
/// next one, behind a `\`; a byte behind the `$` of `sed`. With the length, that of what
/// stands before each line included.
fn line_end(rest: &str, indent: &str) -> Option<(Option<u8>, usize)> {
    let after = rest.strip_prefix(['\\', '$'])?;
    let after = after
        .strip_prefix('\r')
        .unwrap_or(after)
        .strip_prefix('\n')?;
    let after = after.strip_prefix(indent).unwrap_or(after);
    let byte = rest.starts_with('$').then_some(b'\n');
    Some((byte, rest.len() - after.len()))
}

/// The byte that a text begins with one escape of, and its length.
pub fn one(rest: &str) -> Option<(u8, usize)> {
    let read = |style: Style| style.read(rest);
    read(Style::Hex)
        .or_else(|| letter(rest))
        .or_else(|| read(Style::Octal))
}

/// `\r` and the like between escapes with digits.
fn letter(rest: &str) -> Option<(u8, usize)> {
    let byte = match rest.strip_prefix('\\')?.chars().next()? {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'v' => 11,
        '\\' => b'\\',
        '\'' => b'\'',
        '"' => b'"',
        _ => return None,
    };
    Some((byte, 2))
}

/// Where the value begins that has the sign at `mark`, at `from` or later.
fn value_start(text: &Text<'_>, from: usize, mark: usize) -> usize {
    from + text.text[from..mark].trim_end_matches(is_value).len()
}

/// Whether a character stands in a value of a URL.
pub fn is_value(c: char) -> bool {
    c.is_ascii_alphanumeric() || "%-_.~+".contains(c)
}

/// Length of what stands in one value of a URL.
fn percent_run(rest: &str) -> usize {
    rest.find(|c| !is_value(c)).unwrap_or(rest.len())
}

/// Bytes that are percent-encoded, if some are none of a text.
fn percents(start: usize, run: &str) -> Option<Found> {
    let run = run.trim_end_matches('.');
    let mut found = Found::new(Form::Escaped, start);
    let (mut at, mut count, mut is_binary) = (0, 0, false);
    while let Some(character) = run[at..].chars().next() {
        if let Some((byte, length)) = Style::Percent.read(&run[at..]) {
            found.push(byte, start + at);
            is_binary |= !matches!(byte, b' '..=b'~' | b'\r' | b'\n');
            count += 1;
            at += length;
        } else if character == '%' {
            return None;
        } else {
            let byte = if character == '+' {
                b' '
            } else {
                character as u8
            };
            found.push(byte, start + at);
            at += 1;
        }
    }
    found.span.end = start + run.len();
    (count >= PERCENTS && is_binary).then_some(found)
}
