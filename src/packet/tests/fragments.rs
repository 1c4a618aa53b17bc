use proptest::prelude::*;

use super::super::testing::{Owned, RAW, ipv4, ipv4_part, ipv6, ipv6_part, packet, tcp, udp};
use super::super::{Decoder, Stats};
use crate::capture::Packet;

/// Feeds packets one second apart; gives what comes out and the counts.
fn feed(packets: &[Vec<u8>]) -> (Vec<Owned>, Stats) {
    let mut decoder = Decoder::new();
    let mut got = Vec::new();
    for (second, data) in (0..).zip(packets) {
        got.extend(decoder.decode(&packet(RAW, data, second)).map(Owned::from));
    }
    (got, decoder.stats().clone())
}

fn payload(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n / 7) as u8).collect()
}

/// IPv4 fragments of `size` bytes.
fn split(whole: &[u8], size: usize, id: u16) -> Vec<Vec<u8>> {
    let last = whole.len().div_ceil(size) - 1;
    whole
        .chunks(size)
        .enumerate()
        .map(|(n, part)| ipv4_part(17, part, id, (n * size) as u16, n < last))
        .collect()
}

#[test]
fn in_any_order_and_twice() {
    let whole = udp(&payload(5000));
    let mut parts = split(&whole, 1480, 1);
    let (got, stats) = feed(&parts);
    assert_eq!((got.len(), got[0].payload.clone()), (1, payload(5000)));
    assert_eq!(got[0].wire_length, 5000);
    assert_eq!((stats.fragments, stats.udp, stats.packets), (3, 1, 4));
    parts.reverse();
    let twice: Vec<_> = parts.iter().flat_map(|p| [p.clone(), p.clone()]).collect();
    let (got, _) = feed(&twice);
    assert_eq!((got.len(), got[0].payload.clone()), (1, payload(5000)));
}

#[test]
fn ipv6_with_an_extension_header_inside() {
    let options = [6, 0, 1, 4, 0, 0, 0, 0];
    let whole = [&options[..], &tcp(&payload(3000))].concat();
    let parts = [
        ipv6(44, &ipv6_part(60, &whole[1400..], 77, 1400, false)),
        ipv6(44, &ipv6_part(60, &whole[..1400], 77, 0, true)),
    ];
    let (got, stats) = feed(&parts);
    assert!(got[0].tcp && got[0].payload == payload(3000));
    assert_eq!((stats.fragments, stats.tcp), (1, 1));
}

#[test]
fn datagrams_do_not_mix() {
    let (one, two) = (udp(&[1; 2000]), udp(&[2; 2000]));
    let (a, b) = (split(&one, 1024, 1), split(&two, 1024, 2));
    let (got, _) = feed(&[a[0].clone(), b[0].clone(), b[1].clone(), a[1].clone()]);
    assert_eq!(
        (got[0].payload.clone(), got[1].payload.clone()),
        (vec![2; 2000], vec![1; 2000])
    );
}

#[test]
fn the_first_bytes_win() {
    let whole = udp(&[1; 1016]);
    let late = [2; 1024];
    let (got, _) = feed(&[
        ipv4_part(17, &whole[..400], 1, 0, true),
        ipv4_part(17, &whole[800..], 1, 800, false),
        ipv4_part(17, &late[200..], 1, 200, true),
    ]);
    assert_eq!(got[0].payload[..392], [1; 392]);
    assert_eq!(got[0].payload[392..792], [2; 400]);
    assert_eq!(got[0].payload[792..], [1; 224]);
}

#[test]
fn a_fragment_cut_by_the_snaplen_is_dropped() {
    let parts = split(&udp(&payload(2000)), 1024, 1);
    let mut decoder = Decoder::new();
    let cut = Packet {
        data: &parts[0][..100],
        ..packet(RAW, &parts[0], 0)
    };
    assert!(decoder.decode(&cut).is_none());
    assert!(decoder.decode(&packet(RAW, &parts[1], 0)).is_none());
    let stats = decoder.stats();
    assert_eq!((stats.fragments_dropped, stats.fragments), (1, 1));
}

