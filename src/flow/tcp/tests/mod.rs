mod properties;

use std::net::SocketAddr;

use super::TcpTable;
use crate::flow::testing::{Clock, Recorder, Run};
use crate::flow::{Close, Counter, Evicted, GapCause, Limits};
use crate::packet::{Segment, TcpFlags};

const A: usize = 0;
const B: usize = 1;

/// A segment with its own payload.
#[derive(Debug, Clone, Default)]
struct Packet {
    from: usize,
    seq: u32,
    ack: Option<u32>,
    flags: &'static str,
    payload: Vec<u8>,
    cut: u32,
}

fn end(side: usize) -> SocketAddr {
    ["10.0.0.1:50000", "10.0.0.2:6881"][side]
        .parse()
        .expect("an address")
}

fn packet(from: usize, seq: u32, ack: u32, flags: &'static str, payload: &[u8]) -> Packet {
    Packet {
        from,
        seq,
        ack: (ack != 0).then_some(ack),
        flags,
        payload: payload.to_vec(),
        cut: 0,
    }
}

/// A table, its consumer and a clock.
struct Bench {
    table: TcpTable<Recorder>,
    recorder: Recorder,
    clock: Clock,
}

impl Bench {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self {
            table: TcpTable::new(limits, Counter::default()),
            recorder: Recorder::default(),
            clock: Clock::default(),
        }
    }

    fn feed(&mut self, packet: &Packet) {
        self.feed_after(1_000, packet);
    }

    fn feed_after(&mut self, nanos: i128, packet: &Packet) {
        let stamp = self.clock.after(nanos);
        let segment = Segment {
            src: end(packet.from),
            dst: end(1 - packet.from),
            seq: packet.seq,
            ack: packet.ack.unwrap_or(0),
            window: u16::MAX,
            flags: TcpFlags {
                syn: packet.flags.contains('S'),
                ack: packet.ack.is_some(),
                fin: packet.flags.contains('F'),
                rst: packet.flags.contains('R'),
            },
            payload: &packet.payload,
            wire_length: packet.payload.len() as u32 + packet.cut,
        };
        self.table.segment(&segment, stamp, &mut self.recorder);
    }

    fn run(mut self, packets: &[Packet]) -> Recorder {
        for packet in packets {
            self.feed(packet);
        }
        self.finish()
    }

    fn finish(mut self) -> Recorder {
        self.table.finish(&mut self.recorder);
        assert_eq!(self.table.buffered(), 0);
        self.recorder
    }
}

fn run(packets: &[Packet]) -> Recorder {
    Bench::new().run(packets)
}

fn handshake() -> Vec<Packet> {
    vec![
        packet(A, 99, 0, "S", b""),
        packet(B, 499, 100, "S", b""),
        packet(A, 100, 500, "", b""),
    ]
}

fn bytes(text: &[u8]) -> Run {
    Run::Bytes(text.to_vec())
}

fn lost(length: u64) -> Run {
    Run::Missing(Some(length), GapCause::Lost)
}

#[test]
fn plain_conversation() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "", b"hello"),
        packet(B, 500, 105, "", b"world!"),
        packet(A, 105, 506, "F", b"bye"),
        packet(B, 506, 109, "F", b""),
        packet(A, 109, 507, "", b""),
    ]);
    let recorder = run(&packets);
    let log = recorder.only();
    assert_eq!(log.tracks[A].runs, [bytes(b"hellobye")]);
    assert_eq!(log.tracks[B].runs, [bytes(b"world!")]);
    assert_eq!(log.tracks[A].finished, Some(false));
    assert_eq!(log.close, Some(Close::Fin));
    let connection = log.connection.as_ref().expect("opened");
    assert!(connection.from_start);
    assert_eq!(connection.ends, [end(A), end(B)]);
}

#[test]
fn data_in_syn_and_late_syn_ack() {
    let recorder = run(&[
        packet(A, 99, 0, "S", b"fast"),
        packet(B, 500, 104, "", b"reply"),
        packet(B, 499, 100, "S", b""),
        packet(A, 104, 505, "", b"!"),
    ]);
    let log = recorder.only();
    assert_eq!(log.tracks[A].runs, [bytes(b"fast!")]);
    assert_eq!(log.tracks[B].runs, [bytes(b"reply")]);
    assert_eq!(log.close, Some(Close::Open));
}

