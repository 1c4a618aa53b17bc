//! Which reading wins, and what every reading makes of any bytes.

use proptest::prelude::*;

use super::*;
use crate::wire::Tree;
use crate::wire::testing::assert_partition;

const HANDSHAKE: &[u8] = b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05";

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

/// The names of the readings, the best first.
fn names(sample: &Sample<'_>) -> Vec<&'static str> {
    let readings = readings(sample).into_iter();
    readings.map(|candidate| candidate.reading.name()).collect()
}

fn of(bytes: &[u8]) -> Vec<&'static str> {
    names(&Sample::new(bytes))
}

#[test]
fn bytes_are_read_as_what_they_are() {
    for (bytes, best) in [
        (HANDSHAKE.to_vec(), "handshake"),
        (b"\x13BitTor".to_vec(), "handshake"),
        (hex("00000001 02"), "peer"),
        (hex("00000000"), "peer"),
        (
            hex("0000000d 06 00000004 00000000 00004000 00000001 02"),
            "peer",
        ),
        (hex("0000000d 06 00000004 0000"), "peer"),
        (hex("00004009 07 00000004 00000000 1122"), "peer"),
        (hex("06 00000004 00000000 00004000"), "message"),
        (hex("04 0000004d"), "message"),
        (b"\x14\0d1:md6:ut_pexi1eee".to_vec(), "message"),
        (b"\0d1:md6:ut_pexi1eee".to_vec(), "extension"),
        (b"\x03d8:msg_typei0e5:piecei0ee".to_vec(), "extension"),
        (
            b"d8:msg_typei1e5:piecei0e10:total_sizei2eexx".to_vec(),
            "extension",
        ),
        (b"d1:md6:ut_pexi1eee".to_vec(), "extension"),
        (b"d3:cow3:mooe".to_vec(), "bencode"),
        (b"li1ei2ee".to_vec(), "bencode"),
        (b"i42e".to_vec(), "bencode"),
        (
            b"d1:t2:aa1:y1:q1:q4:ping1:ad2:id20:aaaaaaaaaaaaaaaaaaaaee".to_vec(),
            "dht",
        ),
        (
            b"d4:name1:x12:piece lengthi16384e6:pieces0:e".to_vec(),
            "info",
        ),
        (
            b"d8:announce3:url4:infod4:name1:x12:piece lengthi1eee".to_vec(),
            "torrent",
        ),
        (hex("4100 0005 01020304 00000000 00100000 0001 0000"), "utp"),
        (hex("0000041727101980 00000000 11223344"), "udp_tracker"),
        (hex("00000003 11223344 6e6f"), "udp_tracker"),
        (b"BT-SEARCH * HTTP/1.1\r\n".to_vec(), "lsd"),
        (
            b"GET /announce?info_hash=a&port=1 HTTP/1.1\r\n\r\n".to_vec(),
            "http_tracker",
        ),
        (
            b"HTTP/1.0 200 OK\r\n\r\nd8:intervali9ee".to_vec(),
            "http_tracker",
        ),
        (b"HTTP/1.0 200 OK\r\n\r\nhello".to_vec(), "bytes"),
        (b"hello".to_vec(), "bytes"),
        (hex("ffee ddcc"), "bytes"),
        (hex("ff"), "bytes"),
    ] {
        assert_eq!(
            of(&bytes)[0],
            best,
            "{}: {:?}",
            bytes.escape_ascii(),
            of(&bytes)
        );
    }
}

#[test]
fn what_else_is_possible_is_listed() {
    assert_eq!(of(b"d1:md6:ut_pexi1eee"), ["extension", "bencode"]);
    let payload = b"d8:msg_typei1e5:piecei0e10:total_sizei2eexx";
    assert_eq!(of(payload), ["extension"]);
    // A connection id, or a keep-alive and a length out of step.
    assert_eq!(
        of(&hex("00000000 11223344 aabbccddeeff0011")),
        ["udp_tracker", "address"]
    );
    assert_eq!(of(HANDSHAKE), ["handshake"]);
}

