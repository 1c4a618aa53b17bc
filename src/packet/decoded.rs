//! What a packet carries: a segment, a datagram, or an ICMP error.

use std::net::{IpAddr, SocketAddr};

use crate::capture::Timestamp;

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
    /// Receive window, not scaled; 0 where there is no room.
    pub window: u16,
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

/// Why a packet did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreachableReason {
    /// There is no way to the network.
    Network,
    /// The host does not answer.
    Host,
    /// The host does not speak the protocol.
    Protocol,
    /// Nobody listens on the port.
    Port,
    /// A filter forbids it.
    Prohibited,
    /// It passed too many routers.
    TimeExceeded,
    /// It is too large for the path, and may not be divided.
    TooBig {
        /// The largest packet that would pass; 0 where the router does not say.
        mtu: u32,
    },
}

impl UnreachableReason {
    /// The reason in a word or two, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Host => "host",
            Self::Protocol => "protocol",
            Self::Port => "port",
            Self::Prohibited => "prohibited",
            Self::TimeExceeded => "time exceeded",
            Self::TooBig { .. } => "packet too big",
        }
    }

    /// Whether smaller packets would have arrived.
    pub fn is_too_big(self) -> bool {
        matches!(self, Self::TooBig { .. })
    }
}

/// The transport of a quoted packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotedProtocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// An ICMP error that quotes a packet of TCP or UDP.
#[derive(Debug, Clone, Copy)]
pub struct IcmpError<'a> {
    /// Who says so.
    pub router: IpAddr,
    /// Why the packet did not arrive.
    pub reason: UnreachableReason,
    /// What the packet was.
    pub protocol: QuotedProtocol,
    /// Its sender.
    pub src: SocketAddr,
    /// Whom it did not reach.
    pub dst: SocketAddr,
    /// What is quoted of its payload (UDP).
    pub payload: &'a [u8],
}

/// What a packet turned out to carry.
#[derive(Debug, Clone, Copy)]
pub enum Transport<'a> {
    /// An ICMP error.
    Icmp(IcmpError<'a>),
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A UDP datagram.
    Udp(Datagram<'a>),
}