#[test]
fn syn_behind_the_data_settles_who_opened() {
    let recorder = run(&[
        packet(B, 500, 103, "", b"to you"),
        packet(A, 100, 500, "", b"abc"),
        packet(B, 499, 100, "S", b""),
        packet(A, 99, 0, "S", b""),
    ]);
    let log = recorder.only();
    let connection = log.connection.as_ref().expect("opened");
    assert_eq!(connection.ends, [end(A), end(B)]);
    assert_eq!(log.tracks[A].runs, [bytes(b"abc")]);
    assert_eq!(log.tracks[B].runs, [bytes(b"to you")]);
}

/// The SYN-ACK is missing, and so is the first data of the acceptor: what the initiator
/// acknowledges, and the number of a mere acknowledgement, tell where that begins.
#[test]
fn what_is_missing_at_the_start_is_known_without_the_syn_ack() {
    let begun = [
        packet(A, 99, 0, "S", b""),
        packet(A, 100, 500, "", b""),
        packet(A, 100, 500, "", b"hello"),
        packet(B, 500, 105, "", b""),
    ];
    let rest = [
        packet(A, 105, 568, "", b"!"),
        packet(B, 568, 106, "", b"world"),
        packet(A, 106, 573, "", b""),
    ];
    for lost_too in [0..0, 1..2, 1..3, 3..4] {
        let mut packets = begun.to_vec();
        packets.drain(lost_too.clone());
        packets.extend(rest.clone());
        let recorder = run(&packets);
        let runs = &recorder.only().tracks[B].runs;
        assert_eq!(runs, &[lost(68), bytes(b"world")], "without {lost_too:?}");
    }
}

#[test]
fn retransmissions_overlaps_and_conflicts() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "", b"0123"),
        packet(A, 102, 500, "", b"XX45"),
        packet(A, 110, 500, "", b"abcd"),
        packet(A, 108, 500, "", b"89aYcdef"),
        packet(A, 106, 500, "", b"67"),
    ]);
    let recorder = run(&packets);
    let track = &recorder.only().tracks[A];
    assert_eq!(track.runs, [bytes(b"0123456789abcdef")]);
    assert_eq!(track.conflicts, [11]);
}

#[test]
fn keep_alives_and_window_probes() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "", b"data"),
        packet(B, 500, 104, "", b""),
        packet(A, 103, 500, "", b"\0"),
        packet(A, 103, 500, "", b""),
        packet(A, 104, 500, "", b"n"),
        packet(A, 104, 500, "", b"next"),
    ]);
    assert_eq!(run(&packets).only().tracks[A].runs, [bytes(b"datanext")]);
}

#[test]
fn keep_alive_in_mid_stream_is_no_data() {
    let recorder = run(&[
        packet(B, 500, 104, "", b""),
        packet(A, 103, 500, "", b"\0"),
        packet(B, 500, 104, "", b""),
        packet(A, 104, 500, "", b"data"),
    ]);
    // The first packet seen makes its sender the initiator.
    assert_eq!(recorder.only().tracks[1].runs, [bytes(b"data")]);
}

#[test]
fn first_segments_of_a_mid_stream_capture_are_put_in_order() {
    let recorder = run(&[
        packet(A, 1005, 500, "", b"56789"),
        packet(A, 1000, 500, "", b"01234"),
        packet(B, 500, 1010, "", b"ok"),
    ]);
    let log = recorder.only();
    assert_eq!(log.tracks[A].runs, [bytes(b"0123456789")]);
    assert_eq!(log.tracks[B].runs, [bytes(b"ok")]);
    assert!(!log.connection.as_ref().expect("opened").from_start);
}

#[test]
fn acknowledged_hole_becomes_a_gap_after_the_grace() {
    let mut bench = Bench::new();
    for packet in handshake() {
        bench.feed(&packet);
    }
    bench.feed(&packet(A, 104, 500, "", b"efgh"));
    bench.feed(&packet(B, 500, 108, "", b""));
    for _ in 0..63 {
        bench.feed(&packet(B, 500, 108, "", b""));
        assert!(bench.recorder.only().tracks[A].runs.is_empty());
    }
    bench.feed(&packet(B, 500, 108, "", b""));
    let runs = &bench.recorder.only().tracks[A].runs;
    assert_eq!(runs, &[lost(4), bytes(b"efgh")]);
}

