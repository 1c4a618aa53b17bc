//! Packet filters of libpcap (`port 6881 and host 10.0.0.2`) on packets of a
//! file.

use pcap::{BpfProgram, Capture, Error, Linktype};

use super::{CaptureError, LinkType, Packet};

/// The link type whose number in files differs from that in libpcap: bare IP.
const RAW_IP: (LinkType, Linktype) = (LinkType(101), Linktype(12));

/// The number that files have for a link type of libpcap.
pub(super) fn link_type(link: Linktype) -> LinkType {
    if link == RAW_IP.1 {
        return RAW_IP.0;
    }
    // All types that libpcap captures live have small numbers.
    LinkType(u16::try_from(link.0).unwrap_or(u16::MAX))
}

fn data_link(link: LinkType) -> Linktype {
    if link == RAW_IP.0 {
        return RAW_IP.1;
    }
    Linktype(i32::from(link.0))
}

/// Link types of one capture that are filtered apart; an honest capture has two
/// or three.
const MAX_LINK_TYPES: usize = 64;

/// A packet filter, compiled for each link type that it meets.
pub struct PacketFilter {
    expression: String,
    /// `None` where the filter has no meaning for the link type.
    programs: Vec<(LinkType, Option<BpfProgram>)>,
}

impl PacketFilter {
    /// A filter in the language of libpcap. Mistakes show at the first packet,
    /// as some words are of certain link types only.
    pub fn new(expression: &str) -> Self {
        Self {
            expression: expression.to_owned(),
            programs: Vec::new(),
        }
    }

    /// Whether the packet passes.
    ///
    /// # Errors
    ///
    /// The filter does not compile for the link type of the first packet. (For
    /// that of a later one, none of its packets passes.)
    pub fn matches(&mut self, packet: &Packet<'_>) -> Result<bool, CaptureError> {
        let known = self.programs.iter().find(|(link, _)| *link == packet.link);
        if let Some((_, program)) = known {
            return Ok(passes(program.as_ref(), packet));
        }
        let program = match self.compile(packet.link) {
            Err(error) if self.programs.is_empty() => return Err(error),
            result => result.ok(),
        };
        let passes = passes(program.as_ref(), packet);
        if self.programs.len() < MAX_LINK_TYPES {
            self.programs.push((packet.link, program));
        }
        Ok(passes)
    }

    fn compile(&self, link: LinkType) -> Result<BpfProgram, CaptureError> {
        Capture::dead(data_link(link))
            .and_then(|dead| dead.compile(&self.expression, true))
            .map_err(|error| {
                let name = format!("packet filter \"{}\"", self.expression);
                CaptureError::new(name.as_ref(), None, in_words(&error))
            })
    }
}

fn passes(program: Option<&BpfProgram>, packet: &Packet<'_>) -> bool {
    program.is_some_and(|program| program.filter(packet.data))
}

/// The words of libpcap, without the crate's prefix.
pub(super) fn in_words(error: &Error) -> String {
    match error {
        Error::PcapError(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;

    /// Ethernet, IPv4, UDP from port 6881 to 6882, no payload.
    const DATAGRAM: [u8; 42] = [
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, // Ethernet
        0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, // IPv4
        0x1a, 0xe1, 0x1a, 0xe2, 0, 8, 0, 0, // UDP
    ];

    fn packet(link: u16, data: &[u8]) -> Packet<'_> {
        Packet {
            frame: 1,
            time: Timestamp::UNKNOWN,
            interface: 0,
            link: LinkType(link),
            data,
            original_length: data.len() as u32,
        }
    }

    #[test]
    fn ports_and_hosts_pass_on_every_link_type() {
        let cases = [
            ("port 6882", true),
            ("udp src port 6881 and host 10.0.0.2", true),
            ("tcp", false),
            ("port 80", false),
            ("", true),
        ];
        for (expression, expected) in cases {
            let mut filter = PacketFilter::new(expression);
            let ethernet = packet(1, &DATAGRAM);
            let raw = packet(101, &DATAGRAM[14..]);
            for packet in [ethernet, raw, ethernet, raw] {
                assert_eq!(filter.matches(&packet).expect(expression), expected);
            }
            assert_eq!(filter.programs.len(), 2);
        }
    }

    #[test]
    fn a_mistake_names_the_filter() {
        let error = PacketFilter::new("port x-y-z")
            .matches(&packet(1, &DATAGRAM))
            .expect_err("no such port");
        assert!(error.to_string().contains("\"port x-y-z\""), "{error}");
    }

    #[test]
    fn what_has_no_meaning_for_a_later_link_type_does_not_pass() {
        let mut filter = PacketFilter::new("ether src 2:0:0:0:0:2");
        assert!(filter.matches(&packet(1, &DATAGRAM)).expect("Ethernet"));
        assert!(!filter.matches(&packet(101, &DATAGRAM[14..])).expect("IP"));
    }

    #[test]
    fn a_cut_packet_does_not_pass_what_it_does_not_show() {
        let mut filter = PacketFilter::new("port 6881");
        for length in 0..36 {
            let cut = packet(1, &DATAGRAM[..length]);
            assert!(!filter.matches(&cut).expect("compiles"), "{length}");
        }
    }
}
