//! What the user of the trackers hears of them.

use std::net::SocketAddr;

/// What a tracker has said.
#[derive(Debug)]
pub struct Answer {
    /// Which tracker.
    pub url: String,
    /// What it has said, or why it has not.
    pub news: News,
}

/// News of a tracker. Texts are one line. A warning or a failure that repeats
/// itself is told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It names these peers.
    Peers(Vec<SocketAddr>),
    /// It has something to say to the user.
    Warning(String),
    /// It cannot be reached, or refuses.
    Failure(String),
}