#[test]
fn hole_that_is_not_acknowledged_waits_for_the_retransmission() {
    let mut bench = Bench::new();
    for packet in handshake() {
        bench.feed(&packet);
    }
    bench.feed(&packet(A, 104, 500, "", b"efgh"));
    for _ in 0..200 {
        bench.feed_after(10_000_000, &packet(B, 500, 100, "", b""));
    }
    bench.feed(&packet(A, 100, 500, "", b"abcd"));
    let runs = &bench.recorder.only().tracks[A].runs;
    assert_eq!(runs, &[bytes(b"abcdefgh")]);
}

#[test]
fn grace_ends_by_time_while_the_connection_is_silent() {
    let mut bench = Bench::new();
    for packet in handshake() {
        bench.feed(&packet);
    }
    bench.feed(&packet(A, 104, 500, "", b"efgh"));
    bench.feed(&packet(B, 500, 108, "", b""));
    let stamp = bench.clock.after(250_000_000);
    let other = Segment {
        src: end(A),
        dst: "10.0.0.3:1".parse().expect("an address"),
        seq: 1,
        ack: 0,
        window: u16::MAX,
        flags: TcpFlags::default(),
        payload: b"",
        wire_length: 0,
    };
    bench.table.segment(&other, stamp, &mut bench.recorder);
    let runs = &bench.recorder.only().tracks[A].runs;
    assert_eq!(runs, &[lost(4), bytes(b"efgh")]);
}

#[test]
fn lost_tail_is_known_by_its_acknowledgement() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "", b"abcd"),
        packet(B, 500, 110, "", b""),
    ]);
    let recorder = run(&packets);
    let runs = &recorder.only().tracks[A].runs;
    assert_eq!(runs, &[bytes(b"abcd"), lost(6)]);
}

#[test]
fn snaplen_gaps_stand_in_order_and_can_be_filled_while_waiting() {
    let cut = |seq, payload: &[u8], cut| Packet {
        cut,
        ..packet(A, seq, 500, "", payload)
    };
    let snaplen = |length| Run::Missing(Some(length), GapCause::Snaplen);
    let mut packets = handshake();
    packets.extend([
        cut(100, b"ab", 8),
        cut(120, b"kl", 8),
        cut(130, b"mn", 8),
        packet(A, 122, 500, "", b"23456789"),
        cut(110, b"ef", 8),
        packet(A, 102, 500, "", b"too late"),
    ]);
    let recorder = run(&packets);
    let runs = &recorder.only().tracks[A].runs;
    let expected = [
        bytes(b"ab"),
        snaplen(8),
        bytes(b"ef"),
        snaplen(8),
        bytes(b"kl23456789mn"),
        snaplen(8),
    ];
    assert_eq!(runs, &expected);
}

#[test]
fn reset_takes_what_was_sent_before_it() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "", b"ab"),
        packet(B, 503, 102, "R", b""),
        packet(B, 500, 102, "", b"xyz"),
    ]);
    let recorder = run(&packets);
    let log = recorder.only();
    assert_eq!(log.tracks[B].runs, [bytes(b"xyz")]);
    assert_eq!(log.tracks[B].finished, Some(true));
    assert_eq!(log.close, Some(Close::Reset));
}

#[test]
fn refused_connection() {
    let recorder = run(&[packet(A, 99, 0, "S", b""), packet(B, 0, 100, "R", b"")]);
    assert_eq!(recorder.only().close, Some(Close::Reset));
}

#[test]
fn out_of_order_fin_and_data_after_it() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 104, 500, "F", b"ef"),
        packet(A, 106, 500, "", b"junk"),
        packet(A, 100, 500, "", b"abcd"),
        packet(A, 102, 500, "", b"cdefgh"),
    ]);
    let recorder = run(&packets);
    let track = &recorder.only().tracks[A];
    assert_eq!(track.runs, [bytes(b"abcdef")]);
    assert_eq!(track.finished, Some(false));
}

