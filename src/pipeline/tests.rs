//! Conversations, chunk by chunk.

use std::net::SocketAddr;

use super::Observer;
use super::connection::Connections;
use super::peering::Peering;
use super::reading::ConnectionReader;
use crate::capture::Timestamp;
use crate::flow::{Carrier, Chunk, Close, Connection, Gap, GapCause, Side, Streams};
use crate::packet::Stamp;
use crate::session::{Ended, Finish, Heard, Torrents};
use crate::wire::peer::{Azmp, Block, Handshake, Message, Reserved, encode};

/// A connection between peers that is over.
#[derive(Debug, PartialEq)]
struct Summary {
    info_hash: Option<[u8; 20]>,
    /// Piece data of the acceptor, and what the capture lacks of it.
    received: [u64; 2],
}

#[derive(Default)]
struct Told {
    lines: Vec<String>,
    ended: Option<Summary>,
}

impl Observer for Told {
    fn message(&mut self, heard: &Heard<'_>) {
        let lacks = match heard.missing {
            0 => "",
            missing if heard.unsent == missing => ", never sent",
            _ => ", cut",
        };
        self.lines.push(format!("{heard}{lacks}"));
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        let [_, acceptor] = &ended.conversation.speakers;
        self.ended = Some(Summary {
            info_hash: ended.conversation.info_hash(),
            received: [acceptor.payload_bytes, acceptor.payload_missing],
        });
    }
}

fn stamp(frame: u64) -> Stamp {
    Stamp {
        frame,
        time: Timestamp::UNKNOWN,
    }
}

fn encoded(message: &Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(message, &[], &mut bytes);
    bytes
}

fn handshake(reserved: [u8; 8]) -> Vec<u8> {
    encoded(&Message::Handshake(Handshake {
        reserved: Reserved(reserved),
        info_hash: [7; 20],
        peer_id: *b"-AZ5750-abcdefghijkl",
    }))
}

/// What happens to a connection.
enum Step {
    /// A packet of this side.
    Said(Side, Vec<u8>),
    /// So many bytes of this side are not in the capture.
    Cut(Side, u64, GapCause),
    /// This side sends no more.
    Finished(Side),
}

use Step::{Cut, Finished, Said};

/// What is heard of a connection, each step a packet; and what is known at its
/// end, if it is one between peers.
fn played(steps: &[Step]) -> (Vec<String>, Option<Summary>) {
    let ends = ["10.0.0.1:40000", "10.0.0.2:6881"];
    let connection = Connection {
        stream: 0,
        carrier: Carrier::Tcp,
        ends: ends.map(|end| end.parse::<SocketAddr>().unwrap()),
        from_start: true,
        first: stamp(1),
        last: stamp(1),
        opening: None,
        unreachable: None,
        acked: [0; 2],
        acked_at: [Timestamp::UNKNOWN; 2],
        is_acked_ahead: [false; 2],
        troubles: crate::flow::Troubles::default(),
    };
    let mut told = Told::default();
    let mut shared = Connections::new(&mut told, Torrents::default());
    let mut state: Peering = shared.open(&connection);
    let mut offsets = [0; 2];
    for (frame, step) in (1..).zip(steps) {
        let mut at = ConnectionReader::new(&connection, &mut state, &mut shared);
        let (side, length) = match step {
            Said(side, bytes) => (side, bytes.len() as u64),
            Cut(side, length, _) => (side, *length),
            Finished(side) => (side, 0),
        };
        let offset = offsets[side.index()];
        offsets[side.index()] += length;
        let stamp = stamp(frame);
        match step {
            Said(_, bytes) => at.data(
                *side,
                Chunk {
                    bytes,
                    offset,
                    stamp,
                },
            ),
            Cut(_, _, cause) => at.gap(
                *side,
                Gap {
                    offset,
                    length: Some(length),
                    cause: *cause,
                    stamp,
                },
            ),
            Finished(_) => {
                at.state.finishes[side.index()] = Some(Finish {
                    reset: false,
                    stamp,
                });
                at.end(*side);
            }
        }
    }
    ConnectionReader::new(&connection, &mut state, &mut shared).close(Close::Fin);
    (told.lines, told.ended)
}

