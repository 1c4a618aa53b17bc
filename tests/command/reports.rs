//! Captures after what people reported, and captures made to break an analyzer.

use std::path::PathBuf;

use crate::corpus::shipped;
use crate::tool::{Record, read_peer};

fn report(name: &str) -> PathBuf {
    shipped("reports").join(name).with_extension("pcap")
}

/// What was said, without when: sender, place in the stream, message, fields,
/// and what the capture lacks of it.
fn said(records: &[Record]) -> Vec<String> {
    let said = |record: &Record| {
        let Record(json) = record;
        let of = |key: &str| json.get(key).map(ToString::to_string);
        let keys = ["src", "message", "length", "missing", "fields"];
        keys.map(|key| of(key).unwrap_or_default()).join(" ")
    };
    records.iter().map(said).collect()
}

#[test]
fn a_late_segment_in_mid_stream_changes_nothing_but_when() {
    for carrier in ["tcp", "utp"] {
        let in_order = read_peer(&report(&format!("{carrier}-mid-inorder")));
        let late = read_peer(&report(&format!("{carrier}-mid-late11")));
        assert_eq!(said(&late), said(&in_order), "{carrier}");
        let blocks: Vec<_> = late
            .iter()
            .filter(|record| record.name() == "piece")
            .map(|record| (record.field_number("begin"), record.number("frame")))
            .collect();
        // The late segment is frame 41, and it completes the first block.
        let expected = [(0, 41), (16384, 51), (32768, 75), (49152, 79)];
        assert_eq!(blocks, expected, "{carrier}");
    }
}

#[test]
fn what_is_nearly_a_handshake_is_read_as_one() {
    let records = read_peer(&report("hs-0x19"));
    let said = |record: &Record| {
        let Record(json) = record;
        let reason = json["malformed"]["reason"].as_str().map(str::to_owned);
        (record.name().to_owned(), reason)
    };
    let first = records.first().map(said);
    let reason = "19 (0x13) is due, the length of the name that follows";
    assert_eq!(
        first,
        Some(("handshake".to_owned(), Some(reason.to_owned())))
    );
}

#[test]
fn a_packet_that_loses_the_step_every_ten_bytes_is_read_to_its_end() {
    for carrier in ["tcp", "utp"] {
        let path = shipped("attacks").join(format!("boundaries-{carrier}.pcap"));
        let haves = read_peer(&path);
        let haves = haves.iter().filter(|record| record.name() == "have");
        assert!(haves.count() > 6500, "{carrier}");
    }
}
