//! What all messages of the extension protocol begin with.

use crate::wire::peer::MessageId;
use crate::wire::peer::types::{ID, LENGTH_PREFIX};
use crate::wire::{Field, Kind, Lengths, Member, MessageType, Protocol, Topic};

pub(super) static EXTENDED_ID: Field = Field::new(
    "extended_id",
    Kind::Enum(id_name),
    "Which extension: 0 is the handshake, any other the id that the receiver announced.",
);

/// What an extended message begins with.
pub(super) static HEAD: &[Member] = &[
    Member::Field(&LENGTH_PREFIX),
    Member::Field(&ID),
    Member::Field(&EXTENDED_ID),
];

/// A message of the extension protocol that stands under a name of its own.
pub(super) const fn message(name: &'static str, topic: Topic) -> MessageType {
    MessageType::new(Protocol::Peer, name, topic)
        .id(MessageId::EXTENDED.0)
        .lengths(Lengths::AtLeast(1 + 1))
}

fn id_name(id: u64) -> Option<&'static str> {
    (id == 0).then_some("handshake")
}