#[test]
fn ports_are_used_again() {
    let mut packets = Vec::new();
    for base in [100_u32, 7_000, 3_000_000_000] {
        packets.extend([
            packet(A, base - 1, 0, "S", b""),
            packet(A, base - 1, 0, "S", b""),
            packet(B, base + 399, base, "S", b""),
            packet(A, base, base + 400, "", b"abc"),
            packet(B, base + 400, base + 3, "", b"de"),
        ]);
    }
    let recorder = run(&packets);
    let closes: Vec<_> = recorder.logs.values().map(|log| log.close).collect();
    let expected = [Close::Replaced, Close::Replaced, Close::Open].map(Some);
    assert_eq!(closes, expected);
    for log in recorder.logs.values() {
        assert_eq!(log.tracks[A].runs, [bytes(b"abc")]);
        assert_eq!(log.tracks[B].runs, [bytes(b"de")]);
    }
}

#[test]
fn simultaneous_open() {
    let recorder = run(&[
        packet(A, 99, 0, "S", b""),
        packet(B, 499, 0, "S", b""),
        packet(A, 99, 500, "S", b""),
        packet(B, 499, 100, "S", b""),
        packet(A, 100, 500, "", b"abc"),
        packet(B, 500, 103, "", b"de"),
    ]);
    let log = recorder.only();
    assert_eq!(log.tracks[A].runs, [bytes(b"abc")]);
    assert_eq!(log.tracks[B].runs, [bytes(b"de")]);
}

#[test]
fn late_packets_of_a_closed_connection_open_nothing() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "F", b"abc"),
        packet(B, 500, 104, "F", b""),
        packet(A, 104, 501, "", b""),
        packet(A, 100, 500, "F", b"abc"),
        packet(B, 501, 0, "R", b""),
    ]);
    assert_eq!(run(&packets).only().close, Some(Close::Fin));
}

#[test]
fn unwanted_connection_buffers_nothing() {
    let mut bench = Bench::new();
    bench.recorder.enough = Some(3);
    for packet in handshake() {
        bench.feed(&packet);
    }
    bench.feed(&packet(A, 100, 500, "", b"abc"));
    bench.feed(&packet(A, 200, 500, "", b"later"));
    assert_eq!(bench.table.buffered(), 0);
    bench.feed(&packet(A, 205, 500, "F", b""));
    bench.feed(&packet(B, 500, 206, "F", b""));
    let recorder = bench.finish();
    assert_eq!(recorder.only().tracks[A].runs, [bytes(b"abc")]);
    assert_eq!(recorder.only().close, Some(Close::Fin));
}

#[test]
fn one_forged_segment_replaces_nothing() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "", b"ab"),
        packet(A, 77_000_000, 0, "S", b""),
        packet(B, 2_000_000_000, 1_500_000_000, "", b"forged"),
        packet(A, 102, 500, "", b"cd"),
    ]);
    assert_eq!(run(&packets).only().tracks[A].runs, [bytes(b"abcd")]);
}

#[test]
fn ports_are_used_again_without_a_syn() {
    let mut packets = handshake();
    packets.extend([
        packet(A, 100, 500, "", b"old"),
        packet(A, 2_000_000_000, 1_500_000_000, "", b"new"),
        packet(B, 1_500_000_000, 2_000_000_003, "", b"answer"),
    ]);
    let recorder = run(&packets);
    assert_eq!(recorder.logs.len(), 2);
    assert_eq!(recorder.logs[&0].close, Some(Close::Replaced));
    let [initiator, acceptor] = &recorder.logs[&1].tracks;
    assert_eq!(initiator.runs, [bytes(b"new")]);
    assert_eq!(acceptor.runs, [bytes(b"answer")]);
}

#[test]
fn offsets_pass_4_gib() {
    let mut bench = Bench::with(Limits {
        direction: 100,
        ..Limits::default()
    });
    for packet in handshake() {
        bench.feed(&packet);
    }
    for step in 1..=20_u32 {
        // The recorder checks that offsets go on without a jump.
        let seq = 100_u32.wrapping_add(step << 29);
        bench.feed(&packet(A, seq, 500, "", b"some bytes after a large gap"));
    }
    let recorder = bench.finish();
    assert_eq!(recorder.only().tracks[A].next, (20 << 29) + 28);
}

