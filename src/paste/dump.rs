//! Bytes found in a text.

use super::form::Form;
use super::position::Position;

/// A dump says that it does not show all bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// How many follow, where it says that too.
    pub missing: Option<u64>,
}

/// Why a value is not among the bytes of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// It is not printed; this stands for it: `[Object]`, `...`.
    Unprinted(String),
    /// It was damaged before it was printed: a console does not show all bytes.
    Damaged {
        /// How many of its bytes were lost.
        lost: usize,
        /// How many it had.
        length: usize,
    },
}

/// A value that is not among the bytes of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Where it would be, or where it is damaged first.
    pub place: Position,
    /// The keys that lead to it.
    pub path: String,
    /// Why it is missing.
    pub missing: Missing,
}

/// Bytes found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    /// How they were written.
    pub form: Form,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where each was.
    pub(super) places: Vec<Position>,
    /// Whether more bytes followed.
    pub cut: Option<Cut>,
    /// What an object does not print, and what was damaged.
    pub gaps: Vec<Gap>,
    /// Where bytes were lost before they were printed: a console does not show all.
    pub breaks: Option<Position>,
    /// Where it says that rows are the same again, and nothing says how many: the bytes
    /// are those before it.
    pub repeats: Option<Position>,
    /// Nothing but words, and no empty line, stand between this dump and the one
    /// before: the two may be parts of one.
    pub follows: bool,
}

impl Dump {
    /// Bytes that come from no text.
    pub fn raw(bytes: Vec<u8>) -> Self {
        Self {
            form: Form::Raw,
            bytes,
            places: Vec::new(),
            cut: None,
            gaps: Vec::new(),
            breaks: None,
            repeats: None,
            follows: false,
        }
    }

    /// Where byte `index` is in the text. The end of the dump, and all of a raw
    /// one, is where its last known byte is.
    pub fn place(&self, index: usize) -> Position {
        let place = self.places.get(index).or(self.places.last());
        place.copied().unwrap_or_default()
    }

    /// The same in another text, where each place is another one.
    pub(super) fn moved(self, place: impl Fn(Position) -> Position) -> Self {
        let gap = |gap: Gap| Gap {
            place: place(gap.place),
            ..gap
        };
        Self {
            places: self.places.into_iter().map(&place).collect(),
            gaps: self.gaps.into_iter().map(gap).collect(),
            breaks: self.breaks.map(&place),
            repeats: self.repeats.map(&place),
            ..self
        }
    }

    /// Adds the bytes of a dump that goes on where this one ends.
    pub fn append(&mut self, next: Self) {
        self.bytes.extend(next.bytes);
        self.places.extend(next.places);
        self.cut = next.cut;
        self.breaks = self.breaks.or(next.breaks);
        self.repeats = self.repeats.or(next.repeats);
    }
}