/// What is heard when the sides say this, one chunk a packet.
fn heard(said: &[(Side, Vec<u8>)]) -> Vec<String> {
    let steps: Vec<_> = said
        .iter()
        .cloned()
        .map(|(side, bytes)| Said(side, bytes))
        .collect();
    played(&steps).0
}

#[test]
fn both_sides_speak_azmp_from_their_first_message_on() {
    const AZMP_FORCED: [u8; 8] = [0x80, 0, 0, 0, 0, 0x13, 0, 5];
    let greeting = encoded(&Message::Azmp(Box::new(Azmp {
        id: b"AZ_HANDSHAKE",
        version: 1,
        payload: b"de",
    })));
    let (cut, rest) = greeting.split_at(6);
    let lines = heard(&[
        (Side::Initiator, handshake(AZMP_FORCED)),
        (Side::Acceptor, handshake(AZMP_FORCED)),
        (Side::Initiator, cut.to_vec()),
        (Side::Initiator, rest.to_vec()),
        (Side::Acceptor, greeting),
    ]);
    assert_eq!(lines[2..], ["AZ_HANDSHAKE, 2 bytes"; 2]);
}

#[test]
fn a_handshake_without_peer_id_names_the_torrent() {
    let start = handshake([0, 0, 0, 0, 0, 0x10, 0, 5])[..48].to_vec();
    let (lines, ended) = played(&[Said(Side::Initiator, start), Finished(Side::Initiator)]);
    let hash = "07".repeat(20);
    let line =
        format!("handshake, info-hash {hash}, no peer id [extension, dht, fast], never sent");
    assert_eq!(lines, [line]);
    assert_eq!(ended.unwrap().info_hash, Some([7; 20]));
}

#[test]
fn piece_data_that_the_capture_lacks_is_counted() {
    let piece = |length, data: &[u8]| {
        let block = Block {
            index: 3,
            begin: 0,
            length,
        };
        let mut bytes = Vec::new();
        encode(&Message::Piece(block), data, &mut bytes);
        bytes
    };
    let from = Side::Acceptor;
    let whole = piece(1000, &[0xaa; 1000]);
    let (lines, ended) = played(&[
        Said(from, handshake([0; 8])),
        Said(from, whole[..513].to_vec()),
        Cut(from, 300, GapCause::Snaplen),
        Said(from, whole[813..].to_vec()),
        Said(from, whole.clone()),
        Said(from, whole[..413].to_vec()),
    ]);
    let (cut, block) = (
        "piece 3, offset 0, 1000 B, cut",
        "piece 3, offset 0, 1000 B",
    );
    let pieces: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("piece"))
        .collect();
    assert_eq!(pieces, [cut, block, cut]);
    assert_eq!(ended.unwrap().received, [3000, 300 + 600]);
}

#[test]
fn six_bytes_of_each_packet_show_a_connection() {
    use Side::{Acceptor, Initiator};
    let block = Block {
        index: 3,
        begin: 0,
        length: 16384,
    };
    let request = encoded(&Message::Request(block));
    let mut piece = Vec::new();
    encode(&Message::Piece(block), &[0x55; 16384], &mut piece);
    let mut steps = Vec::new();
    let mut say = |from, bytes: &[u8]| {
        for packet in bytes.chunks(1448) {
            let (head, tail) = packet.split_at(6);
            steps.push(Said(from, head.to_vec()));
            steps.push(Cut(from, tail.len() as u64, GapCause::Snaplen));
        }
    };
    // A handshake alone, one with more in its packet.
    say(Initiator, &handshake([0; 8]));
    say(Acceptor, &[handshake([0; 8]), vec![0xee; 100]].concat());
    say(Initiator, &[request.clone(), request].concat());
    say(Acceptor, &piece);
    let (mut lines, ended) = played(&steps);
    lines.retain(|line| !line.contains("snaplen"));
    assert_eq!(
        lines,
        [
            "handshake, cut",
            "handshake, cut",
            "request, cut",
            "piece, cut"
        ]
    );
    let heads = 12 * 6 - 13;
    assert_eq!(ended.unwrap().received, [16384, 16384 - heads]);
}

