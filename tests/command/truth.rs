//! Transfers between real clients: every message that was sent, exactly as
//! often as it was sent.
//!
//! Three witnesses: `wire` in the `.json` (counts by an independent decoder,
//! plaintext TCP only), libtorrent's own log, and the torrent itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde_json::Value;

use crate::corpus::{Lab, labs};
use crate::log::{self, Line};
use crate::tool::{self, Record, count, read};

/// Messages of one sender to one receiver.
type Ways<'a> = BTreeMap<(String, String), Vec<&'a Record>>;

/// Blocks (piece, begin, length) and how often each occurs.
type Blocks = BTreeMap<(u64, u64, u64), u64>;

/// What a capture is known to show otherwise than the logs say, and why.
struct Deviation {
    capture: &'static str,
    /// The messages that the logs cannot be held against.
    messages: &'static [&'static str],
    why: &'static str,
}

const DEVIATIONS: [Deviation; 3] = [
    Deviation {
        capture: "d-utp-mseplain-libtorrent-libtorrent",
        messages: &["have"],
        why: "the last have came together with the end of the stream: the \
              receiver logs 9 bytes and an error, the sender logs 97 haves",
    },
    Deviation {
        capture: "b-magnet-libtorrent-webtorrent",
        messages: &["have_none"],
        why: "logged once more when the metadata has arrived",
    },
    Deviation {
        capture: "h-dht-libtorrent6",
        messages: &[
            "have_none",
            "have_all",
            "port",
            "unchoke",
            "extended_handshake",
        ],
        why: "each pair opens two connections and drops one: written, captured, \
              and not read any more, or decided and not written",
    },
];

/// Captures that do not hold all bytes; of these the logs are the most that can
/// come out.
const PARTIAL: [&str; 2] = ["i-snap96", "i-midstream"];

/// What speaks against a capture, gathered so that one run shows everything.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn expect<T: PartialEq + Debug>(&mut self, what: &str, truth: &T, seen: &T) {
        if truth != seen {
            self.0
                .push(format!("{what}: the truth is {truth:?}, seen {seen:?}"));
        }
    }

    fn end(self) {
        assert!(self.0.is_empty(), "\n{}", self.0.join("\n"));
    }
}

fn by_way(records: &[Record]) -> Ways<'_> {
    let mut ways = Ways::new();
    for record in records {
        ways.entry(record.way()).or_default().push(record);
    }
    ways
}

fn messages_of<'a>(ways: &Ways<'a>, from: &str, to: &str) -> Vec<&'a Record> {
    let way = (from.to_owned(), to.to_owned());
    ways.get(&way).cloned().unwrap_or_default()
}

/// The extension that a message belongs to: all of ut_metadata is one.
fn family(name: &str) -> &str {
    if name.starts_with("ut_metadata_") {
        "ut_metadata"
    } else {
        name
    }
}

/// Runs `check` on every capture and reports all that is wrong.
fn each_lab(mut check: impl FnMut(&Lab, &[Record], &mut Faults)) {
    let mut all = Faults::default();
    for lab in labs() {
        let mut records = read(&lab.capture());
        records.retain(|record| record.text("protocol") == "peer");
        let mut faults = Faults::default();
        check(&lab, &records, &mut faults);
        let named = faults.0.into_iter();
        all.0
            .extend(named.map(|fault| format!("{}: {fault}", lab.name)));
    }
    all.end();
}

#[test]
fn message_counts_are_those_on_the_wire() {
    each_lab(|lab, records, faults| {
        let truth = lab.truth();
        let ways = by_way(records);
        for connection in truth["wire"].as_array().into_iter().flatten() {
            let [one, other] = &connection["dirs"].as_array().unwrap()[..] else {
                panic!("a connection has two directions");
            };
            for (sender, receiver) in [(one, other), (other, one)] {
                check_sender(sender, receiver, &ways, faults);
            }
        }
    });
}

fn check_sender(sender: &Value, receiver: &Value, ways: &Ways, faults: &mut Faults) {
    let (from, to) = (text(sender, "src"), text(receiver, "src"));
    let sent = messages_of(ways, from, to);
    let heard = messages_of(ways, to, from);
    let map = announced(&heard);
    let mut truth: BTreeMap<String, u64> = BTreeMap::new();
    for (name, times) in sender["counts"].as_object().unwrap() {
        let name = translate(name, &map);
        *truth.entry(name).or_default() += times.as_u64().unwrap();
    }
    let messages = sent.iter().filter(|record| record.name() != "handshake");
    let seen = count(messages.map(|record| family(record.name()).to_owned()));
    let way = format!("{from} > {to}");
    faults.expect(&way, &truth, &seen);

    let payload: u64 = blocks(&sent, "piece").keys().map(|block| block.2).sum();
    faults.expect(
        &format!("{way} piece bytes"),
        &sender["piece_bytes"].as_u64().unwrap(),
        &payload,
    );
    check_handshake(sender, &sent, &way, faults);
}

