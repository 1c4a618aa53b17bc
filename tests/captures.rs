//! Every capture at hand, read and decoded: counts agree with what is known of
//! them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use peerscope::capture::{self, CaptureError, Source};
use peerscope::packet::{Decoder, Stats};

/// The shared captures, if this machine has them.
fn shared(folder: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/captures")
        .join(folder);
    let Ok(entries) = fs::read_dir(path) else {
        eprintln!("skipped: no shared captures ({folder})");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "pcap" || extension == "pcapng")
        })
        .collect();
    paths.sort();
    paths
}

/// Reads to the end: what was decoded, and what was wrong.
fn read(path: &Path) -> (Stats, Option<CaptureError>) {
    let mut source = capture::open(&[path.to_owned()]).expect("the file opens");
    let mut decoder = Decoder::new();
    loop {
        match source.next_packet() {
            Ok(Some(packet)) => {
                decoder.decode(&packet);
            }
            Ok(None) => return (decoder.stats().clone(), None),
            Err(error) => return (decoder.stats().clone(), Some(error)),
        }
    }
}

#[test]
fn lab_captures_hold_what_their_notes_say() {
    for path in shared("lab") {
        let notes = fs::read_to_string(path.with_extension("json")).expect("notes");
        let notes: serde_json::Value = serde_json::from_str(&notes).expect("JSON");
        let (stats, error) = read(&path);
        assert!(error.is_none(), "{error:?}");
        // Not noted for the capture of two interfaces at once.
        let expected = notes["capture"]["packets"].as_u64().unwrap_or(3916);
        assert_eq!(stats.packets, expected, "{}", path.display());
    }
}

/// Packets that are neither TCP nor UDP: ARP, ICMP, IGMP.
const OTHERS: [(&str, u64); 8] = [
    ("a-transmission-rtorrent.pcap", 4),
    ("d-utp-libtorrent-transmission.pcap", 4),
    ("d-utp-mseplain-libtorrent-libtorrent.pcap", 4),
    ("h-dht-libtorrent6.pcap", 30),
    ("h-lsd-libtorrent.pcap", 4),
    ("i-badnet-tcp.pcap", 8),
    ("i-badnet-utp.pcap", 8),
    ("ndpi__gnutella.pcap", 63),
];

#[test]
fn whole_captures_decode_to_the_last_packet() {
    for folder in ["lab", "cases", "public", "negatives"] {
        for path in shared(folder) {
            let (stats, error) = read(&path);
            assert!(error.is_none(), "{error:?}");
            let name = path.file_name().and_then(|name| name.to_str());
            let others = OTHERS
                .iter()
                .find(|(other, _)| Some(*other) == name)
                .map_or(0, |(_, count)| *count);
            assert_eq!(
                stats.not_ip + stats.other_transport + stats.icmp,
                others,
                "{name:?}"
            );
            // Of its first frame not even the Ethernet header was captured.
            let cut = u64::from(name == Some("ndpi__gnutella.pcap"));
            let decoded = stats.tcp + stats.udp;
            assert_eq!(decoded + others + cut, stats.packets, "{name:?} {stats:?}");
        }
    }
}

#[test]
fn capinfos_counts_the_same_packets() {
    for folder in ["lab", "cases", "public", "negatives"] {
        for path in shared(folder) {
            let output = Command::new("capinfos")
                .args(["-T", "-M", "-r", "-c"])
                .arg(&path)
                .output();
            let Ok(output) = output else {
                eprintln!("skipped: capinfos is not installed");
                return;
            };
            let text = String::from_utf8_lossy(&output.stdout);
            let count = text.split_whitespace().next_back();
            let ours = read(&path).0.packets.to_string();
            assert_eq!(Some(ours.as_str()), count, "{}", path.display());
        }
    }
}

#[test]
fn broken_captures_are_read_up_to_the_damage() {
    // Packets before the damage, its offset, and how the reason begins.
    let expected = [
        (
            "1dacd1658b5e",
            5,
            1767,
            "packet 6 declares 1768962609 bytes",
        ),
        (
            "3deaac8fd498",
            131,
            61441,
            "packet 132 declares 2908543360 bytes",
        ),
        (
            "43eb12ac4719",
            47,
            11343,
            "packet 48 declares 2102837429 bytes",
        ),
        (
            "56780ba9142d",
            35,
            39304,
            "a block declares 1328 bytes at its beginning",
        ),
        (
            "77ce47b8b2c3",
            48,
            11435,
            "packet 49 declares 2634024064 bytes",
        ),
        (
            "88e1ae5f0740",
            2,
            2908,
            "a block declares 1328 bytes at its beginning",
        ),
        (
            "9a1903df2795",
            27,
            7257,
            "packet 28 declares 1439477692 bytes",
        ),
        ("f3008e7908e5", 2, 292, "packet 3 declares 3439329312 bytes"),
        (
            "fbe321e0131a",
            103,
            25421,
            "packet 104 declares 3791650821 bytes",
        ),
    ];
    for path in shared("broken") {
        let name = path.display().to_string();
        let (_, packets, offset, reason) = expected
            .iter()
            .find(|(id, ..)| name.contains(id))
            .unwrap_or_else(|| panic!("nothing is known of {name}"));
        let (stats, error) = read(&path);
        let error = error.expect("an error");
        assert_eq!(
            (stats.packets, error.offset),
            (*packets, Some(*offset)),
            "{name}"
        );
        assert!(error.reason.starts_with(reason), "{error}");
    }
}
