//! Dumps as the forms give them, with offsets in the text.

use std::ops::Range;

use super::dump::{Cut, Dump, Gap, Missing};
use super::fault::Fault;
use super::form::Form;
use super::position::Position;
use super::text::Text;

/// A byte and where it stands.
pub type PlacedByte = (u8, usize);

/// A value that is not among the bytes.
#[derive(Debug)]
pub struct Absent {
    pub at: usize,
    /// The keys that lead to it.
    pub path: String,
    pub missing: Missing,
}

impl Absent {
    fn into_gap(self, text: &Text<'_>) -> Gap {
        Gap {
            place: text.position(self.at),
            path: self.path,
            missing: self.missing,
        }
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
    /// How many of the bytes are not written but are the same again.
    pub repeated: usize,
    pub cut: Option<Cut>,
    /// Where bytes were lost before they were printed.
    pub breaks: Option<usize>,
    /// Where rows are the same again, and nothing says how many.
    pub repeats: Option<usize>,
    /// Up to where the text belongs to it, though not all of that could be read: no other
    /// dump begins before.
    pub until: usize,
    /// What an object has and does not print, and what was damaged.
    pub absent: Vec<Absent>,
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
            repeated: 0,
            cut: None,
            breaks: None,
            repeats: None,
            until: start,
            absent: Vec::new(),
        }
    }

    pub fn push(&mut self, byte: u8, at: usize) {
        self.bytes.push(byte);
        self.offsets.push(at);
    }

    /// Keeps the first `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.offsets.truncate(length);
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
            gaps: self
                .absent
                .into_iter()
                .map(|absent| absent.into_gap(text))
                .collect(),
            breaks: self.breaks.map(|at| text.position(at)),
            repeats: self.repeats.map(|at| text.position(at)),
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
