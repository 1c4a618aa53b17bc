//! Holes in what could be decoded.

use std::fmt;

use crate::flow::GapCause;
use crate::wire::words::Count;

/// Bytes that could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// Bytes that are not in the capture; `None` where their number is unknown
    /// (a lost uTP packet).
    pub missing: Option<u64>,
    /// Bytes that are in the capture and were passed over on the way to the next
    /// message boundary.
    pub skipped: u64,
    /// Why bytes are missing, if any are.
    pub cause: Option<GapCause>,
    /// All of them belong to one message, which will be told as incomplete.
    pub within_message: bool,
    /// They are less than a length prefix, and their sender stopped there.
    pub at_end: bool,
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nothing_missing = self.missing == Some(0);
        match self.missing {
            Some(0) => {}
            Some(missing) => Count(missing, "byte").fmt(f)?,
            None => f.write_str("an unknown number of bytes")?,
        }
        match self.cause {
            _ if nothing_missing => {}
            Some(GapCause::Snaplen) => f.write_str(" cut off by the snaplen")?,
            _ => f.write_str(" not in the capture")?,
        }
        if self.skipped > 0 {
            let separator = if nothing_missing { "" } else { ", " };
            let skipped = Count(self.skipped, "byte");
            let what = if self.at_end {
                "behind the last message"
            } else {
                "out of step passed over"
            };
            write!(f, "{separator}{skipped} {what}")?;
        }
        Ok(())
    }
}
