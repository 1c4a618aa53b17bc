//! One packet through the flow tables, look-up included: 1448 bytes in order,
//! of one connection or of many in turn.

use std::net::{Ipv4Addr, SocketAddr};

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use peerscope::capture::Timestamp;
use peerscope::flow::{
    Chunk, Close, Connection, Counter, Gap, Limits, Side, Streams, TcpTable, UtpTable,
};
use peerscope::packet::{Datagram, Segment, Stamp, TcpFlags};
use peerscope::wire::utp::{Extensions, Packet, PacketType};

/// Counts bytes.
struct Bytes(u64);

impl Streams for Bytes {
    type State = ();

    fn open(&mut self, _: &Connection) {}

    fn data(&mut self, _: &Connection, (): &mut (), _: Side, chunk: Chunk<'_>) {
        self.0 += chunk.bytes.len() as u64;
    }

    fn gap(&mut self, _: &Connection, (): &mut (), _: Side, _: Gap) {}

    fn close(&mut self, _: &Connection, (): (), _: Close) {}
}

const PACKETS: u32 = 10_000;
const PAYLOAD: [u8; 1448] = [7; 1448];

fn ends(connection: u32) -> (SocketAddr, SocketAddr) {
    let peer = Ipv4Addr::from(0x0a01_0000 + connection);
    let own = Ipv4Addr::new(10, 0, 0, 1);
    ((own, 6881).into(), (peer, 50_000).into())
}

fn stamp(frame: u32) -> Stamp {
    Stamp {
        frame: frame.into(),
        time: Timestamp::from_nanos(i128::from(frame) * 10_000),
    }
}

#[divan::bench(args = [1, 100, 10_000])]
fn tcp(bencher: Bencher, connections: u32) {
    let mut table = TcpTable::new(Limits::default(), Counter::default());
    let mut bytes = Bytes(0);
    let mut frame = 0;
    let mut send = |connection: u32, seq: u32, syn: bool, back: bool| {
        frame += 1;
        let (src, dst) = ends(connection);
        let (src, dst) = if back { (dst, src) } else { (src, dst) };
        let payload = if syn { &[][..] } else { &PAYLOAD };
        let segment = Segment {
            src,
            dst,
            seq,
            ack: if back { 1 } else { 500 },
            window: u16::MAX,
            flags: TcpFlags {
                syn,
                ack: back || !syn,
                ..TcpFlags::default()
            },
            payload,
            wire_length: payload.len() as u32,
        };
        table.segment(black_box(&segment), stamp(frame), &mut bytes);
    };
    for connection in 0..connections {
        send(connection, 0, true, false);
        send(connection, 499, true, true);
    }
    let mut count = 0_u32;
    bencher.counter(ItemsCount::new(PACKETS)).bench_local(|| {
        for _ in 0..PACKETS {
            let round = count / connections;
            let seq = round.wrapping_mul(1448).wrapping_add(1);
            send(count % connections, seq, false, false);
            count += 1;
        }
    });
    black_box(bytes.0);
}

#[divan::bench(args = [1, 100, 10_000])]
fn utp(bencher: Bencher, connections: u32) {
    let mut table = UtpTable::new(Limits::default(), Counter::default());
    let mut bytes = Bytes(0);
    let mut frame = 0;
    let mut send = |connection: u32, packet_type: PacketType, seq_nr: u16| {
        frame += 1;
        let back = packet_type == PacketType::STATE;
        let (src, dst) = ends(connection);
        let (src, dst) = if back { (dst, src) } else { (src, dst) };
        let is_data = packet_type == PacketType::DATA;
        let payload = if is_data { &PAYLOAD } else { &[][..] };
        let packet = Packet {
            packet_type,
            connection_id: 7 + u16::from(is_data),
            timestamp: frame,
            timestamp_difference: 0,
            wnd_size: 1 << 20,
            seq_nr,
            ack_nr: if back { 0 } else { 499 },
            extensions: Extensions::NONE,
            payload,
            payload_length: payload.len(),
        };
        let mut datagram = Vec::with_capacity(1500);
        packet.encode(&mut datagram);
        let datagram = Datagram {
            src,
            dst,
            payload: &datagram,
            wire_length: datagram.len() as u32,
        };
        table.datagram(black_box(&datagram), stamp(frame), &mut bytes);
    };
    for connection in 0..connections {
        send(connection, PacketType::SYN, 0);
        send(connection, PacketType::STATE, 500);
    }
    let mut count = 0_u32;
    bencher.counter(ItemsCount::new(PACKETS)).bench_local(|| {
        for _ in 0..PACKETS {
            let seq_nr = (count / connections + 1) as u16;
            send(count % connections, PacketType::DATA, seq_nr);
            count += 1;
        }
    });
    black_box(bytes.0);
}

fn main() {
    divan::main();
}
