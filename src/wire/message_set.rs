//! Sets of messages, as masks: for each protocol its topics.

use super::message_type::{MessageType, Topic};
use super::protocol::Protocol;

/// Which messages somebody wants: those of some topics, protocol by protocol.
/// Whether a message is among them costs one look at a mask.
///
/// ```
/// use peerscope::wire::{MessageSet, Protocol, Topic};
/// use peerscope::wire::peer::types::{CHOKE, PIECE};
///
/// let pieces = MessageSet::NONE.with_topic(Protocol::Peer, Topic::Delivery);
/// assert!(pieces.contains(&PIECE) && !pieces.contains(&CHOKE));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageSet([u16; Protocol::ALL.len()]);

impl MessageSet {
    /// All messages of all protocols, and the holes.
    pub const ALL: Self = Self([u16::MAX; Protocol::ALL.len()]);

    /// None.
    pub const NONE: Self = Self([0; Protocol::ALL.len()]);

    /// This, and all messages of a protocol.
    #[must_use]
    pub const fn with(mut self, protocol: Protocol) -> Self {
        self.0[protocol as usize] = u16::MAX;
        self
    }

    /// This, and the messages of a protocol that are about `topic`.
    #[must_use]
    pub const fn with_topic(mut self, protocol: Protocol, topic: Topic) -> Self {
        self.0[protocol as usize] |= 1 << topic as u16;
        self
    }

    /// What is in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let mut masks = self.0;
        for (mask, other) in masks.iter_mut().zip(other.0) {
            *mask |= other;
        }
        Self(masks)
    }

    /// Whether a message is in it.
    #[inline]
    pub const fn contains(&self, message: &MessageType) -> bool {
        self.0[message.protocol as usize] >> message.topic as u16 & 1 == 1
    }
}

impl Default for MessageSet {
    fn default() -> Self {
        Self::ALL
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue;
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        for wanted in catalogue::messages() {
            let set = MessageSet::NONE.with_topic(wanted.protocol, wanted.topic);
            for message in catalogue::messages() {
                let is_alike = (message.protocol, message.topic) == (wanted.protocol, wanted.topic);
                assert_eq!(set.contains(message), is_alike, "{}", message.name);
                assert!(MessageSet::ALL.contains(message) && !MessageSet::NONE.contains(message));
            }
            let protocol = MessageSet::NONE.with(wanted.protocol);
            assert_eq!(set.union(protocol), protocol);
        }
    }
}
