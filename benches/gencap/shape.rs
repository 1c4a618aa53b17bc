//! The shapes: who sends what, until the file is large enough.

use std::io::{self, Write};

use super::conversation::{ACCEPTOR, Conversation, INITIATOR};
use super::message::{self, BLOCK, id};
use super::network::{Faults, Network};
use super::packet::Endpoint;
use super::random::Random;
use super::{Shape, Spec, Summary};

/// Bytes in a piece of the torrent.
const PIECE: u32 = 256 * 1024;
/// Blocks asked for ahead of the one being sent.
const PIPELINE: u32 = 32;
/// Small messages between two looks at the size.
const BATCH: u32 = 64;

const INFO_HASH: [u8; 20] = *b"peerscope benchmark!";
const CLIENT: &str = "gencap/1";

pub fn write<W: Write>(spec: Spec, out: W) -> io::Result<Summary> {
    let faults = match spec.shape {
        Shape::Reordered => Faults {
            late: 20,
            twice: 10,
            lost: 0,
        },
        Shape::Lossy => Faults {
            lost: 2,
            ..Faults::default()
        },
        Shape::Clean | Shape::Small | Shape::Connections => Faults::default(),
    };
    let mut network = Network::new(out, faults, spec.seed)?;
    let mut summary = Summary::default();
    match spec.shape {
        Shape::Clean | Shape::Reordered | Shape::Lossy => {
            transfer(spec, &mut network, &mut summary)
        }
        Shape::Small => small(spec, &mut network, &mut summary),
        Shape::Connections => connections(spec, &mut network, &mut summary),
    }?;
    network.finish()?;
    summary.packets = network.packets;
    summary.bytes = network.bytes;
    summary.lost_packets = network.lost;
    Ok(summary)
}

/// Blocks of the torrent that fills the file with all overhead.
fn block_count(size: u64) -> u64 {
    // What a block takes in the file: 11.3 packets of 1448 bytes, each with 82
    // bytes of headers, three acknowledgements, a share of the requests.
    const IN_FILE: u64 = 17_600;
    (size / IN_FILE).max(1)
}

/// A leecher fetches a whole torrent from a seeder.
fn transfer<W: Write>(
    spec: Spec,
    network: &mut Network<W>,
    summary: &mut Summary,
) -> io::Result<()> {
    let mut random = Random::new(spec.seed, 0);
    let blocks = block_count(spec.size) as u32;
    let pieces = blocks.div_ceil(PIECE / BLOCK);
    let mut peers = open(network, summary, &mut random, pieces)?;
    peers.exposed = true;
    let mut asked = 0;
    for block in 0..blocks {
        if block == asked {
            asked = (asked + PIPELINE).min(blocks);
            request(&mut peers, block..asked)?;
        }
        send_block(&mut peers, &mut random, block)?;
        let (index, begin) = place(block);
        if begin + BLOCK == PIECE || block + 1 == blocks {
            peers.write_numbers(INITIATOR, id::HAVE, &[index])?;
            peers.push(INITIATOR)?;
        }
    }
    peers.exposed = false;
    peers.write_numbers(INITIATOR, id::NOT_INTERESTED, &[])?;
    peers.close()
}

/// Piece index and offset of a block.
fn place(block: u32) -> (u32, u32) {
    let per_piece = PIECE / BLOCK;
    (block / per_piece, block % per_piece * BLOCK)
}

fn request<W: Write>(
    peers: &mut Conversation<'_, W>,
    blocks: std::ops::Range<u32>,
) -> io::Result<()> {
    for block in blocks {
        let (index, begin) = place(block);
        peers.write_numbers(INITIATOR, id::REQUEST, &[index, begin, BLOCK])?;
    }
    // The seeder answers what it has heard: its last block leaves first.
    peers.push(ACCEPTOR)?;
    peers.push(INITIATOR)
}

fn send_block<W: Write>(
    peers: &mut Conversation<'_, W>,
    random: &mut Random,
    block: u32,
) -> io::Result<()> {
    let (index, begin) = place(block);
    let mut bytes = message::piece_header(index, begin, BLOCK);
    random.fill(&mut bytes, BLOCK as usize);
    peers.write(ACCEPTOR, "piece", &bytes)?;
    peers.count_payload(ACCEPTOR, BLOCK);
    Ok(())
}

