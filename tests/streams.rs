//! The flow tables over real captures: no byte is missing where none was lost,
//! and the order of the packets does not matter.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use peerscope::capture::{self, LinkType, Packet, Source, Timestamp};
use peerscope::flow::{
    Chunk, Close, Connection, Counter, Gap, GapCause, Limits, Side, Streams, TcpTable, UtpTable,
};
use peerscope::packet::{Decoder, Stamp, Transport};

/// The captures with notes, those shared between machines included.
fn lab() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/captures/lab");
    let directory = if shared.is_dir() {
        shared
    } else {
        println!("skipped: all but the captures of this repository");
        root.join("captures/lab")
    };
    let entries = fs::read_dir(directory).expect("a directory");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|e| e == "pcap" || e == "pcapng")
        })
        .collect();
    paths.sort();
    paths
}

/// A packet with its own bytes.
struct Captured {
    time: Timestamp,
    link: LinkType,
    data: Vec<u8>,
    original_length: u32,
}

fn packets(path: &Path) -> Vec<Captured> {
    let mut source = capture::open(&[path.to_owned()]).expect("the file opens");
    let mut packets = Vec::new();
    while let Some(packet) = source.next_packet().expect("a sound capture") {
        packets.push(Captured {
            time: packet.time,
            link: packet.link,
            data: packet.data.to_vec(),
            original_length: packet.original_length,
        });
    }
    packets
}

/// What one side of a connection sent.
#[derive(Default, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Sent {
    bytes: u64,
    /// Hash of the bytes.
    hash: u64,
    /// Bytes that the snaplen took.
    cut: u64,
    /// Gaps for any other reason.
    lost: u64,
    conflicts: u64,
}

/// A connection: ends, and what each sent.
type Flow = ([SocketAddr; 2], [Sent; 2]);

/// Sums up what the tables give.
#[derive(Default)]
struct Sums(Vec<Flow>);

#[derive(Default)]
struct State {
    hashers: [DefaultHasher; 2],
    sent: [Sent; 2],
}

impl Streams for Sums {
    type State = State;

    fn open(&mut self, _: &Connection) -> State {
        State::default()
    }

    fn data(&mut self, _: &Connection, state: &mut State, from: Side, chunk: Chunk<'_>) {
        let sent = &mut state.sent[from.index()];
        sent.bytes += chunk.bytes.len() as u64;
        state.hashers[from.index()].write(chunk.bytes);
    }

    fn gap(&mut self, _: &Connection, state: &mut State, from: Side, gap: Gap) {
        let sent = &mut state.sent[from.index()];
        match gap.cause {
            GapCause::Snaplen => sent.cut += gap.length.unwrap_or(0),
            GapCause::Lost => sent.lost += 1,
        }
    }

    fn conflict(&mut self, _: &Connection, state: &mut State, from: Side, _: u64, _: Stamp) {
        state.sent[from.index()].conflicts += 1;
    }

    fn close(&mut self, connection: &Connection, mut state: State, _: Close) {
        for side in Side::BOTH {
            state.sent[side.index()].hash = state.hashers[side.index()].finish();
        }
        self.0.push((connection.ends, state.sent));
    }
}

/// Every connection of a capture, sorted.
fn flows<'p>(packets: impl Iterator<Item = &'p Captured>) -> Vec<Flow> {
    let counter = Counter::default();
    let mut tcp = TcpTable::new(Limits::default(), counter.clone());
    let mut utp = UtpTable::new(Limits::default(), counter);
    let mut decoder = Decoder::new();
    let mut sums = Sums::default();
    for (number, captured) in (1..).zip(packets) {
        let packet = Packet {
            frame: number,
            time: captured.time,
            interface: 0,
            link: captured.link,
            data: &captured.data,
            original_length: captured.original_length,
        };
        let stamp = Stamp {
            frame: number,
            time: captured.time,
        };
        match decoder.decode(&packet) {
            Some(Transport::Tcp(segment)) => tcp.segment(&segment, stamp, &mut sums),
            Some(Transport::Udp(datagram)) => {
                utp.datagram(&datagram, stamp, &mut sums);
            }
            Some(Transport::Icmp(_)) | None => {}
        }
    }
    tcp.finish(&mut sums);
    utp.finish(&mut sums);
    sums.0.sort();
    sums.0
}

#[test]
fn nothing_is_missing_where_nothing_was_lost() {
    for path in lab() {
        let name = path.display();
        let flows = flows(packets(&path).iter());
        let cut: u64 = flows.iter().flat_map(|(_, sent)| sent).map(|s| s.cut).sum();
        assert_eq!(cut > 0, name.to_string().contains("snap"), "{name}");
        for (ends, sent) in &flows {
            for sent in sent {
                assert_eq!((sent.lost, sent.conflicts), (0, 0), "{name} {ends:?}");
            }
        }
        check_pieces(&path, &flows);
    }
}

/// No sender sent less than the pieces that are counted in the notes.
fn check_pieces(path: &Path, flows: &[Flow]) {
    let notes = fs::read_to_string(path.with_extension("json")).expect("notes");
    let notes: serde_json::Value = serde_json::from_str(&notes).expect("JSON");
    let connections = notes["wire"].as_array().map_or(&[][..], Vec::as_slice);
    for direction in connections
        .iter()
        .filter_map(|c| c["dirs"].as_array())
        .flatten()
    {
        let source = direction["src"].as_str().expect("an address");
        let pieces = direction["piece_bytes"].as_u64().expect("a number");
        let all = flows.iter().flat_map(|(ends, sent)| ends.iter().zip(sent));
        let sent: u64 = all
            .filter(|(end, _)| end.to_string() == source)
            .map(|(_, sent)| sent.bytes + sent.cut)
            .sum();
        assert!(sent >= pieces, "{} {source}", path.display());
    }
}

#[test]
fn order_and_copies_of_packets_do_not_matter() {
    for path in lab() {
        let packets = packets(&path);
        let expected = flows(packets.iter());
        // Up to 5 places and 20 ms back, and one packet in 16 twice.
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut keyed = Vec::new();
        for (place, packet) in packets.iter().enumerate() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let near = |later: &&Captured| later.time.since(packet.time) < 20_000_000;
            let places = packets[place..].iter().take(6).take_while(near).count();
            keyed.push((place + random as usize % places, packet));
            if random >> 60 == 0 {
                keyed.push((place + (random >> 32) as usize % places, packet));
            }
        }
        keyed.sort_by_key(|(place, _)| *place);
        let shuffled = flows(keyed.into_iter().map(|(_, packet)| packet));
        assert_eq!(shuffled, expected, "{}", path.display());
    }
}
