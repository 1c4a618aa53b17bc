//! Vectors of BEPs, of real clients and of hostile ones.

mod handshakes;
mod properties;

use std::net::{IpAddr, SocketAddr};

use super::*;
use crate::wire::{Note, Reader, Tree};

/// Dissects a payload, checks that every sink gives the same and that the leaves
/// partition it.
fn read_declared<'i>(
    payload: &'i [u8],
    declared: usize,
    map: Option<&ExtensionMap>,
) -> (Read<'i>, Tree) {
    let mut tree = Tree::new();
    let mut reader = Reader::new(payload, declared, &mut tree);
    let message = dissect(&mut reader, map).unwrap();
    assert_eq!(reader.left(), 0);
    let mut at = 0;
    for (_, leaf) in tree.leaves() {
        assert_eq!(leaf.start, at);
        at = leaf.end;
    }
    assert_eq!(at as usize, declared);
    let plain = dissect(&mut Reader::new(payload, declared, &mut ()), map).unwrap();
    assert_eq!(message, plain);
    let layout = tree.deviations().find(|found| found.anomaly.in_plain_text);
    let anomaly = layout.map(|found| found.anomaly.words);
    let extended = message;
    (Read { extended, anomaly }, tree)
}

/// A message, and the first anomaly of its layout.
#[derive(Debug)]
struct Read<'i> {
    extended: Extended<'i>,
    anomaly: Option<&'static str>,
}

impl<'i> std::ops::Deref for Read<'i> {
    type Target = Extended<'i>;

    fn deref(&self) -> &Extended<'i> {
        &self.extended
    }
}

impl Read<'_> {
    /// What is wrong with it, if anything.
    fn problem(&self) -> Option<&'static str> {
        let fault = self.malformed.map(|malformed| malformed.reason());
        fault.or(self.anomaly)
    }
}

fn read<'i>(payload: &'i [u8], map: Option<&ExtensionMap>) -> Read<'i> {
    read_declared(payload, payload.len(), map).0
}

fn handshake(payload: &[u8]) -> ExtendedHandshake<'_> {
    match read(payload, None).extended.body {
        Body::Handshake(handshake) => *handshake,
        other => panic!("{other:?}"),
    }
}

fn map(m: &[(&[u8], i64)]) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    map.update(&ExtendedHandshake {
        m: m.to_vec(),
        ..ExtendedHandshake::default()
    });
    map
}

fn libtorrent() -> ExtensionMap {
    map(&[
        (b"ut_pex", 1),
        (b"ut_metadata", 2),
        (b"upload_only", 3),
        (b"ut_holepunch", 4),
        (b"lt_donthave", 7),
        (b"share_mode", 8),
    ])
}

/// The dialogue of the notes: the receiver chose the id 3, and answers with 215
/// bytes of metadata.
#[test]
fn metadata_of_the_notes() {
    let map = map(&[(b"ut_metadata", 3)]);
    let request = read(b"\x03d8:msg_typei0e5:piecei0ee", Some(&map));
    assert_eq!(request.message_name(), "ut_metadata_request");
    assert_eq!(request.to_string(), "ut_metadata request piece 0");
    assert!(!request.inferred && request.problem().is_none());

    let info = [&b"d"[..], &[b'x'; 213], b"e"].concat();
    let payload = [
        &b"\x03d8:msg_typei1e5:piecei0e10:total_sizei215ee"[..],
        &info,
    ]
    .concat();
    let data = read(&payload, Some(&map));
    assert_eq!(data.message_name(), "ut_metadata_data");
    assert_eq!(data.to_string(), "ut_metadata data piece 0, 215 B of 215");
    assert_eq!(data.problem(), None);
    match data.extended.body {
        Body::UtMetadata(message) => assert_eq!(message.data, info),
        other => panic!("{other:?}"),
    }

    // Only 100 bytes of the message were captured: no fault of the sender.
    let (cut, tree) = read_declared(&payload[..100], payload.len(), Some(&map));
    assert_eq!(cut.to_string(), "ut_metadata data piece 0, 215 B of 215");
    assert_eq!(cut.problem(), None);
    let missing = Note::Cut(payload.len() as u64 - 100);
    assert!(tree.notes().iter().any(|(_, note)| *note == missing));

    let reject = read(b"\x03d8:msg_typei2e5:piecei0ee", None);
    assert_eq!(reject.message_name(), "ut_metadata_reject");
    assert!(reject.inferred);
    let odd = read(b"\x03d8:msg_typei7e5:piecei0ee", None);
    assert_eq!(odd.message_name(), "extended");
    assert_eq!(odd.to_string(), "ut_metadata type 7 piece 0");
}

