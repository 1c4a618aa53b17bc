//! Agreement with tshark: every message of the peer wire that both decode is
//! the same, in the same frame.
//!
//! Needs tshark in the path; says so where it is missing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::corpus::{case, labs};
use crate::tool::{Record, count, read_peer};

/// A message as both decoders see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    pub frame: u64,
    /// Bytes on the wire.
    pub length: u64,
    /// The id; none for handshake and keep-alive.
    pub id: Option<u64>,
    /// Piece index, and the offset in it where there is one.
    pub place: Vec<u64>,
}

/// Where the two are known to differ, and why. tshark shows nothing there that
/// peerscope does not.
struct Difference {
    capture: &'static str,
    /// Messages that only peerscope shows.
    only_peerscope: usize,
    why: &'static str,
}

const CAP: &str = "tshark takes a message above 0x4009 bytes for continuation data, \
                   and with it the rest of the segment";
const NEW_IDS: &str = "tshark does not know the hash messages of BEP 52 and gives up \
                       the rest of the segment";

const DIFFERENCES: [Difference; 9] = [
    Difference {
        capture: "b-magnet-transmission-libtorrent",
        only_peerscope: 4,
        why: CAP,
    },
    Difference {
        capture: "b-magnet-libtorrent-aria2",
        only_peerscope: 3,
        why: CAP,
    },
    Difference {
        capture: "b-magnet-libtorrent-webtorrent",
        only_peerscope: 4,
        why: CAP,
    },
    Difference {
        capture: "4-32k",
        only_peerscope: 2,
        why: CAP,
    },
    Difference {
        capture: "1-session",
        only_peerscope: 6,
        why: "both of the above: metadata of 16 KiB, hash messages",
    },
    Difference {
        capture: "f-v2magnet-libtorrent-libtorrent",
        only_peerscope: 15,
        why: NEW_IDS,
    },
    Difference {
        capture: "11-split",
        only_peerscope: 3,
        why: "tshark gives up a segment at an unknown id",
    },
    Difference {
        capture: "17-split10",
        only_peerscope: 1,
        why: "tshark does not see a handshake whose first segment has 10 bytes",
    },
    Difference {
        capture: "g-http-tracker-transmission-aria2",
        only_peerscope: 1,
        why: "a handshake behind the last message of MSE in one segment",
    },
];

/// Captures that say nothing when compared.
const INCOMPARABLE: [(&str, &str); 1] = [(
    "i-snap96",
    "tshark takes what was captured of a segment for all of it",
)];

/// Captures in which packets come out of order. tshark gives every message that
/// had to wait the frame that ended the wait; peerscope the one with its last
/// byte.
const OUT_OF_ORDER: [&str; 1] = ["i-badnet-tcp"];

