//! Who gave the data and who got it.

use crate::flow::Side;

/// What a peer does in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Gets the data, or most of it.
    Downloader = 0,
    /// Gives it.
    Uploader = 1,
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Downloader, Self::Uploader];

    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Downloader => "downloader",
            Self::Uploader => "uploader",
        }
    }

    /// The role of an end of session 0 or 1.
    pub(super) fn of(sides: [[Side; 2]; 2], session: usize, side: Side) -> Self {
        if sides[0][session] == side {
            Self::Downloader
        } else {
            Self::Uploader
        }
    }
}
