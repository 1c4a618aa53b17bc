//! Machines with a storage, and a network between them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::active::machine::{Close, Identity, Role, Time};
use crate::active::torrent::{Action, Options, Outcome, PeerKey, Report, Torrent};
use crate::torrent::testing::Sample;
use crate::torrent::{
    Check, Content, Inconsistent, PieceBuffer, PieceSet, Verdict, Wanted, verify,
};
use crate::wire::metainfo::Protocol;

/// Who a machine of a test is.
pub fn identity(content: Option<&Content>, wanted: Wanted, number: u8) -> Identity {
    let mut hashes: Vec<[u8; 20]> = wanted.v1.into_iter().collect();
    hashes.extend(wanted.v2.map(|hash| std::array::from_fn(|at| hash[at])));
    let hybrid = content.is_some_and(|content| content.info.protocol() == Protocol::Hybrid);
    Identity {
        peer_id: [number; 20],
        info_hashes: hashes,
        hybrid,
        port: None,
    }
}

/// A machine with its storage.
pub struct Node {
    pub torrent: Torrent,
    pub disk: BTreeMap<u32, Vec<u8>>,
    pub reports: Vec<Report>,
    pub closed: Vec<(PeerKey, Close)>,
    pub finished: bool,
    pub inconsistent: Option<Inconsistent>,
    /// It takes its time over the data that is there when the info dictionary
    /// comes: the test resumes it.
    pub checks_long: bool,
}

impl Node {
    pub fn seeder(sample: &Sample, number: u8) -> Self {
        let content = sample.content();
        let have = PieceSet::all(content.pieces());
        let disk = have
            .iter()
            .map(|piece| (piece, sample.piece(piece).to_vec()));
        let mut node = Self {
            disk: disk.collect(),
            ..Self::leecher(sample, number)
        };
        let identity = identity(Some(&content), sample.wanted(), number);
        node.torrent = Torrent::known(identity, content, have, Options::default());
        node
    }

    pub fn leecher(sample: &Sample, number: u8) -> Self {
        let content = sample.content();
        let identity = identity(Some(&content), sample.wanted(), number);
        let none = PieceSet::none(content.pieces());
        Self::of(Torrent::known(identity, content, none, Options::default()))
    }

    pub fn of_magnet(sample: &Sample, number: u8) -> Self {
        let wanted = sample.wanted();
        let identity = identity(None, wanted, number);
        Self::of(Torrent::wanted(identity, wanted, Options::default()))
    }

    fn of(torrent: Torrent) -> Self {
        Self {
            torrent,
            disk: BTreeMap::new(),
            reports: Vec::new(),
            closed: Vec::new(),
            finished: false,
            inconsistent: None,
            checks_long: false,
        }
    }

    /// Does what the machine wants done; gives the connections that it closes.
    pub fn work(&mut self) -> Vec<PeerKey> {
        let mut closed = Vec::new();
        while let Some(action) = self.torrent.action() {
            match action {
                Action::Close(key, reason) => {
                    closed.push(key);
                    self.closed.push((key, reason));
                }
                Action::Metadata if self.checks_long => {}
                Action::Metadata => {
                    let pieces = self.torrent.content().unwrap().pieces();
                    self.torrent.resume(PieceSet::none(pieces));
                }
                Action::Check(job) => self.check(job.piece, job.data, &job.check, job.digests),
                Action::Unusable(error) => panic!("{error}"),
                Action::Inconsistent(inconsistent) => self.inconsistent = Some(inconsistent),
                Action::Finished => self.finished = true,
                Action::Report(report) => self.reports.push(report),
            }
        }
        closed
    }

    fn check(&mut self, piece: u32, data: PieceBuffer, check: &Check, digests: bool) {
        let verdict = verify(&data, check);
        let digests = if digests || verdict == Verdict::Bad {
            crate::torrent::digests(&data)
        } else {
            Vec::new()
        };
        if verdict == Verdict::Good {
            self.disk.insert(piece, data.to_vec());
        }
        self.torrent.checked(Outcome {
            piece,
            data,
            verdict,
            digests,
        });
    }

    /// Serves what a peer waits for.
    pub fn serve(&mut self, key: PeerKey) {
        while let Some(block) = self.torrent.next_upload(key) {
            let start = block.begin as usize;
            let piece = self.disk.get(&block.index);
            let data = piece.map(|piece| piece[start..start + block.length as usize].to_vec());
            self.torrent.upload(key, block, data.as_deref());
        }
    }
}