#[test]
fn tshark_agrees() {
    if Command::new("tshark").arg("-v").output().is_err() {
        println!("skipped: no tshark");
        return;
    }
    let mut wrong = Vec::new();
    for (name, capture) in compared() {
        if let Some((_, why)) = INCOMPARABLE.iter().find(|(other, _)| *other == name) {
            println!("{name}: not compared: {why}");
            continue;
        }
        let (mut tshark, mut peerscope) = (by_tshark(&capture), by_peerscope(&capture));
        if OUT_OF_ORDER.contains(&name.as_str()) {
            for seen in tshark.iter_mut().chain(&mut peerscope) {
                seen.frame = 0;
            }
        }
        let (tshark, peerscope) = (count(tshark), count(peerscope));
        let only_tshark = beyond(&tshark, &peerscope);
        let only_peerscope = beyond(&peerscope, &tshark);
        let known = DIFFERENCES.iter().find(|known| known.capture == name);
        let (expected, why) = known.map_or((0, ""), |known| (known.only_peerscope, known.why));
        let both = peerscope.values().sum::<u64>() - only_peerscope.len() as u64;
        println!("{name}: {both} the same, {expected} not: {why}");
        if (only_tshark.len(), only_peerscope.len()) != (0, expected) {
            wrong.push(format!(
                "{name}: only tshark {}: {:?}; only peerscope {}: {:?}",
                only_tshark.len(),
                &only_tshark[..only_tshark.len().min(4)],
                only_peerscope.len(),
                &only_peerscope[..only_peerscope.len().min(4)],
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The captures of the peer wire over TCP that is not encrypted.
fn compared() -> Vec<(String, std::path::PathBuf)> {
    let plain = labs().into_iter().filter(|lab| {
        let truth = lab.truth();
        truth["transport"] == "TCP" && truth["encryption"] == "plaintext"
    });
    let plain = plain.map(|lab| (lab.name.clone(), lab.capture()));
    let cases = ["1-session", "4-32k", "11-split", "13-fields", "17-split10"];
    let cases = cases.map(|name| (name.to_owned(), case(name)));
    plain.chain(cases).collect()
}

/// What `some` holds more often than `others`.
pub fn beyond(some: &BTreeMap<Seen, u64>, others: &BTreeMap<Seen, u64>) -> Vec<Seen> {
    let more = |(seen, &times): (&Seen, &u64)| {
        let extra = times.saturating_sub(*others.get(seen).unwrap_or(&0));
        std::iter::repeat_n(seen.clone(), extra as usize)
    };
    some.iter().flat_map(more).collect()
}

fn by_peerscope(capture: &Path) -> Vec<Seen> {
    read_peer(capture).iter().map(seen).collect()
}

pub fn seen(record: &Record) -> Seen {
    let number = |name| record.field(name).as_u64();
    let id = id(record);
    let place = match id {
        Some(4 | 13 | 17) => vec![number("piece")],
        Some(6 | 7 | 8 | 16) => vec![number("index"), number("begin")],
        _ => Vec::new(),
    };
    Seen {
        frame: record.number("frame"),
        length: record.number("length"),
        id,
        place: place.into_iter().flatten().collect(),
    }
}

/// The id on the wire of a message.
fn id(record: &Record) -> Option<u64> {
    let ids = [
        "choke",
        "unchoke",
        "interested",
        "not_interested",
        "have",
        "bitfield",
        "request",
        "piece",
        "cancel",
        "port",
    ];
    let name = record.name();
    if let Some(id) = ids.iter().position(|other| *other == name) {
        return Some(id as u64);
    }
    match name {
        "handshake" | "keep_alive" => None,
        "suggest_piece" => Some(13),
        "have_all" => Some(14),
        "have_none" => Some(15),
        "reject_request" => Some(16),
        "allowed_fast" => Some(17),
        "hash_request" => Some(21),
        "hashes" => Some(22),
        "hash_reject" => Some(23),
        "unknown" => record.field("id").as_u64(),
        _ => Some(20),
    }
}

pub fn by_tshark(capture: &Path) -> Vec<Seen> {
    let preferences = [
        "tcp.reassemble_out_of_order:TRUE",
        "tcp.desegment_tcp_streams:TRUE",
    ];
    let output = Command::new("tshark")
        .args(["-d", "tcp.port==6881-6889,bittorrent", "-Y", "bittorrent"])
        .args(preferences.iter().flat_map(|preference| ["-o", preference]))
        .args(["-T", "pdml", "-J", "bittorrent", "-r"])
        .arg(capture)
        .stderr(Stdio::null())
        .output()
        .expect("tshark runs");
    pdml(&String::from_utf8_lossy(&output.stdout))
}

/// The messages in tshark's XML, of which every line is one field.
fn pdml(text: &str) -> Vec<Seen> {
    let mut messages = Vec::new();
    let mut frame = 0;
    for line in text.lines() {
        let attribute = |key: &str| {
            let (_, rest) = line.split_once(&format!(" {key}=\""))?;
            rest.split('"').next()
        };
        let number = || {
            let value = attribute("show")?;
            let hex = value
                .strip_prefix("0x")
                .map(|hex| u64::from_str_radix(hex, 16));
            hex.unwrap_or_else(|| value.parse()).ok()
        };
        let name = attribute("name").unwrap_or_default();
        let last = messages.last_mut();
        match (name, last) {
            ("num", _) => frame = number().unwrap(),
            ("bittorrent", _) => messages.push(Seen {
                frame,
                length: attribute("size")
                    .and_then(|size| size.parse().ok())
                    .unwrap(),
                ..Seen::default()
            }),
            ("bittorrent.msg.type", Some(message)) => message.id = number(),
            ("bittorrent.piece.index" | "bittorrent.piece.begin", Some(message)) => {
                message.place.extend(number());
            }
            // Bytes that tshark gives no message to.
            ("bittorrent.continuous_data", Some(_)) => {
                messages.pop();
            }
            _ => {}
        }
    }
    messages
}
