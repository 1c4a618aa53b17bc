//! What trackers have answered, for their user.

use std::net::SocketAddr;

/// What a tracker has said.
#[derive(Debug)]
pub struct Answer {
    /// Which tracker.
    pub url: String,
    /// What it has answered, or why it has not.
    pub news: News,
}

/// What is reported of a tracker. Texts are one line. A warning or a failure is reported
/// once, not again while it stays the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It names these peers.
    Peers(Vec<SocketAddr>),
    /// It has sent a warning.
    Warning(String),
    /// It cannot be reached, or has refused the announce.
    Failure(String),
}
