//! What `read --write-wireshark` writes, as tshark and as peerscope read it.
//!
//! Needs tshark in the path; says so where it is missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use peerscope::capture::{self, Source, UPPER_PDU};
use serde_json::Value;
use tempfile::TempDir;

use crate::corpus::{case, shipped};
use crate::oracle::{Seen, beyond, by_tshark, seen};
use crate::tool::{count, read_peer, run};

/// The longest message that tshark believes, its length prefix included.
const TSHARK_LONGEST: u64 = 0x4009 + 4;

fn write(capture: &Path) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("out.pcapng");
    let run = run([
        Path::new("read"),
        Path::new("--write-wireshark"),
        &path,
        capture,
    ]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    (folder, path)
}

/// The packets, and behind them how many messages.
fn packets(path: &Path) -> (Vec<Vec<u8>>, u64) {
    let mut source = capture::open(&[path.to_owned()]).expect("there");
    let (mut packets, mut messages) = (Vec::new(), 0);
    while let Some(packet) = source.next_packet().expect("sound") {
        if packet.link == UPPER_PDU {
            messages += 1;
        } else {
            assert_eq!(messages, 0, "a packet behind a message");
            packets.push(packet.data.to_vec());
        }
    }
    (packets, messages)
}

#[test]
fn tshark_shows_the_messages_that_no_packet_shows() {
    let has_tshark = Command::new("tshark").arg("-v").output().is_ok();
    for name in [
        "d-utp-libtorrent-transmission",
        "c-mseplain-libtorrent-libtorrent",
        "c-mseplain-transmission-libtorrent",
    ] {
        let capture = shipped("lab").join(name).with_extension("pcap");
        let (_folder, path) = write(&capture);
        let (before, _) = packets(&capture);
        let (after, messages) = packets(&path);
        assert!(before == after, "{name}: other packets");
        let ours: Vec<Seen> = read_peer(&capture)
            .iter()
            .map(|record| Seen {
                frame: 0,
                ..seen(record)
            })
            .collect();
        assert_eq!(messages, ours.len() as u64, "{name}");
        if !has_tshark {
            println!("skipped: no tshark");
            continue;
        }
        let theirs = by_tshark(&path).into_iter();
        let theirs = theirs.filter(|seen| seen.frame > before.len() as u64);
        let theirs = theirs.map(|seen| Seen { frame: 0, ..seen });
        let (ours, theirs) = (count(ours), count(theirs));
        assert_eq!(beyond(&theirs, &ours), [], "{name}: only tshark");
        let unseen = beyond(&ours, &theirs);
        let is_long = |seen: &Seen| seen.length > TSHARK_LONGEST;
        assert!(unseen.iter().all(is_long), "{name}: {unseen:?}");
    }
}

#[test]
fn nothing_is_lost_on_the_way_through_wireshark() {
    for name in ["lab/d-utp-libtorrent-transmission", "cases/19-violations"] {
        let capture = shipped("").join(name).with_extension("pcap");
        let (_folder, path) = write(&capture);
        let read = |path: &Path| run([Path::new("read"), Path::new("--json"), path]).stdout;
        assert!(read(&capture) == read(&path), "{name}");
    }
}

#[test]
fn findings_are_comments_of_their_packets() {
    commented(&case("19-violations"), 6);
    commented(&shipped("lab").join("i-badnet-utp-begin.pcap"), 2);
}

/// The packets with comments are those with findings, of which there are `least`.
fn commented(capture: &Path, least: usize) {
    let check = run([Path::new("check"), Path::new("--json"), capture]);
    let records = check.stdout.lines().map(serde_json::from_str::<Value>);
    let mut expected = BTreeMap::<u64, BTreeSet<String>>::new();
    for record in records.map(|record| record.expect("JSON")) {
        if record["kind"] != "finding" {
            continue;
        }
        for frame in record["frames"].as_array().expect("frames") {
            let rules = expected.entry(frame.as_u64().expect("a number"));
            let rule = record["rule"].as_str().expect("a rule");
            rules.or_default().insert(rule.to_owned());
        }
    }
    assert!(expected.len() >= least, "{expected:?}");

    // Behind the packets come messages, with comments of their own.
    let count = packets(capture).0.len() as u64;
    let (_folder, path) = write(capture);
    let output = Command::new("tshark")
        .args(["-T", "fields", "-e", "frame.number", "-e", "frame.comment"])
        .args(["-Y", "frame.comment", "-r"])
        .arg(&path)
        .stderr(Stdio::null())
        .output();
    let Ok(output) = output else {
        println!("skipped: no tshark");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    let comments: BTreeMap<u64, &str> = lines
        .map(|(frame, comments)| (frame.parse().expect("a number"), comments))
        .filter(|(frame, _)| *frame <= count)
        .collect();
    assert_eq!(
        comments.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for (frame, rules) in &expected {
        for rule in rules {
            let said = comments[frame];
            assert!(said.contains(rule.as_str()), "#{frame}, {rule}: {said}");
        }
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let demo = shipped("").join("demo.pcap");
    let onto_itself = run([
        Path::new("read"),
        Path::new("--write-wireshark"),
        &demo,
        &demo,
    ]);
    assert_eq!(onto_itself.status, 2);
    assert!(onto_itself.stderr.contains("is what is read"));
    assert!(demo.metadata().expect("there").len() > 1000);
    let piped = run(["read", "--write-wireshark", "out.pcapng", "-"]);
    assert_eq!(piped.status, 2);
    assert!(piped.stderr.contains("read twice"), "{}", piped.stderr);
}