#[test]
fn azmp_is_known_by_its_frames() {
    use Side::{Acceptor, Initiator};
    const AZMP_FORCED: [u8; 8] = [0x80, 0, 0, 0, 0, 0x13, 0, 5];
    let frame = |id, payload| {
        encoded(&Message::Azmp(Box::new(Azmp {
            id,
            version: 1,
            payload,
        })))
    };
    let greeting = || frame(b"AZ_HANDSHAKE", b"de");
    let have = || frame(b"BT_HAVE", &[0, 0, 0, 5]);
    // The capture has one direction only, and a gap in it.
    let (lines, _) = played(&[
        Said(Initiator, handshake(AZMP_FORCED)),
        Said(Initiator, greeting()),
        Cut(Initiator, 4000, GapCause::Lost),
        Said(Initiator, [&[0xd3; 300][..], &have(), &have()].concat()),
    ]);
    let expected = [
        "AZ_HANDSHAKE, 2 bytes",
        "4000 bytes not in the capture",
        "300 bytes out of step passed over",
        "have piece 5",
        "have piece 5",
    ];
    assert_eq!(lines[1..], expected);
    // It begins in the middle.
    let (lines, _) = played(&[
        Cut(Initiator, 1, GapCause::Lost),
        Cut(Acceptor, 1, GapCause::Lost),
        Said(Initiator, [greeting(), have(), have()].concat()),
        Said(Acceptor, have()),
    ]);
    let expected = [
        "1 byte not in the capture",
        "1 byte not in the capture",
        "AZ_HANDSHAKE, 2 bytes",
        "have piece 5",
        "have piece 5",
        "have piece 5",
    ];
    assert_eq!(lines, expected);
}

/// `count` times a message and a byte that loses the step.
fn boundaries(count: usize) -> Vec<u8> {
    let request = encoded(&Message::Request(Block {
        index: 0,
        begin: 0,
        length: 16384,
    }));
    [&request[..], &[0xff]].concat().repeat(count)
}

/// Runs `test` on a small stack.
fn on_a_small_stack<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    const STACK_BYTES: usize = 256 << 10;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let handle = thread.spawn_scoped(scope, test).unwrap();
        handle.join().unwrap()
    })
}

#[test]
fn a_packet_full_of_lost_boundaries_needs_no_stack() {
    const PACKET_BYTES: usize = 4 << 20;
    let lines = on_a_small_stack(|| {
        heard(&[
            (Side::Initiator, handshake([0; 8])),
            (Side::Acceptor, handshake([0; 8])),
            (Side::Acceptor, boundaries(PACKET_BYTES / 18)),
            // In several packets, and with a search that reaches over them.
            (Side::Acceptor, boundaries(100)),
            (Side::Acceptor, vec![0xff; 5000]),
            (Side::Acceptor, boundaries(1000)[7..].to_vec()),
        ])
    });
    let requests = lines.iter().filter(|line| line.starts_with("request"));
    let requests = requests.count();
    assert!(requests > PACKET_BYTES / 18, "{requests}");
}

#[test]
fn a_stranger_full_of_lost_boundaries_needs_no_stack() {
    let lines = on_a_small_stack(|| {
        let (steps, _) = played(&[
            Cut(Side::Initiator, 1, GapCause::Lost),
            Cut(Side::Acceptor, 1, GapCause::Lost),
            Said(Side::Initiator, boundaries(2000)),
            Said(Side::Acceptor, boundaries(2000)),
            Said(Side::Initiator, encoded(&Message::Have(0)).repeat(2000)),
            Said(Side::Acceptor, boundaries(2000)),
        ]);
        steps
    });
    assert!(lines.len() > 4000, "{}", lines.len());
}
