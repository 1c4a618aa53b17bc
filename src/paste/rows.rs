//! Rows with an offset before each: `xxd`, `hexdump`, `od`, `tcpdump -X`,
//! Wireshark's hex dump, debuggers. Offsets say how many bytes a row has, so that
//! a column of characters behind them is not taken for hex.

use std::ops::Range;

use super::cells::{self, COLUMN_GAP, Cells, MAX_ROW, Stop};
use super::fault::{Fault, MAX_BYTES, Reason};
use super::form::Form;
use super::found::{Found, PlacedByte};
use super::text::Text;
use super::{chars, words};

/// Radixes of offsets, in the order in which they are tried.
const RADIXES: [u32; 3] = [16, 8, 10];

/// Bytes that most programs put in a row.
const USUAL_ROW: usize = 16;

/// The offset that a row begins with.
struct Head {
    /// Its value in each of [`RADIXES`].
    values: [Option<u64>; 3],
    /// How many digits it has.
    digits: usize,
    has_colon: bool,
    is_prefixed: bool,
    /// Where it begins in its line: the two sides of a conversation are told
    /// apart so.
    indent: usize,
    /// What follows in the line.
    body: Range<usize>,
}

/// How the bytes of a row are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hex,
    Words,
    OctalWords,
    Characters,
}

/// A dump in rows that begins with a line; `goes_on` where the line before is one
/// too.
pub fn find(text: &Text<'_>, first: usize, goes_on: bool) -> Result<Option<Found>, Fault> {
    let Some(head) = head(text, first) else {
        return Ok(None);
    };
    let Some(kind) = kind(text, &head) else {
        return Ok(None);
    };
    let mut rows = Rows {
        text,
        kind,
        radix: 0,
        width: 0,
        found: Found::new(form(kind), head.body.start),
    };
    rows.found.span.start = text.line(first).unwrap_or_default().start;
    let next = self::head(text, first + 1).filter(|next| belongs(text, kind, &head, next));
    match rows.radix_of(&head, next.as_ref()) {
        Some(radix) => rows.radix = radix,
        None if goes_on || stands_alone(text, kind, &head) => {}
        None => return Ok(None),
    }
    rows.read(first, head)?;
    Ok((!rows.found.bytes.is_empty()).then_some(rows.found))
}

fn form(kind: Kind) -> Form {
    match kind {
        Kind::Hex => Form::Rows,
        Kind::Words | Kind::OctalWords => Form::Words,
        Kind::Characters => Form::Characters,
    }
}

/// Reads the offset that a line begins with.
fn head(text: &Text<'_>, line: usize) -> Option<Head> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    // A row that was quoted in a mail or a report.
    let inner = row.trim_start_matches([' ', '\t']);
    let inner = inner.strip_prefix("> ").unwrap_or(inner);
    let inner = inner.trim_start_matches([' ', '\t']);
    let (is_prefixed, digits) = match inner.strip_prefix("0x") {
        Some(digits) => (true, digits),
        None => (false, inner),
    };
    let is_digit = |c: char| c.is_ascii_hexdigit() || c == '`';
    let length = digits.len() - digits.trim_start_matches(is_digit).len();
    let least = if is_prefixed { 1 } else { 4 };
    let number = digits[..length].replace('`', "");
    if !(least..=16).contains(&number.len()) {
        return None;
    }
    let after = &digits[length..];
    let has_colon = after.starts_with(':');
    let after = after.strip_prefix(':').unwrap_or(after);
    if !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    Some(Head {
        values: RADIXES.map(|radix| u64::from_str_radix(&number, radix).ok()),
        digits: number.len(),
        has_colon,
        is_prefixed,
        indent: row.len() - inner.len(),
        body: span.end - after.len()..span.end,
    })
}

/// How the bytes of a row are written, by its digits.
fn kind(text: &Text<'_>, head: &Head) -> Option<Kind> {
    let body = &text.text[head.body.clone()];
    let first = body.split_whitespace().next()?;
    let is_od = !head.has_colon && !head.is_prefixed && matches!(head.digits, 6 | 7);
    let is_octal = |token: &str| token.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let all = |width: usize| body.split_whitespace().all(|token| token.len() == width);
    match first.len() {
        4 if is_od && all(4) && cells::is_hex(first) => Some(Kind::Words),
        6 if is_od && all(6) && is_octal(first) => Some(Kind::OctalWords),
        2.. if first.len().is_multiple_of(2) && cells::is_hex(first) => Some(Kind::Hex),
        _ if is_od && chars::row(text, &head.body).is_some() => Some(Kind::Characters),
        _ => None,
    }
}

