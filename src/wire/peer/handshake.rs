//! The 68-byte handshake (BEP 3) and its reserved bits.

use std::fmt;

use nom::bytes::complete::take;
use nom::combinator::verify;
use nom::{IResult, Parser};

use super::anomalies;
use super::style::is_half_an_id;
use crate::wire::client::Client;
use crate::wire::field::{Field, Flag, Kind};
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::Sink;

/// Length byte and protocol string: the first 20 bytes of every plain stream.
pub const PREFIX: &[u8; 20] = b"\x13BitTorrent protocol";

/// Bytes of a handshake.
pub const LENGTH: usize = 68;

pub(super) static PSTRLEN: Field = Field::new(
    "pstrlen",
    Kind::Framing,
    "Length of the name of the protocol, 19.",
);
pub(super) static PSTR: Field = Field::new("pstr", Kind::Framing, "Name of the protocol.");
pub(super) static RESERVED: Field = Field::new(
    "reserved",
    Kind::Flags(FLAGS),
    "Bits of the extensions that the sender supports.",
);
pub(super) static INFO_HASH: Field =
    Field::new("info_hash", Kind::Hash, "Info-hash of the torrent.");
pub(super) static PEER_ID: Field = Field::new("peer_id", Kind::PeerId, "Id of the sender.");
/// What stands between the parts.
pub(super) static STRAY: Field = Field::new(
    "stray_bytes",
    Kind::Bytes,
    "Bytes in or before a handshake that belong to none of its fields.",
);

const fn flag(byte: usize, mask: u8, name: &'static str, title: &'static str) -> Flag {
    Flag {
        byte,
        mask,
        name,
        title,
    }
}

/// The known reserved bits, BEP by BEP and de facto.
pub static FLAGS: &[Flag] = &[
    flag(0, 0x80, "azureus", "Azureus messaging protocol (AZMP)"),
    flag(2, 0x08, "location", "location-aware protocol (obsolete)"),
    flag(5, 0x10, "extension", "extension protocol (BEP 10)"),
    flag(
        5,
        0x08,
        "merkle",
        "Merkle torrents (BEP 30, libtorrent 1.x)",
    ),
    flag(
        5,
        0x02,
        "azureus_choice_2",
        "extension choice: AZMP side (Azureus)",
    ),
    flag(
        5,
        0x01,
        "azureus_choice_1",
        "extension choice: preferred or forced (Azureus)",
    ),
    flag(7, 0x01, "dht", "DHT (BEP 5)"),
    flag(7, 0x02, "xbt_peer_exchange", "XBT peer exchange (obsolete)"),
    flag(7, 0x04, "fast", "Fast extension (BEP 6)"),
    flag(7, 0x08, "nat_traversal", "NAT traversal (obsolete)"),
    flag(7, 0x10, "v2", "BitTorrent v2 upgrade (BEP 52)"),
];

/// The eight reserved bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Reserved(pub [u8; 8]);

impl Reserved {
    fn has(self, byte: usize, mask: u8) -> bool {
        self.0[byte] & mask == mask
    }

    /// The extension protocol, BEP 10.
    pub fn extension(self) -> bool {
        self.has(5, 0x10)
    }

    /// The Fast extension, BEP 6.
    pub fn fast(self) -> bool {
        self.has(7, 0x04)
    }

    /// DHT, BEP 5.
    pub fn dht(self) -> bool {
        self.has(7, 0x01)
    }

    /// The initiator of a hybrid torrent accepts the v2 info-hash, BEP 52.
    pub fn v2(self) -> bool {
        self.has(7, 0x10)
    }

    /// Azureus messaging protocol.
    pub fn azureus(self) -> bool {
        self.has(0, 0x80)
    }

    /// The bytes are BitComet's marker text `ex`, not bit flags.
    pub fn is_bitcomet(self) -> bool {
        self.0.starts_with(b"ex")
    }