/// A link between two machines.
struct Link {
    ends: [(usize, PeerKey); 2],
    up: bool,
    /// What a wire tap does to the bytes of either direction.
    tap: fn(usize, &mut [u8]),
    /// Bytes that it carries in one round, at most.
    width: usize,
}

/// Machines, links between them, and a clock.
pub struct Net {
    pub nodes: Vec<Node>,
    links: Vec<Link>,
    pub now: Time,
    /// All dial from one host.
    pub one_host: bool,
    random: u64,
}

impl Net {
    pub fn new(nodes: Vec<Node>, seed: u64) -> Self {
        Self {
            nodes,
            links: Vec::new(),
            now: Duration::ZERO,
            one_host: false,
            random: seed | 1,
        }
    }

    pub fn address(node: usize) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::new(10, 0, 0, node as u8), 6881))
    }

    /// The host of all that dial, if there is one.
    pub fn host() -> IpAddr {
        Ipv4Addr::LOCALHOST.into()
    }

    pub fn connect(&mut self, from: usize, to: usize) {
        self.connect_tapped(from, to, |_, _| {});
    }

    /// Connects two machines; `tap` sees (and may change) what each end sends:
    /// 0 the dialler, 1 the other.
    pub fn connect_tapped(&mut self, from: usize, to: usize, tap: fn(usize, &mut [u8])) {
        let caller = if self.one_host {
            SocketAddr::new(Self::host(), 50_000 + from as u16)
        } else {
            Self::address(from)
        };
        let a = self.nodes[from]
            .torrent
            .connect(Self::address(to), Role::Initiator, self.now);
        let b = self.nodes[to]
            .torrent
            .connect(caller, Role::Acceptor, self.now);
        self.links.push(Link {
            ends: [(from, a), (to, b)],
            up: true,
            tap,
            width: 200_000,
        });
    }

    /// The link that was made last carries so many bytes in a round.
    pub fn narrow(&mut self, width: usize) {
        if let Some(link) = self.links.last_mut() {
            link.width = width;
        }
    }

    /// A number below `bound`, the same in every run.
    pub fn random(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % bound as u64) as usize
    }

    /// One round: every machine works, and every link carries some bytes.
    pub fn step(&mut self) {
        self.now += Duration::from_millis(10);
        for at in 0..self.nodes.len() {
            self.nodes[at].torrent.tick(self.now);
        }
        for link in 0..self.links.len() {
            for end in 0..2 {
                self.carry(link, end);
            }
        }
        for at in 0..self.nodes.len() {
            for key in self.nodes[at].work() {
                self.cut(at, key);
            }
        }
    }

    fn carry(&mut self, link: usize, end: usize) {
        if !self.links[link].up {
            return;
        }
        let (from, key) = self.links[link].ends[end];
        let (to, peer) = self.links[link].ends[1 - end];
        self.nodes[from].serve(key);
        let most = 1 + self.random(self.links[link].width);
        let output = self.nodes[from].torrent.output(key);
        let mut bytes = output[..output.len().min(most)].to_vec();
        self.nodes[from].torrent.advance_output(key, bytes.len());
        (self.links[link].tap)(end, &mut bytes);
        // It arrives in other portions than it was sent.
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at((1 + self.random(40_000)).min(rest.len()));
            self.nodes[to].torrent.receive(peer, now, self.now);
            rest = later;
        }
    }

    /// One end has closed: the other learns of it.
    fn cut(&mut self, node: usize, key: PeerKey) {
        for link in self.links.iter_mut().filter(|link| link.up) {
            for end in 0..2 {
                if link.ends[end] == (node, key) {
                    link.up = false;
                    let (other, peer) = link.ends[1 - end];
                    self.nodes[other].torrent.disconnected(peer);
                }
            }
        }
    }

    /// Runs until `done`, or gives up after so many rounds.
    pub fn run(&mut self, rounds: usize, done: impl Fn(&Self) -> bool) -> bool {
        for _ in 0..rounds {
            if done(self) {
                return true;
            }
            self.step();
        }
        done(self)
    }

    /// Whether node `at` has exactly the bytes of `sample`.
    pub fn has_all(&self, at: usize, sample: &Sample) -> bool {
        let content = sample.content();
        let disk = &self.nodes[at].disk;
        self.nodes[at].torrent.is_complete()
            && (0..content.pieces()).all(|p| disk.get(&p).is_some_and(|d| d == sample.piece(p)))
    }
}
