//! An object a torrent (`docs/json.md`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::verified::Verified;
use crate::capture::Timestamp;
use crate::swarm::{Announced, Claims, Dialled, Learned, Peer, Swarm};
use crate::view::clock::Calendar;
use crate::view::json::push_guarded;

#[derive(Serialize)]
struct TorrentRecord<'a> {
    info_hash: Option<String>,
    info_hash_v2: Option<String>,
    name: Option<&'a str>,
    length: Option<u64>,
    pieces: Option<u32>,
    verified_pieces: Option<u32>,
    sources: Vec<&'static str>,
    peers: usize,
    peers_claimed: usize,
    peers_transferred: usize,
    bytes: u64,
    first: Option<String>,
    last: Option<String>,
}

/// Writes an object of `torrents --json`.
pub fn write_torrent_json(
    out: &mut dyn Write,
    swarm: &Swarm,
    verified: Verified,
) -> io::Result<()> {
    let mut times = Times::default();
    let [v1, v2] = hashes(swarm);
    write(
        out,
        &TorrentRecord {
            info_hash: v1,
            info_hash_v2: v2,
            name: swarm.name.as_deref(),
            length: swarm.length,
            pieces: swarm.pieces,
            verified_pieces: verified.pieces,
            sources: swarm.sources.iter().map(|source| source.name()).collect(),
            peers: swarm.peers.len(),
            peers_claimed: swarm.count(|peer| peer.has_claimed),
            peers_transferred: swarm.count(Peer::has_transferred),
            bytes: swarm.bytes(),
            first: swarm.span.and_then(|[first, _]| times.text(first.time)),
            last: swarm.span.and_then(|[_, last]| times.text(last.time)),
        },
    )
}

/// The v1 hash, or what stands for it, and the v2 one.
fn hashes(swarm: &Swarm) -> [Option<String>; 2] {
    let v2 = swarm.v2.map(hex::encode);
    // Of a v2 torrent the first one is what peers know it by.
    [Some(hex::encode(swarm.v1.unwrap_or(swarm.hash))), v2]
}

#[derive(Serialize)]
struct SwarmRecord<'a> {
    info_hash: Option<String>,
    info_hash_v2: Option<String>,
    name: Option<&'a str>,
    private: bool,
    pieces: Option<u32>,
    sources: Vec<&'static str>,
    seeders_seen: usize,
    peers: Vec<PeerRecord<'a>>,
    flows: Vec<FlowRecord>,
    trackers: Vec<TrackerRecord<'a>>,
    leaks: Vec<LeakRecord>,
}

#[derive(Serialize)]
struct PeerRecord<'a> {
    address: String,
    client: Option<&'a str>,
    learned: Vec<LearnedRecord>,
    dialled: Vec<DialledRecord>,
    claimed: bool,
    seed: bool,
    served_bytes: u64,
    received_bytes: u64,
    sessions: u32,
    pieces_first: Option<u32>,
    pieces_last: Option<u32>,
    announced: Option<AnnouncedRecord>,
    left_out: u64,
    pieces_over_time: Vec<HadRecord>,
}

#[derive(Serialize)]
struct HadRecord {
    frame: u64,
    time: Option<String>,
    pieces: u32,
}

#[derive(Serialize)]
struct LearnedRecord {
    by: Option<String>,
    how: &'static str,
    from: Option<String>,
    frame: Option<u64>,
}

#[derive(Serialize)]
struct DialledRecord {
    by: String,
    frame: u64,
    time: Option<String>,
    outcome: &'static str,
}

#[derive(Serialize)]
struct AnnouncedRecord {
    uploaded: u64,
    downloaded: u64,
    left: Option<u64>,
    frames: [u64; 2],
    compared: Option<ComparedRecord>,
}

#[derive(Serialize)]
struct ComparedRecord {
    uploaded: WayRecord,
    downloaded: WayRecord,
}

#[derive(Serialize)]
struct WayRecord {
    announced: u64,
    seen: u64,
    verdict: &'static str,
}

#[derive(Serialize)]
struct FlowRecord {
    from: String,
    to: String,
    bytes: u64,
}

#[derive(Serialize)]
struct TrackerRecord<'a> {
    tracker: &'a str,
    seeders: Option<u64>,
    leechers: Option<u64>,
    completed: Option<u64>,
    answers: u64,
    frame: u64,
    host: Option<&'a str>,
}

#[derive(Serialize)]
struct LeakRecord {
    how: &'static str,
    frame: u64,
}