/// The `m` of the last extended handshake in which it stands.
fn announced(heard: &[&Record]) -> BTreeMap<u64, String> {
    let handshakes = heard
        .iter()
        .filter(|record| record.name() == "extended_handshake");
    let maps = handshakes.filter_map(|record| record.field("m").as_object());
    let mut map = BTreeMap::new();
    for (name, id) in maps.flatten() {
        map.insert(id.as_u64().unwrap(), name.clone());
    }
    map
}

/// peerscope's name of what the witness calls `name`; `map` is what the receiver
/// announced.
fn translate(name: &str, map: &BTreeMap<u64, String>) -> String {
    match name {
        "keepalive" => "keep_alive".to_owned(),
        "ext0" => "extended_handshake".to_owned(),
        "suggest" => "suggest_piece".to_owned(),
        "reject" => "reject_request".to_owned(),
        _ => {
            let id = name.strip_prefix("ext").and_then(|id| id.parse().ok());
            let extension = id.and_then(|id: u64| map.get(&id));
            extension.map_or_else(|| name.to_owned(), Clone::clone)
        }
    }
}

fn check_handshake(sender: &Value, sent: &[&Record], way: &str, faults: &mut Faults) {
    let seen = sent.iter().find(|record| record.name() == "handshake");
    let field = |name| seen.and_then(|record| record.field(name).as_str());
    let peer_id = sender["peer_id"].as_str().map(unescape).map(hex::encode);
    faults.expect(
        &format!("{way} peer id"),
        &peer_id.as_deref(),
        &field("peer_id"),
    );
    for name in ["reserved", "info_hash"] {
        let truth = sender[name].as_str();
        faults.expect(&format!("{way} {name}"), &truth, &field(name));
    }
    let bits = sender["reserved"].as_str().map(reserved_bits);
    let named = seen.map(|record| record.field("extensions").clone());
    faults.expect(&format!("{way} names of bits"), &bits, &named);
}

/// The names of the reserved bits that these clients set.
fn reserved_bits(hex: &str) -> Value {
    let bytes = hex::decode(hex).unwrap();
    let known = [
        (5, 0x10, "extension"),
        (7, 0x01, "dht"),
        (7, 0x04, "fast"),
        (7, 0x10, "v2"),
    ];
    let set = known.iter().filter(|(at, mask, _)| bytes[*at] & mask != 0);
    set.map(|(_, _, name)| *name).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// Bytes of a text in which those that are not printable stand as `\x7f`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(hex) = rest.strip_prefix("\\x") {
            bytes.push(u8::from_str_radix(&hex[..2], 16).unwrap());
            rest = &hex[2..];
        } else {
            bytes.push(u8::try_from(first).unwrap());
            rest = &rest[1..];
        }
    }
    bytes
}

/// The blocks that messages of this name are about, where the capture holds all
/// three numbers.
fn blocks(records: &[&Record], name: &str) -> Blocks {
    let of_name = records.iter().filter(|record| record.name() == name);
    count(of_name.filter_map(|record| {
        let number = |field| record.field(field).as_u64();
        Some((number("index")?, number("begin")?, number("length")?))
    }))
}

#[test]
fn messages_are_those_that_libtorrent_logged() {
    each_lab(|lab, records, faults| {
        if !plaintext(&lab.truth()) {
            return;
        }
        for known in DEVIATIONS.iter().filter(|known| known.capture == lab.name) {
            let Deviation { messages, why, .. } = known;
            println!("{}: not compared: {messages:?}: {why}", lab.name);
        }
        each_log(lab, |ip, remote, lines| {
            let (sent, received) = both_ways(records, ip, remote);
            check_log(lab, remote, lines, &sent, true, faults);
            check_log(lab, remote, lines, &received, false, faults);
        });
    });
}

