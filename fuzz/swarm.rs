//! What must hold for our own peer whatever others send it, and in whatever
//! order. The fuzz target runs this on what the fuzzer finds, `tests/seeds.rs`
//! on the seeds in `fuzz/corpus`.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use peerscope::active::machine::{Identity, Role, Time};
use peerscope::active::torrent::{Action, Job, Options, Outcome, PeerKey, Torrent};
use peerscope::torrent as check;
use peerscope::torrent::{BLOCK, Content, PieceSet, Verdict, Wanted};
use peerscope::wire::bencode::Dict;
use peerscope::wire::metainfo::{Metainfo, block_hash, blocks_root, layer_root};
use sha1::{Digest, Sha1};

/// Bytes of a piece: two blocks.
const PIECE: usize = 2 * BLOCK as usize;
/// Bytes of the torrent: the last piece is short.
const SIZE: usize = 2 * PIECE + 20_000;
// As bencode has them.
const PIECE_LENGTH: i64 = 2 * BLOCK as i64;
const LENGTH: i64 = 2 * PIECE_LENGTH + 20_000;
/// Connections that the script may hold at once.
const MOST_PEERS: usize = 8;
/// What may wait for a peer that does not read: the driver's patience is 4 MiB,
/// an answer may come on top.
const MOST_OUTPUT: usize = 6 << 20;
/// A download from an honest seeder takes no longer, whoever else is there.
const PATIENCE: Duration = Duration::from_mins(10);

/// A script: the first byte says what our peer does, each further step is a byte
/// that says what is done by whom, and what the step needs. In the end an honest
/// seeder comes: our peer must get the right data from it.
pub fn swarm(input: &[u8]) {
    let mut script = Script(input);
    let Some(kind) = script.byte() else { return };
    let sample = Sample::new(kind & 4 != 0);
    let mut ours = match kind & 3 {
        0 | 1 => Ours::new(sample.known(1, false), &sample),
        2 => Ours::new(sample.wanted(1), &sample),
        _ => Ours::new(sample.known(1, true), &sample),
    };
    while let Some(step) = script.byte() {
        ours.step(step, &mut script);
        ours.work();
    }
    ours.finish();
}

/// The bytes of the script that are left.
struct Script<'i>(&'i [u8]);

impl<'i> Script<'i> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Bytes behind their number.
    fn bytes(&mut self) -> &'i [u8] {
        let length = usize::from(self.byte().unwrap_or(0)).min(self.0.len());
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }
}

/// A torrent and its data.
struct Sample {
    data: Vec<u8>,
    whole: Metainfo,
    /// Without its piece layers, if it is v2: peers must be asked for them.
    bare: Metainfo,
}

impl Sample {
    fn new(v2: bool) -> Self {
        let data: Vec<u8> = (0..SIZE).map(|at| (at / 7 * at) as u8).collect();
        let (info, layers) = if v2 { info_v2(&data) } else { info_v1(&data) };
        let bare = Dict::new().dict("info", &info);
        let whole = bare.clone().dict("piece layers", &layers);
        let parse = |file: Dict| Metainfo::parse(&file.encode()).expect("a valid torrent");
        Self {
            data,
            whole: parse(whole),
            bare: parse(bare),
        }
    }

    fn hash(&self) -> [u8; 20] {
        let info = &self.whole.info;
        let v2 = || {
            info.v2_hash()
                .map(|hash| std::array::from_fn(|at| hash[at]))
        };
        info.v1_hash().or_else(v2).expect("a hash")
    }

    fn identity(&self, number: u8) -> Identity {
        Identity {
            peer_id: [number; 20],
            info_hashes: vec![self.hash()],
            hybrid: false,
            port: None,
        }
    }

    fn known(&self, number: u8, whole: bool) -> Torrent {
        let metainfo = if whole { &self.whole } else { &self.bare };
        let content = Content::from_metainfo(metainfo.clone());
        let pieces = content.pieces();
        let have = if whole {
            PieceSet::all(pieces)
        } else {
            PieceSet::none(pieces)
        };
        Torrent::known(self.identity(number), content, have, Options::default())
    }

    fn wanted(&self, number: u8) -> Torrent {
        let info = &self.whole.info;
        let wanted = Wanted {
            v1: info.v1_hash(),
            v2: info.v2_hash(),
        };
        Torrent::wanted(self.identity(number), wanted, Options::default())
    }

