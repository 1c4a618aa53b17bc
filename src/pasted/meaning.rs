//! What a stretch of bytes means.

use std::fmt;

use crate::wire::extension::Extended;
use crate::wire::{Message, Protocol};

/// What a stretch of bytes means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning<'b> {
    /// A message.
    Message(Message<'b>),
    /// The payload of an extended message.
    Extended(Box<Extended<'b>>),
    /// Anything else, in words of our own and text of the bytes.
    Other {
        /// Its protocol, as JSON has it.
        protocol: &'static str,
        /// Its name, as JSON has it.
        name: &'static str,
        /// It, in a line.
        summary: String,
    },
}

impl Meaning<'_> {
    /// The protocol, as JSON has it.
    pub fn protocol(&self) -> &'static str {
        match self {
            Self::Message(message) => message.message_type().protocol.name(),
            Self::Extended(_) => Protocol::Peer.name(),
            Self::Other { protocol, .. } => protocol,
        }
    }

    /// The message's name, as JSON has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message(message) => message.name(),
            Self::Extended(extended) => extended.message_name(),
            Self::Other { name, .. } => name,
        }
    }

    /// Whether its meaning is a guess by its content.
    pub fn is_inferred(&self) -> bool {
        match self {
            // A pasted reply of the DHT never has its query beside it, so that is not
            // said each time.
            Self::Message(Message::Peer(message)) => message.is_inferred(),
            Self::Extended(extended) => extended.inferred,
            _ => false,
        }
    }
}

impl fmt::Display for Meaning<'_> {
    /// A line; may hold text of the bytes as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => message.fmt(f),
            Self::Extended(extended) => extended.fmt(f),
            Self::Other { summary, .. } => f.write_str(summary),
        }
    }
}
