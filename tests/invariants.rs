//! Invariants that hold from packets to messages: any split, reorder or
//! duplication of segments gives the same messages; with drops, the same ones
//! outside the gaps, and the gaps exactly; the same input gives the same output;
//! nothing in a capture makes the analysis panic.

use std::collections::BTreeMap;
use std::fmt::Write;

use peerscope::capture::{CaptureError, LinkType, Packet, Source, Timestamp};
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Content, Heard, Torrents};
use peerscope::wire::peer::{Block, Handshake, Message, Reserved, encode};
use proptest::prelude::*;

const CLIENT: ([u8; 4], u16) = ([10, 0, 0, 1], 40000);
const SERVER: ([u8; 4], u16) = ([10, 0, 0, 2], 51413);
const ISN: u32 = u32::MAX - 70_000;

/// Packets in memory, a millisecond apart.
struct Packets {
    list: Vec<Vec<u8>>,
    next: usize,
}

impl Source for Packets {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let index = self.next;
        self.next += 1;
        Ok(self.list.get(index).map(|data| Packet {
            frame: index as u64 + 1,
            time: Timestamp::from_nanos(1_000_000 * index as i128),
            interface: 0,
            link: LinkType(101),
            data,
            original_length: data.len() as u32,
        }))
    }
}

/// One TCP segment in a raw IPv4 packet.
fn segment(up: bool, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let (src, dst) = if up {
        (CLIENT, SERVER)
    } else {
        (SERVER, CLIENT)
    };
    let mut packet = vec![0x45, 0];
    packet.extend((40 + payload.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 6, 0, 0]);
    packet.extend(src.0);
    packet.extend(dst.0);
    packet.extend(src.1.to_be_bytes());
    packet.extend(dst.1.to_be_bytes());
    packet.extend(seq.to_be_bytes());
    packet.extend(ack.to_be_bytes());
    packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

const SYN: u8 = 2;
const ACK: u8 = 16;

/// What one direction says, as bytes, with the extent of every message.
fn stream(shape: &[u8]) -> (Vec<u8>, Vec<(u64, u64)>) {
    let mut bytes = Vec::new();
    let mut extents = vec![(0, 68)];
    let handshake = Message::Handshake(Handshake {
        reserved: Reserved([0, 0, 0, 0, 0, 0x10, 0, 5]),
        info_hash: [7; 20],
        peer_id: *b"-PS0001-abcdefghijkl",
    });
    encode(&handshake, &[], &mut bytes);
    let mut noise = 1u32;
    for (index, kind) in shape.iter().enumerate() {
        let start = bytes.len() as u64;
        let block = |length| Block {
            index: index as u32,
            begin: 16384 * (u32::from(*kind) % 3),
            length,
        };
        match kind % 5 {
            0 => encode(&Message::Unchoke, &[], &mut bytes),
            1 => encode(&Message::Have(u32::from(*kind)), &[], &mut bytes),
            2 | 3 => encode(&Message::Request(block(16384)), &[], &mut bytes),
            _ => {
                let data: Vec<u8> = std::iter::repeat_with(|| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (noise >> 24) as u8
                })
                .take(16384)
                .collect();
                encode(&Message::Piece(block(16384)), &data, &mut bytes);
            }
        }
        extents.push((start, bytes.len() as u64 - start));
    }
    (bytes, extents)
}

/// A message or gap as the observer was told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    up: bool,
    offset: u64,
    length: u64,
    missing: u64,
    text: String,
}

#[derive(Default)]
struct Ear {
    messages: Vec<Told>,
    gaps: Vec<(bool, u64, Option<u64>)>,
    all: String,
}

impl Observer for Ear {
    fn message(&mut self, heard: &Heard<'_>) {
        let up = heard.src.port() == CLIENT.1;
        writeln!(self.all, "{} {} {heard}", heard.last.frame, heard.src).unwrap();
        match &heard.content {
            Content::Gap(hole) if hole.cause.is_some() => {
                self.gaps.push((up, heard.offset, hole.missing));
            }
            Content::Gap(_) => {}
            Content::Message(_) => self.messages.push(Told {
                up,
                offset: heard.offset,
                length: heard.length,
                missing: heard.missing,
                text: heard.to_string(),
            }),
        }
    }
}

fn analyse(list: Vec<Vec<u8>>) -> Ear {
    let mut ear = Ear::default();
    let mut pipeline = Pipeline::new(&mut ear, Torrents::default());
    pipeline.run(&mut Packets { list, next: 0 }).unwrap();
    pipeline.finish();
    ear.messages.sort();
    ear
}