/// What the ledgers of `sessions --json` say: requests made, blocks that answer them
/// and blocks that nothing asked for, by who asked whom.
fn ledgers(lab: &Lab) -> BTreeMap<(String, String), (u64, u64)> {
    let mut ledgers = BTreeMap::new();
    let mut arguments = vec!["sessions".into(), "--json".into()];
    arguments.push(lab.capture().into_os_string());
    for line in tool::run(arguments).stdout.lines() {
        let session: Value = serde_json::from_str(line).unwrap();
        let (Some(initiator), Some(acceptor)) = (
            session["initiator"]["address"].as_str(),
            session["acceptor"]["address"].as_str(),
        ) else {
            continue;
        };
        let sides = [
            ("initiator", initiator, acceptor),
            ("acceptor", acceptor, initiator),
        ];
        for (side, own, other) in sides {
            let requests = &session["requests"][side];
            let number = |key: &str| requests[key].as_u64().unwrap_or(0);
            let key = (own.to_owned(), other.to_owned());
            let sum: &mut (u64, u64) = ledgers.entry(key).or_default();
            sum.0 += number("asked");
            sum.1 += number("answered") + number("unasked_pieces");
        }
    }
    ledgers
}

#[test]
fn ledgers_are_those_of_libtorrents_log() {
    let mut compared = 0;
    each_lab(|lab, _, faults| {
        if !plaintext(&lab.truth()) || PARTIAL.contains(&lab.name.as_str()) {
            return;
        }
        let ledgers = ledgers(lab);
        each_log(lab, |ip, remote, lines| {
            let own = format!("{ip}:");
            let mut seen = (0, 0);
            for ((asker, asked), figures) in &ledgers {
                if asker.starts_with(&own) && asked == remote {
                    seen = (seen.0 + figures.0, seen.1 + figures.1);
                }
            }
            let logged = |name: &str, sent: bool| {
                let its = lines.iter().filter(|line| line.sent == sent);
                its.filter(|line| line.message() == Some(name)).count() as u64
            };
            let truth = (logged("request", true), logged("piece", false));
            faults.expect(&format!("requests of {ip} to {remote}"), &truth, &seen);
            compared += truth.0;
        });
    });
    assert!(compared > 500, "{compared} requests compared");
}

/// Whether the messages can be read without keys.
fn plaintext(truth: &Value) -> bool {
    !text(truth, "encryption").contains("RC4")
}

/// Hands out the lines about each remote peer, with the logging peer's address.
fn each_log(lab: &Lab, mut check: impl FnMut(&str, &str, &[Line])) {
    let truth = lab.truth();
    for (index, peer) in truth["peers"].as_array().unwrap().iter().enumerate() {
        let Some(file) = lab.log(index + 1) else {
            continue;
        };
        let ip = text(peer, "ip");
        let mut lines = log::read(&file);
        // Connections to itself close after the handshake.
        lines.retain(|line| !line.remote.starts_with(&format!("{ip}:")));
        let remotes: BTreeSet<_> = lines.iter().map(|line| line.remote.clone()).collect();
        for remote in remotes {
            let about: Vec<_> = lines
                .iter()
                .filter(|line| line.remote == remote)
                .cloned()
                .collect();
            check(ip, &remote, &about);
        }
    }
}

/// What the peer at `ip` sent to `remote`, and received from it.
fn both_ways<'a>(
    records: &'a [Record],
    ip: &str,
    remote: &str,
) -> (Vec<&'a Record>, Vec<&'a Record>) {
    let local = format!("{ip}:");
    let between = |from: &'static str, to: &'static str| {
        let local = local.clone();
        records.iter().filter(move |record| {
            record.text(from).starts_with(&local) && record.text(to) == remote
        })
    };
    (
        between("src", "dst").collect(),
        between("dst", "src").collect(),
    )
}

fn check_log(
    lab: &Lab,
    remote: &str,
    lines: &[Line],
    records: &[&Record],
    sent: bool,
    faults: &mut Faults,
) {
    let lines = lines.iter().filter(|line| line.sent == sent);
    let mut logged = count(lines.clone().filter_map(Line::message));
    let names = records.iter().map(|record| family(record.name()));
    let mut seen = count(names.filter(|name| compared(name, sent)));
    let deviations = DEVIATIONS.iter().filter(|known| known.capture == lab.name);
    for known in deviations {
        logged.retain(|name, _| !known.messages.contains(name));
        seen.retain(|name, _| !known.messages.contains(name));
    }
    let what = format!("log about {remote}, sent {sent}");
    if PARTIAL.contains(&lab.name.as_str()) {
        let invented = seen
            .iter()
            .find(|(name, times)| logged.get(*name).unwrap_or(&0) < times);
        faults.expect(&what, &None, &invented);
    } else {
        faults.expect(&what, &logged, &seen);
    }
    for name in ["request", "piece"] {
        let of_name = lines.clone().filter(|line| line.message() == Some(name));
        let truth = count(of_name.filter_map(Line::block));
        check_blocks(lab, &what, &truth, &blocks(records, name), faults);
    }
}