#[test]
fn a_message_taken_apart_is_completed() {
    let prefix = hex("0000000d 06");
    let body = hex("00000004 00000000 00004000");
    let [first, second] = [&prefix, &body].map(|bytes| Sample::new(bytes));
    assert!(completes(&first, &second));
    assert!(!completes(&second, &first));
    let other = hex("00000001 02");
    assert!(!completes(&first, &Sample::new(&other)));
    let more = [&body[..], &other].concat();
    assert!(completes(&first, &Sample::new(&more)));
    let cut = Sample {
        is_cut: true,
        ..first
    };
    assert!(!completes(&cut, &second));
}

#[test]
fn a_packet_is_read_from_its_headers_on() {
    let packet = hex(
        "4500002d 00010000 4006 66c8 0a000001 0a000002 9c40 1ae1 000003e9 00001389 5018 fde8 0000 0000 \
         00000001 02",
    );
    let sample = Sample::new(&packet);
    assert_eq!(names(&sample), ["packet"]);
    let parts = messages(&sample, Reading::Packet, &mut Names::default());
    let shown: Vec<_> = parts
        .iter()
        .map(|part| format!("{} {}", part.at, part.dissect(&mut ()).message))
        .collect();
    assert_eq!(
        shown,
        ["0 TCP 10.0.0.1:40000 > 10.0.0.2:6881", "40 interested"]
    );
}

#[test]
fn later_messages_are_named_by_earlier_handshakes() {
    let mut names = Names::new([("ut_holepunch", 9)]);
    let handshakes = [
        &b"\0\0\0\x24\x14\0d1:md11:ut_metadatai1e6:ut_pexi2eee"[..],
        &b"\0\0\0\x15\x14\0d1:md6:ut_pexi1eee"[..],
    ];
    for handshake in handshakes {
        let sample = Sample::new(handshake);
        assert_eq!(readings(&sample)[0].reading, Reading::Peer);
        messages(&sample, Reading::Peer, &mut names);
    }
    let mut read = |bytes: &[u8]| {
        let parts = messages(&Sample::new(bytes), Reading::Peer, &mut names);
        parts[0].dissect(&mut ()).message.to_string()
    };
    // Both handshakes name the id 1: the content decides, else the later one.
    let request = b"\0\0\0\x1b\x14\x01d8:msg_typei0e5:piecei0ee";
    assert_eq!(read(request), "ut_metadata request piece 0");
    let pex = b"\0\0\0\x12\x14\x01d7:dropped0:ee\0\0";
    assert!(read(pex).starts_with("ut_pex"), "{}", read(pex));
    let punch = b"\0\0\0\x0a\x14\x09\x01\0\x01\x02\x03\x04\x1a\xe1";
    assert_eq!(read(punch), "ut_holepunch connect 1.2.3.4:6881");
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        HANDSHAKE.to_vec(),
        hex("00000001"),
        hex("0000000d 06"),
        hex("14 00"),
        b"d1:md6:ut_pexi1eee".to_vec(),
        b"d4:infod12:piece lengthi1ee".to_vec(),
        b"d1:ad2:id20:".to_vec(),
        hex("4500002d 00010000 4006"),
        hex("2101"),
        b"e".to_vec(),
    ]);
    let some = proptest::collection::vec(any::<u8>(), 0..12);
    proptest::collection::vec(prop_oneof![known, some], 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// The parts of every reading cover every byte, and the leaves of each part
    /// all of it.
    #[test]
    fn any_bytes_in_any_reading(
        bytes in pieces(), is_cut in any::<bool>(), missing in proptest::option::of(0..100_u64),
    ) {
        let sample = Sample { bytes: &bytes, is_cut, missing: missing.filter(|_| is_cut), label: "ip" };
        prop_assert!(!readings(&sample).is_empty());
        for reading in Reading::ALL {
            let mut at = 0;
            for part in messages(&sample, reading, &mut Names::default()) {
                prop_assert_eq!(part.at, at, "{}", reading);
                at += part.bytes.len();
                let mut tree = Tree::new();
                let dissected = part.dissect(&mut tree);
                prop_assert_eq!(&dissected, &part.dissect(&mut ()));
                assert_partition(&tree, part.length);
                let _ = dissected.message.to_string();
            }
            prop_assert_eq!(at, bytes.len(), "{}", reading);
        }
    }
}