/// Whether a line goes on with rows of this kind, or ends them with an offset
/// alone.
fn belongs(text: &Text<'_>, kind: Kind, head: &Head, next: &Head) -> bool {
    let is_end = is_end(text, kind, next);
    let next_kind = self::kind(text, next);
    next.indent == head.indent && (is_end || next_kind == Some(kind) || kind == Kind::Characters)
}

/// Whether a line is an offset alone. A blank is a character in a dump of them.
fn is_end(text: &Text<'_>, kind: Kind, head: &Head) -> bool {
    let body = &text.text[head.body.clone()];
    body.trim().is_empty() && !(kind == Kind::Characters && body.len() >= chars::CELL)
}

/// Whether a row is one without others to compare its offset with.
fn stands_alone(text: &Text<'_>, kind: Kind, head: &Head) -> bool {
    let cells = cells::read(text, head.body.clone());
    let is_start = head.values[0] == Some(0);
    let aligned = head.values[0].is_some_and(|value| value.is_multiple_of(16));
    let count = cells::before_characters(text, &cells, head.body.end);
    let groups = &cells.groups[..count
        .unwrap_or_else(|| before_gap(&cells))
        .min(cells.groups.len())];
    let pairs = groups.iter().all(|group| group.span.len() == 2);
    let gap = cells.groups.first().map_or(0, |group| group.gap);
    match kind {
        Kind::Hex if head.has_colon => is_start || head.is_prefixed || head.digits >= 6,
        Kind::Hex => {
            let width = gap >= COLUMN_GAP || matches!(head.digits, 6 | 7);
            pairs && width && aligned && (is_start || groups.len() >= 4)
        }
        Kind::Words | Kind::OctalWords | Kind::Characters => is_start,
    }
}

struct Rows<'x, 't> {
    text: &'x Text<'t>,
    kind: Kind,
    /// Index in [`RADIXES`].
    radix: usize,
    /// Bytes of the longest row so far.
    width: usize,
    found: Found,
}

impl Rows<'_, '_> {
    /// The radix in which the offsets of two rows differ by the bytes of the
    /// first.
    fn radix_of(&self, head: &Head, next: Option<&Head>) -> Option<usize> {
        let next = next?;
        let most = self.most(head);
        let length = |radix: &usize| {
            let (this, next) = (head.values[*radix]?, next.values[*radix]?);
            usize::try_from(next.checked_sub(this)?).ok()
        };
        let exact = |radix: &usize| length(radix) == Some(most.0);
        let fits = |radix: &usize| length(radix).is_some_and(|n| n > 0 && n <= most.1);
        // A row that lacks bytes is found out later.
        let usual = |radix: &usize| length(radix) == Some(USUAL_ROW);
        let radixes = || 0..RADIXES.len();
        let radix = radixes().find(exact).or_else(|| radixes().find(fits));
        radix.or_else(|| radixes().find(usual))
    }

    /// Bytes that a row has by itself, and bytes that it may have at most.
    fn most(&self, head: &Head) -> (usize, usize) {
        let by_itself = self.row(head, None).map_or(0, |row| row.len());
        let most = match self.kind {
            Kind::Hex => {
                let cells = cells::read(self.text, head.body.clone());
                cells.size(cells.groups.len())
            }
            _ => by_itself,
        };
        (by_itself, most.max(by_itself))
    }

    fn read(&mut self, first: usize, head: Head) -> Result<(), Fault> {
        let mut line = first;
        let mut head = head;
        loop {
            let mut next_line = line + 1;
            let repeats = self.text.line_text(next_line).trim() == "*";
            next_line += usize::from(repeats);
            let next = self::head(self.text, next_line);
            let next = next.filter(|next| belongs(self.text, self.kind, &head, next));
            let due = next.as_ref().and_then(|next| self.length(&head, next));
            let due_here = if repeats { None } else { due };
            let row = self.row_of(&head, due_here)?;
            let length = row.len();
            self.width = self.width.max(length);
            for &(byte, at) in &row {
                self.found.push(byte, at);
            }
            self.found.span.end = head.body.end;
            let (Some(next), Some(due)) = (next, due) else {
                return Ok(());
            };
            if repeats {
                self.repeat(&row, due.saturating_sub(length), line + 1)?;
            } else if due != length {
                return Ok(());
            }
            self.found.span.end = next.body.end;
            if is_end(self.text, self.kind, &next) {
                return Ok(());
            }
            (line, head) = (next_line, next);
        }
    }

