//! Generated captures: what the generator wrote is what peerscope says, whatever
//! the network did to the packets.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::gencap::{self, Shape, Spec, Summary};
use crate::tool::{Record, command, count, read, read_peer, sessions};

/// A capture in a folder that is removed with this value.
struct Made {
    folder: tempfile::TempDir,
    summary: Summary,
}

impl Made {
    fn new(shape: Shape, size: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join("made.pcap")).unwrap();
        let spec = Spec {
            shape,
            size,
            seed: 1,
        };
        let summary = gencap::write(spec, BufWriter::new(file)).unwrap();
        Self { folder, summary }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("made.pcap")
    }

    fn peer_messages(&self) -> Vec<Record> {
        read_peer(&self.path())
    }
}

/// What a record says, whichever packets it was in.
fn substance(record: &Record) -> (String, String, String, u64) {
    (
        record.text("src").to_owned(),
        record.name().to_owned(),
        record.0["fields"].to_string(),
        record.number("length"),
    )
}

/// The messages of each sender, in order.
fn by_sender(records: &[Record]) -> BTreeMap<String, Vec<(String, String, u64)>> {
    let mut senders: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for record in records {
        let (from, name, fields, length) = substance(record);
        senders
            .entry(from)
            .or_default()
            .push((name, fields, length));
    }
    senders
}

#[test]
fn the_generator_repeats_itself() {
    let write = |seed| {
        let mut bytes = Vec::new();
        let spec = Spec {
            shape: Shape::Reordered,
            size: 300_000,
            seed,
        };
        let summary = gencap::write(spec, &mut bytes).unwrap();
        assert_eq!(summary.bytes, bytes.len() as u64);
        bytes
    };
    assert_eq!(write(7), write(7));
    assert_ne!(write(7), write(8));
}

#[test]
fn counts_are_those_of_the_generator() {
    for shape in [Shape::Clean, Shape::Small] {
        let made = Made::new(shape, 2_000_000);
        let records = made.peer_messages();
        let [initiator, acceptor] = made.summary.messages.clone();
        let mut truth = BTreeMap::new();
        for (name, times) in initiator.into_iter().chain(acceptor) {
            *truth.entry(name.to_owned()).or_default() += times;
        }
        let seen = count(records.iter().map(|record| record.name().to_owned()));
        assert_eq!(seen, truth, "{shape:?}");
        assert_eq!(records.len() as u64, made.summary.total_messages());
    }
}

#[test]
fn late_and_repeated_packets_change_nothing() {
    let clean = Made::new(Shape::Clean, 4_000_000).peer_messages();
    let reordered = Made::new(Shape::Reordered, 4_000_000);
    assert_eq!(by_sender(&clean), by_sender(&reordered.peer_messages()));
    let gaps = read(&reordered.path());
    assert!(gaps.iter().all(|record| record.name() != "gap"));
}

#[test]
fn lost_packets_cost_the_messages_they_were_in() {
    let clean = by_sender(&Made::new(Shape::Clean, 20_000_000).peer_messages());
    let lossy = Made::new(Shape::Lossy, 20_000_000);
    assert!(lossy.summary.lost_packets > 10);
    let records = read(&lossy.path());
    let missing: u64 = records
        .iter()
        .filter(|record| record.name() == "gap")
        .map(|record| record.field_number("bytes"))
        .sum();
    // A gap covers what was lost, and at most the rest of the message around it.
    assert!(missing >= lossy.summary.lost_bytes, "{missing}");
    let peer: Vec<_> = records
        .into_iter()
        .filter(Record::is_peer_message)
        .collect();
    for (sender, messages) in by_sender(&peer) {
        let truth = &clean[&sender];
        assert_is_subsequence(&messages, truth);
        let lost = (truth.len() - messages.len()) as u64;
        // At most one message is lost at a gap, and one more in sync is not.
        let bound = 2 * lossy.summary.lost_packets;
        assert!(lost <= bound, "{lost} of {}", truth.len());
    }
}

fn assert_is_subsequence(some: &[(String, String, u64)], all: &[(String, String, u64)]) {
    let mut rest = all.iter();
    for one in some {
        assert!(rest.any(|other| other == one), "never sent: {one:?}");
    }
}

#[test]
fn many_connections_are_told_apart() {
    let made = Made::new(Shape::Connections, 1_000_000);
    let sessions = sessions(&made.path());
    assert_eq!(sessions.len() as u64, made.summary.connections);
    let handshakes = sessions
        .iter()
        .filter(|session| session["messages"]["initiator"]["handshake"] == 1);
    assert_eq!(handshakes.count() as u64, made.summary.connections);
}

#[test]
fn the_same_input_gives_the_same_output() {
    let made = Made::new(Shape::Reordered, 1_000_000);
    for arguments in [["read", "-V"], ["read", "-x"], ["sessions", "--json"]] {
        let output = |_| {
            let output = command(arguments).arg(made.path()).output().unwrap();
            (output.status.code(), output.stdout)
        };
        assert_eq!(output(1), output(2), "{arguments:?}");
    }
}

/// Peak resident memory of a run, in KiB.
#[cfg(target_os = "linux")]
fn peak_memory(arguments: &[&str], capture: &Path) -> u64 {
    use std::io::Read;
    // Writes into a pipe that is read slowly, so that the process is still there
    // when its memory is looked at.
    let mut child = command(arguments)
        .arg(capture)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut buffer = vec![0; 1 << 16];
    let mut peak = 0;
    while out.read(&mut buffer).unwrap() > 0 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        peak = peak.max(kib.unwrap_or(0));
    }
    assert!(child.wait().unwrap().success());
    assert!(peak > 0, "no memory seen");
    peak
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_capture() {
    for (shape, arguments) in [
        (Shape::Lossy, ["read", "--json"]),
        (Shape::Connections, ["read", "--json"]),
        (Shape::Connections, ["sessions", "--json"]),
    ] {
        let made = Made::new(shape, 40_000_000);
        let peak = peak_memory(&arguments, &made.path());
        assert!(peak < 100_000, "{shape:?} {arguments:?}: {peak} KiB");
    }
}
