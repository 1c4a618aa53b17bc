use proptest::prelude::*;

use super::*;
use crate::capture::Timestamp;
use crate::flow::GapCause;
use crate::session::budget::HELD_IN_ALL;
use crate::wire::peer::{Block, Handshake, Message, encode};

/// Collects offset, length, missing and first bytes of each frame.
#[derive(Default)]
struct Seen {
    frames: Vec<(u64, u64, u64, Vec<u8>)>,
    stamps: Vec<(u64, u64)>,
    keeps: bool,
}

impl Frames for Seen {
    fn frame(&mut self, frame: Frame<'_>) -> Framing {
        self.frames.push((
            frame.offset,
            frame.length,
            frame.missing,
            frame.bytes.to_vec(),
        ));
        self.stamps.push((frame.first.frame, frame.last.frame));
        Framing::Messages
    }

    fn keeps_data(&self) -> bool {
        self.keeps
    }
}

fn stamp(frame: u64) -> Stamp {
    Stamp {
        frame,
        time: Timestamp::from_nanos(i128::from(frame)),
    }
}

/// A handshake, small messages, pieces.
fn stream(shape: &[u8]) -> (Vec<u8>, Vec<(u64, u64)>) {
    let mut bytes = Vec::new();
    let mut extents = Vec::new();
    let handshake = Handshake {
        reserved: crate::wire::peer::Reserved::default(),
        info_hash: [1; 20],
        peer_id: [2; 20],
    };
    encode(&Message::Handshake(handshake), &[], &mut bytes);
    extents.push((0, 68));
    for (index, kind) in shape.iter().enumerate() {
        let start = bytes.len();
        let block = Block {
            index: index as u32,
            begin: 0,
            length: u32::from(*kind),
        };
        let body = vec![*kind; usize::from(*kind)];
        match kind % 4 {
            0 => encode(&Message::KeepAlive, &[], &mut bytes),
            1 => encode(&Message::Have(index as u32), &[], &mut bytes),
            2 => encode(&Message::Request(block), &[], &mut bytes),
            _ => {
                encode(&Message::Piece(block), &body, &mut bytes);
            }
        }
        extents.push((start as u64, (bytes.len() - start) as u64));
    }
    (bytes, extents)
}

fn push_all(framer: &mut Framer, bytes: &[u8], cuts: &[usize], seen: &mut Seen) {
    let mut at = 0;
    let mut frame = 1;
    let mut cuts = cuts.iter().cycle();
    while at < bytes.len() {
        let n = (*cuts.next().unwrap()).clamp(1, bytes.len() - at);
        let chunk = Chunk {
            bytes: &bytes[at..at + n],
            offset: at as u64,
            stamp: stamp(frame),
        };
        framer.push(chunk, seen).unwrap();
        at += n;
        frame += 1;
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_messages(
        shape in prop::collection::vec(any::<u8>(), 0..40),
        cuts in prop::collection::vec(1usize..80, 1..20),
        keeps: bool,
    ) {
        let (bytes, extents) = stream(&shape);
        let mut seen = Seen { keeps, ..Seen::default() };
        let mut framer = Framer::new(Framing::Handshake, 0, stamp(1), &Budget::default());
        push_all(&mut framer, &bytes, &cuts, &mut seen);
        let found: Vec<_> = seen.frames.iter().map(|f| (f.0, f.1)).collect();
        prop_assert_eq!(found, extents);
        for (offset, length, missing, kept) in &seen.frames {
            prop_assert_eq!(*missing, 0);
            let start = *offset as usize;
            prop_assert_eq!(&kept[..], &bytes[start..start + kept.len()]);
            prop_assert!(kept.len() as u64 == *length || (!keeps && kept.len() >= PIECE_HEADER));
        }
        for (first, last) in &seen.stamps {
            prop_assert!(first <= last);
        }
    }

    #[test]
    fn a_gap_within_a_message_keeps_the_step(
        before in 5u64..260, missing in 1u64..255,
    ) {
        let (bytes, extents) = stream(&[255, 1]);
        let (start, length) = extents[1];
        let from = start + before;
        let missing = missing.min(start + length - from);
        prop_assume!(from < start + length);
        let mut seen = Seen::default();
        let mut framer = Framer::new(Framing::Handshake, 0, stamp(1), &Budget::default());
        let chunk = |range: std::ops::Range<u64>, frame| Chunk {
            bytes: &bytes[range.start as usize..range.end as usize],
            offset: range.start,
            stamp: stamp(frame),
        };
        framer.push(chunk(0..from, 1), &mut seen).unwrap();
        let gap = Gap { offset: from, length: Some(missing), cause: GapCause::Lost, stamp: stamp(2) };
        framer.gap(gap, &mut seen).unwrap();
        framer.push(chunk(from + missing..bytes.len() as u64, 3), &mut seen).unwrap();
        let found: Vec<_> = seen.frames.iter().map(|f| (f.0, f.1, f.2)).collect();
        let expected: Vec<_> = extents
            .iter()
            .map(|&(at, n)| (at, n, if at == start { missing } else { 0 }))
            .collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn an_absurd_length_loses_the_step() {
    let mut seen = Seen::default();
    let mut framer = Framer::new(Framing::Messages, 100, stamp(1), &Budget::default());
    let bytes = b"\0\0\0\x01\x02\xff\xff\xff\xffjunk";
    let chunk = Chunk {
        bytes,
        offset: 100,
        stamp: stamp(1),
    };
    let lost = framer.push(chunk, &mut seen);
    assert_eq!(lost, Err((Lost::Absurd, 105)));
    assert_eq!(seen.frames.len(), 1);
}

#[test]
fn claimed_lengths_cost_nothing() {
    let mut seen = Seen::default();
    let budget = Budget::default();
    let mut framers: Vec<_> = (0..100)
        .map(|_| Framer::new(Framing::Messages, 0, stamp(1), &budget))
        .collect();
    let body = vec![0xaa; 1 << 20];
    for framer in &mut framers {
        let prefix = [0, 0xf0, 0, 0, 5];
        for bytes in [&prefix[..], &body[..]] {
            let chunk = Chunk {
                bytes,
                offset: framer.next,
                stamp: stamp(1),
            };
            framer.push(chunk, &mut seen).unwrap();
        }
    }
    let held: usize = framers.iter().map(|framer| framer.kept.len()).sum();
    assert!(held <= HELD_IN_ALL + 100 * KEPT_WITHOUT_BUDGET, "{held}");
    for framer in &mut framers {
        framer.end(false, &mut seen);
    }
    assert_eq!(budget.left(), HELD_IN_ALL);
    assert_eq!(seen.frames.len(), 100);
}
