//! Conversations, chunk by chunk.

use std::net::SocketAddr;

use super::connection::{Connections, Peering};
use super::reading::At;
use super::{Heard, Observer};
use crate::capture::Timestamp;
use crate::flow::{Carrier, Chunk, Connection, Side, Streams};
use crate::packet::Stamp;
use crate::session::Torrents;
use crate::wire::peer::{Azmp, Handshake, Message, Reserved, encode};

#[derive(Default)]
struct Lines(Vec<String>);

impl Observer for Lines {
    fn message(&mut self, heard: &Heard<'_>) {
        self.0.push(heard.to_string());
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

/// What is heard when the sides say this, one chunk a packet.
fn heard(said: &[(Side, Vec<u8>)]) -> Vec<String> {
    let ends = ["10.0.0.1:40000", "10.0.0.2:6881"];
    let connection = Connection {
        stream: 0,
        carrier: Carrier::Tcp,
        ends: ends.map(|end| end.parse::<SocketAddr>().unwrap()),
        from_start: true,
        first: stamp(1),
        last: stamp(1),
    };
    let mut lines = Lines::default();
    let mut shared = Connections::new(&mut lines, Torrents::default());
    let mut state: Peering = shared.open(&connection);
    let mut offsets = [0; 2];
    for (frame, (from, bytes)) in (1..).zip(said) {
        let offset = &mut offsets[from.index()];
        let chunk = Chunk {
            bytes,
            offset: *offset,
            stamp: stamp(frame),
        };
        *offset += bytes.len() as u64;
        At::new(&connection, &mut state, &mut shared).data(*from, chunk);
    }
    lines.0
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
