//! `peerscope diff` over captures of real clients: what it says is what
//! `peerscope read` shows, and two runs of the same clients are equal.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn peerscope(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    command.args(args).current_dir(root()).output().unwrap()
}

/// Captures that come with peerscope, and those beside it where they are.
fn captures(names: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names {
        let shipped = ["pcap", "pcap.gz", "pcap.zst"]
            .map(|ending| root().join(format!("captures/lab/{name}.{ending}")));
        let beside = ["pcap", "pcapng"]
            .map(|ending| root().join(format!("../shared/captures/lab/{name}.{ending}")));
        match shipped.iter().chain(&beside).find(|path| path.exists()) {
            Some(path) => found.push(path.clone()),
            None => eprintln!("skipped: {name} is not here"),
        }
    }
    found
}

fn diff(a: &str, b: &str, more: &[&str]) -> (Option<i32>, Value) {
    let output = peerscope(&[&["diff", "--json", a, b], more].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let trouble = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{a} {b}: {trouble}"));
    (output.status.code(), value)
}

fn names(value: &Value) -> Vec<&str> {
    let list = value.as_array().unwrap().iter();
    list.map(|name| name.as_str().unwrap()).collect()
}

/// The records of one connection, as `read --json` has them.
fn records(file: &str, stream: u64) -> Vec<Value> {
    let output = peerscope(&["read", "--json", file]);
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|record: &Value| record["stream"] == stream && record["protocol"] == "peer")
        .collect()
}

/// Nanoseconds within the day: enough to subtract two times of a capture.
fn nanos(record: &Value) -> i64 {
    let time = record["time"].as_str().unwrap();
    let number = |range: std::ops::Range<usize>| time[range].parse::<i64>().unwrap();
    let seconds = (number(11..13) * 60 + number(14..16)) * 60 + number(17..19);
    seconds * 1_000_000_000 + number(20..29)
}

/// What the messages of one peer say, counted here.
struct Truth<'r> {
    all: &'r [Value],
    own: Vec<&'r Value>,
}

impl<'r> Truth<'r> {
    fn new(all: &'r [Value], address: &Value) -> Self {
        let own = all.iter().filter(|record| record["src"] == *address);
        Self {
            all,
            own: own.collect(),
        }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &'r Value> {
        let own = self.own.clone().into_iter();
        own.filter(move |record| record["message"] == name)
    }

    fn count(&self, name: &str) -> Value {
        self.named(name).count().into()
    }

    /// Seconds from the first message of the connection to the first `name`.
    fn time(&self, name: &str) -> Value {
        self.named(name).next().map_or(Value::Null, |record| {
            let since = nanos(record) - nanos(&self.all[0]);
            Value::from(since as f64 / 1e9)
        })
    }

    /// The most requests without an answer at once.
    fn queue_max(&self) -> Value {
        let (mut out, mut most) = (HashSet::new(), 0);
        let me = &self.own[0]["src"];
        for record in self.all {
            let block = &record["fields"];
            let block = (block["index"].as_u64(), block["begin"].as_u64());
            match record["message"].as_str().unwrap() {
                "request" if record["src"] == *me => {
                    out.insert(block);
                    most = most.max(out.len());
                }
                "piece" if record["dst"] == *me => {
                    out.remove(&block);
                }
                _ => {}
            }
        }
        most.into()
    }

    /// Pieces in the order in which they are first asked for.
    fn first_pieces(&self) -> Value {
        let mut seen = HashSet::new();
        let pieces = self
            .named("request")
            .map(|one| one["fields"]["index"].clone());
        let new = pieces.filter(|piece| seen.insert(piece.as_u64()));
        new.take(8).collect()
    }

    fn duplicates(&self) -> Value {
        let mut seen = HashSet::new();
        let blocks = self.named("request").map(|one| one["fields"].to_string());
        blocks
            .filter(|block| !seen.insert(block.clone()))
            .count()
            .into()
    }
}