    /// Bytes between the offsets of two rows.
    fn length(&self, head: &Head, next: &Head) -> Option<usize> {
        let (this, next) = (head.values[self.radix]?, next.values[self.radix]?);
        usize::try_from(next.checked_sub(this)?)
            .ok()
            .filter(|length| *length > 0)
    }

    /// The bytes of a row of which the next offset says that it has `due`.
    fn row_of(&self, head: &Head, due: Option<usize>) -> Result<Vec<PlacedByte>, Fault> {
        let cells = cells::read(self.text, head.body.clone());
        let due = due.filter(|due| *due <= MAX_ROW);
        let row = self.row(head, due).unwrap_or_default();
        let found = row.len();
        if self.kind == Kind::Hex && due.is_none_or(|due| found < due) {
            check(self.text, &cells, found)?;
        }
        match due {
            // The next offset may be that of another dump.
            Some(due) if found < due && due <= self.width.max(USUAL_ROW) => {
                Err(self.text.fault(head.body.start, Reason::Row { found, due }))
            }
            _ => Ok(row),
        }
    }

    fn row(&self, head: &Head, due: Option<usize>) -> Option<Vec<PlacedByte>> {
        match self.kind {
            Kind::Hex => Some(hex(self.text, head, due)),
            Kind::Words => words::row(self.text, &head.body, 16, due),
            Kind::OctalWords => words::row(self.text, &head.body, 8, due),
            Kind::Characters => {
                let mut row = chars::row(self.text, &head.body)?;
                // Blanks at the end of a line get lost.
                let end = head.body.end;
                row.resize(due.unwrap_or(row.len()), (b' ', end));
                Some(row)
            }
        }
    }

    /// Adds `missing` bytes of the same again.
    fn repeat(&mut self, row: &[PlacedByte], missing: usize, line: usize) -> Result<(), Fault> {
        let at = self.text.line(line).unwrap_or_default().start;
        if missing > MAX_BYTES {
            return Err(self.text.fault(at, Reason::TooMany));
        }
        for &(byte, _) in row.iter().cycle().take(missing) {
            self.found.push(byte, at);
        }
        Ok(())
    }
}

/// The bytes of a row of hex: `due`, or those before the column of characters.
fn hex(text: &Text<'_>, head: &Head, due: Option<usize>) -> Vec<PlacedByte> {
    let cells = cells::read(text, head.body.clone());
    let count = cells::before_characters(text, &cells, head.body.end);
    let count = count.unwrap_or_else(|| before_gap(&cells));
    let mut row = Found::new(Form::Rows, head.body.start);
    for (index, group) in cells.groups.iter().enumerate() {
        if due.map_or(index >= count, |due| row.bytes.len() >= due) {
            break;
        }
        cells::push(&mut row, text, group);
    }
    let mut row: Vec<_> = row.bytes.into_iter().zip(row.offsets).collect();
    row.truncate(due.unwrap_or(MAX_ROW));
    row
}

/// Groups up to the first wide gap behind which is more than groups.
fn before_gap(cells: &Cells) -> usize {
    if matches!(cells.stop, Stop::End | Stop::Cut(_)) {
        return cells.groups.len();
    }
    // Eight pairs, a wide gap, eight more.
    let narrow = |gap: usize| gap <= COLUMN_GAP;
    let column = cells.groups.iter().skip(1);
    1 + column.take_while(|group| narrow(group.gap)).count()
}

/// Whether a row ends in a damaged byte instead of a column of characters.
fn check(text: &Text<'_>, cells: &Cells, found: usize) -> Result<(), Fault> {
    let Stop::Word(word, gap) = &cells.stop else {
        return Ok(());
    };
    if *gap >= COLUMN_GAP || cells.size(cells.groups.len()) != found {
        return Ok(());
    }
    let token = &text.text[word.clone()];
    Err(match token.find(|c: char| !c.is_ascii_hexdigit()) {
        Some(bad) => {
            let character = token[bad..].chars().next().unwrap_or(' ');
            text.fault(word.start + bad, Reason::NotHex(character))
        }
        None => text.fault(word.end - 1, Reason::OddDigits),
    })
}
