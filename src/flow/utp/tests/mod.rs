mod attempts;
mod properties;

use std::net::SocketAddr;

use super::UtpTable;
use crate::flow::testing::{Clock, Recorder, Run};
use crate::flow::{Close, Counter, GapCause, Limits};
use crate::packet::Datagram;
use crate::wire::utp::{Extensions, Packet, PacketType};

const A: usize = 0;
const B: usize = 1;

/// The initiator's SYN id.
const X: u16 = 0xffff;

fn end(side: usize) -> SocketAddr {
    ["10.0.0.1:50000", "10.0.0.2:6881"][side]
        .parse()
        .expect("an address")
}

/// A packet with its own payload; its clock is the capture's.
#[derive(Debug, Clone)]
struct Sent {
    from: usize,
    kind: PacketType,
    id: u16,
    seq: u16,
    ack: u16,
    payload: Vec<u8>,
    cut: u32,
}

/// A packet of the connection X.
fn sent(from: usize, kind: PacketType, seq: u16, ack: u16, payload: &[u8]) -> Sent {
    let plus = from == A && kind != PacketType::SYN;
    Sent {
        from,
        kind,
        id: X.wrapping_add(u16::from(plus)),
        seq,
        ack,
        payload: payload.to_vec(),
        cut: 0,
    }
}

fn data(from: usize, seq: u16, ack: u16, payload: &[u8]) -> Sent {
    sent(from, PacketType::DATA, seq, ack, payload)
}

fn state(from: usize, seq: u16, ack: u16) -> Sent {
    sent(from, PacketType::STATE, seq, ack, b"")
}

fn handshake() -> Vec<Sent> {
    vec![sent(A, PacketType::SYN, 99, 0, b""), state(B, 500, 99)]
}

struct Bench {
    table: UtpTable<Recorder>,
    recorder: Recorder,
    clock: Clock,
}

impl Bench {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self {
            table: UtpTable::new(limits, Counter::default()),
            recorder: Recorder::default(),
            clock: Clock::default(),
        }
    }

    fn feed(&mut self, packet: &Sent) -> bool {
        self.feed_after(1_000, packet)
    }

    fn feed_after(&mut self, nanos: i128, sent: &Sent) -> bool {
        let stamp = self.clock.after(nanos);
        let micros = stamp.time.nanos().unwrap_or(0) / 1_000;
        let packet = Packet {
            packet_type: sent.kind,
            connection_id: sent.id,
            timestamp: micros.cast_unsigned() as u32,
            timestamp_difference: 0,
            wnd_size: 1 << 20,
            seq_nr: sent.seq,
            ack_nr: sent.ack,
            extensions: Extensions::NONE,
            payload: &sent.payload,
            payload_length: sent.payload.len(),
        };
        let mut payload = Vec::new();
        packet.encode(&mut payload);
        let datagram = Datagram {
            src: end(sent.from),
            dst: end(1 - sent.from),
            payload: &payload,
            wire_length: payload.len() as u32 + sent.cut,
        };
        self.table.datagram(&datagram, stamp, &mut self.recorder)
    }

    fn run(mut self, packets: &[Sent]) -> Recorder {
        for packet in packets {
            self.feed(packet);
        }
        self.finish()
    }

    fn finish(mut self) -> Recorder {
        self.table.finish(&mut self.recorder);
        assert_eq!(self.table.buffered(), 0);
        assert_eq!(self.table.counts().0, 0);
        self.recorder
    }
}

fn run(packets: &[Sent]) -> Recorder {
    Bench::new().run(packets)
}

fn bytes(text: &[u8]) -> Run {
    Run::Bytes(text.to_vec())
}

const LOST: Run = Run::Missing(None, GapCause::Lost);

#[test]
fn libutp_style_conversation() {
    let mut packets = handshake();
    packets.extend([
        data(A, 100, 499, b"hello"),
        state(B, 500, 100),
        data(B, 500, 100, b"world"),
        state(A, 101, 500),
        sent(A, PacketType::FIN, 101, 500, b""),
        state(B, 501, 101),
    ]);
    let mut bench = Bench::new();
    let known: Vec<bool> = packets.iter().map(|packet| bench.feed(packet)).collect();
    assert_eq!(known, [false, true, true, true, true, true, true, true]);
    let recorder = bench.finish();
    let log = recorder.only();
    assert_eq!(log.tracks[A].runs, [bytes(b"hello")]);
    assert_eq!(log.tracks[B].runs, [bytes(b"world")]);
    assert_eq!(log.tracks[A].finished, Some(false));
    assert_eq!(log.close, Some(Close::Fin));
    let connection = log.connection.as_ref().expect("opened");
    assert!(connection.from_start);
    assert_eq!(connection.ends, [end(A), end(B)]);
}

