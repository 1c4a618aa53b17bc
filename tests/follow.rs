//! `follow`: its rungs tell of every message once, and its bytes are those of the
//! stream.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut all = Vec::new();
    for folder in ["lab", "cases", "reports"] {
        let files = fs::read_dir(root.join(folder)).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        all.extend(files.filter(|path| path.extension().is_some_and(|name| name == "pcap")));
    }
    all.sort();
    all
}

fn peerscope(arguments: &[&str], capture: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    command.args(arguments).arg(capture).output().unwrap()
}

fn objects(arguments: &[&str], capture: &Path) -> Vec<Value> {
    let output = peerscope(arguments, capture);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

type Counts = BTreeMap<(String, String), u64>;

#[test]
fn every_message_is_on_one_rung() {
    let mut seen = 0;
    for capture in captures() {
        for session in objects(&["sessions", "--json"], &capture) {
            if session["kind"] == "attempt" {
                continue;
            }
            let stream = session["stream"].to_string();
            let mut expected = Counts::new();
            for (side, counts) in session["messages"].as_object().unwrap() {
                for (name, count) in counts.as_object().unwrap() {
                    let key = (side.clone(), name.clone());
                    *expected.entry(key).or_default() += count.as_u64().unwrap();
                }
            }
            let mut told = Counts::new();
            for rung in objects(&["follow", "--json", "--stream", &stream], &capture) {
                let is_message = rung["kind"] == "message" || rung["kind"] == "run";
                // The stream of MSE is told as messages that no session counts.
                let name = rung["message"].as_str().unwrap();
                if is_message && !["encrypted", "mse_initiator", "mse_acceptor"].contains(&name) {
                    let key = (rung["from"].as_str().unwrap().to_owned(), name.to_owned());
                    *told.entry(key).or_default() += rung["count"].as_u64().unwrap();
                }
            }
            told.retain(|key, _| expected.contains_key(key));
            assert_eq!(told, expected, "{} stream {stream}", capture.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_bytes_of_a_side_are_its_messages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let capture = root.join("captures/lab/a-rtorrent-aria2.pcap");
    for (side, name) in [("a", "initiator"), ("b", "acceptor")] {
        let raw = peerscope(&["follow", "--stream", "2", "--raw", side], &capture).stdout;
        assert!(raw.starts_with(b"\x13BitTorrent protocol"));
        let lengths = objects(&["read", "--json", "--stream", "2"], &capture);
        let addresses = ["10.98.0.2:38029", "10.98.0.1:6881"];
        let own = addresses[usize::from(name == "acceptor")];
        let sum: u64 = lengths
            .iter()
            .filter(|record| record["src"] == own)
            .map(|record| record["length"].as_u64().unwrap())
            .sum();
        assert_eq!(raw.len() as u64, sum, "{name}");
    }
}

#[test]
fn what_is_not_there_is_trouble() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let capture = root.join("captures/lab/a-rtorrent-aria2.pcap");
    let cases: [(&[&str], &str); 4] = [
        (&["follow", "--stream", "77"], "connection 77"),
        (&["follow", "--stream", "77", "--raw", "a"], "connection 77"),
        (&["follow", "-Y", "index == 4000000"], "the filter"),
        (&["follow", "--stream", "1,2"], "one connection at a time"),
    ];
    for (arguments, words) in cases {
        let output = peerscope(arguments, &capture);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{said}");
    }
    let filtered = peerscope(&["follow", "-Y", "client contains \"aria2\""], &capture);
    assert!(
        String::from_utf8(filtered.stdout)
            .unwrap()
            .starts_with("-- 2 ")
    );
}

/// Packets are told in their order, but for those that are marked.
#[test]
fn a_packet_that_is_told_late_is_marked() {
    let mut late = 0;
    for capture in captures() {
        let output = peerscope(&["follow", "-q"], &capture);
        let text = String::from_utf8(output.stdout).unwrap();
        let mut latest = 0;
        // Rungs begin with a packet, and what stands below their words with spaces.
        for line in text.lines().filter(|line| !line.starts_with("      ")) {
            let mut words = line.split_ascii_whitespace();
            let Some(frame) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
                continue;
            };
            let time = words.next().unwrap();
            let (_, behind) = line.split_once(&format!("{time} ")).unwrap();
            if frame < latest {
                late += 1;
                assert!(
                    behind.starts_with(['<', '!']),
                    "{}: {line}",
                    capture.display()
                );
            } else {
                assert!(!behind.starts_with('<'), "{}: {line}", capture.display());
            }
            latest = latest.max(frame);
        }
    }
    assert!(late > 0);
}
