//! Vectors of BEPs, of real clients and of hostile ones.

mod properties;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::*;
use crate::wire::{Label, Tree};

/// Dissects a payload, checks that every sink gives the same and that the leaves
/// partition it.
fn read_declared<'i>(
    payload: &'i [u8],
    declared: usize,
    map: Option<&ExtensionMap>,
) -> (Extended<'i>, Tree) {
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
    (message, tree)
}

fn read<'i>(payload: &'i [u8], map: Option<&ExtensionMap>) -> Extended<'i> {
    read_declared(payload, payload.len(), map).0
}

fn handshake(payload: &[u8]) -> ExtendedHandshake<'_> {
    match read(payload, None).body {
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

#[test]
fn handshake_of_the_vectors() {
    let payload = hex::decode(
        "0064313a6d6431313a75745f6d65746164617461693365363a75745f7065786931656531333a6d657461\
         646174615f73697a656931343965313a70693638383165343a726571716935303065313a7631343a7377\
         61726d73636f706520302e31363a796f75726970343ac000020765",
    )
    .unwrap();
    let handshake = handshake(&payload);
    assert_eq!(
        handshake,
        ExtendedHandshake {
            m: vec![(b"ut_metadata", 3), (b"ut_pex", 1)],
            p: Some(6881),
            v: Some(b"swarmscope 0.1"),
            yourip: Some(IpAddr::from([192, 0, 2, 7])),
            reqq: Some(500),
            metadata_size: Some(149),
            ..ExtendedHandshake::default()
        }
    );
    assert_eq!(handshake.encode(), payload[1..]);
    assert_eq!(
        handshake.to_string(),
        "extended handshake: swarmscope 0.1, metadata 149 B, ut_metadata 3, ut_pex 1"
    );
}

/// The example of BEP 10, with the string lengths of UTF-8.
#[test]
fn handshake_of_bep_10() {
    let payload = "\0d1:md11:LT_metadatai1e7:µT_PEXi2ee1:pi6881e1:v13:µTorrent 1.2e";
    let handshake = handshake(payload.as_bytes());
    assert_eq!(
        handshake.m,
        [(&b"LT_metadata"[..], 1), ("µT_PEX".as_bytes(), 2)]
    );
    assert_eq!(handshake.v, Some("µTorrent 1.2".as_bytes()));
}

/// A µTorrent for Mac and a WebTorrent, as their dictionaries were noted down.
#[test]
fn handshakes_of_the_notes() {
    let ipv6 = hex::decode("fe800000000000000832 01ea3f1e44df".replace(' ', "")).unwrap();
    let utorrent = [
        &b"\0d12:complete_agoi43e1:ei0e4:ipv44:\x4c\x04\x0b\xec4:ipv616:"[..],
        &ipv6,
        b"1:md11:upload_onlyi3e10:ut_commenti6e12:ut_holepunchi4e11:ut_metadatai2e6:ut_pexi1e",
        b"12:ut_recommendi5ee13:metadata_sizei18716e1:pi35557e4:reqqi255e",
        "1:v19:µTorrent Mac 1.8.7".as_bytes(),
        b"6:yourip4:\x7f\0\0\x01e",
    ]
    .concat();
    let message = handshake(&utorrent);
    assert_eq!(message.complete_ago, Some(43));
    assert_eq!(message.e, Some(0));
    assert_eq!(message.ipv4, Some(Ipv4Addr::new(76, 4, 11, 236)));
    assert_eq!(
        message.ipv6.map(|ip| ip.to_string()).as_deref(),
        Some("fe80::832:1ea:3f1e:44df")
    );
    assert_eq!(message.m.len(), 6);
    assert_eq!(message.metadata_size, Some(18716));
    assert_eq!((message.p, message.reqq), (Some(35557), Some(255)));
    assert_eq!(message.v, Some("µTorrent Mac 1.8.7".as_bytes()));
    assert_eq!(message.yourip, Some(IpAddr::from([127, 0, 0, 1])));
    assert_eq!(message.encode(), utorrent[1..]);

    let webtorrent = b"\0d1:md11:ut_metadatai1e6:ut_pexi2ee13:metadata_sizei13143ee";
    let message = handshake(webtorrent);
    assert_eq!(message.m, [(&b"ut_metadata"[..], 1), (b"ut_pex", 2)]);
    assert_eq!(message.metadata_size, Some(13143));
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
    match data.body {
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
    assert_eq!(odd.to_string(), "ut_metadata type 7 piece 0 (inferred)");
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
    let Body::Handshake(handshake) = announced.body else {
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

/// The capture `15-bencint`: numbers and types out of the ordinary.
#[test]
fn the_odd_handshakes_of_the_cases() {
    let first =
        handshake(b"\0d12:complete_agoi-1e1:md6:ut_pexi1ee13:metadata_sizei3000000000e4:reqqi-5ee");
    assert_eq!(first.complete_ago, Some(-1));
    assert_eq!(first.metadata_size, Some(3_000_000_000));
    assert_eq!(first.reqq, Some(-5));

    let second = read(
        b"\0d1:md6:ut_pexi300e11:ut_metadatai3e6:ut_pexi3ee1:v0:e",
        None,
    );
    assert!(second.problem().is_some());
    let Body::Handshake(handshake) = &second.body else {
        panic!("{second:?}");
    };
    assert_eq!(handshake.v, Some(&b""[..]));
    let mut map = ExtensionMap::new();
    map.update(handshake);
    assert_eq!(map.conflicts().collect::<Vec<_>>(), [ExtendedId(3)]);
    // The content decides between two names on one id.
    let pex = read(b"\x03d5:added0:e", Some(&map));
    assert_eq!((pex.message_name(), pex.inferred), ("ut_pex", false));
    assert_eq!(
        pex.problem(),
        Some("the receiver gave this id to several extensions")
    );

    let nested = read(b"\0d1:mllllllllllllllleeeeeeeeeeeeeeeee", None);
    assert_eq!(nested.anomaly, Some("`m` that is not a dictionary"));

    let trailing = read(b"\0d1:md6:ut_pexi1ee1:v3:abcXtrailing", None);
    assert!(trailing.problem().is_some());
    assert_eq!(trailing.message_name(), "extended_handshake");
}

#[test]
fn trailing_bytes_are_claimed_and_named() {
    let payload = b"\0d1:md6:ut_pexi1ee1:v3:abceXtrailing";
    let (message, tree) = read_declared(payload, payload.len(), None);
    assert_eq!(
        message.problem(),
        Some("bytes after the end of the message")
    );
    let (_, last) = tree.leaves().last().unwrap();
    assert!(matches!(last.label, Label::Field(field) if field.name == "trailing"));
    assert_eq!(last.end - last.start, 9);
}

/// What is wrong with `m` is noted on `m`.
#[test]
fn conflicts_are_noted_where_they_are() {
    for (payload, expected) in [
        (
            &b"\0d1:md6:ut_pexi3e1:xi3eee"[..],
            "two extensions with the same id",
        ),
        (b"\0d1:md1:xi-1eee", "extended id that is not a byte"),
        (b"\0d1:md1:xdeee", "extended id that is not a number"),
        (b"\0d1:mi1ee", "not a dictionary"),
    ] {
        let (message, tree) = read_declared(payload, payload.len(), None);
        assert!(message.anomaly.is_some());
        let noted = tree.notes().iter().map(|(node, note)| {
            let label = tree.nodes()[*node as usize].label;
            (label.field().map(|field| field.name), note.clone())
        });
        assert!(noted.eq([(Some("m"), Note::Anomaly(expected))]));
    }
}

#[test]
fn wrong_types_are_kept_with_the_others() {
    let message = read(
        b"\0d1:e3:yes4:ipv43:abc1:pi1e11:upload_only1:14:xtral1:aee",
        None,
    );
    assert!(message.problem().is_some());
    let Body::Handshake(handshake) = &message.body else {
        panic!("{message:?}");
    };
    assert_eq!(handshake.upload_only, Some(1));
    assert_eq!(
        handshake.others,
        [
            (&b"e"[..], &b"3:yes"[..]),
            (b"ipv4", b"3:abc"),
            (b"xtra", b"l1:ae")
        ]
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
    assert!(unannounced.inferred);
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
    assert_eq!(
        message.to_string(),
        "ut_comment request, at most 20 (inferred)"
    );
    let response = b"\x06d8:commentsld4:likei5e5:owner1:a4:text2:hi9:timestampi60eee8:msg_typei1ee";
    assert_eq!(
        read(response, None).to_string(),
        "ut_comment 1 comment (inferred)"
    );
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

/// The captures of the lab hold the handshakes of six clients; every one is
/// read without a problem and written back as it was.
#[test]
fn handshakes_of_real_clients() {
    for payload in [
        &b"\0d1:ei0e1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei2650e1:pi6882e4:reqqi512e\
           11:upload_onlyi0e1:v17:Transmission 3.00e"[..],
        b"\0d1:md11:ut_metadatai9e6:ut_pexi8ee13:metadata_sizei2650e1:pi6881e1:v12:aria2/1.36.0e",
        b"\0d12:complete_agoi-1e1:md11:lt_donthavei7e10:share_modei8e11:upload_onlyi3e12:\
          ut_holepunchi4e11:ut_metadatai2e6:ut_pexi1ee13:metadata_sizei2010e4:reqqi2000e\
          11:upload_onlyi1e1:v18:libtorrent/2.1.1.06:yourip4:\nb\0\x02e",
        b"\0d1:md11:ut_metadatai2e6:ut_pexi1ee13:metadata_sizei2010e1:pi6881e4:reqqi2048e\
          1:v17:libTorrent 0.13.8e",
        b"\0d1:md11:lt_donthavei3e11:ut_metadatai1e6:ut_pexi2ee13:metadata_sizei916ee",
    ] {
        let message = read(payload, None);
        assert_eq!(message.problem(), None);
        assert_eq!(message.encode(), payload);
    }
}
