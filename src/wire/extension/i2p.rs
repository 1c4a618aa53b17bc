//! `i2p_pex` and `i2p_dht` (i2psnark, libtorrent; in no BEP): peers on I2P are
//! known by the 32-byte hashes of their destinations.

use std::fmt;

use super::anomalies;
use super::input::{Input, bytes_of};
use super::ut_pex::FLAG_LIST;
use crate::wire::bencode::{Compact, Dict, Key, Part, Shape, Table};
use crate::wire::{Field, Kind, Member, Sink, Unit};

static ADDED: Field = Field::new(
    "added",
    Kind::List,
    "Destinations that the sender is connected to since its last such message.",
);
static ADDED_F: Field = Field::new(
    "added.f",
    Kind::List,
    "A byte of flags for each destination added.",
);
static DROPPED: Field = Field::new(
    "dropped",
    Kind::List,
    "Destinations that the sender is no longer connected to.",
);
static DESTINATION: Field = Field::new("destination", Kind::Hash, "SHA-256 of an I2P destination.");
static PORT: Field = Field::new(
    "port",
    Kind::Uint(Unit::None),
    "I2P port of the DHT node for queries.",
);
static RPORT: Field = Field::new(
    "rport",
    Kind::Uint(Unit::None),
    "I2P port of the DHT node for responses.",
);

/// Bytes of the hash of an I2P destination.
const HASH: usize = 32;

static DESTINATIONS: Compact = Compact::new(
    &DESTINATION,
    &[Part {
        field: &DESTINATION,
        size: HASH,
    }],
);
static PEX_TABLE: Table = Table::new(&[
    Key::shaped(&ADDED, Shape::compact(&DESTINATIONS)),
    Key::shaped(&ADDED_F, Shape::compact(&FLAG_LIST)),
    Key::shaped(&DROPPED, Shape::compact(&DESTINATIONS)),
])
.under(&anomalies::BENCODE);
static DHT_TABLE: Table =
    Table::new(&[Key::new(&PORT), Key::new(&RPORT)]).under(&anomalies::BENCODE);

/// Their fields, which a message `extended` has.
pub(super) static MEMBERS: &[Member] = &[Member::Keys(&PEX_TABLE), Member::Keys(&DHT_TABLE)];

/// An `i2p_pex` message: 32 bytes a destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct I2pPex<'a> {
    /// Destinations added.
    pub added: Option<&'a [u8]>,
    /// A byte of flags for each, as in `ut_pex`.
    pub added_f: Option<&'a [u8]>,
    /// Destinations dropped.
    pub dropped: Option<&'a [u8]>,
}

/// An `i2p_dht` message: the I2P datagram ports of a DHT node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct I2pDht {
    /// Port for queries.
    pub port: Option<i64>,
    /// Port for replies.
    pub rport: Option<i64>,
}

pub(super) fn dissect_pex<'i, S: Sink>(input: &mut Input<'_, 'i, '_, S>) -> I2pPex<'i> {
    let document = input.dictionary(&PEX_TABLE);
    let message = I2pPex {
        added: bytes_of(&document, "added"),
        added_f: bytes_of(&document, "added.f"),
        dropped: bytes_of(&document, "dropped"),
    };
    input.end();
    message
}

pub(super) fn dissect_dht<S: Sink>(input: &mut Input<'_, '_, '_, S>) -> I2pDht {
    let document = input.dictionary(&DHT_TABLE);
    let message = I2pDht {
        port: input.required_int(&document, "port", &anomalies::I2P_NO_PORT),
        rport: input.required_int(&document, "rport", &anomalies::I2P_NO_RPORT),
    };
    input.end();
    message
}

impl I2pPex<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let dict = Dict::new()
            .maybe_bytes("added", self.added)
            .maybe_bytes("added.f", self.added_f)
            .maybe_bytes("dropped", self.dropped);
        out.extend(dict.encode());
    }
}

impl I2pDht {
    pub(super) fn encode(self, out: &mut Vec<u8>) {
        let dict = Dict::new()
            .maybe_int("port", self.port)
            .maybe_int("rport", self.rport);
        out.extend(dict.encode());
    }
}

impl fmt::Display for I2pPex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |list: Option<&[u8]>| list.unwrap_or_default().len() / HASH;
        let (added, dropped) = (count(self.added), count(self.dropped));
        write!(f, "i2p_pex {added} added, {dropped} dropped")
    }
}

impl fmt::Display for I2pDht {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("i2p_dht")?;
        for (name, port) in [("port", self.port), ("rport", self.rport)] {
            if let Some(port) = port {
                write!(f, " {name} {port}")?;
            }
        }
        Ok(())
    }
}