#[test]
fn number_of_connections_is_bounded() {
    let limits = Limits {
        connections: 100,
        closed: 10,
        ..Limits::default()
    };
    let mut bench = Bench::with(limits);
    for number in 0..5_000_u32 {
        // Time stands still, so that no alarm ever goes off.
        let stamp = bench.clock.after(0);
        let segment = Segment {
            src: SocketAddr::from((number.to_be_bytes(), 1)),
            dst: end(B),
            seq: number,
            ack: 1,
            window: u16::MAX,
            flags: TcpFlags {
                ack: true,
                rst: number % 7 == 0,
                ..TcpFlags::default()
            },
            payload: b"payload",
            wire_length: 7,
        };
        bench.table.segment(&segment, stamp, &mut bench.recorder);
        let (live, closed) = bench.table.counts();
        assert!(live <= 100 && closed <= 10);
        assert!(bench.table.keeper.alarms() <= 2 * 121 + 1);
    }
    assert!(bench.table.evicted().crowded > 4_000);
    // Evicted in the order of their last use, and none without its bytes.
    let recorder = bench.finish();
    assert_eq!(recorder.logs.len(), 5_000);
    for (number, log) in &recorder.logs {
        // What a RST carries is no part of the stream.
        let expected = if number % 7 == 0 { 0 } else { 7 };
        assert_eq!(log.tracks[0].next, expected);
    }
    let close = |number: u64| recorder.logs[&number].close;
    assert_eq!(close(1), Some(Close::Evicted));
    assert_eq!(close(4_901), Some(Close::Open));
}

#[test]
fn silent_connections_go_when_the_limits_say_so() {
    let limits = Limits {
        idle: Some(1_000_000_000),
        ..Limits::default()
    };
    let mut bench = Bench::with(limits);
    for packet in handshake() {
        bench.feed(&packet);
    }
    let tick = |bench: &mut Bench, nanos| {
        let stamp = bench.clock.after(nanos);
        bench.table.tick(stamp, &mut bench.recorder);
    };
    tick(&mut bench, 900_000_000);
    assert_eq!(bench.table.evicted(), Evicted::default());
    // A packet begins the time anew.
    bench.feed(&packet(A, 100, 500, "", b"one"));
    tick(&mut bench, 900_000_000);
    assert_eq!(bench.table.counts(), (1, 0));
    tick(&mut bench, 200_000_000);
    let evicted = Evicted {
        idle: 1,
        crowded: 0,
    };
    assert_eq!(bench.table.evicted(), evicted);
    assert_eq!(bench.table.counts(), (0, 0));
    let recorder = bench.finish();
    assert_eq!(recorder.only().tracks[0].runs, [bytes(b"one")]);
    assert_eq!(recorder.only().close, Some(Close::Evicted));
}

#[test]
fn time_that_goes_by_ends_the_waiting_for_a_hole() {
    let mut bench = Bench::new();
    for packet in handshake() {
        bench.feed(&packet);
    }
    bench.feed(&packet(A, 103, 500, "", b"behind"));
    bench.feed(&packet(B, 500, 109, "", b""));
    assert!(bench.recorder.only().tracks[0].runs.is_empty());
    let stamp = bench.clock.after(300_000_000);
    bench.table.tick(stamp, &mut bench.recorder);
    let expected = [lost(3), bytes(b"behind")];
    assert_eq!(bench.recorder.only().tracks[0].runs, expected);
}

/// A connection costs this much and what its consumer keeps.
#[test]
fn entries_are_small() {
    // How it was asked for, what is acknowledged and since when is 56 of these bytes.
    assert!(size_of::<super::entry::Entry<Recorder>>() <= 480);
}

#[test]
fn flood_of_segments_out_of_order_is_bounded() {
    let limits = Limits {
        direction: 20_000,
        total: 50_000,
        ..Limits::default()
    };
    let mut bench = Bench::with(limits);
    for packet in handshake() {
        bench.feed(&packet);
    }
    for step in 0..20_000_u32 {
        let seq = 102 + step.wrapping_mul(7_919) % 1_000_000;
        bench.feed(&packet(A, seq, 500, "", b"x"));
        assert!(bench.table.buffered() <= 20_000);
    }
    bench.finish();
}
