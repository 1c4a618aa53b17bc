//! Why words are no message.

/// Why words are no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {reason}")]
pub struct TextError {
    /// Which character, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

/// A fault, with its offset in the text.
#[derive(Debug)]
pub struct Fault {
    pub at: usize,
    pub reason: String,
}

impl Fault {
    pub fn new(at: usize, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { at, reason }
    }

    /// The fault with its place in `text`.
    pub fn in_text(self, text: &str) -> TextError {
        TextError {
            column: text[..self.at.min(text.len())].chars().count() + 1,
            reason: self.reason,
        }
    }
}

pub type Result<T, E = Fault> = std::result::Result<T, E>;
