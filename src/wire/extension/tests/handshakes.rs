//! Extended handshakes: vectors, real clients, and odd ones.

use std::net::{IpAddr, Ipv4Addr};

use super::super::*;
use super::{handshake, read, read_declared};
use crate::wire::Label;
use crate::wire::testing::noted;

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
    assert_eq!(nested.anomaly, Some("not a dictionary"));

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
        assert!(message.problem().is_some());
        let found = noted(&tree).into_iter().map(|(node, words)| {
            let label = tree.nodes()[node as usize].label;
            (label.field().map(|field| field.name), words)
        });
        assert!(found.eq([(Some("m"), expected)]));
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
