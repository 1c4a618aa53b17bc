//! What observers are told of connections: how they end, and which attempts fail.

use std::path::{Path, PathBuf};

use peerscope::capture;
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
    let mut ear = Ear {
        attempts,
        events: Vec::new(),
    };
    let mut source = capture::open(&[path.to_owned()]).unwrap();
    let mut pipeline = Pipeline::new(&mut ear, Torrents::default());
    pipeline.run(&mut source).unwrap();
    pipeline.finish();
    ear.events
}

/// An event in short: what, by whom, in which frame, bytes of both sides, open
/// requests, the last message, whether the first flight looks encrypted, and the
/// frame of the next attempt.
fn short(event: &ConnectionEvent) -> String {
    let by = event.by.map_or("-", |by| by.name());
    let last = event.last_message.map_or("-", |last| last.name);
    let then = event.then.map_or("-".to_owned(), |then| then.to_string());
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