#[test]
fn nonsense_is_dropped() {
    let last = ipv4_part(17, &[0; 100], 1, 800, false);
    let (got, stats) = feed(&[
        // Beyond the end, past what a datagram can have, and empty.
        last,
        ipv4_part(17, &[0; 100], 1, 1600, true),
        ipv4_part(17, &[0; 100], 1, 65_528, true),
        ipv4_part(17, &[], 1, 8, true),
        // A datagram that would end before bytes that it has.
        ipv4_part(17, &[0; 100], 2, 800, true),
        ipv4_part(17, &[0; 100], 2, 400, false),
    ]);
    assert!(got.is_empty());
    assert_eq!((stats.fragments, stats.fragments_dropped), (2, 4));
}

#[test]
fn old_datagrams_are_abandoned() {
    let parts = split(&udp(&payload(2000)), 1024, 1);
    let mut decoder = Decoder::new();
    assert!(decoder.decode(&packet(RAW, &parts[0], 0)).is_none());
    assert!(decoder.decode(&packet(RAW, &parts[1], 31)).is_none());
    assert_eq!(decoder.stats().datagrams_abandoned, 1);
    assert!(decoder.decode(&packet(RAW, &parts[0], 32)).is_some());
}

#[test]
fn memory_is_bounded() {
    let mut decoder = Decoder::new();
    for id in 0..2000 {
        let far = ipv4_part(17, &[0; 8], id, 65_000, true);
        decoder.decode(&packet(RAW, &far, 0));
    }
    // 4 MiB hold 64 datagrams of that length.
    assert_eq!(decoder.stats().datagrams_abandoned, 2000 - 64);
    let mut decoder = Decoder::new();
    for id in 0..2000 {
        decoder.decode(&packet(RAW, &ipv4_part(17, &[0; 8], id, 0, true), 0));
    }
    assert_eq!(decoder.stats().datagrams_abandoned, 2000 - 128);
    let mut decoder = Decoder::new();
    for hole in 0..400 {
        decoder.decode(&packet(RAW, &ipv4_part(17, &[0; 8], 1, hole * 16, true), 0));
    }
    assert_eq!(decoder.stats().fragments_dropped, 400 - 256);
}

#[test]
fn fragments_in_a_tunnel_and_a_tunnel_in_fragments() {
    let parts = split(&udp(&payload(2000)), 1024, 1);
    let tunnelled: Vec<_> = parts.iter().map(|part| ipv4(4, part)).collect();
    assert_eq!(feed(&tunnelled).0[0].payload, payload(2000));
    let inner = ipv4(17, &udp(&payload(2000)));
    let outer = [
        ipv4_part(4, &inner[..1024], 5, 0, true),
        ipv4_part(4, &inner[1024..], 5, 1024, false),
    ];
    assert_eq!(feed(&outer).0[0].payload, payload(2000));
    let both = [
        ipv4_part(4, &parts[0][..512], 5, 0, true),
        ipv4_part(4, &parts[0][512..], 5, 512, false),
    ];
    assert_eq!(feed(&both).1.fragments_dropped, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any cover of a datagram with parts, in any order, gives it back.
    #[test]
    fn any_parts_in_any_order(
        length in 1_usize..400,
        mut parts in prop::collection::vec((0_usize..50, 1_usize..50), 0..20),
        order in any::<u64>(),
    ) {
        let whole = udp(&payload(length));
        parts.extend((0..whole.len().div_ceil(8)).map(|n| (n, 1)));
        // A cheap shuffle that the case number fixes.
        parts.sort_by_key(|&(at, count)| {
            (at as u64 * 97 + count as u64).wrapping_mul(order | 1) >> 7
        });
        let packets: Vec<_> = parts
            .iter()
            .filter(|(at, _)| at * 8 < whole.len())
            .map(|&(at, count)| {
                let end = ((at + count) * 8).min(whole.len());
                ipv4_part(17, &whole[at * 8..end], 1, (at * 8) as u16, end < whole.len())
            })
            .collect();
        let mut decoder = Decoder::new();
        let got: Vec<Owned> = packets
            .iter()
            .filter_map(|data| decoder.decode(&packet(RAW, data, 0)).map(Owned::from))
            .collect();
        prop_assert!(!got.is_empty());
        prop_assert!(got.iter().all(|datagram| datagram.payload == payload(length)));
    }
}