#[test]
fn bep_style_numbers_after_the_answer() {
    let mut packets = handshake();
    packets.extend([
        data(A, 100, 500, b"hello"),
        data(B, 501, 100, b"wor"),
        state(A, 101, 501),
        data(B, 502, 100, b"ld"),
    ]);
    let recorder = run(&packets);
    assert_eq!(recorder.only().tracks[A].runs, [bytes(b"hello")]);
    assert_eq!(recorder.only().tracks[B].runs, [bytes(b"world")]);
}

#[test]
fn first_packet_of_the_acceptor_missing() {
    let mut packets = handshake();
    packets.extend([
        data(A, 100, 499, b"hello"),
        data(B, 501, 100, b"ld"),
        state(A, 101, 501),
    ]);
    assert_eq!(run(&packets).only().tracks[B].runs, [LOST, bytes(b"ld")]);
}

#[test]
fn packets_before_the_syn() {
    let recorder = run(&[
        state(B, 500, 99),
        data(A, 100, 499, b"hello"),
        sent(A, PacketType::SYN, 99, 0, b""),
        data(B, 500, 100, b"world"),
    ]);
    let log = recorder.only();
    let connection = log.connection.as_ref().expect("opened");
    assert_eq!(connection.ends, [end(A), end(B)]);
    assert_eq!(log.tracks[A].runs, [bytes(b"hello")]);
    assert_eq!(log.tracks[B].runs, [bytes(b"world")]);
}

#[test]
fn copies_and_conflicts() {
    let mut packets = handshake();
    packets.extend([
        data(A, 100, 499, b"ab"),
        data(A, 100, 499, b"ab"),
        data(A, 102, 499, b"efgh"),
        data(A, 102, 499, b"efXX"),
        data(A, 101, 499, b"cd"),
    ]);
    let recorder = run(&packets);
    assert_eq!(recorder.only().tracks[A].runs, [bytes(b"abcdefgh")]);
    assert_eq!(recorder.only().tracks[A].conflicts, [6]);
}

#[test]
fn acknowledged_packet_becomes_a_gap_after_the_grace() {
    let mut bench = Bench::new();
    for packet in handshake() {
        bench.feed(&packet);
    }
    bench.feed(&data(A, 101, 499, b"later"));
    bench.feed(&state(B, 500, 101));
    for _ in 0..63 {
        bench.feed(&state(B, 500, 101));
        assert!(bench.recorder.only().tracks[A].runs.is_empty());
    }
    bench.feed(&state(B, 500, 101));
    assert_eq!(
        bench.recorder.only().tracks[A].runs,
        [LOST, bytes(b"later")]
    );
}

#[test]
fn snaplen_gap_has_a_length() {
    let mut packets = handshake();
    packets.push(Sent {
        cut: 1000,
        ..data(A, 100, 499, b"ab")
    });
    packets.push(data(A, 101, 499, b"cd"));
    let cut = Run::Missing(Some(1000), GapCause::Snaplen);
    let recorder = run(&packets);
    assert_eq!(
        recorder.only().tracks[A].runs,
        [bytes(b"ab"), cut, bytes(b"cd")]
    );
}

#[test]
fn reset_may_carry_either_id() {
    for id in [X, X.wrapping_add(1)] {
        let mut packets = handshake();
        packets.push(data(A, 100, 499, b"ab"));
        packets.push(Sent {
            id,
            ..sent(B, PacketType::RESET, 0, 100, b"")
        });
        let recorder = run(&packets);
        assert_eq!(recorder.only().close, Some(Close::Reset));
        assert_eq!(recorder.only().tracks[B].finished, Some(true));
    }
}

#[test]
fn one_packet_is_no_connection() {
    let mut bench = Bench::new();
    assert!(!bench.feed(&data(A, 100, 499, b"hello")));
    assert!(!bench.feed(&data(A, 100, 499, b"hello")));
    // The id fits, the numbers do not.
    assert!(!bench.feed(&state(B, 30_000, 100)));
    assert!(bench.finish().logs.is_empty());
}

#[test]
fn one_packet_is_enough_if_its_payload_is_certain() {
    let mut bench = Bench::new();
    bench.recorder.certain = Some(b"\x13BitTorrent");
    assert!(bench.feed(&data(B, 100, 499, b"\x13BitTorrent")));
    assert!(bench.feed(&state(A, 500, 100)));
    let recorder = bench.finish();
    let log = recorder.only();
    assert_eq!(log.tracks[1].runs, [bytes(b"\x13BitTorrent")]);
    // The other side's id told who opened the connection.
    assert_eq!(log.connection.as_ref().expect("opened").ends[0], end(A));
}

#[test]
fn one_direction_only() {
    let mut bench = Bench::new();
    for (index, text) in [b"ab", b"cd", b"ef"].into_iter().enumerate() {
        bench.feed_after(2_000_000, &data(A, 100 + index as u16, 499, text));
    }
    assert_eq!(bench.finish().only().tracks[A].runs, [bytes(b"abcdef")]);
}

