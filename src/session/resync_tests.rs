use proptest::prelude::*;

use super::*;
use crate::capture::Timestamp;
use crate::wire::peer::{Message, encode};

struct Known {
    expected: Vec<Block>,
    pieces: Option<u32>,
    is_peer_wire: bool,
}

impl Expectations for Known {
    fn expects(&self, block: Block) -> bool {
        self.expected.contains(&block)
    }

    fn pieces(&self) -> Option<u32> {
        self.pieces
    }

    fn is_peer_wire(&self) -> bool {
        self.is_peer_wire
    }

    fn framing(&self) -> Option<Framing> {
        None
    }
}

const PEER: Known = Known {
    expected: Vec::new(),
    pieces: None,
    is_peer_wire: true,
};

const STRANGER: Known = Known {
    expected: Vec::new(),
    pieces: None,
    is_peer_wire: false,
};

fn stamp(frame: u64) -> Stamp {
    Stamp {
        frame,
        time: Timestamp::UNKNOWN,
    }
}

fn messages(list: &[Message<'_>], data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in list {
        encode(message, data, &mut bytes);
    }
    bytes
}

const BLOCK: Block = Block {
    index: 5,
    begin: 0,
    length: 16384,
};

fn piece(index: u32, begin: u32) -> Message<'static> {
    Message::Piece(Block {
        index,
        begin,
        length: 16384,
    })
}

fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as u8
    })
    .take(length)
    .collect()
}

/// Feeds `bytes` in packets of 1448; the boundary's offset once found.
fn find(bytes: &[u8], known: &Known) -> Option<u64> {
    let mut resync = Resync::new(0, &Budget::default());
    for (index, packet) in bytes.chunks(1448).enumerate() {
        if let Some(found) = resync.push(packet, stamp(index as u64), known) {
            return Some(resync.stream_offset(found.boundary().at));
        }
    }
    let boundary = resync.last_chance(known, false)?;
    Some(resync.stream_offset(boundary.at))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_next_piece_is_found(rest in 0usize..16384, seed: u64) {
        let data = noise(16384, seed);
        let mut bytes = noise(rest, !seed);
        bytes.extend(messages(&[piece(7, 16384), Message::Unchoke, piece(8, 0)], &data));
        prop_assert_eq!(find(&bytes, &PEER), Some(rest as u64));
    }

    #[test]
    fn noise_is_not_believed(length in 0usize..400_000, seed: u64, is_peer_wire: bool) {
        let known = Known { is_peer_wire, ..PEER };
        prop_assert_eq!(find(&noise(length, seed), &known), None);
    }

    #[test]
    fn pushes_of_any_size_never_panic(
        bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(5), Just(4), any::<u8>()], 0..3000),
        cuts in prop::collection::vec(1usize..100, 1..30),
    ) {
        let mut resync = Resync::new(0, &Budget::default());
        let mut at = 0;
        for cut in cuts.iter().cycle() {
            let end = (at + cut).min(bytes.len());
            if at == end {
                break;
            }
            if let Some(found) = resync.push(&bytes[at..end], stamp(at as u64), &STRANGER) {
                let boundary = found.boundary();
                let offset = resync.stream_offset(boundary.at);
                if let Found::Held(_) = found {
                    let (held, seams) = resync.take(boundary.at);
                    prop_assert_eq!(&held[..], &bytes[offset as usize..end]);
                    prop_assert!(seams.first().is_some_and(|seam| seam.0 == 0));
                } else {
                    prop_assert_eq!(resync.held(), 0);
                    prop_assert_eq!(offset as usize, at + boundary.at);
                }
                resync = Resync::new(end as u64, &Budget::default());
            }
            at = end;
        }
    }
}

#[test]
fn zero_bytes_are_no_keep_alives() {
    assert_eq!(find(&[0; 4000], &PEER), None);
    let mut bytes = vec![0; 1000];
    bytes.extend(messages(&[piece(1, 0)], &noise(16384, 1)));
    assert_eq!(find(&bytes, &PEER), Some(1000));
}

#[test]
fn a_stranger_must_show_three_messages() {
    let have = messages(&[Message::Have(3), Message::Have(4)], &[]);
    assert_eq!(find(&have, &STRANGER), None);
    assert_eq!(find(&have, &PEER), Some(0));
    let haves = messages(&[Message::Have(3), Message::Have(4), Message::Have(5)], &[]);
    assert_eq!(find(&haves, &STRANGER), Some(0));
}

