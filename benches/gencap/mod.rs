//! Deterministic captures of any size, made without any code of peerscope: what
//! is tested and measured here must not also make the test's input.
//!
//! Everything streams: a capture of 10 GB needs no more memory than one of
//! 10 kB. The same [`Spec`] gives the same bytes, always.

mod conversation;
mod message;
mod network;
mod packet;
mod random;
mod shape;

use std::collections::BTreeMap;
use std::io::{self, Write};

/// What kind of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One transfer, every packet once and in order.
    Clean,
    /// The same transfer with packets late and duplicated.
    Reordered,
    /// The same transfer with packets that the capture missed.
    Lossy,
    /// Many small messages: haves, requests, cancels, chokes.
    Small,
    /// Many short connections, eleven packets each.
    Connections,
}

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The kind of traffic.
    pub shape: Shape,
    /// Bytes that the file is to have; it ends with the first whole step above.
    pub size: u64,
    /// Another seed gives other bytes, faults and addresses.
    pub seed: u64,
}

/// The truth about a capture that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Packets in the file.
    pub packets: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Packets that were sent and are not in the file.
    pub lost_packets: u64,
    /// Payload bytes of those.
    pub lost_bytes: u64,
    /// Connections opened.
    pub connections: u64,
    /// Messages sent, by name as peerscope calls them, initiator first.
    pub messages: [BTreeMap<&'static str, u64>; 2],
    /// Bytes of piece data sent, initiator first.
    pub payload_bytes: [u64; 2],
}

impl Summary {
    /// Messages sent by both sides.
    pub fn total_messages(&self) -> u64 {
        self.messages.iter().flat_map(BTreeMap::values).sum()
    }
}

/// Writes a classic pcap file and says what is in it.
pub fn write<W: Write>(spec: Spec, out: W) -> io::Result<Summary> {
    shape::write(spec, out)
}