#[test]
fn several_connections_between_the_same_ports() {
    let mut packets = Vec::new();
    for step in 0..3 {
        for id in [10, 20, 30_u16] {
            let with = |packet: Sent| Sent {
                id: packet.id.wrapping_sub(X).wrapping_add(id),
                ..packet
            };
            packets.push(with(match step {
                0 => sent(A, PacketType::SYN, id, 0, b""),
                1 => state(B, 500, id),
                _ => data(A, id + 1, 499, &id.to_be_bytes()),
            }));
        }
    }
    let recorder = run(&packets);
    let runs: Vec<_> = recorder
        .logs
        .values()
        .map(|log| &log.tracks[A].runs)
        .collect();
    let expected = [10, 20, 30_u16].map(|id| vec![bytes(&id.to_be_bytes())]);
    assert_eq!(runs, expected.iter().collect::<Vec<_>>());
}

#[test]
fn ids_are_used_again() {
    let mut packets = handshake();
    packets.push(data(A, 100, 499, b"first"));
    packets.extend([
        sent(A, PacketType::SYN, 7000, 0, b""),
        sent(A, PacketType::SYN, 7000, 0, b""),
        state(B, 9000, 7000),
        data(A, 7001, 8999, b"second"),
    ]);
    let recorder = run(&packets);
    let closes: Vec<_> = recorder.logs.values().map(|log| log.close).collect();
    assert_eq!(closes, [Some(Close::Replaced), Some(Close::Open)]);
    assert_eq!(recorder.logs[&1].tracks[A].runs, [bytes(b"second")]);
}

/// A connection with an orderly end, and the same SYN again, so long after it.
fn again_after(end: &[Sent], nanos: i128) -> Vec<(Option<Close>, Vec<Run>)> {
    let mut bench = Bench::new();
    let mut first = handshake();
    first.push(data(A, 100, 499, b"first"));
    for packet in first.iter().chain(end) {
        bench.feed(packet);
    }
    bench.feed_after(nanos, &handshake()[0]);
    for packet in [state(B, 9000, 99), data(A, 100, 8999, b"second")] {
        bench.feed(&packet);
    }
    let logs = bench.finish().logs;
    logs.into_values()
        .map(|log| (log.close, log.tracks[A].runs.clone()))
        .collect()
}

fn fin(from: usize, seq: u16, ack: u16) -> Sent {
    sent(from, PacketType::FIN, seq, ack, b"")
}

#[test]
fn the_same_syn_asks_again_when_the_connection_is_over() {
    let second = || (Some(Close::Open), vec![bytes(b"second")]);
    let both = [fin(A, 101, 499), fin(B, 500, 101), state(A, 102, 500)];
    let reset = [sent(B, PacketType::RESET, 500, 100, b"")];
    for (end, nanos, how) in [
        (&both[..], 300_000_000, Close::Fin),
        (&both[..1], 300_000_000, Close::Fin),
        (&reset[..], 300_000_000, Close::Reset),
        (&[], 61_000_000_000, Close::Replaced),
    ] {
        let first = (Some(how), vec![bytes(b"first")]);
        assert_eq!(again_after(end, nanos), [first, second()], "{how:?}");
    }
    // Too soon, it is a copy of the first that comes late.
    for (end, nanos) in [
        (&both[..], 200_000_000),
        (&both[..1], 200_000_000),
        (&[], 59_000_000_000),
    ] {
        assert_eq!(again_after(end, nanos).len(), 1, "after {nanos}");
    }
}

#[test]
fn a_syn_of_the_other_side_is_no_copy() {
    let mut packets = handshake();
    packets.push(data(A, 100, 499, b"first"));
    // The id that makes the acceptor send with what it sends with already.
    let syn = Sent {
        id: X.wrapping_sub(1),
        ..sent(B, PacketType::SYN, 99, 0, b"")
    };
    packets.push(syn);
    let recorder = run(&packets);
    let closes: Vec<_> = recorder.logs.values().map(|log| log.close).collect();
    assert_eq!(closes, [Some(Close::Replaced), Some(Close::Open)]);
}

#[test]
fn numbers_lost_beyond_telling() {
    let mut packets = handshake();
    packets.push(data(A, 100, 499, b"first"));
    packets.extend((0..20).map(|i| data(A, 40_000 + i, 499, b"x")));
    let recorder = run(&packets);
    let runs = &recorder.only().tracks[A].runs;
    assert_eq!(runs[..2], [bytes(b"first"), LOST]);
    assert_eq!(runs.len(), 3);
}

#[test]
fn other_protocols_open_nothing() {
    let mut bench = Bench::new();
    let texts: [&[u8]; 4] = [b"", b"\x01", b"d1:y1:qe", &[0x21; 20]];
    for payload in texts {
        let stamp = bench.clock.after(1_000);
        let datagram = Datagram {
            src: end(A),
            dst: end(B),
            payload,
            wire_length: payload.len() as u32,
        };
        assert!(!bench.table.datagram(&datagram, stamp, &mut bench.recorder));
    }
    assert!(bench.finish().logs.is_empty());
}
