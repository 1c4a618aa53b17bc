//! Rows that `diff -u` compares: those behind `-` are of the first side, those behind `+` of
//! the second, those behind a blank of both. Each side is a dump of its own.

use super::dump::Dump;
use super::form::Form;
use super::position::Position;
use super::text::Text;

/// Forms of rows.
const ROWS: [Form; 8] = [
    Form::Hex,
    Form::Rows,
    Form::Words,
    Form::BigWords,
    Form::Characters,
    Form::Octal,
    Form::Decimal,
    Form::Bits,
];

/// What stands before the rows, one of each side.
const MARKS: [char; 2] = ['-', '+'];

/// What the dump of each side is told as.
pub const NAMES: [&str; 2] = ["before (-):", "after (+):"];

/// Rows that are compared.
pub struct Hunk {
    /// The line behind the last one.
    pub end: usize,
    pub sides: [Side; 2],
}

/// One side.
pub struct Side {
    /// Its rows without their marks.
    pub text: String,
    /// Which line each is.
    lines: Vec<usize>,
}

/// The rows that begin in a line, if both sides have some of their own.
pub fn hunk(text: &Text<'_>, line: usize) -> Option<Hunk> {
    let start = text.line(line)?.start;
    let is_first = line
        .checked_sub(1)
        .is_none_or(|before| mark(text, before).is_none());
    if !is_first || text.diffs.covers(start) {
        return None;
    }
    let mut sides = [(); 2].map(|()| Side {
        text: String::new(),
        lines: Vec::new(),
    });
    let mut own = [0_usize; 2];
    let mut end = line;
    while let Some(mark) = mark(text, end) {
        let row = &text.line_text(end)[mark.len_utf8()..];
        for (index, side) in sides.iter_mut().enumerate() {
            if mark == ' ' || mark == MARKS[index] {
                side.text.push_str(row);
                side.text.push('\n');
                side.lines.push(end);
                own[index] += usize::from(mark != ' ');
            }
        }
        end += 1;
    }
    if own.contains(&0) {
        text.diffs
            .reach(text.line(end).map_or(text.text.len(), |span| span.start));
        return None;
    }
    Some(Hunk { end, sides })
}

/// The mark of a row; the names of the files have marks of their own.
fn mark(text: &Text<'_>, line: usize) -> Option<char> {
    let row = text.line_text(line);
    let is_name = row.starts_with("--- ") || row.starts_with("+++ ");
    let mark = row
        .chars()
        .next()
        .filter(|mark| *mark == ' ' || MARKS.contains(mark));
    mark.filter(|_| !is_name)
}

impl Side {
    /// Whether a dump is all of the rows.
    pub fn is_all(&self, dump: &Dump) -> bool {
        let mut lines: Vec<_> = dump.places.iter().map(|place| place.line).collect();
        lines.dedup();
        // The end alone may stand in the last one.
        ROWS.contains(&dump.form) && lines.len() + 1 >= self.lines.len()
    }

    /// Where a place of its text is in the whole one.
    pub fn place(&self, place: Position) -> Position {
        let line = self.lines.get(place.line - 1).map_or(0, |line| line + 1);
        Position {
            line,
            column: place.column + 1,
        }
    }
}
