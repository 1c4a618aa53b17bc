//! How much of the page a part may take: the page stays below 2 MB whatever the
//! capture is.

use maud::Markup;

/// What is left for a part, in bytes.
#[derive(Debug)]
pub struct Room {
    left: usize,
    /// How many things did not fit.
    left_out: u64,
}

impl Room {
    /// Room for so many bytes, of which this is one of `parts` equal shares.
    pub fn new(bytes: usize, parts: usize) -> Self {
        Self {
            left: bytes / parts.max(1),
            left_out: 0,
        }
    }

    /// What `write` writes, if it fits; where one thing did not, smaller ones that
    /// come later do not either, so that nothing is missing in between.
    pub fn take(&mut self, write: impl FnOnce() -> Markup) -> Option<Markup> {
        if self.left_out > 0 {
            self.left_out += 1;
            return None;
        }
        let markup = write();
        let length = markup.0.len();
        if let Some(left) = self.left.checked_sub(length) {
            self.left = left;
            return Some(markup);
        }
        self.left_out += 1;
        None
    }

    /// How many things did not fit.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}
