//! Where a jump began.

use crate::tui::listing::Choice;

/// Where one was: the message that was selected, and what was listed.
#[derive(Debug)]
pub(super) struct Whence {
    /// The message, by its number.
    pub number: u64,
    /// What was listed.
    pub choice: Choice,
    /// The text of the filter.
    pub filter: String,
    /// It was shown as a conversation.
    pub follows: bool,
}
