//! A version in a few bytes, without an allocation.

use std::fmt::{self, Write as _};

/// Longest version kept; the longest real one has 11 characters.
const CAPACITY: usize = 22;

/// The text of a version; empty when a client does not tell it.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Version {
    text: [u8; CAPACITY],
    length: u8,
}

impl Version {
    /// No version.
    pub(super) const NONE: Self = Self {
        text: [0; CAPACITY],
        length: 0,
    };

    /// The formatted text; no version if it is too long.
    pub(super) fn format(arguments: fmt::Arguments<'_>) -> Self {
        let mut version = Self::NONE;
        match version.write_fmt(arguments) {
            Ok(()) => version,
            Err(fmt::Error) => Self::NONE,
        }
    }

    /// Decimal numbers with dots between them.
    pub(super) fn dotted(numbers: &[u8]) -> Self {
        let mut version = Self::NONE;
        for (index, number) in numbers.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            if write!(version, "{dot}{number}").is_err() {
                return Self::NONE;
            }
        }
        version
    }

    /// The text, if there is one.
    pub(super) fn text(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.text[..usize::from(self.length)]).ok()?;
        (!text.is_empty()).then_some(text)
    }
}

impl fmt::Write for Version {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = usize::from(self.length);
        let end = start + text.len();
        let free = self.text.get_mut(start..end).ok_or(fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.length = end as u8;
        Ok(())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

/// The value of a version character: `0`-`9`, then `A` = 10, then `a` = 36.
pub(super) fn base62(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'A'..=b'Z' => Some(character - b'A' + 10),
        b'a'..=b'z' => Some(character - b'a' + 36),
        _ => None,
    }
}
