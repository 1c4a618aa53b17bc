//! What a message of an HTTP tracker is for.

use crate::wire::message_type::{MessageType, Topic};
use crate::wire::protocol::Protocol;

/// A message between a client and an HTTP tracker.
pub(super) const fn message(name: &'static str, topic: Topic) -> MessageType {
    MessageType::new(Protocol::HttpTracker, name, topic)
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The client is a peer and wants others.
    Announce,
    /// The client wants counts.
    Scrape,
}
