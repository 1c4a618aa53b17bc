//! A packet becomes a TCP segment or a UDP datagram: link layers, VLAN, IP,
//! fragments, TCP and UDP.

mod decoder;
mod fragments;
mod ip;
mod link;
mod stats;
mod transport;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use crate::capture::Timestamp;

pub use decoder::Decoder;
pub use stats::Stats;

/// Which packet, and when: carried along with its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Packet number, from 1.
    pub frame: u64,
    /// Its time.
    pub time: Timestamp,
}

/// The TCP flags that matter here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // they are the header's own bits
pub struct TcpFlags {
    /// Synchronise: the first sequence number.
    pub syn: bool,
    /// The acknowledgement number is valid.
    pub ack: bool,
    /// No more data from the sender.
    pub fin: bool,
    /// The connection is reset.
    pub rst: bool,
}

/// A TCP segment.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Sequence number of the first payload byte (of SYN itself when set).
    pub seq: u32,
    /// Acknowledgement number; only valid with the flag.
    pub ack: u32,
    /// Flags.
    pub flags: TcpFlags,
    /// The captured payload.
    pub payload: &'a [u8],
    /// Payload bytes on the wire (by the IP header): more than `payload` holds
    /// when the packet was cut by the snaplen.
    pub wire_length: u32,
}

/// A UDP datagram.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// The captured payload.
    pub payload: &'a [u8],
    /// Payload bytes on the wire.
    pub wire_length: u32,
}

/// What a packet turned out to carry.
#[derive(Debug, Clone, Copy)]
pub enum Transport<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A UDP datagram.
    Udp(Datagram<'a>),
}