    fn part(&self, start: usize, length: usize) -> &[u8] {
        let end = (start + length).min(SIZE);
        self.data.get(start..end).unwrap_or(&[])
    }
}

fn info_v1(data: &[u8]) -> (Dict, Dict) {
    let hashes = data
        .chunks(PIECE)
        .flat_map(|piece| Sha1::digest(piece).to_vec());
    let info = Dict::new()
        .int("length", LENGTH)
        .bytes("name", "sample")
        .int("piece length", PIECE_LENGTH)
        .bytes("pieces", hashes.collect::<Vec<_>>());
    (info, Dict::new())
}

fn info_v2(data: &[u8]) -> (Dict, Dict) {
    let pieces = data.chunks(PIECE).map(|piece| {
        let mut leaves: Vec<_> = piece.chunks(BLOCK as usize).map(block_hash).collect();
        leaves.resize(2, [0; 32]);
        blocks_root(&leaves)
    });
    let layer: Vec<_> = pieces.collect();
    let root = layer_root(&layer, PIECE as u64);
    let leaf = Dict::new().int("length", LENGTH).bytes("pieces root", root);
    let file = Dict::new().dict("", &leaf);
    let info = Dict::new()
        .dict("file tree", &Dict::new().dict("sample", &file))
        .int("meta version", 2)
        .bytes("name", "sample")
        .int("piece length", PIECE_LENGTH);
    (info, Dict::new().bytes(root, layer.concat()))
}

/// Our peer, and those that the script plays.
struct Ours<'s> {
    torrent: Torrent,
    sample: &'s Sample,
    peers: Vec<PeerKey>,
    connected: u16,
    /// Checks under way.
    jobs: VecDeque<Job>,
    now: Time,
}

impl<'s> Ours<'s> {
    fn new(torrent: Torrent, sample: &'s Sample) -> Self {
        Self {
            torrent,
            sample,
            peers: Vec::new(),
            connected: 0,
            jobs: VecDeque::new(),
            now: Time::ZERO,
        }
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        let peer = usize::from(step >> 3) % MOST_PEERS;
        let peer = self.peers.get(peer).copied();
        match (step & 7, peer) {
            (0, _) => self.connect(step & 8 != 0, step & 16 != 0, script),
            (1, Some(peer)) => self.torrent.receive(peer, script.bytes(), self.now),
            (2, Some(peer)) => self.message(peer, script.bytes()),
            (3, _) => self.wait(Duration::from_millis(100) * u32::from(step >> 3).pow(2)),
            (4, Some(peer)) => self.block(peer, script.byte().unwrap_or(0)),
            (5, Some(peer)) => self.torrent.disconnected(peer),
            (6, Some(peer)) => drop(self.read(peer)),
            (7, Some(peer)) => self.offer(peer),
            _ => {}
        }
    }

    /// Somebody connects; `shakes` hands at once.
    fn connect(&mut self, dialled: bool, shakes: bool, script: &mut Script<'_>) {
        if self.peers.len() == MOST_PEERS {
            let oldest = self.peers.remove(0);
            self.torrent.disconnected(oldest);
        }
        self.connected += 1;
        // Several may come from one host.
        let host = (self.connected % 5) as u8;
        let address = SocketAddr::from((Ipv4Addr::new(10, 0, 0, host), self.connected));
        let role = if dialled {
            Role::Initiator
        } else {
            Role::Acceptor
        };
        let peer = self.torrent.connect(address, role, self.now);
        self.peers.push(peer);
        if shakes {
            let extensions = script.byte().unwrap_or(0);
            let mut handshake = b"\x13BitTorrent protocol\0\0\0\0\0".to_vec();
            // The bits of the extension protocol, of BEP 52 and of BEP 6.
            handshake.extend([extensions & 0x10, 0, extensions & 0x14]);
            handshake.extend(self.sample.hash());
            handshake.extend([100 + host; 20]);
            self.torrent.receive(peer, &handshake, self.now);
        }
    }

    fn message(&mut self, peer: PeerKey, body: &[u8]) {
        let message = [&(body.len() as u32).to_be_bytes(), body].concat();
        self.torrent.receive(peer, &message, self.now);
    }

