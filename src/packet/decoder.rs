//! From a captured packet to its TCP segment or UDP datagram.

use super::fragments::{Fragments, Outcome};
use super::ip::{self, Payload};
use super::link;
use super::stats::{Miss, Stats};
use super::transport::transport;
use super::{Stamp, Transport};
use crate::capture::Packet;

/// Decodes packets; keeps fragments of IP datagrams until they are complete.
///
/// Checksums are not verified: on the machine that sent a packet they are often
/// filled in after the capture sees it.
#[derive(Debug, Default)]
pub struct Decoder {
    fragments: Fragments,
    stats: Stats,
}

impl Decoder {
    /// A decoder without fragments.
    pub fn new() -> Self {
        Self::default()
    }

    /// Packets so far, by what became of them.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The segment or datagram in `packet`; `None` if it has none, or a part of
    /// one that is not complete yet. [`Decoder::stats`] counts the reasons.
    ///
    /// The payload is borrowed from the packet, or from the decoder when this
    /// packet completes a fragmented datagram.
    #[inline]
    pub fn decode<'a>(&'a mut self, packet: &Packet<'a>) -> Option<Transport<'a>> {
        self.stats.packets += 1;
        let result = innermost(packet).and_then(|payload| match payload.fragment {
            None => transport(payload),
            Some(_) => reassemble(
                &mut self.fragments,
                payload,
                packet,
                &mut self.stats.datagrams_abandoned,
            ),
        });
        match &result {
            Ok(Transport::Tcp(_)) => self.stats.tcp += 1,
            Ok(Transport::Udp(_)) => self.stats.udp += 1,
            Ok(Transport::Icmp(_)) => self.stats.icmp += 1,
            Err(miss) => self.stats.miss(*miss),
        }
        result.ok()
    }
}

/// The innermost IP payload of a packet.
#[inline]
fn innermost<'a>(packet: &Packet<'a>) -> Result<Payload<'a>, Miss> {
    let beyond = (packet.original_length as usize).saturating_sub(packet.data.len());
    ip::innermost(link::ip_packet(packet.link, packet.data)?, beyond)
}

/// Adds a fragment; decodes the datagram that it completes.
fn reassemble<'a>(
    fragments: &'a mut Fragments,
    part: Payload<'_>,
    packet: &Packet<'_>,
    abandoned: &mut u64,
) -> Result<Transport<'a>, Miss> {
    let stamp = Stamp {
        frame: packet.frame,
        time: packet.time,
    };
    let whole = match fragments.add(&part, stamp, abandoned) {
        Outcome::Waiting => return Err(Miss::Fragment),
        Outcome::Dropped => return Err(Miss::FragmentDropped),
        Outcome::Complete(bytes) => Payload {
            bytes,
            wire_length: bytes.len() as u32,
            fragment: None,
            ..part
        },
    };
    let inner = ip::unwrap_tunnels(ip::skip_extensions(whole)?)?;
    if inner.fragment.is_some() {
        // Fragments of a tunnel inside fragments: not worth a second table.
        return Err(Miss::FragmentDropped);
    }
    transport(inner)
}
