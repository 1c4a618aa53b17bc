//! Real traffic that others captured, and traffic that is not BitTorrent.

use std::path::PathBuf;

use crate::corpus::{captures, shared};
use crate::tool::{Record, count, read, read_peer};

fn public(name: &str) -> Option<PathBuf> {
    Some(shared("public")?.join(name))
}

fn named<'a>(records: &'a [Record], name: &str) -> Vec<&'a Record> {
    let found = records.iter().filter(|record| record.name() == name);
    found.collect()
}

#[test]
fn not_one_message_in_what_is_not_bittorrent() {
    let Some(folder) = shared("negatives") else {
        return;
    };
    for capture in captures(&folder) {
        let records = read(&capture);
        assert_eq!(records, [], "{}", capture.display());
    }
}

#[test]
fn a_swarm_without_syn_and_with_gaps() {
    let Some(capture) = public("ndpi__bittorrent.pcap") else {
        return;
    };
    let records = read_peer(&capture);
    assert_eq!(named(&records, "handshake").len(), 41);
    // Zero bytes after lost sync are no keep-alives: one frame has 400 of them.
    let keep_alives = named(&records, "keep_alive");
    let per_frame = count(keep_alives.iter().map(|record| record.number("frame")));
    assert!(per_frame.values().all(|&times| times < 10), "{per_frame:?}");
    // Extended messages with msg_type here are ut_comment, not ut_metadata.
    assert!(!named(&records, "ut_comment").is_empty());
    assert_eq!(named(&records, "ut_metadata_data").len(), 0);
}

#[test]
fn a_whole_utp_connection() {
    let Some(capture) = public("ndpi__bittorrent_utp.pcap") else {
        return;
    };
    let records = read_peer(&capture);
    assert!(
        records
            .iter()
            .all(|record| record.text("transport") == "utp")
    );
    // One each way; µTorrent keeps pieces back and tells them by have (lazy).
    assert_eq!(named(&records, "bitfield").len(), 2);
    assert_eq!(named(&records, "have").len(), 82);
    assert!(!named(&records, "ut_pex").is_empty());
}

#[test]
fn one_handshake_and_another_protocol() {
    let Some(capture) = public("arkime__bt-tcp.pcap") else {
        return;
    };
    let names = count(
        read_peer(&capture)
            .iter()
            .map(|record| record.name().to_owned()),
    );
    assert_eq!(names, [("handshake".to_owned(), 1)].into());
}

#[test]
fn one_utp_packet_on_a_port_of_another_protocol() {
    let Some(capture) = public("pcpp__radius_wrong.pcap") else {
        return;
    };
    let names = count(
        read_peer(&capture)
            .iter()
            .map(|record| record.name().to_owned()),
    );
    let truth = [
        ("extended_handshake", 1),
        ("bitfield", 1),
        ("allowed_fast", 10),
        ("port", 1),
    ];
    assert_eq!(
        names,
        truth.map(|(name, times)| (name.to_owned(), times)).into()
    );
}

#[test]
fn datagrams_are_not_the_peer_wire() {
    for name in [
        "zeek__tracker.pcap",
        "suricata-verify__bittorrent-dht.pcap",
        "arkime__bt-udp.pcap",
    ] {
        let Some(capture) = public(name) else {
            return;
        };
        assert_eq!(read_peer(&capture), [], "{name}");
    }
}