fn opening() -> Vec<Vec<u8>> {
    vec![
        segment(true, ISN, 0, SYN, &[]),
        segment(false, ISN, ISN.wrapping_add(1), SYN | ACK, &[]),
        segment(true, ISN.wrapping_add(1), ISN.wrapping_add(1), ACK, &[]),
    ]
}

fn at(offset: usize) -> u32 {
    ISN.wrapping_add(1).wrapping_add(offset as u32)
}

/// Cuts a stream at the given sizes, cyclically: offset and bytes.
fn cut<'b>(bytes: &'b [u8], sizes: &[usize]) -> Vec<(usize, &'b [u8])> {
    let mut parts = Vec::new();
    let mut offset = 0;
    for size in sizes.iter().cycle() {
        let end = (offset + size).min(bytes.len());
        if offset == end {
            break;
        }
        parts.push((offset, &bytes[offset..end]));
        offset = end;
    }
    parts
}

fn in_order(bytes: &[u8], up: bool) -> Ear {
    let mut list = opening();
    for (offset, part) in cut(bytes, &[1448]) {
        list.push(segment(up, at(offset), at(0), ACK, part));
    }
    analyse(list)
}

/// Moves each element by less than `window` places. (Swapping neighbours in turn
/// would not: the same one can be swapped on and on, to the end of the list.)
fn shuffle<T>(list: &mut Vec<T>, window: usize, order: &[usize]) {
    let moved = std::mem::take(list).into_iter().enumerate();
    let mut moved: Vec<_> = moved
        .map(|(index, one)| (index + order[index % order.len()] % window, one))
        .collect();
    moved.sort_by_key(|(place, _)| *place);
    list.extend(moved.into_iter().map(|(_, one)| one));
}

/// Both directions in turn, each packet acknowledging the other side.
fn conversation(bytes: &[Vec<u8>; 2], sizes: &[usize]) -> Vec<Vec<u8>> {
    let [up, down] = bytes.each_ref().map(|bytes| cut(bytes, sizes));
    let mut list = Vec::new();
    let mut ends = [0, 0];
    for index in 0..up.len().max(down.len()) {
        for (side, parts) in [&up, &down].into_iter().enumerate() {
            if let Some((offset, part)) = parts.get(index) {
                list.push(segment(
                    side == 0,
                    at(*offset),
                    at(ends[1 - side]),
                    ACK,
                    part,
                ));
                ends[side] = offset + part.len();
            }
        }
    }
    list
}

/// What one side said, in the order of its stream.
fn texts(messages: &[Told], up: bool) -> Vec<(u64, &str)> {
    let own = messages.iter().filter(|told| told.up == up);
    own.map(|told| (told.length, &told.text[..])).collect()
}