/// Holds the facts and steps of one side of a comparison against the records.
fn check(file: &str, value: &Value, side: &str) {
    let all = records(file, value[side]["stream"].as_u64().unwrap());
    for role in ["downloader", "uploader"] {
        let facts: BTreeMap<&str, &Value> = value["facts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|fact| fact["group"] == role)
            .map(|fact| (fact["name"].as_str().unwrap(), &fact[side]))
            .collect();
        let truth = Truth::new(&all, facts["address"]);
        let messages = truth.own.iter().filter(|one| one["message"] != "gap");
        assert_eq!(*facts["messages"], messages.count());
        assert_eq!(truth.own.last().unwrap()["message"], *facts["last_message"]);
        let times = [
            ("interested", "interested"),
            ("unchoke", "unchoke"),
            ("first_request", "request"),
            ("first_block", "piece"),
        ];
        for (name, message) in times {
            if let Some(fact) = facts.get(name) {
                assert_eq!(**fact, truth.time(message), "{file} {role} {name}");
            }
        }
        if let Some(requests) = facts.get("requests").filter(|value| !value.is_null()) {
            assert_eq!(**requests, truth.count("request"), "{file}");
            assert_eq!(*facts["queue_max"], truth.queue_max(), "{file}");
            assert_eq!(*facts["first_pieces"], truth.first_pieces(), "{file}");
            assert_eq!(*facts["duplicate_requests"], truth.duplicates(), "{file}");
            assert_eq!(*facts["haves"], truth.count("have"), "{file}");
        }
        if let Some(handshake) = truth.named("handshake").next() {
            assert_eq!(*facts["reserved"], handshake["fields"]["extensions"]);
        }
        if let Some(handshake) = truth.named("extended_handshake").next() {
            for (name, id) in handshake["fields"]["m"].as_object().unwrap() {
                assert_eq!(
                    *facts[&*format!("m.{name}")],
                    id.to_string(),
                    "{file} {name}"
                );
            }
        }
        check_steps(file, &value["steps"][role], side, &truth);
    }
}

/// The steps are the peer's messages: none left out, none made up, in order.
fn check_steps(file: &str, rows: &Value, side: &str, truth: &Truth<'_>) {
    let steps = rows.as_array().unwrap().iter().map(|row| &row[side]);
    let mut own = truth.own.iter().filter(|one| one["message"] != "gap");
    for step in steps.filter(|step| !step.is_null()) {
        let counts = step["messages"].as_object().unwrap();
        let total: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
        let mut seen = BTreeMap::new();
        for nth in 1..=total {
            let record = own.next().unwrap();
            if nth == 1 {
                assert_eq!(step["frame"], record["frame"], "{file} {step}");
                let since = nanos(record) - nanos(&truth.all[0]);
                assert_eq!(step["time"], since as f64 / 1e9, "{file} {step}");
            }
            if nth == total {
                assert_eq!(step["last_frame"], record["frame"], "{file} {step}");
            }
            let name = record["message"].as_str().unwrap().to_owned();
            *seen.entry(name).or_insert(0) += 1;
        }
        let seen: BTreeMap<_, Value> = seen.into_iter().map(|(name, n)| (name, n.into())).collect();
        let counts: BTreeMap<_, _> = counts.clone().into_iter().collect();
        assert_eq!(counts, seen, "{file} {step}");
    }
    assert_eq!(own.count(), 0, "{file}: messages without a step");
}

/// Plain sessions from their beginning, of many clients.
const SESSIONS: [&str; 12] = [
    "a-libtorrent-libtorrent",
    "b-magnet-transmission-libtorrent",
    "d-utp-libtorrent-transmission",
    "i-any-sll2",
    "a-aria2-transmission",
    "a-rtorrent-aria2",
    "a-transmission-rtorrent",
    "a-webtorrent-qbittorrent",
    "b-magnet-libtorrent-aria2",
    "b-magnet-libtorrent-webtorrent",
    "f-hybrid-libtorrent-webtorrent",
    "f-v2magnet-libtorrent-libtorrent",
];

#[test]
fn what_it_says_is_what_the_capture_holds() {
    let all = captures(&SESSIONS);
    assert!(all.len() >= 4);
    for pair in all.windows(2) {
        let [a, b] = [0, 1].map(|at| pair[at].to_str().unwrap());
        let (_, value) = diff(a, b, &[]);
        check(a, &value, "a");
        check(b, &value, "b");
    }
}

#[test]
fn a_capture_equals_itself() {
    for capture in captures(&SESSIONS) {
        let capture = capture.to_str().unwrap();
        let (code, value) = diff(capture, capture, &[]);
        assert_eq!(
            (code, names(&value["differing"])),
            (Some(0), vec![]),
            "{capture}"
        );
        assert_eq!(value["first_divergence"], Value::Null);
    }
}

/// libtorrent seeds to libtorrent, which dials: TCP, UDP tracker, a bad network,
/// two captures at once, and after a failed attempt to encrypt.
const SAME_CLIENTS: [&str; 6] = [
    "a-libtorrent-libtorrent",
    "i-any-sll2",
    "g-udp-tracker-libtorrent-libtorrent",
    "i-badnet-tcp",
    "i-pcapng-multi-if",
    "c-fallback-libtorrent-libtorrent",
];

#[test]
fn two_runs_of_the_same_clients_are_equal() {
    let all = captures(&SAME_CLIENTS);
    for pair in all.windows(2) {
        let [a, b] = [0, 1].map(|at| pair[at].to_str().unwrap());
        let (code, value) = diff(a, b, &[]);
        assert_eq!(
            (code, names(&value["differing"])),
            (Some(0), vec![]),
            "{a} {b}"
        );
    }
    // The same over uTP, and with the handshake hidden in MSE.
    let others = [
        "c-mseplain-libtorrent-libtorrent",
        "d-utp-mseplain-libtorrent-libtorrent",
        "i-badnet-utp",
    ];
    for other in captures(&others) {
        let (a, b) = (all[0].to_str().unwrap(), other.to_str().unwrap());
        let (code, value) = diff(a, b, &["--ignore", "transport"]);
        assert_eq!(
            (code, names(&value["differing"])),
            (Some(0), vec!["transport"]),
            "{b}"
        );
    }
}

#[test]
fn aria2_parts_from_libtorrent_as_a_leecher() {
    let all = captures(&["a-libtorrent-libtorrent", "b-magnet-libtorrent-aria2"]);
    let [a, b] = &all[..] else { return };
    let (a, b) = (a.to_str().unwrap(), b.to_str().unwrap());
    let (code, value) = diff(a, b, &[]);
    assert_eq!(code, Some(1));
    let expected = ["reserved", "extensions", "opening", "have", "transfer"];
    assert_eq!(names(&value["differing"]), expected);
    // Two connections: the one with the data is the second.
    assert_eq!(
        (&value["b"]["stream"], &value["b"]["connections"]),
        (&5.into(), &2.into())
    );
    // aria2 leaves out the DHT bit.
    let first = &value["first_divergence"];
    assert_eq!(
        (&first["role"], &first["category"]),
        (&"downloader".into(), &"reserved".into())
    );
    assert_eq!(
        (&first["a"]["frame"], &first["b"]["frame"]),
        (&4.into(), &109.into())
    );
    // Beyond what they announce: ten allowed-fast of a peer that has nothing.
    let (_, value) = diff(a, b, &["--ignore", "reserved,extensions"]);
    let first = &value["first_divergence"];
    assert_eq!(first["a"], Value::Null);
    assert_eq!(first["b"]["frame"], 113);
    assert_eq!(first["b"]["messages"]["allowed_fast"], 10);
    let all = "reserved,extensions,opening,have,transfer";
    assert_eq!(diff(a, b, &["--ignore", all]).0, Some(0));
}

#[test]
fn rtorrent_resets_at_the_bitfield_of_aria2() {
    let all = captures(&["a-rtorrent-aria2", "b-magnet-libtorrent-aria2"]);
    let [a, b] = &all[..] else { return };
    let (_, value) = diff(a.to_str().unwrap(), b.to_str().unwrap(), &[]);
    let mut facts = value["facts"].as_array().unwrap().iter();
    let end = facts.find(|fact| fact["name"] == "end").unwrap();
    assert_eq!(
        (&end["a"], &end["b"]),
        (&"reset by uploader".into(), &"fin".into())
    );
}

#[test]
fn trouble_is_a_line_and_status_2() {
    let seen = "captures/lab/i-any-sll2.pcap";
    let cases: [(&[&str], &str); 6] = [
        (
            &[seen, "captures/cases/8-dht.pcap"],
            "no BitTorrent connection",
        ),
        (
            &["captures/lab/i-any-sll2.pcap:stream=7", seen],
            "connection 7",
        ),
        (
            &["captures/lab/i-any-sll2.pcap:stream=x", seen],
            ":stream=x",
        ),
        (&["nowhere.pcap", seen], "nowhere.pcap"),
        (&["-", "-"], "standard input"),
        (&["--ignore", "colour", seen, seen], "colour"),
    ];
    for (args, text) in cases {
        let output = peerscope(&[&["diff"], args].concat());
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(trouble.contains(text), "{args:?}: {trouble}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn eighty_columns_are_enough() {
    let all = captures(&SESSIONS);
    for pair in all.windows(2) {
        let output = peerscope(&["diff", pair[0].to_str().unwrap(), pair[1].to_str().unwrap()]);
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line.trim_end(), line, "{line:?}");
        }
    }
}

#[test]
fn odd_captures_cannot_steer_the_terminal() {
    let cases = [
        "1-session",
        "19-violations",
        "15-bencint",
        "18-choke",
        "2-midstream",
    ];
    for pair in cases.windows(2) {
        let [a, b] = [0, 1].map(|at| format!("captures/cases/{}.pcap", pair[at]));
        for shape in ["--color=never", "--json"] {
            let output = peerscope(&["diff", shape, &a, &b]);
            let text = String::from_utf8(output.stdout).unwrap();
            let bad = text.chars().find(|one| one.is_control() && *one != '\n');
            assert_eq!(bad, None, "{a} {b} {shape}");
        }
    }
}
