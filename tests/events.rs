//! What observers are told of connections: how they end, and which attempts fail.

mod made;

use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};

use made::{Capture, Talk, utp};
use peerscope::capture::{self, Source};
use peerscope::pipeline::{AttemptInterest, Interest, Observer, Pipeline};
use peerscope::session::{ConnectionEvent, Torrents};

struct Ear {
    attempts: AttemptInterest,
    events: Vec<ConnectionEvent>,
}

impl Observer for Ear {
    fn interest(&self) -> Interest {
        Interest {
            opened: true,
            attempts: self.attempts,
            ..Interest::default()
        }
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.events.push(event.clone());
    }
}

fn events(path: &Path, attempts: AttemptInterest) -> Vec<ConnectionEvent> {
    heard(&mut capture::open(&[path.to_owned()]).unwrap(), attempts)
}

fn heard(source: &mut dyn Source, attempts: AttemptInterest) -> Vec<ConnectionEvent> {
    let mut ear = Ear {
        attempts,
        events: Vec::new(),
    };
    let mut pipeline = Pipeline::new(&mut ear, Torrents::default());
    pipeline.run(source).unwrap();
    pipeline.finish();
    ear.events
}

/// An event in short: what, by whom, in which frame, bytes of both sides, open
/// requests, the last message, whether the first flight looks encrypted, and the
/// frame of the next attempt.
fn short(event: &ConnectionEvent) -> String {
    let by = event.by.map_or("-", |by| by.name());
    let last = event.last_message.map_or("-", |last| last.name);
    let then = event
        .then
        .map_or("-".to_owned(), |then| then.frame.to_string());
    let look = if event.looks_encrypted {
        " encrypted?"
    } else {
        ""
    };
    format!(
        "{} {by} #{} {:?} open {:?} last {last}{look} then {then}",
        event.change.name(),
        event.stamp.frame,
        event.bytes,
        event.open_requests,
    )
}

fn report(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures/reports")
        .join(name)
        .with_extension("pcap")
}

fn told(path: &Path, attempts: AttemptInterest) -> Vec<String> {
    events(path, attempts).iter().map(short).collect()
}

#[test]
fn who_closed_after_the_handshake() {
    let told = told(&report("384-closed"), AttemptInterest::AsKnown);
    let expected = [
        "opened - #4 [68, 0] open [0, 0] last - then -",
        "dropped acceptor #5 [68, 0] open [0, 0] last handshake then -",
    ];
    assert_eq!(told, expected);
}

#[test]
fn an_encrypted_attempt_and_the_plain_one_after_it() {
    let attempt = "dropped acceptor #7 [606, 197] open [0, 0] last - encrypted? then 9";
    let opened = "opened - #12 [68, 0] open [0, 0] last - then -";
    let ended = "dropped acceptor #13 [68, 0] open [0, 0] last handshake then -";
    let path = report("24-mse-then-plain");
    // As soon as the plain connection proves the end, or at the end.
    let at_once = told(&path, AttemptInterest::AsKnown);
    assert_eq!(at_once, [opened, attempt, ended]);
    let at_the_end = told(&path, AttemptInterest::Whole);
    assert_eq!(at_the_end, [opened, ended, attempt]);
    assert_eq!(told(&path, AttemptInterest::None), [opened, ended]);
}

/// A capture of the lab, if it is there.
fn lab(name: &str, attempts: AttemptInterest) -> Option<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(format!("../shared/captures/lab/{name}.pcap"));
    if !path.is_file() {
        println!("skipped: no {}", path.display());
        return None;
    }
    Some(told(&path, attempts))
}

