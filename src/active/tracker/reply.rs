//! What a tracker replies.

use std::net::SocketAddr;

/// A longer text of a tracker is cut to this.
const MAX_TEXT_CHARACTERS: usize = 200;

/// What a tracker replies to an announce.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    /// Seconds to the next announce.
    pub(super) interval: Option<u64>,
    /// Seconds to the next announce at the earliest.
    pub(super) min_interval: Option<u64>,
    /// The tracker id, to be sent with all further announces (BEP 3).
    pub(super) tracker_id: Option<Vec<u8>>,
    pub(super) warning: Option<String>,
    pub(super) peers: Vec<SocketAddr>,
}

/// A text of a tracker, on one line and not too long.
pub(super) fn one_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_TEXT_CHARACTERS)
        .collect()
}