#[test]
fn metadata_with_the_wrong_trailer() {
    let map = libtorrent();
    let problem = |payload: &[u8]| read(payload, Some(&map)).problem();
    assert_eq!(
        problem(b"\x02d8:msg_typei1e5:piecei0e10:total_sizei4eeabcde"),
        Some("not the bytes that `piece` and `total_size` ask for")
    );
    assert_eq!(
        problem(b"\x02d8:msg_typei1e5:piecei9e10:total_sizei4ee"),
        Some("not the bytes that `piece` and `total_size` ask for")
    );
    assert_eq!(
        problem(b"\x02d8:msg_typei1e5:piecei0eeabcd"),
        Some("ut_metadata data without `total_size`")
    );
    assert_eq!(
        problem(b"\x02d8:msg_typei0e5:piecei0eeabcd"),
        Some("bytes after the end of the message")
    );
    assert_eq!(
        problem(b"\x02d8:msg_typei0ee"),
        Some("ut_metadata without `piece`")
    );
    assert_eq!(problem(b"\x02i7e"), Some("ut_metadata without `msg_type`"));
}

/// The capture `1-session`, frame by frame.
#[test]
fn the_session_of_the_cases() {
    let announced = read(
        b"\0d1:ei0e1:md11:lt_donthavei7e12:ut_holepunchi4e11:ut_metadatai3e6:ut_pexi1ee13:\
          metadata_sizei40000e1:pi6881e4:reqqi500e1:v17:qBittorrent/4.6.36:yourip4:\n\0\0\x02e",
        None,
    );
    assert_eq!(announced.message_name(), "extended_handshake");
    assert_eq!(announced.problem(), None);
    let Body::Handshake(handshake) = announced.extended.body else {
        panic!("{announced:?}");
    };
    assert_eq!(handshake.yourip, Some(IpAddr::from([10, 0, 0, 2])));
    let mut map = ExtensionMap::new();
    map.update(&handshake);
    let lines: Vec<_> = [
        &b"\x03d8:msg_typei0e5:piecei0ee"[..],
        b"\x01d5:added6:\x01\x02\x03\x04\x1a\xe17:added.f1:\x02e",
        b"\x07\0\0\0\x03",
        b"\x04\x01\0\x05\x06\x07\x08\x1a\xe1\0\0\0\0",
    ]
    .iter()
    .map(|payload| {
        let message = read(payload, Some(&map));
        assert_eq!(message.problem(), None);
        message.to_string()
    })
    .collect();
    assert_eq!(
        lines,
        [
            "ut_metadata request piece 0",
            "ut_pex 1 added, 0 dropped",
            "lt_donthave piece 3",
            "ut_holepunch connect 5.6.7.8:6881",
        ]
    );
    let metadata = [
        &b"\x03d8:msg_typei1e5:piecei0e10:total_sizei40000ee"[..],
        &[b'M'; 16384],
    ]
    .concat();
    assert_eq!(
        read(&metadata, Some(&map)).to_string(),
        "ut_metadata data piece 0, 16384 B of 40000"
    );
}

#[test]
fn vectors_of_the_small_messages() {
    let map = libtorrent();
    let cases = [
        ("0700000005", "lt_donthave piece 5"),
        ("0301", "upload_only on"),
        ("0800", "share_mode off"),
        (
            "040000c00002011ae100000000",
            "ut_holepunch rendezvous 192.0.2.1:6881",
        ),
        (
            "040000c00002011ae1",
            "ut_holepunch rendezvous 192.0.2.1:6881",
        ),
        (
            "040200c00002011ae100000002",
            "ut_holepunch error 192.0.2.1:6881, NotConnected",
        ),
        (
            "01 64353a6164646564363ac00002011ae1373a61646465642e66313a10373a64726f70706564303a65",
            "ut_pex 1 added, 0 dropped",
        ),
        (
            "02 64383a6d73675f74797065693065353a706965636569306565",
            "ut_metadata request piece 0",
        ),
    ];
    for (payload, expected) in cases {
        let payload = hex::decode(payload.replace(' ', "")).unwrap();
        let message = read(&payload, Some(&map));
        assert_eq!(message.to_string(), expected);
        assert_eq!(message.problem(), None);
        assert_eq!(message.encode(), payload);
        let guess = read(&payload, None);
        assert_eq!(guess.body, message.body);
        assert!(guess.inferred);
    }
}

