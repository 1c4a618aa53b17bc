//! What a message is, whatever it says: its name, id, BEP, legal lengths and
//! fields, as a `static` beside its dissector. The [`catalogue`](super::catalogue)
//! lists all of them.

use super::bencode::Table;
use super::field::Field;
use super::protocol::Protocol;

/// A message of a protocol.
#[derive(Debug)]
pub struct MessageType {
    /// The protocol that it belongs to.
    pub protocol: Protocol,
    /// Its name, the key `message` of a record.
    pub name: &'static str,
    /// What it is about.
    pub topic: Topic,
    /// The id byte of the peer wire; `None` where a message has none.
    pub id: Option<u8>,
    /// The BEP that defines it; `None` for what stands in no BEP.
    pub bep: Option<u16>,
    /// The lengths that it can have: on the peer wire as its length prefix counts
    /// them, else of the whole message.
    pub lengths: Lengths,
    /// Its fields, in the order of the wire where that is fixed.
    pub members: &'static [Member],
}

impl MessageType {
    /// A message without an id, of any length, without fields, in no BEP.
    pub const fn new(protocol: Protocol, name: &'static str, topic: Topic) -> Self {
        Self {
            protocol,
            name,
            topic,
            id: None,
            bep: None,
            lengths: Lengths::Any,
            members: &[],
        }
    }

    /// This, defined by a BEP.
    pub const fn bep(self, bep: u16) -> Self {
        Self {
            bep: Some(bep),
            ..self
        }
    }

    /// This, with an id of the peer wire.
    pub const fn id(self, id: u8) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// This, with these lengths.
    pub const fn lengths(self, lengths: Lengths) -> Self {
        Self { lengths, ..self }
    }

    /// This, with these fields.
    pub const fn members(self, members: &'static [Member]) -> Self {
        Self { members, ..self }
    }
}

/// Messages are compared by their identity: each is a `static` of its own.
impl PartialEq for MessageType {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for MessageType {}

/// What a message is about. Views colour by it, comparisons group by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// How the peers begin: handshakes, what each of them can do, keep-alives.
    Setup,
    /// Choke and interest.
    Stance,
    /// What the sender has.
    Availability,
    /// Something is asked for, or no longer.
    Request,
    /// What was asked for.
    Delivery,
    /// What was asked for will not come.
    Refusal,
    /// Peers, nodes, trackers.
    Discovery,
    /// The packets below a stream.
    Transport,
    /// A meaning that is not known, and holes.
    Unknown,
}

/// The lengths that a message can have, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lengths {
    /// Any.
    Any,
    /// Always this one.
    Exactly(u32),
    /// This one or more.
    AtLeast(u32),
    /// A head, and records behind it.
    Records {
        /// Bytes of the head.
        head: u32,
        /// Bytes of a record.
        record: u32,
    },
}

impl Lengths {
    /// Whether a message can be this long.
    pub fn fits(self, length: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(only) => length == u64::from(only),
            Self::AtLeast(least) => length >= u64::from(least),
            Self::Records { head, record } => length
                .checked_sub(u64::from(head))
                .is_some_and(|rest| rest.is_multiple_of(u64::from(record))),
        }
    }
}

/// A part of a message, as the catalogue lists it.
#[derive(Debug)]
pub enum Member {
    /// A field.
    Field(&'static Field),
    /// A field that holds others: a list, or a record.
    Group(&'static Field, &'static [Member]),
    /// The keys of a bencoded dictionary, which are fields of the message.
    Keys(&'static Table),
    /// Fields, one after the other.
    Fields(&'static [Field]),
    /// Fields that several messages share.
    Shared(&'static [Member]),
    /// A fact that is derived from the message or from its conversation, and has
    /// no bytes of its own.
    Fact(&'static Field),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_exact_least_or_of_records() {
        let hashes = Lengths::Records {
            head: 49,
            record: 32,
        };
        for (lengths, fits, does_not) in [
            (Lengths::Any, vec![0, 1, u64::MAX], vec![]),
            (Lengths::Exactly(5), vec![5], vec![0, 4, 6]),
            (Lengths::AtLeast(9), vec![9, 10, u64::MAX], vec![0, 8]),
            (hashes, vec![49, 81, 113], vec![0, 17, 48, 50, 80]),
        ] {
            assert!(fits.into_iter().all(|length| lengths.fits(length)));
            assert!(!does_not.into_iter().any(|length| lengths.fits(length)));
        }
    }
}