/// Whether the logs count messages of this name.
fn compared(name: &str, sent: bool) -> bool {
    const BOTH: [&str; 10] = [
        "request",
        "piece",
        "allowed_fast",
        "bitfield",
        "have_all",
        "have_none",
        "extended_handshake",
        "ut_metadata",
        "hash_request",
        "hashes",
    ];
    const RECEIVED: [&str; 6] = ["have", "choke", "unchoke", "port", "upload_only", "ut_pex"];
    BOTH.contains(&name) || (!sent && RECEIVED.contains(&name))
}

fn check_blocks(lab: &Lab, what: &str, truth: &Blocks, seen: &Blocks, faults: &mut Faults) {
    let differing = |(block, times): (&(u64, u64, u64), &u64)| {
        let logged = truth.get(block).unwrap_or(&0);
        (logged != times).then_some((*block, *logged, *times))
    };
    let first = seen.iter().find_map(differing);
    faults.expect(&format!("{what}, (block, logged, seen)"), &None, &first);
    if !PARTIAL.contains(&lab.name.as_str()) {
        faults.expect(&format!("{what}, blocks"), &truth.len(), &seen.len());
    }
}

#[test]
fn a_finished_download_has_every_byte_of_the_torrent() {
    each_lab(|lab, records, faults| {
        let truth = lab.truth();
        let complete = truth["result"]["completed"] == true
            && plaintext(&truth)
            && !text(&truth, "transport").contains("HTTP")
            && !PARTIAL.contains(&lab.name.as_str());
        if !complete {
            return;
        }
        let total = truth["torrent"]["total_size"].as_u64().unwrap();
        let all: Vec<_> = records.iter().collect();
        let distinct: u64 = blocks(&all, "piece").keys().map(|block| block.2).sum();
        let kind = text(&truth["torrent"], "kind");
        // A hybrid torrent has pad files, which some clients ask for too.
        let right = if kind == "hybrid" {
            distinct >= total
        } else {
            distinct == total
        };
        if !right {
            faults.expect("distinct piece bytes", &total, &distinct);
        }
    });
}

#[test]
fn nothing_is_missing_where_the_capture_has_it() {
    each_lab(|lab, records, faults| {
        if !PARTIAL.contains(&lab.name.as_str()) {
            let gap = records.iter().find(|record| record.name() == "gap");
            faults.expect("a gap", &None, &gap);
        }
        for record in records {
            let (first, last) = (record.number("first_frame"), record.number("frame"));
            if first == 0 || first > last {
                faults.expect("frames", &(1, last), &(first, last));
            }
        }
    });
}

#[test]
fn encrypted_and_foreign_streams_have_no_messages() {
    each_lab(|lab, records, faults| {
        let truth = lab.truth();
        let silent = !plaintext(&truth)
            || text(&truth, "transport").contains("HTTP")
            || lab.name == "c-mseplain-transmission-libtorrent";
        if silent {
            let message = records.iter().find(|record| record.is_peer_message());
            faults.expect("a message", &None, &message);
        }
    });
}

#[test]
fn sessions_agree_with_the_messages() {
    let mut faults = Faults::default();
    for lab in labs() {
        let records = tool::read_peer(&lab.capture());
        for session in tool::sessions(&lab.capture()) {
            check_session(&lab, &session, &records, &mut faults);
        }
    }
    faults.end();
}

fn check_session(lab: &Lab, session: &Value, records: &[Record], faults: &mut Faults) {
    let stream = session["stream"].as_u64();
    for side in ["initiator", "acceptor"] {
        let address = session[side]["address"].as_str().unwrap();
        let sent = records.iter().filter(|record| {
            record.0["stream"].as_u64() == stream && record.text("src") == address
        });
        let sent: Vec<_> = sent.collect();
        let truth = count(sent.iter().map(|record| record.name().to_owned()));
        let counted = session["messages"][side].as_object();
        let seen = counted.into_iter().flatten();
        let seen = seen.map(|(name, times)| (name.clone(), times.as_u64().unwrap()));
        let what = format!("{} stream {stream:?} {side}", lab.name);
        faults.expect(&what, &truth, &seen.collect());
        let pieces = || sent.iter().filter(|record| record.name() == "piece");
        let bytes: u64 = pieces().map(|record| record.field_number("length")).sum();
        let missing = pieces()
            .filter_map(|record| record.0["missing"].as_u64())
            .sum();
        for (key, expected) in [("payload_bytes", bytes), ("payload_missing", missing)] {
            faults.expect(&what, &Some(expected), &session[key][side].as_u64());
        }
    }
}
