//! What bytes look like that are no message.

use super::meaning::Meaning;
use crate::wire::client::Client;
use crate::wire::peer::{FLAGS, Reserved};
use crate::wire::words::{Count, ShortId};
use crate::wire::{Dissected, Field, Kind as FieldKind, Label, Reader, Sink, Value, compact};

static BYTES: Field = Field::new("bytes", FieldKind::Bytes, "Bytes without a known meaning.");
static TEXT: Field = Field::new("text", FieldKind::Text, "Text without a known meaning.");
static ADDRESS: Field = Field::new("address", FieldKind::Address, "A compact address.");
static PEERS: Field = Field::new("peers", FieldKind::List, "Peers in their compact form.");
static NODES: Field = Field::new(
    "nodes",
    FieldKind::List,
    "Nodes of the DHT in their compact form.",
);
static NODE_ID: Field = Field::new("id", FieldKind::Hash, "The id of a node.");
static HASH: Field = Field::new("hash", FieldKind::Hash, "A hash.");
static PEER_ID: Field = Field::new("peer_id", FieldKind::PeerId, "A peer id.");
static RESERVED: Field = Field::new(
    "reserved",
    FieldKind::Flags(FLAGS),
    "Bits of the extensions that the sender of a handshake supports.",
);
static UNCLAIMED: Field = Field::new(
    "trailing_bytes",
    FieldKind::Unclaimed,
    "Bytes that no field claims.",
);

/// Bytes of the id of a node.
const NODE_ID_LENGTH: usize = 20;

/// What such bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LooseKind {
    Unknown,
    OutOfStep,
    /// Before a message.
    Stray,
    Text,
    Address,
    /// Peers of so many bytes each.
    Peers(usize),
    Hash,
    PeerId,
    /// What the words before it call an info-hash, of 20 bytes or 32.
    InfoHash,
    NodeId,
    /// The reserved bits of a handshake.
    Reserved,
    /// What may be the length before a message.
    Length,
    /// What may be keep-alives.
    Zeros,
    /// Nodes of the DHT, of so many bytes each.
    Nodes(usize),
}