    /// A block with the right data.
    fn block(&mut self, peer: PeerKey, number: u8) {
        let start = usize::from(number) * BLOCK as usize;
        let (piece, begin) = ((start / PIECE) as u32, (start % PIECE) as u32);
        let data = self.sample.part(start, BLOCK as usize);
        let place = [piece.to_be_bytes(), begin.to_be_bytes()].concat();
        self.message(peer, &[b"\x07", &place[..], data].concat());
    }

    /// The peer has everything, offers the info dictionary and unchokes.
    fn offer(&mut self, peer: PeerKey) {
        let size = self.sample.whole.info.bytes().len();
        let extended = format!("d1:md11:ut_metadatai3ee13:metadata_sizei{size}ee");
        self.message(peer, &[b"\x14\0", extended.as_bytes()].concat());
        self.message(peer, b"\x05\xe0");
        self.message(peer, b"\x01");
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.torrent.tick(self.now);
        while let Some(job) = self.jobs.pop_front() {
            let verdict = check::verify(&job.data, &job.check);
            let digests = check::digests(&job.data);
            self.torrent.checked(Outcome {
                piece: job.piece,
                data: job.data,
                verdict,
                digests,
            });
        }
    }

    /// The peer reads what is there for it.
    fn read(&mut self, peer: PeerKey) -> Vec<u8> {
        while let Some(block) = self.torrent.next_upload(peer) {
            let content = self.torrent.content().expect("it serves");
            assert!(content.contains(block), "{block:?} is not in the torrent");
            assert!(
                self.torrent.have().has(block.index),
                "{block:?} is not here"
            );
            let start = block.index as usize * PIECE + block.begin as usize;
            let data = self.sample.part(start, block.length as usize);
            self.torrent.upload(peer, block, Some(data));
        }
        let output = self.torrent.output(peer).to_vec();
        self.torrent.advance_output(peer, output.len());
        output
    }

    /// Does what the torrent wants done; nothing that it says may be wrong.
    fn work(&mut self) {
        for peer in &self.peers {
            let waiting = self.torrent.output(*peer).len();
            assert!(waiting <= MOST_OUTPUT, "{waiting} bytes wait for a peer");
        }
        while let Some(action) = self.torrent.action() {
            match action {
                Action::Close(peer, _) => self.peers.retain(|other| *other != peer),
                Action::Metadata => {
                    let content = self.torrent.content().expect("it has come");
                    assert_eq!(content.info.bytes(), self.sample.whole.info.bytes());
                    let none = PieceSet::none(content.pieces());
                    self.torrent.resume(none);
                }
                Action::Unusable(error) => panic!("{error}"),
                Action::Inconsistent(inconsistent) => panic!("{inconsistent}"),
                Action::Check(job) => {
                    let start = job.piece as usize * PIECE;
                    let right = self.sample.part(start, PIECE);
                    let is_good = check::verify(&job.data, &job.check) == Verdict::Good;
                    assert_eq!(is_good, job.data[..] == *right, "piece {}", job.piece);
                    self.jobs.push_back(job);
                }
                Action::Finished => assert!(self.torrent.have().is_all()),
                Action::Report(report) => assert!(!report.to_string().is_empty()),
            }
        }
    }

    /// An honest seeder comes. Whoever is there stays, and says nothing more.
    fn finish(&mut self) {
        let seeder = self.sample.known(2, true);
        let mut seeder = Ours::new(seeder, self.sample);
        let ends = [Ipv4Addr::new(10, 0, 1, 1), Ipv4Addr::new(10, 0, 1, 2)];
        let [ours, its] = ends.map(|ip| SocketAddr::from((ip, 6881)));
        let peer = self.torrent.connect(its, Role::Initiator, self.now);
        let us = seeder.torrent.connect(ours, Role::Acceptor, self.now);
        let end = self.now + PATIENCE;
        seeder.now = self.now;
        while !self.torrent.is_complete() {
            assert!(self.now < end, "no end: {:?}", self.torrent);
            for _ in 0..4 {
                self.pass(peer, &mut seeder, us);
                seeder.pass(us, self, peer);
            }
            self.wait(Duration::from_millis(500));
            seeder.wait(Duration::from_millis(500));
            self.work();
            seeder.work();
        }
    }

    /// Carries what we have to say to the other end.
    fn pass(&mut self, peer: PeerKey, other: &mut Self, us: PeerKey) {
        let output = self.read(peer);
        other.torrent.receive(us, &output, other.now);
        other.work();
    }
}
