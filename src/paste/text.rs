//! A text and the places in it.

use std::fmt;
use std::ops::Range;

use super::{Cut, Dump, Fault, Form, Reason};

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
}

impl Default for Position {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A text with its lines.
pub struct Text<'t> {
    pub text: &'t str,
    /// Without their line ends.
    lines: Vec<Range<usize>>,
}

impl<'t> Text<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end_matches(['\n', '\r']).len();
            lines.push(start..end);
            start += line.len();
        }
        Self { text, lines }
    }

    /// The span of line `index`, from 0; `None` after the last.
    pub fn line(&self, index: usize) -> Option<Range<usize>> {
        self.lines.get(index).cloned()
    }

    /// Line `index`; empty after the last.
    pub fn line_text(&self, index: usize) -> &'t str {
        self.lines
            .get(index)
            .map_or("", |line| &self.text[line.clone()])
    }

    /// The line that holds byte `at` of the text.
    pub fn line_of(&self, at: usize) -> usize {
        let after = self.lines.partition_point(|line| line.start <= at);
        after.saturating_sub(1)
    }

    /// What follows `at`.
    pub fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Where in the text byte `at` is.
    pub fn position(&self, at: usize) -> Position {
        let line = self.line_of(at);
        let start = self.lines.get(line).map_or(0, |line| line.start);
        let before = self.text.get(start..at).unwrap_or_default();
        Position {
            line: line + 1,
            column: before.chars().count() + 1,
        }
    }

    pub fn fault(&self, at: usize, reason: Reason) -> Fault {
        let at = self.position(at);
        Fault { at, reason }
    }
}

/// A dump that was found.
#[derive(Debug)]
pub struct Found {
    pub form: Form,
    /// What it covers of the text.
    pub span: Range<usize>,
    pub bytes: Vec<u8>,
    /// Offset in the text of each byte.
    pub offsets: Vec<usize>,
    pub cut: Option<Cut>,
}

/// A dump with a fault in it.
#[derive(Debug)]
pub struct Broken {
    /// Where it begins.
    pub start: usize,
    pub fault: Fault,
}

impl Broken {
    /// A fault in the dump that begins at `start`.
    pub fn at(start: usize) -> impl Fn(Fault) -> Self {
        move |fault| Self { start, fault }
    }
}

impl Found {
    pub fn new(form: Form, start: usize) -> Self {
        Self {
            form,
            span: start..start,
            bytes: Vec::new(),
            offsets: Vec::new(),
            cut: None,
        }
    }

    pub fn push(&mut self, byte: u8, at: usize) {
        self.bytes.push(byte);
        self.offsets.push(at);
    }

    /// The dump, with places instead of offsets. Offsets are in order but for
    /// swapped pairs, so that lines are walked once.
    pub fn into_dump(self, text: &Text<'_>, follows: bool) -> Dump {
        let mut places = Places::new(text, self.span.start);
        Dump {
            form: self.form,
            places: self.offsets.iter().map(|&at| places.of(at)).collect(),
            bytes: self.bytes,
            cut: self.cut,
            follows,
        }
    }
}

/// Finds the positions of rising offsets without counting a line twice.
struct Places<'x, 't> {
    text: &'x Text<'t>,
    line: usize,
    /// An offset in that line and its position.
    known: (usize, Position),
}

impl<'x, 't> Places<'x, 't> {
    fn new(text: &'x Text<'t>, start: usize) -> Self {
        let line = text.line_of(start);
        let known = (start, text.position(start));
        Self { text, line, known }
    }

    fn of(&mut self, at: usize) -> Position {
        let line = if at >= self.known.0 && text_end(self.text, self.line) >= at {
            self.line
        } else {
            self.text.line_of(at)
        };
        if line != self.line || at < self.known.0 {
            self.line = line;
            self.known = (at, self.text.position(at));
        } else {
            let between = self.text.text.get(self.known.0..at).unwrap_or_default();
            self.known.1.column += between.chars().count();
            self.known.0 = at;
        }
        self.known.1
    }
}

fn text_end(text: &Text<'_>, line: usize) -> usize {
    text.line(line).map_or(0, |line| line.end)
}