/// Opens a connection and does all that comes before the first request.
fn open<'a, W: Write>(
    network: &'a mut Network<W>,
    summary: &'a mut Summary,
    random: &mut Random,
    pieces: u32,
) -> io::Result<Conversation<'a, W>> {
    let ends = [end(random, 2, None), end(random, 1, Some(6881))];
    // Close below the wrap, so that every file of some size crosses it.
    let first = [random.next() as u32, u32::MAX - random.below(1 << 20)];
    let mut peers = Conversation::open(network, summary, ends, first)?;
    greet(&mut peers, random)?;
    peers.write(ACCEPTOR, "bitfield", &message::full_bitfield(pieces))?;
    peers.write_numbers(INITIATOR, id::HAVE_NONE, &[])?;
    peers.write_numbers(INITIATOR, id::INTERESTED, &[])?;
    peers.push(ACCEPTOR)?;
    peers.push(INITIATOR)?;
    peers.write_numbers(ACCEPTOR, id::UNCHOKE, &[])?;
    peers.push(ACCEPTOR)?;
    Ok(peers)
}

/// Both handshakes, plain and extended.
fn greet<W: Write>(peers: &mut Conversation<'_, W>, random: &mut Random) -> io::Result<()> {
    for side in [INITIATOR, ACCEPTOR] {
        let id = peer_id(random);
        peers.write(side, "handshake", &message::handshake(&INFO_HASH, &id))?;
        peers.push(side)?;
    }
    for side in [INITIATOR, ACCEPTOR] {
        let hello = message::extended_handshake(CLIENT, 6881);
        peers.write(side, "extended_handshake", &hello)?;
        peers.push(side)?;
    }
    Ok(())
}

/// Many small messages, as a swarm with tiny pieces and a nervous choker.
fn small<W: Write>(spec: Spec, network: &mut Network<W>, summary: &mut Summary) -> io::Result<()> {
    const PIECES: u32 = 1 << 16;
    let mut random = Random::new(spec.seed, 0);
    let mut peers = open(network, summary, &mut random, PIECES)?;
    while peers.network.bytes < spec.size {
        for side in [INITIATOR, ACCEPTOR] {
            for _ in 0..BATCH {
                small_message(&mut peers, side, &mut random, PIECES)?;
            }
            peers.push(side)?;
        }
    }
    peers.close()
}

fn small_message<W: Write>(
    peers: &mut Conversation<'_, W>,
    side: usize,
    random: &mut Random,
    pieces: u32,
) -> io::Result<()> {
    let index = random.below(pieces);
    let begin = random.below(PIECE / BLOCK) * BLOCK;
    match random.below(100) {
        0..50 => peers.write_numbers(side, id::HAVE, &[index]),
        50..80 => peers.write_numbers(side, id::REQUEST, &[index, begin, BLOCK]),
        80..90 => peers.write_numbers(side, id::CANCEL, &[index, begin, BLOCK]),
        90..92 => peers.write_numbers(side, id::CHOKE, &[]),
        92..94 => peers.write_numbers(side, id::UNCHOKE, &[]),
        94..96 => peers.write_numbers(side, id::SUGGEST_PIECE, &[index]),
        96..98 => peers.write_numbers(side, id::ALLOWED_FAST, &[index]),
        98 => peers.write_numbers(side, id::INTERESTED, &[]),
        _ => peers.write_numbers(side, id::NOT_INTERESTED, &[]),
    }
}

/// Many connections that end after the greeting, as a tracker's crawl.
fn connections<W: Write>(
    spec: Spec,
    network: &mut Network<W>,
    summary: &mut Summary,
) -> io::Result<()> {
    let mut random = Random::new(spec.seed, 0);
    while network.bytes < spec.size {
        let ends = [end(&mut random, 2, None), end(&mut random, 1, Some(6881))];
        let first = [random.next() as u32, random.next() as u32];
        let mut peers = Conversation::open(network, summary, ends, first)?;
        greet(&mut peers, &mut random)?;
        peers.close()?;
    }
    Ok(())
}

/// An address in 10.`net`.0.0/16, on a random port where none is given.
fn end(random: &mut Random, net: u8, port: Option<u16>) -> Endpoint {
    let bits = random.next().to_le_bytes();
    Endpoint {
        ip: [10, net, bits[0], bits[1]],
        port: port.unwrap_or(0x8000 | u16::from_le_bytes([bits[2], bits[3]])),
    }
}

fn peer_id(random: &mut Random) -> [u8; 20] {
    let mut id = *b"-GC0100-............";
    for byte in &mut id[8..] {
        *byte = b"0123456789abcdefghijklmnopqrstuv"[random.below(32) as usize];
    }
    id
}
