//! Invariant 2: order, copies and drops of packets.

use proptest::prelude::*;

use super::{A, B, Bench, Packet, bytes, end, lost, run};
use crate::flow::Limits;
use crate::flow::testing::Run;

/// What one side sends in a generated conversation.
#[derive(Debug, Clone)]
struct Burst {
    from: usize,
    lengths: Vec<usize>,
}

/// Two initial sequence numbers, and bursts of segments of `shortest` bytes or
/// more.
fn conversation(shortest: usize) -> impl Strategy<Value = (u32, u32, Vec<Burst>)> {
    let start = prop_oneof![any::<u32>(), Just(u32::MAX - 300), Just(u32::MAX)];
    let burst = (0..2_usize, prop::collection::vec(shortest..200, 1..6));
    let burst = burst.prop_map(|(from, lengths)| Burst { from, lengths });
    (start, any::<u32>(), prop::collection::vec(burst, 1..20))
}

/// The packets of a conversation as sent, without FIN, and the bytes by side.
fn packets_of(isn: [u32; 2], bursts: &[Burst]) -> (Vec<Packet>, [Vec<u8>; 2]) {
    let mut sent = [Vec::new(), Vec::new()];
    let seq = |sent: &[Vec<u8>; 2], side: usize| {
        isn[side]
            .wrapping_add(1)
            .wrapping_add(sent[side].len() as u32)
    };
    let all = |from, seq, ack, flags, payload| Packet {
        from,
        seq,
        ack,
        flags,
        payload,
        cut: 0,
    };
    let mut packets = vec![
        all(A, isn[A], None, "S", vec![]),
        all(B, isn[B], Some(seq(&sent, A)), "S", vec![]),
        all(A, seq(&sent, A), Some(seq(&sent, B)), "", vec![]),
    ];
    for burst in bursts {
        let (from, other) = (burst.from, 1 - burst.from);
        for &length in &burst.lengths {
            let at = sent[from].len();
            let payload: Vec<u8> = (at..at + length)
                .map(|i| (i * 7 + i / 251 + from) as u8)
                .collect();
            let (own, ack) = (seq(&sent, from), seq(&sent, other));
            packets.push(all(from, own, Some(ack), "", payload.clone()));
            sent[from].extend(payload);
        }
        let (own, ack) = (seq(&sent, other), seq(&sent, from));
        packets.push(all(other, own, Some(ack), "", vec![]));
    }
    (packets, sent)
}

/// Moves each packet back by up to `window` places and sends some twice.
fn shuffled(packets: &[Packet], moves: &[usize], window: usize) -> Vec<Packet> {
    let mut keyed: Vec<(usize, &Packet)> = Vec::new();
    for (i, packet) in packets.iter().enumerate() {
        let mv = moves[i % moves.len()];
        keyed.push((i + mv % window, packet));
        if mv.is_multiple_of(5) {
            keyed.push((i + mv / 5 % window, packet));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed
        .into_iter()
        .map(|(_, packet)| packet.clone())
        .collect()
}

/// The runs that remain of `sent` without the ranges in `missing`.
fn expected_runs(sent: &[u8], missing: &[(usize, usize)]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < sent.len() {
        let gone = |at: usize| missing.iter().any(|&(start, end)| start <= at && at < end);
        let is_gone = gone(at);
        let end = (at..sent.len()).find(|&i| gone(i) != is_gone);
        let end = end.unwrap_or(sent.len());
        runs.push(if is_gone {
            lost((end - at) as u64)
        } else {
            bytes(&sent[at..end])
        });
        at = end;
    }
    runs
}

proptest! {
    /// Invariant 2: any split, reordering within a window and duplication give
    /// the same bytes as the capture in order.
    #[test]
    fn order_and_duplicates_do_not_matter(
        (a, b, bursts) in conversation(1),
        moves in prop::collection::vec(0..1000_usize, 1..50),
        window in 1..9_usize,
    ) {
        let (packets, sent) = packets_of([a, b], &bursts);
        let recorder = run(&shuffled(&packets, &moves, window));
        let log = recorder.only();
        for side in [A, B] {
            prop_assert_eq!(&log.tracks[side].runs, &expected_runs(&sent[side], &[]));
            prop_assert!(log.tracks[side].conflicts.is_empty());
        }
    }

    /// Invariant 2 with drops: the same bytes outside the gaps, and the gaps
    /// exactly.
    #[test]
    fn drops_become_exact_gaps(
        (a, b, bursts) in conversation(1),
        moves in prop::collection::vec(0..1000_usize, 1..50),
        window in 1..9_usize,
        drops in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let (mut packets, sent) = packets_of([a, b], &bursts);
        // The last packets stay: what nobody acknowledged cannot be missed.
        let mut missing = [vec![], vec![]];
        for drop in drops {
            let index = 3 + drop.index(packets.len() - 3);
            if packets[index].payload.is_empty() || index + 1 >= packets.len() {
                continue;
            }
            let gone = packets.remove(index);
            let start = gone.seq.wrapping_sub([a, b][gone.from]).wrapping_sub(1) as usize;
            missing[gone.from].push((start, start + gone.payload.len()));
        }
        let recorder = run(&shuffled(&packets, &moves, window));
        let log = recorder.only();
        for side in [A, B] {
            let runs = expected_runs(&sent[side], &missing[side]);
            // One byte at the very end could be a FIN.
            if runs.last() == Some(&lost(1)) { continue; }
            prop_assert_eq!(&log.tracks[side].runs, &runs);
        }
    }

    /// A capture without the handshake begins with what it shows of each side.
    /// (One byte that was acknowledged before is taken for a keep-alive there.)
    #[test]
    fn mid_stream_start_is_put_in_order(
        (a, b, bursts) in conversation(2),
        moves in prop::collection::vec(0..1000_usize, 1..50),
        window in 1..9_usize,
    ) {
        let (packets, sent) = packets_of([a, b], &bursts);
        let recorder = run(&shuffled(&packets[3..], &moves, window));
        let log = recorder.only();
        let first = log.connection.as_ref().expect("opened").ends[0];
        for side in [A, B] {
            let track = &log.tracks[usize::from(first != end(side))];
            prop_assert_eq!(&track.runs, &expected_runs(&sent[side], &[]));
        }
    }

    /// Whatever comes, the contract holds (the recorder asserts it) and the
    /// memory is bounded.
    #[test]
    fn random_segments(
        segments in prop::collection::vec(
            (0..2_usize, 0..4_u8, any::<u32>(), any::<Option<u32>>(),
             prop::sample::select(vec!["", "", "", "S", "F", "R", "SF", "SR"]),
             0..40_usize, prop_oneof![Just(0), Just(5), any::<u32>()], 0..1_000_000_i128),
            0..200),
    ) {
        let limits = Limits { direction: 2_000, total: 5_000, ..Limits::default() };
        let mut bench = Bench::with(limits);
        for (from, near, number, ack, flags, length, cut, nanos) in segments {
            let seq = if near == 0 { number } else { number % 300 };
            let packet = Packet {
                from, seq, ack: ack.map(|ack| if near > 1 { ack % 300 } else { ack }),
                flags, payload: vec![7; length], cut: cut.min(u32::MAX - 100),
            };
            bench.feed_after(nanos * 300, &packet);
            prop_assert!(bench.table.buffered() <= 5_000);
        }
        bench.finish();
    }
}