#[test]
fn pex_lists() {
    let payload = [
        &b"\x01d5:added12:\x01\x02\x03\x04\x1a\xe1\x05\x06\x07\x08\xc8\xd57:added.f1:\x126:added618:"[..],
        &[0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1],
        b"7:dropped6:\x09\x09\x09\x09\0\x01e",
    ]
    .concat();
    let message = read(&payload, None);
    assert_eq!(
        message.problem(),
        Some("not one byte of flags for each added peer")
    );
    let Body::UtPex(pex) = message.body else {
        panic!("{message:?}");
    };
    let added: Vec<_> = pex.added().collect();
    let peer = |text: &str| text.parse::<SocketAddr>().unwrap();
    assert_eq!(
        added,
        [
            (peer("1.2.3.4:6881"), Some(PexFlags(0x12))),
            (peer("5.6.7.8:51413"), None),
            (peer("[2001::1]:6881"), None),
        ]
    );
    assert_eq!(pex.dropped().collect::<Vec<_>>(), [peer("9.9.9.9:1")]);
    // aria2 sends an empty dictionary when nothing changed.
    let empty = read(b"\x01de", Some(&libtorrent()));
    assert_eq!(empty.problem(), Some("ut_pex without any list of peers"));
}

/// Compact strings of every length.
#[test]
fn pex_of_any_length() {
    for length in 0..38 {
        for key in ["added", "added6", "dropped6"] {
            let mut payload = format!("\x01d{}:{key}{length}:", key.len()).into_bytes();
            payload.extend(vec![0xff; length]);
            payload.push(b'e');
            let size = if key.ends_with('6') { 18 } else { 6 };
            let whole = length % size == 0;
            assert_eq!(
                read(&payload, Some(&libtorrent())).problem().is_none(),
                whole
            );
        }
    }
}

#[test]
fn ids_without_a_meaning() {
    let map = libtorrent();
    // `19-violations`: neither the bit nor a map.
    let unknown = read(b"\x09d1:xi1ee", None);
    assert_eq!(unknown.message_name(), "extended");
    assert_eq!((unknown.name.clone(), unknown.inferred), (None, false));
    assert_eq!(unknown.to_string(), "extended id 9, 8 B");
    let unannounced = read(b"\x09d8:msg_typei0e5:piecei0ee", Some(&map));
    assert_eq!(
        (unannounced.name.clone(), unannounced.inferred),
        (None, false)
    );
    assert_eq!(
        unannounced.problem(),
        Some("an id that the receiver did not announce")
    );
    let other = self::map(&[(b"ut_recommend", 5)]);
    let opaque = read(b"\x05d1:ai1eeandmore", Some(&other));
    assert_eq!(opaque.to_string(), "ut_recommend (id 5), 15 B");
    assert_eq!(opaque.problem(), None);
    assert_eq!(opaque.message_name(), "extended");
}

#[test]
fn switched_off_and_still_used() {
    let mut map = libtorrent();
    map.update(&ExtendedHandshake {
        m: vec![(b"ut_pex", 0)],
        ..ExtendedHandshake::default()
    });
    let message = read(b"\x01d5:added0:e", Some(&map));
    assert_eq!(message.message_name(), "ut_pex");
    assert_eq!(
        message.problem(),
        Some("the receiver had switched this extension off")
    );
}

/// µTorrent's comments carry `msg_type` as `ut_metadata` does.
#[test]
fn comments_are_told_from_metadata() {
    let request = [
        &b"\x06d6:filter64:"[..],
        &[0; 64],
        b"8:msg_typei0e3:numi20ee",
    ]
    .concat();
    let message = read(&request, None);
    assert_eq!(message.message_name(), "ut_comment");
    assert_eq!(message.to_string(), "ut_comment request, at most 20");
    let response = b"\x06d8:commentsld4:likei5e5:owner1:a4:text2:hi9:timestampi60eee8:msg_typei1ee";
    assert_eq!(read(response, None).to_string(), "ut_comment 1 comment");
}

#[test]
fn bodies_that_break_their_layout_are_opaque() {
    let map = libtorrent();
    for payload in [
        &b"\x07\0\0"[..],
        b"\x03",
        b"\x04\0\x07\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a",
        b"\x04\0\x01\x01\x02\x03\x04\x05\x06",
    ] {
        let message = read(payload, Some(&map));
        assert!(matches!(message.body, Body::Opaque { .. }));
        assert!(message.problem().is_some());
        // The same bytes of a longer message are no fault, except for the family
        // of addresses that does not exist.
        if payload.get(2) != Some(&7) {
            let (cut, _) = read_declared(payload, 64, Some(&map));
            assert_eq!(cut.problem(), None);
        }
    }
}