    /// The known bits that are set.
    pub fn known(self) -> impl Iterator<Item = &'static Flag> {
        let skip = if self.is_bitcomet() { 2 } else { 0 };
        FLAGS
            .iter()
            .filter(move |flag| flag.byte >= skip && self.has(flag.byte, flag.mask))
    }

    /// The bits that are set and that no specification names.
    pub fn unknown(self) -> Self {
        let mut bytes = self.0;
        if self.is_bitcomet() {
            bytes[..2].fill(0);
        }
        for flag in FLAGS {
            bytes[flag.byte] &= !flag.mask;
        }
        Self(bytes)
    }

    /// Whether two peers that both speak AZMP and BEP 10 will talk AZMP: each
    /// has a 2-bit preference (0 BEP 10 forced, 1 preferred, 2 AZMP preferred,
    /// 3 forced); BEP 10 wins where either side forces it or both prefer it.
    pub fn selects_azmp(self, other: Self) -> bool {
        if !(self.azureus() && other.azureus()) {
            return false;
        }
        if !(self.extension() && other.extension()) {
            return true;
        }
        let (mine, theirs) = (self.0[5] & 3, other.0[5] & 3);
        match (mine, theirs) {
            (0, _) | (_, 0) => false,
            (3, _) | (_, 3) => true,
            _ => mine == 2 && theirs == 2,
        }
    }
}

/// The handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handshake {
    /// Reserved bytes.
    pub reserved: Reserved,
    /// SHA-1 of the info dictionary, or the first 20 bytes of its SHA-256.
    pub info_hash: [u8; 20],
    /// Who it is, by its own account.
    pub peer_id: [u8; 20],
}

/// What a peer sends of its handshake before it waits for the other's (some
/// acceptors, and trackers that check whether a peer can be reached, do), or
/// what the capture has of one: all but the peer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandshakeStart {
    /// Reserved bytes.
    pub reserved: Reserved,
    /// As in the whole [`Handshake`].
    pub info_hash: [u8; 20],
}

impl HandshakeStart {
    /// The start of the handshake that `bytes` begin with, if it is there.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(PREFIX)?;
        let (reserved, rest) = rest.split_first_chunk()?;
        Some(Self {
            reserved: Reserved(*reserved),
            info_hash: *rest.first_chunk()?,
        })
    }
}

impl From<Handshake> for HandshakeStart {
    fn from(whole: Handshake) -> Self {
        Self {
            reserved: whole.reserved,
            info_hash: whole.info_hash,
        }
    }
}

impl fmt::Display for HandshakeStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hash(&self.info_hash, f)?;
        f.write_str(", no peer id")?;
        write_flags(self.reserved, f)
    }
}

pub(super) fn array<const N: usize>(input: &[u8]) -> IResult<&[u8], [u8; N]> {
    take(N)
        .map(|bytes: &[u8]| {
            let mut array = [0; N];
            array.copy_from_slice(bytes);
            array
        })
        .parse(input)
}

impl Handshake {
    /// Dissects the 68 bytes.
    pub fn dissect<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Result<Self, Problem> {
        reader.field(&PSTRLEN, verify(nom::number::complete::u8, |n| *n == 19))?;
        reader.field(&PSTR, verify(take(19usize), |s: &[u8]| s == &PREFIX[1..]))?;
        let handshake = Self {
            reserved: Reserved(reader.field(&RESERVED, array::<8>)?),
            info_hash: reader.field(&INFO_HASH, array::<20>)?,
            peer_id: reader.field(&PEER_ID, array::<20>)?,
        };
        if S::NOTES && Client::from_peer_id(&handshake.peer_id).is_none() {
            reader.anomaly(if is_half_an_id(&handshake.peer_id) {
                &anomalies::HALF_PEER_ID
            } else {
                &anomalies::UNKNOWN_CLIENT
            });
        }
        Ok(handshake)
    }

    /// Writes the 68 bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(PREFIX);
        out.extend_from_slice(&self.reserved.0);
        out.extend_from_slice(&self.info_hash);
        out.extend_from_slice(&self.peer_id);
    }
}

impl fmt::Display for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hash(&self.info_hash, f)?;
        match Client::from_peer_id(&self.peer_id) {
            Some(client) => write!(f, ", {client}")?,
            None => f.write_str(", unknown client")?,
        }
        write_flags(self.reserved, f)
    }
}

fn write_hash(info_hash: &[u8; 20], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("handshake, info-hash ")?;
    for byte in info_hash {
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

fn write_flags(reserved: Reserved, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut separator = " [";
    for flag in reserved.known() {
        write!(f, "{separator}{}", flag.name)?;
        separator = ", ";
    }
    if separator == ", " {
        f.write_str("]")?;
    }
    Ok(())
}
