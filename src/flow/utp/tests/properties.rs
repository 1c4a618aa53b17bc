//! Invariant 2: order, copies and drops of packets.

use proptest::prelude::*;

use super::{A, B, Bench, LOST, Sent, bytes, data, end, run, sent, state};
use crate::flow::Limits;
use crate::flow::testing::Run;
use crate::wire::utp::PacketType;

/// Packets of a conversation as sent, and the payloads by side.
fn conversation() -> impl Strategy<Value = (Vec<Sent>, [Vec<Vec<u8>>; 2])> {
    let start = prop_oneof![any::<u16>(), Just(u16::MAX - 5)];
    let burst = (0..2_usize, prop::collection::vec(1..60_usize, 1..6));
    (
        start.clone(),
        start,
        prop::bool::weighted(0.8),
        prop::collection::vec(burst, 1..20),
    )
        .prop_map(|(syn, answer, libutp, bursts)| packets_of(syn, answer, libutp, &bursts))
}

fn packets_of(
    syn: u16,
    answer: u16,
    libutp: bool,
    bursts: &[(usize, Vec<usize>)],
) -> (Vec<Sent>, [Vec<Vec<u8>>; 2]) {
    let first = [syn.wrapping_add(1), answer.wrapping_add(u16::from(!libutp))];
    let mut payloads = [Vec::new(), Vec::new()];
    let mut packets = vec![sent(A, PacketType::SYN, syn, 0, b""), state(B, answer, syn)];
    let next = |payloads: &[Vec<Vec<u8>>; 2], side: usize| {
        first[side].wrapping_add(payloads[side].len() as u16)
    };
    for (from, lengths) in bursts {
        let (from, other) = (*from, 1 - *from);
        for &length in lengths {
            let payload: Vec<u8> = (0..length)
                .map(|i| (i * 7 + payloads[from].len() + from) as u8)
                .collect();
            let ack = next(&payloads, other).wrapping_sub(1);
            packets.push(data(from, next(&payloads, from), ack, &payload));
            payloads[from].push(payload);
        }
        let ack = next(&payloads, from).wrapping_sub(1);
        packets.push(state(other, next(&payloads, other), ack));
    }
    (packets, payloads)
}

fn shuffled(packets: &[Sent], moves: &[usize], window: usize) -> Vec<Sent> {
    let mut keyed: Vec<(usize, &Sent)> = Vec::new();
    for (i, packet) in packets.iter().enumerate() {
        let by = moves[i % moves.len()];
        keyed.push((i + by % window, packet));
        if by.is_multiple_of(5) {
            keyed.push((i + by / 5 % window, packet));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed
        .into_iter()
        .map(|(_, packet)| packet.clone())
        .collect()
}

/// The runs that remain of payloads without those in `missing`.
fn expected_runs(payloads: &[Vec<u8>], missing: &[usize]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (index, payload) in payloads.iter().enumerate() {
        match runs.last_mut() {
            _ if missing.contains(&index) => {
                if runs.last() != Some(&LOST) {
                    runs.push(LOST);
                }
            }
            Some(Run::Bytes(bytes)) => bytes.extend(payload),
            _ => runs.push(bytes(payload)),
        }
    }
    runs
}

proptest! {
    /// Invariant 2: reordering within a window and duplication give the same
    /// bytes as the capture in order.
    #[test]
    fn order_and_copies_do_not_matter(
        (packets, payloads) in conversation(),
        moves in prop::collection::vec(0..1000_usize, 1..50),
        window in 1..9_usize,
    ) {
        let recorder = run(&shuffled(&packets, &moves, window));
        let log = recorder.only();
        for side in [A, B] {
            prop_assert_eq!(&log.tracks[side].runs, &expected_runs(&payloads[side], &[]));
            prop_assert!(log.tracks[side].conflicts.is_empty());
        }
    }

    /// Invariant 2 with drops: the same bytes outside the gaps, and the gaps in
    /// their places.
    #[test]
    fn drops_become_gaps(
        (mut packets, payloads) in conversation(),
        drops in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut missing = [vec![], vec![]];
        let mut counts = [0, 0];
        let numbered: Vec<Option<usize>> = packets.iter().map(|packet| {
            (packet.kind == PacketType::DATA).then(|| {
                counts[packet.from] += 1;
                counts[packet.from] - 1
            })
        }).collect();
        let mut gone: Vec<usize> = drops.iter().map(|drop| drop.index(packets.len())).collect();
        gone.sort_unstable();
        gone.dedup();
        for &index in gone.iter().rev() {
            // The first packet of the initiator tells the style of numbers.
            if let Some(number) = numbered[index] && number > 0 {
                missing[packets[index].from].push(number);
                packets.remove(index);
            }
        }
        let recorder = run(&packets);
        let log = recorder.only();
        for side in [A, B] {
            prop_assert_eq!(
                &log.tracks[side].runs,
                &expected_runs(&payloads[side], &missing[side])
            );
        }
    }

    /// A capture without the handshake begins with what it shows of each side.
    #[test]
    fn mid_stream_start_is_put_in_order(
        (packets, payloads) in conversation(),
        moves in prop::collection::vec(0..1000_usize, 1..50),
        window in 1..5_usize,
    ) {
        let shown = shuffled(&packets[2..], &moves, window);
        prop_assume!(shown.iter().take(8).any(|packet| packet.from != shown[0].from));
        let recorder = run(&shown);
        let log = recorder.only();
        prop_assert_eq!(log.connection.as_ref().expect("opened").ends[0], end(A));
        for side in [A, B] {
            prop_assert_eq!(&log.tracks[side].runs, &expected_runs(&payloads[side], &[]));
        }
    }

    /// Whatever comes, the contract holds (the recorder asserts it) and the
    /// memory is bounded.
    #[test]
    fn random_packets(
        packets in prop::collection::vec(
            (0..2_usize, 0..5_u8, 0..4_u16, 0..4_u8, any::<(u16, u16)>(), 0..40_usize,
             prop_oneof![Just(0_u32), any::<u32>()], 0..1_000_000_i128),
            0..200),
    ) {
        let limits = Limits { direction: 2_000, total: 5_000, connections: 2, closed: 2, idle: None };
        let mut bench = Bench::with(limits);
        for (from, kind, id, near, (seq, ack), length, cut, nanos) in packets {
            let kind = PacketType(kind);
            let (seq, ack) = if near > 0 { (seq % 100, ack % 100) } else { (seq, ack) };
            let bare = !matches!(kind, PacketType::DATA | PacketType::FIN);
            let packet = Sent {
                from, kind, id, seq, ack,
                payload: if bare { vec![] } else { vec![7; length] },
                cut: if bare { 0 } else { cut.min(u32::MAX - 100) },
            };
            bench.feed_after(nanos * 300, &packet);
            prop_assert!(bench.table.buffered() <= 5_000);
        }
        bench.finish();
    }
}