/// Writes an object of `swarm --json`.
pub fn write_swarm_json(out: &mut dyn Write, swarm: &Swarm) -> io::Result<()> {
    let mut times = Times::default();
    let [v1, v2] = hashes(swarm);
    let peers = swarm
        .peers
        .iter()
        .map(|(address, peer)| peer_record(address.to_string(), peer, &mut times));
    let flows = swarm.flows.iter().map(|((from, to), bytes)| FlowRecord {
        from: from.to_string(),
        to: to.to_string(),
        bytes: *bytes,
    });
    let leaks = swarm.leaks().iter().map(|leak| LeakRecord {
        how: leak.how.name(),
        frame: leak.frame,
    });
    write(
        out,
        &SwarmRecord {
            info_hash: v1,
            info_hash_v2: v2,
            name: swarm.name.as_deref(),
            private: swarm.is_private,
            pieces: swarm.pieces,
            sources: swarm.sources.iter().map(|source| source.name()).collect(),
            seeders_seen: swarm.count(|peer| peer.is_seed),
            peers: peers.collect(),
            flows: flows.collect(),
            trackers: tracker_records(&swarm.trackers),
            leaks: leaks.collect(),
        },
    )
}

fn tracker_records(trackers: &BTreeMap<String, Claims>) -> Vec<TrackerRecord<'_>> {
    let records = trackers.iter().map(|(tracker, claims)| TrackerRecord {
        tracker,
        seeders: claims.seeders,
        leechers: claims.leechers,
        completed: claims.completed,
        answers: claims.answers,
        frame: claims.frame,
        host: claims.host.as_deref(),
    });
    records.collect()
}

fn peer_record<'p>(address: String, peer: &'p Peer, times: &mut Times) -> PeerRecord<'p> {
    let mut learned: Vec<_> = peer.learned.iter().map(learned_record).collect();
    if learned.is_empty() {
        learned.push(LearnedRecord {
            by: None,
            how: "unknown",
            from: None,
            frame: None,
        });
    }
    let had = peer.growth.points().iter().map(|had| HadRecord {
        frame: had.at.frame,
        time: times.text(had.at.time),
        pieces: had.pieces,
    });
    let had = had.collect();
    PeerRecord {
        address,
        client: peer.client.as_deref(),
        learned,
        dialled: peer
            .dialled
            .iter()
            .map(|dialled| dialled_record(dialled, times))
            .collect(),
        claimed: peer.has_claimed,
        seed: peer.is_seed,
        served_bytes: peer.served,
        received_bytes: peer.received,
        sessions: peer.sessions,
        pieces_first: peer.pieces.map(|[first, _]| first),
        pieces_last: peer.pieces.map(|[_, last]| last),
        announced: peer
            .announced
            .map(|announced| announced_record(announced, peer)),
        left_out: peer.left_out,
        pieces_over_time: had,
    }
}

fn learned_record(learned: &Learned) -> LearnedRecord {
    LearnedRecord {
        by: learned.by.map(|by| by.to_string()),
        how: learned.how.name(),
        from: Some(learned.from.to_string()),
        frame: Some(learned.frame),
    }
}

fn dialled_record(dialled: &Dialled, times: &mut Times) -> DialledRecord {
    DialledRecord {
        by: dialled.by.to_string(),
        frame: dialled.frame,
        time: times.text(dialled.time),
        outcome: dialled.outcome.name(),
    }
}

/// The last announce, the packets of the first and the last one, and what passed between
/// them.
fn announced_record([first, last]: [Announced; 2], peer: &Peer) -> AnnouncedRecord {
    let compared = peer.compared().map(|ways| {
        let [uploaded, downloaded] = ways.map(|(announced, seen, agreement)| WayRecord {
            announced,
            seen,
            verdict: agreement.name(),
        });
        ComparedRecord {
            uploaded,
            downloaded,
        }
    });
    AnnouncedRecord {
        uploaded: last.uploaded,
        downloaded: last.downloaded,
        left: Some(last.left).filter(|left| *left != u64::MAX),
        frames: [first.frame, last.frame],
        compared,
    }
}

/// Times as JSON has them.
#[derive(Default)]
struct Times(Calendar);

impl Times {
    fn text(&mut self, time: Timestamp) -> Option<String> {
        let mut text = String::new();
        self.0.write(&mut text, time.nanos()?, 9);
        Some(text)
    }
}

fn write(out: &mut dyn Write, record: &impl Serialize) -> io::Result<()> {
    let mut line = String::new();
    push_guarded(&mut line, &serde_json::to_string(record)?);
    line.push('\n');
    out.write_all(line.as_bytes())
}
