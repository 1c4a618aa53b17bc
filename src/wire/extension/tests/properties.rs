//! What holds for any message.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use proptest::prelude::*;

use super::super::*;
use super::{map, read, read_declared};

fn text() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..20)
}

fn optional_text() -> impl Strategy<Value = Option<Vec<u8>>> {
    proptest::option::of(text())
}

/// All known names, each on its own id: the round trip needs a map.
fn full_map() -> ExtensionMap {
    let names = (1..).zip(Extension::ALL);
    let m: Vec<_> = names
        .map(|(id, extension)| (extension.name().as_bytes(), id))
        .collect();
    map(&m)
}

fn assert_round_trip(extension: Option<Extension>, body: Body<'_>) {
    let map = full_map();
    let name = extension.map(ExtensionName::Known);
    let id = name
        .as_ref()
        .map_or(ExtendedId::HANDSHAKE, |name| map.id(name).unwrap());
    let message = Extended {
        id,
        name,
        inferred: false,
        body,
        malformed: None,
    };
    let payload = message.encode();
    let read_back = read(&payload, Some(&map));
    assert_eq!(
        Extended {
            malformed: None,
            ..read_back.extended
        },
        message
    );
}

proptest! {
    #[test]
    fn handshakes_round_trip(
        names in proptest::collection::btree_map(text(), any::<i64>(), 0..5),
        others in proptest::collection::btree_map("z[a-z]{1,5}", any::<i64>(), 0..3),
        ints in proptest::collection::vec(proptest::option::of(any::<i64>()), 7),
        v in optional_text(),
        yourip in proptest::option::of(any::<IpAddr>()),
        ipv4 in proptest::option::of(any::<Ipv4Addr>()),
        ipv6 in proptest::option::of(any::<std::net::Ipv6Addr>()),
        tr in proptest::option::of(any::<[u8; 20]>()),
    ) {
        let values: Vec<_> = others.values().map(|&value| crate::wire::bencode::int(value)).collect();
        let handshake = ExtendedHandshake {
            m: names.iter().map(|(name, &id)| (&name[..], id)).collect(),
            others: others.keys().map(String::as_bytes).zip(values.iter().map(|value| &value[..])).collect(),
            v: v.as_deref(),
            yourip, ipv4, ipv6, tr,
            p: ints[0], reqq: ints[1], metadata_size: ints[2], upload_only: ints[3],
            complete_ago: ints[4], share_mode: ints[5], e: ints[6],
        };
        assert_round_trip(None, Body::Handshake(Box::new(handshake)));
    }

    #[test]
    fn dictionaries_round_trip(
        lists in proptest::collection::vec(optional_text(), 6),
        urls in proptest::collection::vec(text(), 0..4),
        ints in proptest::collection::vec(proptest::option::of(any::<i64>()), 4),
        data in text(),
    ) {
        let list = |index: usize| lists[index].as_deref();
        assert_round_trip(Some(Extension::UtPex), Body::UtPex(UtPex {
            added: list(0), added_f: list(1), added6: list(2), added6_f: list(3),
            dropped: list(4), dropped6: list(5),
        }));
        assert_round_trip(Some(Extension::I2pPex), Body::I2pPex(I2pPex {
            added: list(0), added_f: list(1), dropped: list(2),
        }));
        assert_round_trip(Some(Extension::I2pDht), Body::I2pDht(I2pDht { port: ints[0], rport: ints[1] }));
        assert_round_trip(Some(Extension::LtTex), Body::LtTex(LtTex {
            added: urls.iter().map(|url| &url[..]).collect(),
        }));
        assert_round_trip(Some(Extension::UtComment), Body::UtComment(UtComment {
            msg_type: ints[0], num: ints[1], filter: list(0),
            comments: vec![Comment { owner: list(1), text: list(2), like: ints[2], timestamp: ints[3] }],
        }));
        let is_data = ints[0] == Some(1);
        let data = if is_data { &data[..] } else { &[] };
        assert_round_trip(Some(Extension::UtMetadata), Body::UtMetadata(UtMetadata {
            msg_type: ints[0].map(MetadataType), piece: ints[1], total_size: ints[2],
            data, data_length: data.len(),
        }));
    }

    #[test]
    fn binary_messages_round_trip(
        numbers in any::<[u32; 3]>(), bytes in any::<[u8; 3]>(),
        addr in any::<(IpAddr, u16)>(), error in proptest::option::of(any::<u32>()),
        data in text(), hashes in proptest::collection::vec(any::<(i64, [u8; 20])>(), 0..3),
    ) {
        let [one, two, _] = numbers;
        assert_round_trip(Some(Extension::LtDonthave), Body::LtDonthave(LtDonthave { piece: one }));
        for kind in [ModeKind::UploadOnly, ModeKind::ShareMode] {
            assert_round_trip(Some(kind.extension()), Body::Mode(Mode { kind, value: bytes[0] }));
        }
        assert_round_trip(Some(Extension::UtHolepunch), Body::UtHolepunch(UtHolepunch {
            msg_type: HolepunchType(bytes[0]),
            addr: SocketAddr::new(addr.0, addr.1),
            err_code: error.map(HolepunchError),
        }));
        for message in [
            LtMetadata::Request { start: bytes[0], size: bytes[1] },
            LtMetadata::Data { total_size: one, offset: two, data: &data, data_length: data.len() },
            LtMetadata::DontHave,
        ] {
            assert_round_trip(Some(Extension::LtMetadata), Body::LtMetadata(message));
        }
        assert_round_trip(Some(Extension::TrHashpiece), Body::TrHashpiece(TrHashpiece {
            index: one, begin: two, hashes, block: &data, block_length: data.len(),
        }));
    }

    /// Any bytes behind any id, whole or cut, give an answer whose leaves
    /// partition the message.
    #[test]
    fn any_payload_gives_an_answer(
        id in 0_u8..16,
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            "(d1:m|d|l|e|i3e|1:a|8:msg_type|5:piece|5:added|6:\u{1}\u{2}\u{3}\u{4}ab|0:|i-1e){0,12}"
                .prop_map(String::into_bytes),
        ],
        more in 0_usize..20,
    ) {
        let payload = [&[id][..], &body].concat();
        let map = full_map();
        for map in [None, Some(&map)] {
            read_declared(&payload, payload.len() + more, map);
        }
    }
}
