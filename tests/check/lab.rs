//! No false alarm on transfers between unmodified clients, however they were
//! captured.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use peerscope::capture;
use peerscope::findings::{Finding, Report};
use peerscope::session::Torrents;
use peerscope::wire::Severity;
use peerscope::wire::metainfo::Metainfo;

use super::run::{check, packets, verify};
use super::variants::{KINDS, vary};

/// Errors that hold on inspection: capture, rule, and why.
const TRUE_ERRORS: &[(&str, &str)] = &[
    // aria2 sends bitfields in mid-session (BEP 3: "only ever sent as the first
    // message").
    ("a-rtorrent-aria2", "BF-03"),
    ("b-magnet-libtorrent-aria2", "BF-03"),
    ("b-magnet-libtorrent-aria2", "BF-04"),
    ("g-http-tracker-transmission-aria2", "BF-03"),
    ("g-http-tracker-transmission-aria2", "BF-04"),
    // WebTorrent sets the Fast bit, and without metadata it says neither have none
    // nor a bitfield before `interested` (BEP 6: "must be sent immediately after
    // the handshake").
    ("b-magnet-libtorrent-webtorrent", "FX-02"),
    // The messages of BEP 5's text, as packets, with faults made for a test: nodes of
    // 9 bytes, a query without t.
    ("suricata-verify__bittorrent-dht", "DT-03"),
    ("suricata-verify__bittorrent-dht", "DT-01"),
];

fn lab() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/captures/lab");
    let folder = if shared.is_dir() {
        shared
    } else {
        println!("skipped: all but the captures of this repository");
        root.join("captures/lab")
    };
    // Other people's traffic takes part where many variants are asked for.
    let others = root.join("../shared/captures/public");
    let others = (seeds() > 1 && others.is_dir()).then_some(others);
    let folders = std::iter::once(folder).chain(others);
    let mut paths: Vec<PathBuf> = folders
        .flat_map(|folder| fs::read_dir(folder).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("pcap" | "pcapng" | "gz"))
                && path.to_string_lossy().contains(".pcap")
        })
        .collect();
    paths.sort();
    paths
}

fn errors(report: &Report) -> BTreeSet<(&'static str, String)> {
    let errors = report
        .findings()
        .filter(|finding| finding.severity == Severity::Error);
    let told = |finding: &Finding| {
        (
            finding.rule.id,
            format!(
                "{} #{}: {}",
                finding.rule, finding.first.frame, finding.words
            ),
        )
    };
    errors.map(told).collect()
}

/// How many seeds each variant is made with: more when asked for.
fn seeds() -> u64 {
    let asked = std::env::var("PEERSCOPE_SEEDS").ok();
    asked.map_or(1, |asked| asked.parse().expect("a number"))
}

/// The first of them: others than in every test when asked for.
fn first_seed() -> u64 {
    let asked = std::env::var("PEERSCOPE_FIRST_SEED").ok();
    asked.map_or(1, |asked| asked.parse().expect("a number"))
}

#[test]
fn no_false_alarm_however_it_was_captured() {
    let mut wrong = Vec::new();
    for path in lab() {
        let name = path.file_name().unwrap().to_string_lossy();
        let name = name.split(".pcap").next().unwrap();
        let source = capture::open(std::slice::from_ref(&path)).expect("a capture");
        let all = packets(source);
        for kind in KINDS {
            let first = first_seed();
            for seed in first..first + seeds() {
                let varied = vary(kind, &all, seed);
                let report = check(varied.iter(), Torrents::default());
                for (rule, told) in errors(&report) {
                    if !TRUE_ERRORS.contains(&(name, rule)) {
                        wrong.push(format!("{name} {kind} {seed}: {told}"));
                    }
                }
                if kind == "whole" {
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_conversation_that_breaks_a_dozen_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("captures/cases/19-violations.pcap");
    let source = capture::open(std::slice::from_ref(&path)).expect("a capture");
    let all = packets(source);
    let report = check(all.iter(), Torrents::default());
    let rules: BTreeSet<_> = report.findings().map(|finding| finding.rule.id).collect();
    assert!(rules.len() >= 12, "{rules:?}");
}

#[test]
fn pieces_of_a_whole_transfer_are_right() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("captures/lab/a-libtorrent-libtorrent.pcap.gz");
    let torrent = fs::read(root.join("captures/lab/torrents/s32k.torrent")).expect("a torrent");
    let metainfo = Metainfo::parse(&torrent).expect("metainfo");
    let mut torrents = Torrents::default();
    torrents.add(metainfo.info);
    let source = capture::open(std::slice::from_ref(&path)).expect("a capture");
    let report = verify(packets(source).iter(), torrents);
    let checked = report.checked.expect("it was asked for");
    assert_eq!((checked.good, checked.bad), (97, 0));
    assert!(report.findings().all(|finding| finding.rule.id != "PC-04"));
}
