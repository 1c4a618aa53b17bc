//! What bytes look like that are no message.

use super::meaning::{Decoded, Meaning};
use crate::wire::client::Client;
use crate::wire::words::{Count, ShortId};
use crate::wire::{Field, Kind as FieldKind, Reader, Sink, compact};

static BYTES: Field = Field::new("bytes", FieldKind::Bytes, "Bytes without a known meaning.");
static TEXT: Field = Field::new("text", FieldKind::Text, "Text without a known meaning.");
static ADDRESS: Field = Field::new("address", FieldKind::Address, "A compact address.");
static HASH: Field = Field::new("hash", FieldKind::Hash, "A hash.");
static PEER_ID: Field = Field::new("peer_id", FieldKind::PeerId, "A peer id.");
static UNCLAIMED: Field = Field::new(
    "trailing_bytes",
    FieldKind::Unclaimed,
    "Bytes that no field claims.",
);

/// What such bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LooseKind {
    Unknown,
    OutOfStep,
    Text,
    Address,
    Hash,
    PeerId,
}

impl LooseKind {
    fn field(self) -> &'static Field {
        match self {
            Self::Unknown => &BYTES,
            Self::OutOfStep => &UNCLAIMED,
            Self::Text => &TEXT,
            Self::Address => &ADDRESS,
            Self::Hash => &HASH,
            Self::PeerId => &PEER_ID,
        }
    }

    /// Bytes of this kind of which nothing more is said.
    pub fn decoded<'b>(self, length: usize) -> Decoded<'b> {
        self.describe(&[], length)
    }

    pub fn dissect<'b, S: Sink>(self, bytes: &'b [u8], length: usize, sink: &mut S) -> Decoded<'b> {
        Reader::new(bytes, length, sink).remainder(self.field());
        self.describe(bytes, length)
    }

    fn describe<'b>(self, bytes: &[u8], length: usize) -> Decoded<'b> {
        let count = Count(length as u64, "byte");
        let summary = match self {
            Self::Unknown => format!("{count} of no known meaning"),
            Self::OutOfStep => format!("{count} that are no message"),
            Self::Text => format!("text, {}", String::from_utf8_lossy(bytes)),
            Self::Address => match (compact::ip(bytes), compact::address(bytes)) {
                (Some(ip), _) => format!("address {ip}"),
                (None, Some(address)) => format!("address {address}"),
                (None, None) => format!("{count}"),
            },
            Self::Hash if length == 20 => {
                format!(
                    "{count}, as long as a SHA-1 (info-hash, node id): {}",
                    ShortId(bytes)
                )
            }
            Self::Hash => format!("{count}, as long as a SHA-256: {}", ShortId(bytes)),
            Self::PeerId => {
                let client = bytes.try_into().ok().and_then(Client::from_peer_id);
                let client = client.map(|client| client.to_string()).unwrap_or_default();
                format!("peer id of {client}")
            }
        };
        Decoded {
            meaning: Meaning::Other {
                protocol: "unknown",
                name: self.name(),
                summary,
            },
            malformed: None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unknown | Self::OutOfStep => "bytes",
            Self::Text => "text",
            Self::Address => "address",
            Self::Hash => "hash",
            Self::PeerId => "peer_id",
        }
    }
}
