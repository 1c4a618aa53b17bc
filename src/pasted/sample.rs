//! What was pasted, and what is known of it.

/// Bytes that were pasted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample<'b> {
    /// The bytes.
    pub bytes: &'b [u8],
    /// More followed.
    pub is_cut: bool,
    /// How many more, where that is known.
    pub missing: Option<u64>,
    /// The words before them, such as the name of a variable.
    pub label: &'b str,
}

impl<'b> Sample<'b> {
    /// Bytes without anything else known of them.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    /// The bytes from `at` on.
    pub(super) fn from(&self, at: usize) -> Self {
        Self {
            bytes: &self.bytes[at..],
            ..*self
        }
    }

    /// How many bytes there were, as far as known.
    pub(super) fn length(&self) -> usize {
        let missing = usize::try_from(self.missing.unwrap_or(0));
        let missing = missing.unwrap_or(usize::MAX).min(MAX_MISSING);
        self.bytes.len() + missing
    }
}

/// More missing bytes than this are not told: offsets in a message are 32 bits.
const MAX_MISSING: usize = 1 << 30;