#[test]
fn a_last_message_is_believed_where_the_stream_ends() {
    let bytes = messages(&[Message::NotInterested], &[]);
    assert_eq!(find(&bytes, &PEER), Some(0));
    assert_eq!(find(&bytes, &STRANGER), None);
    assert_eq!(find(&bytes[..4], &PEER), None);
}

#[test]
fn an_odd_block_is_believed_when_it_was_asked_for() {
    let block = Block {
        index: 3,
        begin: 1000,
        length: 2000,
    };
    let data = noise(2000, 9);
    let mut bytes = noise(100, 3);
    bytes.extend(messages(&[Message::Piece(block)], &data));
    let known = Known {
        expected: vec![block],
        ..PEER
    };
    assert_eq!(find(&bytes, &known), Some(100));
    assert_eq!(find(&bytes, &PEER), None);
}

#[test]
fn a_handshake_is_always_found() {
    let mut bytes = noise(5000, 4);
    bytes.extend(PREFIX);
    bytes.extend([0; 48]);
    assert_eq!(find(&bytes, &STRANGER), Some(5000));
}

#[test]
fn the_head_of_a_message_is_enough_where_the_packet_was_cut() {
    let request = messages(&[Message::Request(BLOCK)], &[]);
    let whole = messages(&[piece(1, 0)], &[0x55; 16384]);
    let found = |bytes: &[u8], expect: &Known, cut| {
        let mut search = Resync::new(0, &Budget::default());
        assert_eq!(search.push(bytes, stamp(1), expect), None);
        search.last_chance(expect, cut).map(|boundary| boundary.at)
    };
    for head in [&request[..6], &request[..5], &whole[..6]] {
        assert_eq!(found(head, &PEER, true), Some(0));
        assert_eq!(found(head, &PEER, false), None);
        assert_eq!(found(head, &STRANGER, true), None);
    }
    for other in [
        &b"\0\0\0\x01\x14\x01"[..],
        b"\0\0\0\x0d\x04\0",
        b"\0\0\x01\x07\x07\xd3",
        &[0; 6],
        &request[..4],
        &request[5..11],
    ] {
        assert_eq!(found(other, &PEER, true), None, "{other:?}");
    }
}

proptest! {
    #[test]
    fn random_heads_are_not_believed(bytes: [u8; 6]) {
        let mut search = Resync::new(0, &Budget::default());
        prop_assume!(search.push(&bytes, stamp(1), &PEER).is_none());
        prop_assert_eq!(search.last_chance(&PEER, true), None);
    }
}

/// A frame of AZMP.
fn azmp(id: &str, payload: &[u8]) -> Vec<u8> {
    let id_length = id.len() as u32;
    let length = id_length + 5 + payload.len() as u32;
    let parts = [
        &length.to_be_bytes()[..],
        &id_length.to_be_bytes(),
        id.as_bytes(),
        &[1],
        payload,
    ];
    parts.concat()
}

#[test]
fn a_frame_of_azmp_is_a_boundary() {
    let noise = vec![0xd3; 700];
    let have = azmp("BT_HAVE", &[0, 0, 0, 5]);
    let stream = [&noise[..], &have, &azmp("AZ_STAT_REQ", b"de"), &have].concat();
    for known in [&PEER, &STRANGER] {
        let mut search = Resync::new(0, &Budget::default());
        let found = search.push(&stream, stamp(1), known);
        let boundary = Boundary {
            at: noise.len(),
            framing: Framing::Azmp,
        };
        assert_eq!(found, Some(Found::Fresh(boundary)));
    }
    // One frame alone is no proof on a connection that may be anything, and no
    // chain goes from one framing to the other.
    let unchoke = messages(&[Message::Unchoke], &[]);
    for (stream, known) in [
        (have.clone(), &STRANGER),
        ([&unchoke[..], &have].concat(), &STRANGER),
        (azmp("BT_HAVE\u{1}", &[0; 4]), &PEER),
        (azmp("BTXHAVE", &[0; 4]), &PEER),
    ] {
        let mut search = Resync::new(0, &Budget::default());
        assert_eq!(search.push(&stream, stamp(1), known), None, "{stream:?}");
    }
}