#[test]
fn attempts_between_real_clients() {
    let expected = [
        (
            "a-rtorrent-aria2",
            &[
                "opened - #19 [68, 0] open [0, 0] last - then -",
                "reset acceptor #96 [495, 82197] open [12, 0] last request then -",
                "dropped acceptor #15 [545, 0] open [0, 0] last - encrypted? then 16",
            ],
        ),
        (
            "c-fallback-libtorrent-libtorrent",
            &[
                "opened - #12 [68, 0] open [0, 0] last - then -",
                "closed initiator #2030 [3641, 2111519] open [0, 0] last have then -",
                "dropped acceptor #6 [141, 0] open [0, 0] last - encrypted? then 9",
            ],
        ),
    ];
    for (name, expected) in expected {
        if let Some(told) = lab(name, AttemptInterest::Whole) {
            assert_eq!(told, expected, "{name}");
        }
    }
}

/// A capture of one direction shows one speaker; acknowledgements say that there were
/// two, so the connection did not fail, and who did not answer cannot be seen.
#[test]
fn one_direction_alone_is_no_failed_attempt() {
    const HEADER_BYTES: usize = 24;
    const RECORD_BYTES: usize = 16;
    let whole = std::fs::read(Path::new("captures/lab/a-rtorrent-aria2.pcap")).unwrap();
    for host in [1, 2] {
        let mut file = whole[..HEADER_BYTES].to_vec();
        let mut rest = &whole[HEADER_BYTES..];
        while let Some(length) = rest.get(8..12) {
            let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
            let (record, after) = rest.split_at(RECORD_BYTES + length);
            let source = record.get(RECORD_BYTES + 26..RECORD_BYTES + 30);
            if source == Some(&[10, 98, 0, host]) {
                file.extend_from_slice(record);
            }
            rest = after;
        }
        let events = heard(&mut made::Records::new(&file), AttemptInterest::Whole);
        let mut of_peers = events.iter().filter(|event| event.last_message.is_some());
        let failed = of_peers.find(|event| event.change.name() == "dropped");
        assert!(failed.is_none(), "host {host}: {failed:?}");
        let open = events.iter().flat_map(|event| event.open_requests);
        assert_eq!(open.sum::<u32>(), 0, "host {host}");
    }
}

#[test]
fn ends_that_nothing_names_are_only_likely() {
    for name in [
        "c-rc4-webtorrent-libtorrent",
        "c-mseplain-transmission-libtorrent",
    ] {
        let Some(told) = lab(name, AttemptInterest::Whole) else {
            continue;
        };
        assert!(told.is_empty(), "{name}: {told:?}");
        let likely = lab(name, AttemptInterest::WholeAndLikely).unwrap();
        assert_eq!(likely.len(), 1, "{name}: {likely:?}");
        assert!(likely[0].starts_with("dropped "), "{likely:?}");
    }
}

const A: &str = "10.0.0.1:50000";
const B: &str = "10.0.0.2:6881";

/// Types of uTP packets.
const FIN: u8 = 1;
const STATE: u8 = 2;
const RESET: u8 = 3;
const SYN: u8 = 4;

/// What happens between A and B after the DHT has named B, if it does, as peers:
/// steps of a letter (who) and a word, with numbers.
fn attempt(is_named: bool, steps: &str) -> Capture {
    let [a, b]: [SocketAddrV4; 2] = [A, B].map(|end| end.parse().unwrap());
    let mut capture = Capture::new();
    if is_named {
        let reply =
            b"d1:rd2:id20:abcdefghij01234567896:valuesl6:\x0a\0\0\x02\x1a\xe1ee1:t2:aa1:y1:re";
        capture.datagram("10.0.0.9:6881".parse().unwrap(), a, reply);
    }
    for step in steps.split(", ") {
        let (from, to) = if step.starts_with('B') {
            (b, a)
        } else {
            (a, b)
        };
        match step.get(2..).unwrap_or_default() {
            "syn" => capture.datagram(from, to, &utp(SYN, 700, 9, 0)),
            "another syn" => capture.datagram(from, to, &utp(SYN, 700, 77, 0)),
            "strange syn" => capture.datagram(from, to, &utp(SYN, 700, 9, 5)),
            "state" => capture.datagram(from, to, &utp(STATE, 700, 300, 9)),
            "strange state" => capture.datagram(from, to, &utp(STATE, 700, 300, 4000)),
            "reset" => capture.datagram(from, to, &utp(RESET, 700, 0, 9)),
            "fin" => capture.datagram(from, to, &utp(FIN, 701, 10, 300)),
            "refuses" => capture.refuse(to, from, &utp(SYN, 700, 9, 0)),
            "tcp" => {
                let mut talk = Talk::between(&mut capture, [from, to]);
                talk.ask(&mut capture, &made::handshake([7; 20]));
            }
            wait => {
                let seconds = wait.strip_suffix(" s").expect(step);
                capture.wait(seconds.parse::<u64>().expect(step) * 1_000_000);
            }
        }
    }
    capture
}

