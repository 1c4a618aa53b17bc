//! Bytes that are no message: an address, a hash, text, or anything.

use super::Sample;
use super::part::{Dissected, How, Part, Said};
use crate::wire::client::Client;
use crate::wire::words::{Count, ShortId};
use crate::wire::{Field, Kind as FieldKind, Reader, Sink, compact};

static BYTES: Field = Field::new("bytes", FieldKind::Bytes);
static TEXT: Field = Field::new("text", FieldKind::Text);
static ADDRESS: Field = Field::new("address", FieldKind::Address);
static HASH: Field = Field::new("hash", FieldKind::Hash);
static PEER_ID: Field = Field::new("peer_id", FieldKind::PeerId);
static UNCLAIMED: Field = Field::new("trailing_bytes", FieldKind::Unclaimed);

/// What such bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unknown,
    OutOfStep,
    Text,
    Address,
    Hash,
    PeerId,
}

/// Names, in lower case, of variables and keys that hold an address.
const ADDRESSES: [&str; 5] = ["ip", "ipv4", "ipv6", "yourip", "addr"];

pub(super) fn part<'b>(sample: &Sample<'b>) -> Part<'b> {
    Part::of(sample, How::Bytes(kind(sample)))
}

/// Bytes behind a message that are none.
pub(super) fn out_of_step<'b>(sample: &Sample<'b>) -> Part<'b> {
    Part::of(sample, How::Bytes(Kind::OutOfStep))
}

fn kind(sample: &Sample<'_>) -> Kind {
    let bytes = sample.bytes;
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    let mut words = sample.label.split(word).filter(|word| !word.is_empty());
    let name = words.next_back().unwrap_or_default().to_ascii_lowercase();
    let is_address = matches!(bytes.len(), 4 | 6 | 16 | 18);
    if is_address && ADDRESSES.contains(&name.as_str()) {
        return Kind::Address;
    }
    let id: Option<[u8; 20]> = bytes.try_into().ok();
    if id.is_some_and(|id| id[0] == b'-' && Client::from_peer_id(&id).is_some()) {
        return Kind::PeerId;
    }
    let is_text = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n' && c != '\r');
    if std::str::from_utf8(bytes).is_ok_and(is_text) {
        return Kind::Text;
    }
    match bytes.len() {
        20 | 32 if !sample.is_cut => Kind::Hash,
        _ => Kind::Unknown,
    }
}

impl Kind {
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
    pub fn said<'b>(self, length: usize) -> Dissected<'b> {
        self.describe(&[], length)
    }

    pub fn dissect<'b, S: Sink>(
        self,
        bytes: &'b [u8],
        length: usize,
        sink: &mut S,
    ) -> Dissected<'b> {
        Reader::new(bytes, length, sink).remainder(self.field());
        self.describe(bytes, length)
    }

    fn describe<'b>(self, bytes: &[u8], length: usize) -> Dissected<'b> {
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
        Dissected {
            said: Said::Other {
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