fn extents(messages: &[Told]) -> Vec<(u64, u64)> {
    messages
        .iter()
        .map(|told| (told.offset, told.length))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_split_order_and_repetition_gives_the_same_messages(
        shape in prop::collection::vec(any::<u8>(), 1..24),
        sizes in prop::collection::vec(1usize..3000, 1..12),
        order in prop::collection::vec(0usize..64, 1..40),
        window in 1usize..16,
        repeats in prop::collection::vec(any::<bool>(), 1..20),
        up: bool,
    ) {
        let (bytes, expected) = stream(&shape);
        let reference = in_order(&bytes, up);
        prop_assert_eq!(extents(&reference.messages), expected);
        let mut segments = Vec::new();
        for (index, (offset, part)) in cut(&bytes, &sizes).into_iter().enumerate() {
            segments.push(segment(up, at(offset), at(0), ACK, part));
            if repeats[index % repeats.len()] {
                segments.push(segment(up, at(offset), at(0), ACK, part));
            }
        }
        shuffle(&mut segments, window, &order);
        let mut list = opening();
        list.extend(segments);
        let shuffled = analyse(list);
        prop_assert_eq!(&shuffled.messages, &reference.messages);
        prop_assert!(shuffled.gaps.is_empty());
    }

    #[test]
    fn drops_are_gaps_and_cost_no_message_outside(
        shape in prop::collection::vec(any::<u8>(), 8..24),
        drops in prop::collection::vec(prop::bool::weighted(0.08), 5..60),
        acked: bool,
    ) {
        let (bytes, all) = stream(&shape);
        let parts = cut(&bytes, &[1448]);
        // The handshake stays: a few messages alone prove nothing.
        let dropped = |index: usize| {
            drops[index % drops.len()] && index > 0 && index + 1 < parts.len()
        };
        let mut list = opening();
        let mut lost = BTreeMap::new();
        for (index, (offset, part)) in parts.iter().enumerate() {
            if dropped(index) {
                // Adjacent losses are one gap.
                let end = *offset as u64 + part.len() as u64;
                let start = lost.iter().next_back().map(|(start, end): (&u64, &u64)| (*start, *end));
                match start {
                    Some((start, before)) if before == *offset as u64 => lost.insert(start, end),
                    _ => lost.insert(*offset as u64, end),
                };
            } else {
                list.push(segment(true, at(*offset), at(0), ACK, part));
            }
            if acked {
                list.push(segment(false, at(0), at(offset + part.len()), ACK, &[]));
            }
        }
        let ear = analyse(list);
        let gaps: Vec<_> = lost.iter().map(|(start, end)| (true, *start, Some(end - start))).collect();
        prop_assert_eq!(&ear.gaps, &gaps);
        let untouched = |&(start, length): &(u64, u64)| {
            !lost.iter().any(|(from, to)| start < *to && *from < start + length)
        };
        let expected: Vec<_> = all.iter().copied().filter(untouched).collect();
        let found = extents(&ear.messages);
        // Of what lies between two gaps, at most the first message is lost: the
        // one in which the gap ended may hide the next boundary.
        let missed: Vec<_> = expected.iter().filter(|extent| !found.contains(extent)).collect();
        prop_assert!(missed.len() <= lost.len(), "{missed:?} of {expected:?}, lost {lost:?}");
        // Nothing is told that was not sent.
        for told in &ear.messages {
            prop_assert!(all.contains(&(told.offset, told.length)), "{told:?}");
        }
    }

    #[test]
    fn a_capture_begun_anywhere_in_any_order_gives_the_messages_of_the_one_in_order(
        shapes in [prop::collection::vec(any::<u8>(), 6..24), prop::collection::vec(any::<u8>(), 6..24)],
        sizes in prop::collection::vec(1usize..3000, 1..12),
        begin in 0usize..90,
        order in prop::collection::vec(0usize..64, 1..40),
        window in 1usize..12,
    ) {
        let bytes = shapes.each_ref().map(|shape| stream(shape).0);
        let whole = conversation(&bytes, &sizes);
        let first = whole.len() * begin / 100;
        let known: Vec<_> = {
            let mut list = opening();
            list.extend(whole.iter().cloned());
            analyse(list).messages
        };
        let reference = analyse(whole[first..].to_vec());
        let mut late = whole[first..].to_vec();
        shuffle(&mut late, window, &order);
        let shuffled = analyse(late);
        // No byte is reordered: whatever is told was said there. (Offsets count
        // from the first byte captured; the texts name pieces and offsets.)
        for up in [true, false] {
            let said: Vec<_> = texts(&known, up);
            for ear in [&reference, &shuffled] {
                let told = texts(&ear.messages, up);
                prop_assert!(told.is_empty() || said.ends_with(&told), "{told:?} of {said:?}");
            }
            // The search may begin at another packet, so that a message more or
            // less is found at the start, but none after it.
            let (one, other) = (texts(&reference.messages, up), texts(&shuffled.messages, up));
            let least = one.len().min(other.len());
            prop_assert!(one.ends_with(&other[other.len() - least..]));
        }
        prop_assert!(shuffled.gaps.is_empty(), "{:?}", shuffled.gaps);
    }

    #[test]
    fn the_same_input_gives_the_same_output(
        shape in prop::collection::vec(any::<u8>(), 1..12),
        sizes in prop::collection::vec(1usize..3000, 1..12),
    ) {
        let (bytes, _) = stream(&shape);
        let list = || {
            let mut list = opening();
            for (offset, part) in cut(&bytes, &sizes) {
                list.push(segment(true, at(offset), at(0), ACK, part));
                list.push(segment(false, at(offset), at(0), ACK, part));
            }
            list
        };
        prop_assert_eq!(analyse(list()).all, analyse(list()).all);
    }

    #[test]
    fn arbitrary_streams_never_panic(
        parts in prop::collection::vec(
            (any::<bool>(), 0u32..6000, prop::collection::vec(any::<u8>(), 0..400), any::<u8>()),
            1..60,
        ),
        opened: bool,
        handshake: bool,
    ) {
        let mut list = if opened { opening() } else { Vec::new() };
        if handshake {
            let (bytes, _) = stream(&[]);
            list.push(segment(true, at(0), at(0), ACK, &bytes));
            list.push(segment(false, at(0), at(0), ACK, &bytes));
        }
        for (up, offset, payload, flags) in parts {
            list.push(segment(up, at(offset as usize), at(0), flags & 0x17, &payload));
        }
        let _ = analyse(list);
    }
}