/// The failed attempts of such a capture, in short.
fn failures(is_named: bool, steps: &str, attempts: AttemptInterest) -> Vec<String> {
    let capture = attempt(is_named, steps);
    let events = heard(&mut capture.source(), attempts);
    let failed = events.iter().filter(|event| event.change.is_failure());
    let failed = failed.map(|event| {
        let by = event.by.map_or("-", |by| by.name());
        let then = event
            .then
            .map_or(String::new(), |then| format!(" then #{}", then.frame));
        let change = event.change.name();
        let (stream, frame, syns) = (event.stream.unwrap(), event.stamp.frame, event.syns);
        format!("{stream} {change} {by} #{frame} {syns}{then}")
    });
    failed.collect()
}

#[test]
fn attempts_of_utp() {
    let cases: &[(&str, &[&str])] = &[
        ("A syn, B reset", &["1 refused acceptor #3 1"]),
        ("A syn, B reset, - 1 s, A syn", &["1 refused acceptor #3 1"]),
        ("A syn, A reset", &["1 unanswered initiator #3 1"]),
        (
            "A syn, - 3 s, A syn, - 6 s, A syn",
            &["1 unanswered - #4 3"],
        ),
        // Where the capture ends right after it, the answer may follow.
        ("A syn", &[]),
        // What came next: another attempt, and plain TCP.
        (
            "A syn, - 3 s, A syn, A another syn, - 1 s, A another syn",
            &["1 unanswered - #3 2 then #4", "2 unanswered - #5 2"],
        ),
        ("A syn, A syn, A tcp", &["2 unanswered - #3 2 then #4"]),
        ("A syn, B refuses", &["1 unreachable router #3 1"]),
        // It was accepted, and closed before a handshake.
        ("A syn, B state, B reset", &["1 dropped acceptor #4 1"]),
        ("A syn, B state, A fin", &["1 dropped initiator #4 1"]),
        // What began before that went beside it, and did not follow.
        (
            "A syn, B state, A tcp, B reset",
            &["1 dropped acceptor #8 1"],
        ),
        // The reset was captured before the answer that it follows.
        ("A syn, B reset, B state", &["1 dropped acceptor #3 1"]),
        (
            "A syn, B reset, B refuses, B state",
            &["1 dropped acceptor #3 1"],
        ),
        // None of uTP.
        ("A strange syn, - 3 s, A strange syn", &[]),
        ("A syn, B strange state, - 3 s, A syn", &[]),
        ("A state, A reset", &[]),
        ("B reset", &[]),
    ];
    for (steps, expected) in cases {
        assert_eq!(
            failures(true, steps, AttemptInterest::Whole),
            *expected,
            "{steps}"
        );
        let unnamed = failures(false, steps, AttemptInterest::Whole);
        let is_proven = steps.contains("tcp");
        assert!(unnamed.is_empty() || is_proven, "{steps}: {unnamed:?}");
    }
}

#[test]
fn attempts_of_utp_as_they_fail() {
    let told = |steps: &str| failures(true, steps, AttemptInterest::AsKnown);
    let refused = "A syn, B reset, - 1 s, A tcp, - 11 s, A tcp";
    assert_eq!(told(refused), ["2 refused acceptor #3 1 then #4"]);
}
