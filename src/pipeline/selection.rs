//! Which packets take part in an analysis.

use std::net::SocketAddr;

use crate::capture::{CaptureError, Packet};
use crate::packet::Transport;

/// Says whether a packet takes part.
type Filter<'f> = Box<dyn FnMut(&Packet<'_>) -> Result<bool, CaptureError> + 'f>;

/// Those that a filter lets by and that are from or to one of the ports; without
/// filter and ports all.
#[derive(Default)]
pub struct Selection<'f> {
    /// Looks at packets as they were captured.
    pub filter: Option<Filter<'f>>,
    /// Looked for behind fragments and tunnels.
    pub ports: Vec<u16>,
}

impl Selection<'_> {
    /// Whether the filter lets a packet by.
    #[inline]
    pub fn takes(&mut self, packet: &Packet<'_>) -> Result<bool, CaptureError> {
        match &mut self.filter {
            Some(filter) => filter(packet),
            None => Ok(true),
        }
    }

    /// Whether what was decoded of a packet is of one of the ports.
    #[inline]
    pub fn has_port(&self, transport: &Transport<'_>) -> bool {
        self.ports.is_empty() || {
            let (src, dst) = ends(transport);
            self.ports.contains(&src.port()) || self.ports.contains(&dst.port())
        }
    }
}

fn ends(transport: &Transport<'_>) -> (SocketAddr, SocketAddr) {
    match transport {
        Transport::Tcp(segment) => (segment.src, segment.dst),
        Transport::Udp(datagram) => (datagram.src, datagram.dst),
        // The ends of the packet that it quotes.
        Transport::Icmp(error) => (error.src, error.dst),
    }
}
