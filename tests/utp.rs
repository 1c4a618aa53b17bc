//! The figures of uTP connections (`sessions --json`) against a count over their packets
//! (`read --packets --json`) that shares nothing with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A capture that comes with the sources, else one of `../shared/captures`; `None`, with a
/// word, where it is absent.
fn capture(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["captures", "../shared/captures"].map(|place| root.join(place).join(name));
    let found = places.into_iter().find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {name} is not there");
    }
    found
}

fn records(arguments: &[&str], capture: &Path) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    let output = command.args(arguments).arg(capture).output().unwrap();
    assert!(output.status.success(), "{}", capture.display());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

/// What a side sent.
#[derive(Debug, Default)]
struct Count {
    /// Bytes of the packets by their numbers, not yet acknowledged.
    flying: BTreeMap<u64, u64>,
    numbers: BTreeMap<u64, u64>,
    in_flight_max: u64,
    data: u64,
    copies: u64,
    base: Option<u64>,
}

const NUMBERS: u64 = 1 << 16;
const CLOCK: u64 = 1 << 32;

/// Whether `a` is behind `b` on a clock of `size`.
fn is_behind(a: u64, b: u64, size: u64) -> bool {
    let distance = (a + size - b) % size;
    distance > 0 && distance < size / 2
}

/// Counts the packets of a connection, by the address of their sender.
fn count(capture: &Path, stream: u64) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for record in records(&["read", "-q", "--packets", "--json"], capture) {
        if record["protocol"] != "utp" || record["stream"] != stream {
            continue;
        }
        let fields = &record["fields"];
        let number = |key: &str| fields[key].as_u64();
        let kind = record["message"].as_str().unwrap();
        let end = |key: &str| record[key].as_str().unwrap().to_owned();
        if kind != "syn" && kind != "reset" {
            let other = counts.entry(end("dst")).or_default();
            let acked = number("ack_nr").unwrap();
            other.flying.retain(|at, _| is_behind(*at, acked, NUMBERS));
            for extension in fields["extensions"].as_array().into_iter().flatten() {
                let bits = extension["selective_ack"].as_str().unwrap_or_default();
                let bits = hex::decode(bits).unwrap();
                for (index, byte) in bits.iter().enumerate() {
                    for bit in (0..8).filter(|bit| byte >> bit & 1 == 1) {
                        let arrived = acked + 2 + 8 * index as u64 + bit;
                        other.flying.remove(&(arrived % NUMBERS));
                    }
                }
            }
            let told = number("timestamp_difference_microseconds").unwrap();
            if ![0, CLOCK / 2 - 1].contains(&told) {
                let base = *other.base.get_or_insert(told);
                if is_behind(base, told, CLOCK) {
                    other.base = Some(told);
                }
            }
        }
        if ["data", "fin", "syn"].contains(&kind) {
            let own = counts.entry(end("src")).or_default();
            let (at, bytes) = (number("seq_nr").unwrap(), number("length").unwrap_or(0));
            if own.numbers.insert(at, bytes).is_some() {
                own.copies += 1;
            } else {
                own.flying.insert(at, bytes);
                own.data += u64::from(kind == "data");
            }
            let in_flight = own.flying.values().sum();
            own.in_flight_max = own.in_flight_max.max(in_flight);
        }
    }
    counts
}

#[test]
fn figures_are_those_of_the_packets() {
    let captures = [
        "lab/d-utp-libtorrent-transmission.pcap",
        "cases/5d-utp-dup.pcap",
        "lab/d-utp-mseplain-libtorrent-libtorrent.pcap",
        "lab/i-badnet-utp.pcap",
        "public/ndpi__bittorrent_utp.pcap",
    ];
    for capture in captures.into_iter().filter_map(capture) {
        for session in records(&["sessions", "-q", "--json"], &capture) {
            assert_eq!(session["transport"], "utp");
            let counts = count(&capture, session["stream"].as_u64().unwrap());
            for side in ["initiator", "acceptor"] {
                let own = &counts[session[side]["address"].as_str().unwrap()];
                let figures = &session["utp"][side];
                let told = |key: &str| figures[key].as_u64().unwrap();
                let name = format!("{} {side}", capture.display());
                assert_eq!(told("packets"), own.data, "{name}");
                assert_eq!(told("in_flight_max"), own.in_flight_max, "{name}");
                assert_eq!(figures["base_delay_us"].as_u64(), own.base, "{name}");
                let limits =
                    ["sender", "window", "loss"].map(|by| told(&format!("limited_by_{by}")));
                let filled = told("reordered") + told("lost_before");
                assert!(limits.iter().sum::<u64>() + filled >= own.data, "{name}");
                if own.copies == 0 {
                    assert_eq!(told("doubled") + told("resent_fast"), 0, "{name}");
                    assert_eq!(
                        told("resent_timeout") + told("resent_needless"),
                        0,
                        "{name}"
                    );
                }
            }
        }
    }
}

/// The network of this one lost 2 % of the packets, and 5 % came late.
#[test]
fn a_bad_network_is_told_as_it_was() {
    let Some(capture) = capture("lab/i-badnet-utp.pcap") else {
        return;
    };
    let sessions = records(&["sessions", "-q", "--json"], &capture);
    let acceptor = &sessions[0]["utp"]["acceptor"];
    let share = |key: &str| acceptor[key].as_f64().unwrap() / acceptor["packets"].as_f64().unwrap();
    assert!((0.015..0.03).contains(&share("lost_before")), "{acceptor}");
    assert!((0.03..0.07).contains(&share("reordered")), "{acceptor}");
    assert!((0.005..0.02).contains(&share("doubled")), "{acceptor}");
}
