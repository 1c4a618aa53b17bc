//! ICMP errors (RFC 792, RFC 4443): a router or host says that a packet did not
//! arrive, and quotes its beginning.

use std::net::SocketAddr;
use std::ops::Range;

use super::ip::{self, Payload, protocol};
use super::link::u16_at;
use super::stats::Miss;
use super::{IcmpError, QuotedProtocol, UnreachableReason};

/// Bytes of an ICMP header before the quoted packet.
const HEADER_BYTES: usize = 8;

/// The error in an ICMP message, if it is one that quotes a packet of TCP or UDP.
pub(super) fn error(payload: Payload<'_>) -> Result<IcmpError<'_>, Miss> {
    let [icmp_type, code, ..] = *payload.bytes else {
        return Err(Miss::Cut);
    };
    let word = |place: Range<usize>| {
        let bytes = payload.bytes.get(place).unwrap_or_default();
        bytes
            .iter()
            .fold(0, |word, byte| word << 8 | u32::from(*byte))
    };
    let reason = match payload.protocol {
        protocol::ICMP => reason_v4(icmp_type, code, || word(6..8)),
        _ => reason_v6(icmp_type, code, || word(4..8)),
    };
    let reason = reason.ok_or(Miss::OtherTransport)?;
    let quoted = payload.bytes.get(HEADER_BYTES..).ok_or(Miss::Cut)?;
    // Routers quote as little as eight bytes behind the IP header.
    let quoted = ip::quoted(quoted)?;
    let protocol = match quoted.protocol {
        protocol::TCP => QuotedProtocol::Tcp,
        protocol::UDP => QuotedProtocol::Udp,
        _ => return Err(Miss::OtherTransport),
    };
    let port = |at: usize| u16_at(quoted.bytes, at);
    Ok(IcmpError {
        router: payload.src,
        reason,
        protocol,
        src: SocketAddr::new(quoted.src, port(0)?),
        dst: SocketAddr::new(quoted.dst, port(2)?),
        payload: match protocol {
            QuotedProtocol::Udp => quoted.bytes.get(8..).unwrap_or_default(),
            QuotedProtocol::Tcp => &[],
        },
    })
}

fn reason_v4(icmp_type: u8, code: u8, mtu: impl Fn() -> u32) -> Option<UnreachableReason> {
    Some(match (icmp_type, code) {
        (3, 0 | 5 | 6 | 8 | 11) => UnreachableReason::Network,
        (3, 1 | 7 | 12) => UnreachableReason::Host,
        (3, 2) => UnreachableReason::Protocol,
        (3, 3) => UnreachableReason::Port,
        (3, 4) => UnreachableReason::TooBig { mtu: mtu() },
        (3, 9 | 10 | 13..=15) => UnreachableReason::Prohibited,
        (11, _) => UnreachableReason::TimeExceeded,
        _ => return None,
    })
}

fn reason_v6(icmp_type: u8, code: u8, mtu: impl Fn() -> u32) -> Option<UnreachableReason> {
    Some(match (icmp_type, code) {
        (1, 0) => UnreachableReason::Network,
        (1, 1 | 5 | 6) => UnreachableReason::Prohibited,
        (1, 2 | 3) => UnreachableReason::Host,
        (1, 4) => UnreachableReason::Port,
        (2, _) => UnreachableReason::TooBig { mtu: mtu() },
        (3, _) => UnreachableReason::TimeExceeded,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn quoted() -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0];
        packet.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend([0x9c, 0x40, 0x1a, 0xe1, 0, 0, 0, 1]);
        packet
    }

    fn read(message: &[u8], protocol: u8) -> Result<IcmpError<'_>, Miss> {
        error(Payload {
            src: IpAddr::from([10, 0, 0, 9]),
            dst: IpAddr::from([10, 0, 0, 1]),
            protocol,
            bytes: message,
            wire_length: message.len() as u32,
            fragment: None,
        })
    }

    #[test]
    fn an_error_names_the_ends_of_the_quoted_packet() {
        let message = [&[3, 1, 0, 0, 0, 0, 0, 0][..], &quoted()].concat();
        let error = read(&message, protocol::ICMP).unwrap();
        assert_eq!(error.reason, UnreachableReason::Host);
        assert_eq!(error.protocol, QuotedProtocol::Tcp);
        assert_eq!(error.src.to_string(), "10.0.0.1:40000");
        assert_eq!(error.dst.to_string(), "10.0.0.2:6881");
    }

    #[test]
    fn a_packet_that_is_too_big_comes_with_what_would_pass() {
        let message = [&[3, 4, 0, 0, 0, 0, 5, 20][..], &quoted()].concat();
        let error = read(&message, protocol::ICMP).unwrap();
        assert_eq!(error.reason, UnreachableReason::TooBig { mtu: 1300 });
        assert!(error.reason.is_too_big());
    }

    #[test]
    fn every_prefix_gives_an_answer_and_echoes_are_no_errors() {
        let message = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &quoted()].concat();
        for end in 0..message.len() {
            let _ = read(&message[..end], protocol::ICMP);
            let _ = read(&message[..end], protocol::ICMPV6);
        }
        let echo = [&[8, 0, 0, 0, 0, 0, 0, 0][..], &quoted()].concat();
        assert!(matches!(
            read(&echo, protocol::ICMP),
            Err(Miss::OtherTransport)
        ));
    }
}
