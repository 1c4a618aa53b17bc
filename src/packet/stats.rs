//! What was decoded and what was not.

use std::collections::BTreeMap;

use crate::capture::LinkType;

/// Why a packet gave no segment or datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// The link type is not supported.
    UnknownLink(LinkType),
    /// The frame carries something else than IP (ARP, spanning tree).
    NotIp,
    /// The IP packet carries neither TCP nor UDP, nor an ICMP error about them.
    OtherTransport,
    /// The captured bytes end inside a header.
    Cut,
    /// A header contradicts itself.
    Malformed,
    /// A fragment: of a datagram that is not complete yet.
    Fragment,
    /// A fragment that cannot be used.
    FragmentDropped,
}

/// Packets by what became of them. Every packet counts once in one of the
/// fields from `tcp` to `unknown_link`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Packets seen.
    pub packets: u64,
    /// TCP segments.
    pub tcp: u64,
    /// UDP datagrams.
    pub udp: u64,
    /// ICMP errors that quote a packet of TCP or UDP.
    pub icmp: u64,
    /// Frames that carry something else than IP, such as ARP.
    pub not_ip: u64,
    /// IP packets that carry something else, such as an echo of ICMP.
    pub other_transport: u64,
    /// Packets that the snapshot length (or a faulty length) cut inside a
    /// header.
    pub cut: u64,
    /// Packets with a header that contradicts itself.
    pub malformed: u64,
    /// Fragments kept for a datagram; the one that completes it counts as what
    /// the datagram is.
    pub fragments: u64,
    /// Fragments that could not be used when they came: themselves cut, or
    /// reaching beyond the end of their datagram.
    pub fragments_dropped: u64,
    /// Packets by link type where that is not supported.
    pub unknown_link: BTreeMap<u16, u64>,
    /// Incomplete datagrams given up: too old, or too many at once. Counts
    /// datagrams, not packets.
    pub datagrams_abandoned: u64,
}

impl Stats {
    pub(super) fn miss(&mut self, miss: Miss) {
        match miss {
            Miss::UnknownLink(link) => *self.unknown_link.entry(link.0).or_default() += 1,
            Miss::NotIp => self.not_ip += 1,
            Miss::OtherTransport => self.other_transport += 1,
            Miss::Cut => self.cut += 1,
            Miss::Malformed => self.malformed += 1,
            Miss::Fragment => self.fragments += 1,
            Miss::FragmentDropped => self.fragments_dropped += 1,
        }
    }
}
