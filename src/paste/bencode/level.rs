//! The lists and dictionaries that are open while a value is read.

use std::ops::Range;

/// What is due within a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Item,
    Key,
    /// The value of a key.
    Value,
}

impl Due {
    /// What is due after this.
    pub fn next(self) -> Self {
        match self {
            Self::Item => Self::Item,
            Self::Key => Self::Value,
            Self::Value => Self::Key,
        }
    }
}

/// A list or a dictionary that is open.
#[derive(Debug, Clone)]
pub struct Level {
    pub due: Due,
    /// Where the item or the key under way begins, among the bytes.
    pub start: usize,
    /// The last key of the dictionary; of a list, that of the one around it.
    pub key: Range<usize>,
    /// The first string of the entry that is damaged.
    pub damage: Option<Damage>,
}

impl Level {
    /// The key among the bytes, if it is one of this dictionary, and its value is under way.
    pub fn own_key(&self) -> Option<Range<usize>> {
        let is_own = self.due != Due::Item && self.key.start >= self.start;
        is_own.then(|| self.key.clone())
    }
}

/// A damaged string.
#[derive(Debug, Clone, Copy)]
pub struct Damage {
    /// Where it is damaged first, in the text.
    pub at: usize,
    /// Bytes that were lost.
    pub lost: usize,
    /// Bytes that it had.
    pub length: usize,
}
