use proptest::prelude::*;

use super::super::testing::{ethernet, ipv4, ipv6, ipv6_part, packet, tcp, udp};
use super::super::{Decoder, Transport};
use crate::capture::Packet;

const LINKS: &[u16] = &[0, 1, 9, 12, 14, 50, 51, 101, 108, 113, 228, 229, 276, 127];

/// Feeds a packet and checks what holds of every answer.
fn check(decoder: &mut Decoder, packet: &Packet<'_>) {
    let before = decoder.stats().packets;
    if let Some(transport) = decoder.decode(packet) {
        let (payload, wire_length) = match transport {
            Transport::Tcp(segment) => (segment.payload, segment.wire_length),
            Transport::Udp(datagram) => (datagram.payload, datagram.wire_length),
            Transport::Icmp(error) => (error.payload, u32::MAX),
        };
        assert!(payload.len() <= wire_length as usize);
    }
    let stats = decoder.stats();
    let by_fate = stats.tcp
        + stats.udp
        + stats.icmp
        + stats.not_ip
        + stats.other_transport
        + stats.cut
        + stats.malformed
        + stats.fragments
        + stats.fragments_dropped
        + stats.unknown_link.values().sum::<u64>();
    assert_eq!((stats.packets, by_fate), (before + 1, before + 1));
}

fn sound_packets() -> Vec<Vec<u8>> {
    vec![
        ethernet(0x0800, &ipv4(6, &tcp(b"some payload"))),
        ethernet(
            0x8100,
            &[&[0, 1, 0x86, 0xdd], &ipv6(17, &udp(b"some payload"))[..]].concat(),
        ),
        ethernet(0x86dd, &ipv6(44, &ipv6_part(6, &tcp(b"part"), 1, 0, true))),
        ethernet(
            0x0800,
            &ipv4(
                47,
                &[&[0x80, 0, 8, 0, 0, 0, 0, 0], &ipv4(4, &[])[..]].concat(),
            ),
        ),
        ethernet(
            0x86dd,
            &ipv6(
                0,
                &[&[60, 0, 1, 4, 0, 0, 0, 0], &ipv6(41, &[])[..]].concat(),
            ),
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes(
        link in prop::sample::select(LINKS), data in prop::collection::vec(any::<u8>(), 0..200),
        extra in 0_u32..2000,
    ) {
        let original_length = data.len() as u32 + extra;
        check(&mut Decoder::new(), &Packet { original_length, ..packet(link, &data, 0) });
    }

    #[test]
    fn damaged_packets(
        damage in prop::collection::vec(
            (0_usize..5, any::<prop::sample::Index>(), any::<u8>(), any::<prop::sample::Index>()),
            1..40,
        ),
    ) {
        let sound = sound_packets();
        let mut decoder = Decoder::new();
        for (which, at, byte, cut) in damage {
            let mut data = sound[which].clone();
            let at = at.index(data.len());
            data[at] = byte;
            let original_length = data.len() as u32;
            data.truncate(cut.index(data.len()) + 1);
            check(&mut decoder, &Packet { original_length, ..packet(1, &data, 0) });
        }
    }
}

#[test]
fn every_prefix() {
    for data in sound_packets() {
        let mut decoder = Decoder::new();
        for length in 0..=data.len() {
            let cut = Packet {
                data: &data[..length],
                ..packet(1, &data, 0)
            };
            check(&mut decoder, &cut);
        }
    }
}
