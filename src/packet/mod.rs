//! A packet becomes a TCP segment or a UDP datagram: link layers, VLAN, IP,
//! fragments, TCP and UDP.

mod decoded;
mod decoder;
mod fragments;
mod icmp;
mod ip;
mod link;
mod stats;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod transport;

pub use decoded::{
    Datagram, IcmpError, QuotedProtocol, Segment, Stamp, TcpFlags, Transport, UnreachableReason,
};
pub use decoder::Decoder;
pub use stats::Stats;
