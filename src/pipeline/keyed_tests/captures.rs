//! Whole captures: packets, and keys that come with them.

use std::io::Cursor;

use etherparse::PacketBuilder;

use super::exchange::Plan;
use super::{Acceptor, Ear, Initiator, Part, Parts, Side, says};
use crate::capture::{LinkType, Packet, PcapngWriter, Timestamp, from_reader};
use crate::pipeline::Pipeline;
use crate::session::{KeyLog, Torrents};
use crate::wire::mse::vectors::{A, C};
use crate::wire::mse::{KeyLine, SECRETS_TYPE};

/// Writes a capture of one TCP connection; the keys come before part `at`.
struct Capture {
    writer: PcapngWriter<Vec<u8>>,
    next: [u32; 2],
    frame: u64,
}

impl Capture {
    fn new() -> Self {
        let mut writer = PcapngWriter::new(Vec::new()).expect("memory");
        writer.interface(LinkType(101), "tcp0").expect("memory");
        let mut capture = Self {
            writer,
            next: [1000, u32::MAX - 50],
            frame: 0,
        };
        capture.packet(Initiator, true, b"");
        capture.packet(Acceptor, true, b"");
        capture
    }

    fn packet(&mut self, from: Side, syn: bool, data: &[u8]) {
        let ends = [([10, 0, 0, 1], 40000), ([10, 0, 0, 2], 6881)];
        let ((src, src_port), (dst, dst_port)) = (ends[from.index()], ends[1 - from.index()]);
        let next = &mut self.next;
        let tcp =
            PacketBuilder::ipv4(src, dst, 64).tcp(src_port, dst_port, next[from.index()], u16::MAX);
        let ack = next[1 - from.index()];
        let builder = match (syn, from) {
            (true, Initiator) => tcp.syn(),
            (true, Acceptor) => tcp.syn().ack(ack),
            (false, _) => tcp.ack(ack),
        };
        next[from.index()] = next[from.index()].wrapping_add(data.len() as u32 + u32::from(syn));
        let mut bytes = Vec::new();
        builder.write(&mut bytes, data).expect("memory");
        self.frame += 1;
        let packet = Packet {
            frame: self.frame,
            time: Timestamp::from_nanos(i128::from(self.frame) * 1_000_000),
            interface: 0,
            link: LinkType(101),
            data: &bytes,
            original_length: bytes.len() as u32,
        };
        self.writer.packet(&packet, None).expect("memory");
    }

    fn keys(&mut self, kind: u32, key: &KeyLine) {
        let text = format!("{key}\n");
        self.writer.secrets(kind, text.as_bytes()).expect("memory");
    }

    fn parts(&mut self, parts: &Parts) {
        for (from, part) in parts {
            match part {
                Part::Bytes(bytes) => self.packet(*from, false, bytes),
                Part::Missing(bytes, _) => {
                    let next = &mut self.next[from.index()];
                    *next = next.wrapping_add(*bytes as u32);
                }
            }
        }
    }

    fn read(self, keys: KeyLog) -> Ear {
        let bytes = self.writer.into_inner().expect("memory");
        let mut ear = Ear::default();
        let mut pipeline = Pipeline::new(&mut ear, Torrents::default()).with_keys(keys);
        let mut source = from_reader("test", Cursor::new(bytes));
        pipeline.run(&mut source).expect("sound");
        pipeline.finish();
        ear
    }
}

#[test]
fn keys_of_a_capture_are_used_before_the_packet_that_follows_them() {
    for rc4 in [false, true] {
        let plan = Plan {
            rc4,
            ..Plan::default()
        };
        let parts = plan.parts();
        let expected = super::run(&[plan.key], &parts);
        // Up to the packet with the acceptor's choice they are in time.
        for at in 0..=3 {
            let mut capture = Capture::new();
            capture.parts(&parts[..at].to_vec());
            capture.keys(SECRETS_TYPE, &plan.key);
            capture.parts(&parts[at..].to_vec());
            let ear = capture.read(KeyLog::default());
            assert_eq!(ear.told, expected.told);
            assert_eq!(ear.encryption, expected.encryption);
        }
    }
}

#[test]
fn other_secrets_are_no_keys() {
    let plan = Plan::default();
    let mut capture = Capture::new();
    capture.keys(0x544c_534b, &plan.key);
    capture.parts(&plan.parts());
    assert!(
        !capture
            .read(KeyLog::default())
            .names(Initiator)
            .contains(&"handshake")
    );
}

#[test]
fn vectors_in_captures() {
    let mut keys = KeyLog::default();
    keys.add_file(&format!("{}\n{}\n", A.key_line(), C.key_line()))
        .expect("keys");
    let (a, b) = (A.stream_a(), A.stream_b());
    let mut capture = Capture::new();
    capture.parts(&vec![
        says(Initiator, &a[..96]),
        says(Acceptor, &b[..96]),
        says(Initiator, &a[96..220]),
        says(Acceptor, &b[96..]),
        says(Initiator, &a[220..]),
    ]);
    let ear = capture.read(keys);
    let names = [ear.names(Initiator), ear.names(Acceptor)].concat();
    assert_eq!(
        names,
        [
            "public_key",
            "negotiation",
            "handshake",
            "interested",
            "public_key",
            "negotiation",
            "handshake",
            "have_all",
        ]
    );
}

#[test]
fn a_lost_packet_costs_what_was_in_it() {
    let mut plan = Plan {
        rc4: true,
        ..Plan::default()
    };
    plan.acceptor = (0..100).flat_map(super::exchange::have).collect();
    let mut parts = plan.parts();
    let Part::Bytes(bytes) = parts[3].1.clone() else {
        panic!("bytes");
    };
    let (first, rest) = bytes.split_at(14 + 12 + 68 + 9 * 10);
    let (lost, after) = rest.split_at(9 * 20);
    parts.splice(
        3..4,
        [
            says(Acceptor, first),
            (Acceptor, Part::Missing(lost.len(), true)),
            says(Acceptor, after),
        ],
    );
    let mut keys = KeyLog::default();
    keys.add_file(&format!("{}\n", plan.key)).expect("a key");
    let mut capture = Capture::new();
    capture.parts(&parts);
    let ear = capture.read(keys);
    let haves = ear
        .names(Acceptor)
        .into_iter()
        .filter(|name| *name == "have")
        .count();
    assert_eq!(haves, 80);
    assert!(ear.names(Acceptor).contains(&"gap"));
}