impl LooseKind {
    fn field(self) -> &'static Field {
        match self {
            Self::Unknown | Self::Length | Self::Zeros => &BYTES,
            Self::OutOfStep | Self::Stray => &UNCLAIMED,
            Self::Text => &TEXT,
            Self::Address | Self::Peers(_) => &ADDRESS,
            Self::Hash | Self::InfoHash | Self::NodeId | Self::Nodes(_) => &HASH,
            Self::PeerId => &PEER_ID,
            Self::Reserved => &RESERVED,
        }
    }

    /// Bytes of this kind of which nothing more is said.
    pub fn undissected<'b>(self, length: usize) -> Dissected<Meaning<'b>> {
        self.describe(&[], length)
    }

    pub fn dissect<'b, S: Sink>(
        self,
        bytes: &'b [u8],
        length: usize,
        sink: &mut S,
    ) -> Dissected<Meaning<'b>> {
        let mut reader = Reader::new(bytes, length, sink);
        match self {
            Self::Peers(size) => row(&mut reader, &PEERS, &[(&ADDRESS, size)]),
            Self::Nodes(size) => {
                let parts = [
                    (&NODE_ID, NODE_ID_LENGTH),
                    (&ADDRESS, size - NODE_ID_LENGTH),
                ];
                row(&mut reader, &NODES, &parts);
            }
            _ => {}
        }
        if self.is_plain() || reader.left() > 0 {
            reader.remainder(self.field());
        }
        self.describe(bytes, length)
    }

    fn is_plain(self) -> bool {
        !matches!(self, Self::Peers(_) | Self::Nodes(_))
    }

    fn describe<'b>(self, bytes: &[u8], length: usize) -> Dissected<Meaning<'b>> {
        let count = Count(length as u64, "byte");
        let summary = match self {
            Self::Unknown => format!("{count} of no known meaning"),
            Self::OutOfStep => format!("{count} that are no message"),
            Self::Stray => format!("{count} before the message"),
            Self::Text => format!("text, {}", String::from_utf8_lossy(bytes)),
            Self::Address => match (compact::ip(bytes), compact::address(bytes)) {
                (Some(ip), _) => format!("address {ip}"),
                (None, Some(address)) => format!("address {address}"),
                (None, None) => format!("{count}"),
            },
            Self::Peers(size) => peers(bytes, size, 0, "peer"),
            Self::Nodes(size) => peers(bytes, size, NODE_ID_LENGTH, "node"),
            Self::Length => {
                let length = bytes
                    .iter()
                    .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
                format!(
                    "{count}, perhaps the length of a message of {}",
                    Count(length, "byte")
                )
            }
            Self::Zeros if length == 4 => "4 zeros, a keep-alive if they were sent".to_owned(),
            Self::Zeros => format!("{length} zeros, keep-alives if they were sent"),
            Self::Hash if length == 20 => {
                format!(
                    "{count}, as long as a SHA-1 (info-hash, node id): {}",
                    ShortId(bytes)
                )
            }
            Self::Hash => format!("{count}, as long as a SHA-256: {}", ShortId(bytes)),
            Self::PeerId => {
                let client = bytes.try_into().ok().and_then(Client::from_peer_id);
                let client = client.map(|client| client.to_string());
                let client = client.unwrap_or_else(|| "an unknown client".to_owned());
                format!("peer id of {client}")
            }
            Self::InfoHash => format!("info-hash {}", hex::encode(bytes)),
            Self::NodeId => format!("node id {}", hex::encode(bytes)),
            Self::Reserved => {
                let reserved = bytes
                    .try_into()
                    .map_or_else(|_| Reserved::default(), Reserved);
                let names: Vec<_> = reserved.known().map(|flag| flag.name).collect();
                match &names[..] {
                    [] => "reserved bits of a handshake, none known".to_owned(),
                    names => format!("reserved bits of a handshake [{}]", names.join(", ")),
                }
            }
        };
        Dissected::sound(Meaning::Other {
            protocol: "unknown",
            name: self.name(),
            summary,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unknown | Self::OutOfStep | Self::Stray | Self::Length | Self::Zeros => "bytes",
            Self::Text => "text",
            Self::Address => "address",
            Self::Peers(_) => "peers",
            Self::Nodes(_) => "nodes",
            Self::Hash | Self::InfoHash | Self::NodeId => "hash",
            Self::PeerId => "peer_id",
            Self::Reserved => "reserved",
        }
    }
}

/// Peers that a line shows.
const MAX_SHOWN: usize = 3;

/// Tells items in a row, each of the same parts.
fn row<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    list: &'static Field,
    parts: &[(&'static Field, usize)],
) {
    let size: usize = parts.iter().map(|(_, size)| size).sum();
    reader.open(Label::Field(list));
    for item in 0..(reader.left() / size) as u32 {
        for (field, size) in parts {
            let at = reader.at();
            let end = at + size;
            let value = Value::Bytes {
                start: at as u32,
                end: end as u32,
            };
            reader.sink().leaf(Label::Item(item, field), at, end, value);
            reader.advance(*size);
        }
    }
    reader.close();
}

/// `7 peers: 192.0.2.100:6687, ..`; the address of each begins at `from`.
fn peers(bytes: &[u8], size: usize, from: usize, what: &'static str) -> String {
    let count = (bytes.len() / size) as u64;
    let shown = bytes.chunks_exact(size).take(MAX_SHOWN);
    let shown = shown
        .filter_map(|item| compact::address(&item[from..]))
        .map(|peer| peer.to_string());
    let shown: Vec<_> = shown.collect();
    let more = if count > MAX_SHOWN as u64 {
        ", ..."
    } else {
        ""
    };
    format!("{}: {}{more}", Count(count, what), shown.join(", "))
}
