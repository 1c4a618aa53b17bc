//! Attempts at connections that nothing confirms.

use super::*;

fn syn(seq: u16) -> Sent {
    sent(A, PacketType::SYN, seq, 0, b"")
}

fn reset() -> Sent {
    sent(B, PacketType::RESET, 0, 99, b"")
}

#[test]
fn a_syn_alone_is_told_at_the_end() {
    let recorder = run(&[syn(99)]);
    let log = recorder.only();
    assert_eq!(log.close, Some(Close::Open));
    let connection = log.connection.as_ref().expect("opened");
    let opening = connection.opening.expect("a SYN");
    assert_eq!((opening.syns, opening.is_answered), (1, false));
    assert_eq!(connection.ends, [end(A), end(B)]);
}

#[test]
fn a_reset_takes_effect_after_a_grace() {
    let mut bench = Bench::new();
    bench.feed(&syn(99));
    bench.feed(&reset());
    assert!(bench.recorder.logs.is_empty(), "an answer may yet come");
    // A packet of another flow, when the grace is over.
    bench.feed_after(300_000_000, &data(B, 7, 8, b"?"));
    assert_eq!(bench.recorder.only().close, Some(Close::Reset));
    // What comes late is of the same attempt.
    bench.feed(&syn(99));
    bench.feed(&reset());
    assert_eq!(bench.finish().only().close, Some(Close::Reset));
}

#[test]
fn another_syn_ends_the_attempt_before_it() {
    let recorder = run(&[syn(99), syn(7)]);
    let closes: Vec<_> = recorder.logs.values().map(|log| log.close).collect();
    assert_eq!(closes, [Some(Close::Replaced), Some(Close::Open)]);
}

#[test]
fn many_repeats_are_one_attempt() {
    let recorder = run(&vec![syn(99); 40]);
    let connection = recorder.only().connection.as_ref().expect("opened");
    assert_eq!(connection.opening.expect("a SYN").syns, 40);
}

#[test]
fn attempts_are_bounded_like_other_flows() {
    let mut bench = Bench::with(Limits {
        closed: 4,
        ..Limits::default()
    });
    for id in 0..100 {
        bench.feed(&Sent {
            id: 2 * id,
            ..syn(id)
        });
    }
    assert_eq!(bench.table.counts(), (0, 0));
    assert_eq!(bench.recorder.logs.len(), 96);
    assert_eq!(bench.table.evicted().total(), 0, "no connection was lost");
    assert_eq!(bench.finish().logs.len(), 100);
}

#[test]
fn silent_attempts_go_where_connections_do() {
    let mut bench = Bench::with(Limits {
        idle: Some(60_000_000_000),
        ..Limits::default()
    });
    bench.feed(&syn(99));
    bench.feed_after(61_000_000_000, &data(B, 7, 8, b"?"));
    assert_eq!(bench.recorder.only().close, Some(Close::Evicted));
}
