//! Bytes to words to the same bytes, for every message that can be encoded.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::wire::Layout;
use crate::wire::bencode;
use crate::wire::compact::Family;
use crate::wire::dht::{
    self, Arguments as DhtArguments, ErrorBody, ErrorCode, Method, Query, Response, Results, Want,
};
use crate::wire::extension::{
    Body, Comment, Extended, ExtendedHandshake, ExtendedId, Extension, ExtensionMap, ExtensionName,
    HolepunchError, HolepunchType, I2pDht, I2pPex, LtDonthave, LtMetadata, LtTex, MetadataType,
    Mode, ModeKind, TrHashpiece, UtComment, UtHolepunch, UtMetadata, UtPex,
};
use crate::wire::http_tracker::{
    self, Parameters, Peer, Peers, Purpose, Reply, Request, Torrent, encode_request,
    encode_response,
};
use crate::wire::lsd::{self as wire_lsd, Announce};
use crate::wire::peer::{
    self as wire_peer, Azmp, Bitfield, Block, Context, Framing, Handshake, HashRange, Hashes,
    Message, MessageId, Reserved,
};
use crate::wire::udp_tracker::{
    self as wire_tracker, Action, AnnounceRequest, AnnounceResponse, Event, Role, ScrapeRequest,
    ScrapeResponse,
};
use crate::wire::utp::{Extensions, Packet, PacketType};

/// The bytes of a text.
#[track_caller]
fn bytes(text: &str) -> String {
    match encode(text, &|_| None) {
        Ok(encoded) => hex::encode(encoded.bytes),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn words_of_each_kind() {
    for (text, expected) in [
        (
            "request index=4 begin=0 length=16384",
            "0000000d06000000040000000000004000",
        ),
        ("request index=4", "0000000d06000000040000000000004000"),
        ("keep_alive", "00000000"),
        ("peer interested", "0000000102"),
        ("have piece=77", "00000005040000004d"),
        ("port port=6881", "00000003091ae1"),
        (
            "piece index=1 begin=0 data=aabb",
            "0000000b070000000100000000aabb",
        ),
        ("piece index=1 length=2", "0000000b0700000001000000000000"),
        ("unknown id=99 payload=abcd", "0000000363abcd"),
        ("bytes 0x0011", "0011"),
        ("bytes 0011", "0011"),
        (
            "bencode {b=[1, -2, \"x\"], a=text}",
            &hex::encode("d1:a4:text1:bli1ei-2e1:xee"),
        ),
        (
            "query q=ping t=6161 a.id=\"abcdefghij0123456789\"",
            &hex::encode("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
        ),
        (
            "connect_request transaction_id=7",
            "00000417271019800000000000000007",
        ),
        (
            "udp_tracker error transaction_id=1 message=\"no\"",
            "00000003000000016e6f",
        ),
        (
            "utp syn connection_id=1 wnd_size=2 seq_nr=3",
            "4100000100000000000000000000000200030000",
        ),
    ] {
        assert_eq!(bytes(text), expected, "{text}");
    }
}

#[test]
fn a_handshake_by_the_names_of_its_bits() {
    let text = "handshake info_hash=294150cb4beb7585d89d5faf447121fee5360d82 \
        peer_id=\"-LT1000-)IJq91pyt_yj\" extensions=[extension, dht, fast]";
    let hash = "294150cb4beb7585d89d5faf447121fee5360d82";
    let expected = format!(
        "{}0000000000100005{hash}{}",
        hex::encode(wire_peer::PREFIX),
        hex::encode("-LT1000-)IJq91pyt_yj")
    );
    assert_eq!(bytes(text), expected);
    assert_eq!(
        encode(text, &|_| None).unwrap().protocol,
        Protocol::Handshake
    );
}

#[test]
fn extended_messages_and_their_ids() {
    let handshake = "00000020140064313a6d6431313a75745f6d6574616461746169336531";
    let text = "extended_handshake m.ut_metadata=3 reqq=255 yourip=127.0.0.1";
    let all = bytes(text);
    assert!(all.ends_with(&hex::encode(
        "d1:md11:ut_metadatai3ee4:reqqi255e6:yourip4:\x7f\0\0\x01e"
    )));
    assert!(all[8..].starts_with(&handshake[8..20]));
    let same = "extended_handshake m={ut_metadata=3} reqq=255 yourip=0x7f000001";
    assert_eq!(bytes(same), all);
    let request = "ut_metadata_request piece=0";
    let error = encode(request, &|_| None).unwrap_err().to_string();
    assert_eq!(
        error,
        "column 1: ut_metadata_request needs `extended_id`, or --map ut_metadata=ID"
    );
    let known = encode(request, &|name| {
        (name.known() == Some(Extension::UtMetadata)).then_some(ExtendedId(3))
    });
    let expected = [
        b"\0\0\0\x1b\x14\x03".as_slice(),
        b"d8:msg_typei0e5:piecei0ee",
    ]
    .concat();
    assert_eq!(known.unwrap().bytes, expected);
    let pex = bytes("ut_pex extended_id=1 added=[1.2.3.4:6881] added.f=[16]");
    let expected = hex::encode(b"d5:added6:\x01\x02\x03\x04\x1a\xe17:added.f1:\x10e");
    assert!(pex.ends_with(&expected), "{pex}");
}

#[test]
fn faults_say_where_and_what() {
    for (text, expected) in [
        (
            "",
            "column 1: the name of a message is due, such as `request`",
        ),
        (
            "reqest index=1",
            "column 1: no message has the name `reqest`: is it `request`?",
        ),
        ("request", "column 8: request needs `index`"),
        (
            "request pice=4",
            "column 9: request has no `pice`: is it `piece`?",
        ),
        ("request index=x", "column 15: not a number that fits here"),
        (
            "request index=4294967296",
            "column 15: not a number that fits here",
        ),
        (
            "request index=1 start=2",
            "column 17: request has no `start`, but index, begin, length",
        ),
        ("request index=1 index=2", "column 17: this was said before"),
        ("request index", "column 9: `key=value` is due"),
        ("choke now=1", "column 7: choke has no fields"),
        (
            "bitfield bitfield=abc",
            "column 19: neither hex digits nor a string in quotes",
        ),
        ("have piece=\"", "column 13: the closing quote is missing"),
        ("bencode [1, [2]", "column 16: `]` is missing"),
        (
            "bencode 1 2",
            "column 11: one value is due, and this is more",
        ),
        (
            "handshake info_hash=abcd",
            "column 21: 2 bytes where 20 are due",
        ),
        (
            "handshake info_hash=\"12345678901234567890\" extensions=[fats]",
            "column 56: none of azureus, location, extension, merkle, azureus_choice_2, azureus_choice_1, dht, xbt_peer_exchange, fast, nat_traversal, v2",
        ),
        (
            "error message=x",
            "column 1: is it `dht error`, `udp_tracker error` or `http_tracker error`?",
        ),
        (
            "lsd announce port=1",
            "column 20: announce needs `infohashes`",
        ),
    ] {
        assert_eq!(
            encode(text, &|_| None).unwrap_err().to_string(),
            expected,
            "{text}"
        );
    }
    let deep = format!("bencode {}", "[".repeat(100_000));
    assert!(encode(&deep, &|_| None).is_err());
}

fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..40)
}

fn maybe_bytes() -> impl Strategy<Value = Option<Vec<u8>>> {
    option::of(some_bytes())
}

fn map() -> ExtensionMap {
    let mut map = ExtensionMap::new();
    map.update(&ExtendedHandshake {
        m: Extension::ALL
            .iter()
            .zip(1..)
            .map(|(e, id)| (e.name().as_bytes(), id))
            .collect(),
        ..ExtendedHandshake::default()
    });
    map
}

/// The words of the message that bytes are.
fn words(layout: Layout<'_>, bytes: &[u8]) -> Option<String> {
    let read = layout.dissect(bytes, bytes.len(), &mut ())?;
    of_message(&read.message, bytes)
}

/// Bytes of a message, its words, the same bytes.
fn assert_peer(message: &Message<'_>, data: &[u8], framing: Framing) {
    let mut bytes = Vec::new();
    wire_peer::encode(message, data, &mut bytes);
    let map = map();
    let context = Context {
        framing,
        extensions: Some(&map),
        ..Context::default()
    };
    let text = words(Layout::Peer(context), &bytes);
    let text = text.unwrap_or_else(|| panic!("no words for {message:?}"));
    let again = encode(&text, &|_| None).unwrap();
    assert_eq!(again.bytes, bytes, "{text}");
    let is_raw = text.starts_with("unknown") && !matches!(message, Message::Unknown { .. });
    assert!(!is_raw, "{text}");
}

fn assert_extended(extension: Option<Extension>, body: Body<'_>) {
    let name = extension.map(ExtensionName::Known);
    let id = name
        .as_ref()
        .map_or(ExtendedId(0), |name| map().id(name).unwrap());
    let message = Extended {
        id,
        name,
        inferred: false,
        body,
        malformed: None,
    };
    assert_peer(
        &Message::Extended(Box::new(message)),
        &[],
        Framing::Messages,
    );
}

proptest! {
    #[test]
    fn messages_of_the_peer_wire(
        numbers in any::<[u32; 6]>(),
        reserved in any::<[u8; 8]>(), hash in any::<[u8; 20]>(), id in any::<[u8; 20]>(),
        root in any::<[u8; 32]>(), port in any::<u16>(),
        bits in vec(any::<u8>(), 1..40), data in some_bytes(), hashes in vec(any::<[u8; 32]>(), 0..4),
        unknown in prop::sample::select(vec![10_u8, 11, 12, 18, 19, 24, 99, 240, 255]),
        azmp in "AZ_[A-Z_]{1,20}",
    ) {
        let [index, begin, length, base_layer, proof_layers, piece] = numbers;
        let block = Block { index, begin, length };
        let range = HashRange { pieces_root: root, base_layer, index, length, proof_layers };
        let hashes = hashes.concat();
        let plain = [
            Message::KeepAlive, Message::Choke, Message::Unchoke, Message::Interested,
            Message::NotInterested, Message::HaveAll, Message::HaveNone,
            Message::Have(piece), Message::SuggestPiece(piece), Message::AllowedFast(piece),
            Message::Port(port), Message::Request(block), Message::Cancel(block),
            Message::RejectRequest(block), Message::Piece(block),
            Message::Bitfield(Bitfield { bits: &bits, pieces: None }),
            Message::HashRequest(range), Message::HashReject(range),
            Message::Hashes(Hashes { range, hashes: &hashes }),
            Message::Unknown { id: MessageId(unknown), payload: &data },
        ];
        for message in &plain {
            assert_peer(message, &data, Framing::Messages);
        }
        let handshake = Handshake { reserved: Reserved(reserved), info_hash: hash, peer_id: id };
        assert_peer(&Message::Handshake(handshake), &[], Framing::Handshake);
        let azmp = Azmp { id: azmp.as_bytes(), version: 1, payload: &data };
        assert_peer(&Message::Azmp(Box::new(azmp)), &[], Framing::Azmp);
    }

    #[test]
    fn extended_handshakes(
        names in proptest::collection::btree_map(some_bytes(), any::<i64>(), 0..5),
        others in proptest::collection::btree_map("z[a-z ]{1,5}", any::<i64>(), 0..3),
        ints in vec(option::of(any::<i64>()), 7),
        v in maybe_bytes(),
        ips in (option::of(any::<IpAddr>()), option::of(any::<[u8; 4]>()), option::of(any::<[u8; 16]>())),
        tr in option::of(any::<[u8; 20]>()),
    ) {
        let values: Vec<_> = others.values().map(|&value| bencode::int(value)).collect();
        let values = values.iter().map(Vec::as_slice);
        assert_extended(None, Body::Handshake(Box::new(ExtendedHandshake {
            m: names.iter().map(|(name, &id)| (&name[..], id)).collect(),
            others: others.keys().map(String::as_bytes).zip(values).collect(),
            v: v.as_deref(),
            yourip: ips.0, ipv4: ips.1.map(Into::into), ipv6: ips.2.map(Into::into), tr,
            p: ints[0], reqq: ints[1], metadata_size: ints[2], upload_only: ints[3],
            complete_ago: ints[4], share_mode: ints[5], e: ints[6],
        })));
    }

    #[test]
    fn extended_messages(
        lists in vec(maybe_bytes(), 6), urls in vec(some_bytes(), 0..4),
        ints in vec(option::of(any::<i64>()), 4), data in some_bytes(),
        numbers in any::<[u32; 2]>(), small in any::<[u8; 3]>(),
        addr in any::<(IpAddr, u16)>(), error in option::of(any::<u32>()),
        hashes in vec(any::<(i64, [u8; 20])>(), 0..3),
    ) {
        let list = |index: usize| lists[index].as_deref();
        let [one, two] = numbers;
        let length = data.len();
        for (kind, data) in [(0, &[][..]), (1, &data), (2, &[])] {
            assert_extended(Some(Extension::UtMetadata), Body::UtMetadata(UtMetadata {
                msg_type: Some(MetadataType(kind)), piece: Some(ints[1].unwrap_or(0)),
                total_size: ints[2], data, data_length: data.len(),
            }));
        }
        assert_extended(Some(Extension::UtPex), Body::UtPex(UtPex {
            added: list(0), added_f: list(1), added6: list(2), added6_f: list(3),
            dropped: list(4), dropped6: list(5),
        }));
        assert_extended(Some(Extension::LtDonthave), Body::LtDonthave(LtDonthave { piece: one }));
        for kind in [ModeKind::UploadOnly, ModeKind::ShareMode] {
            assert_extended(Some(kind.extension()), Body::Mode(Mode { kind, value: small[0] }));
        }
        assert_extended(Some(Extension::UtHolepunch), Body::UtHolepunch(UtHolepunch {
            msg_type: HolepunchType(small[0] % 4), addr: SocketAddr::new(addr.0, addr.1),
            err_code: error.map(HolepunchError),
        }));
        assert_extended(Some(Extension::LtTex), Body::LtTex(LtTex {
            added: urls.iter().map(Vec::as_slice).collect(),
        }));
        assert_extended(Some(Extension::UtComment), Body::UtComment(UtComment {
            msg_type: ints[0], num: ints[1], filter: list(0),
            comments: vec![Comment { owner: list(1), text: list(2), like: ints[2], timestamp: ints[3] }],
        }));
        for message in [
            LtMetadata::Request { start: small[0], size: small[1] },
            LtMetadata::Data { total_size: one, offset: two, data: &data, data_length: length },
            LtMetadata::DontHave,
        ] {
            assert_extended(Some(Extension::LtMetadata), Body::LtMetadata(message));
        }
        assert_extended(Some(Extension::TrHashpiece), Body::TrHashpiece(TrHashpiece {
            index: one, begin: two, hashes, block: &data, block_length: length,
        }));
        assert_extended(Some(Extension::I2pPex), Body::I2pPex(I2pPex {
            added: list(0), added_f: list(1), dropped: list(2),
        }));
        assert_extended(Some(Extension::I2pDht), Body::I2pDht(I2pDht { port: ints[0], rport: ints[1] }));
    }

    #[test]
    fn messages_of_the_dht(
        strings in vec(maybe_bytes(), 9), ints in vec(option::of(any::<i64>()), 6),
        method in prop::sample::select(Method::ALL.to_vec()), value in option::of(any::<i64>()),
        want in option::of(any::<(bool, bool)>()), read_only in any::<bool>(),
        values in option::of(vec(prop_oneof![vec(any::<u8>(), 6), some_bytes()], 0..4)),
    ) {
        let string = |index: usize| strings[index].as_deref();
        let value = value.map(bencode::int);
        let query = Query {
            method,
            arguments: DhtArguments {
                id: string(0), target: string(1), info_hash: string(2), token: string(3),
                name: string(4), key: string(5), signature: string(6), salt: string(7),
                want: want.map(|(v4, v6)| Want { v4, v6 }), value: value.as_deref(),
                noseed: ints[0], scrape: ints[1], port: ints[2], implied_port: ints[3],
                seed: ints[4], sequence: ints[5], cas: ints[0],
            },
        };
        let results = Results {
            id: string(0), nodes: string(1), nodes6: string(2), token: string(3),
            seeds: string(4), peers: string(5), samples: string(6), key: string(7), signature: string(8),
            values: values.as_ref().map(|list| list.iter().map(Vec::as_slice).collect()),
            interval: ints[0], num: ints[1], sequence: ints[2], value: value.as_deref(),
        };
        for body in [
            dht::Body::Query(Box::new(query)),
            dht::Body::Response(Box::new(Response { method: None, inferred: false, results })),
            dht::Body::Error(ErrorBody { code: ints[0].map(ErrorCode), text: string(0) }),
            dht::Body::Unknown(string(1)),
        ] {
            let bytes = dht::encode(&dht::Message {
                transaction: string(8), body, version: string(7), ip: string(6), read_only, topic: string(5),
            });
            let text = words(Layout::Dht, &bytes).unwrap();
            prop_assert_eq!(encode(&text, &|_| None).unwrap().bytes, bytes, "{}", text);
        }
    }

    #[test]
    fn datagrams_of_udp_trackers(
        numbers in any::<[u32; 4]>(), longs in any::<[u64; 4]>(),
        hash in any::<[u8; 20]>(), id in any::<[u8; 20]>(), ip in any::<[u8; 4]>(),
        event in 0..6_u32, num_want in any::<i32>(), port in any::<u16>(), url in maybe_bytes(),
        rows in vec(any::<[u8; 60]>(), 0..3), reason in some_bytes(),
    ) {
        let rows = rows.concat();
        let [one, two, three, four] = numbers;
        let announce = AnnounceRequest {
            info_hash: hash, peer_id: id, downloaded: longs[0], left: longs[1], uploaded: longs[2],
            event: Event(event), ip, key: four, num_want, port, url_data: url.map(Cow::Owned),
        };
        let response = AnnounceResponse {
            interval: one, leechers: two, seeders: three, peers: &rows, family: Family::V4,
        };
        let connection = Some(longs[3]);
        for (role, connection, action, body) in [
            (Role::Request, Some(wire_tracker::PROTOCOL_ID), Action::CONNECT, wire_tracker::Body::ConnectRequest),
            (Role::Response, None, Action::CONNECT, wire_tracker::Body::ConnectResponse(longs[3])),
            (Role::Request, connection, Action::ANNOUNCE, wire_tracker::Body::AnnounceRequest(Box::new(announce))),
            (Role::Response, None, Action::ANNOUNCE, wire_tracker::Body::AnnounceResponse(response)),
            (Role::Request, connection, Action::SCRAPE, wire_tracker::Body::ScrapeRequest(ScrapeRequest { info_hashes: &rows })),
            (Role::Response, None, Action::SCRAPE, wire_tracker::Body::ScrapeResponse(ScrapeResponse { bytes: &rows })),
            (Role::Response, None, Action::ERROR, wire_tracker::Body::Error(&reason)),
        ] {
            let bytes = wire_tracker::encode(&wire_tracker::Message {
                role, connection, action: Some(action), transaction: Some(one), body,
            });
            let context = wire_tracker::Context { role, family: Family::V4 };
            let text = words(Layout::UdpTracker(context), &bytes).unwrap();
            prop_assert_eq!(encode(&text, &|_| None).unwrap().bytes, bytes, "{}", text);
        }
    }

    #[test]
    fn messages_of_http_trackers(
        numbers in vec(option::of(any::<u32>()), 6), texts in vec(maybe_bytes(), 6),
        hashes in vec(any::<[u8; 20]>(), 1..3), host in option::of("[a-z.]{1,12}"),
        peers in option::of(vec(any::<[u8; 6]>(), 0..3)), reason in option::of("[a-z ]{1,12}"),
        long in vec((maybe_bytes(), any::<i64>()), 0..3), status in prop::sample::select(vec![200_u16, 404]),
    ) {
        let number = |index: usize| numbers[index].map(u64::from);
        let text = |index: usize| texts[index].clone().map(Cow::Owned);
        let request = Request {
            purpose: Purpose::Announce, path: b"/announce",
            parameters: Parameters {
                info_hashes: hashes.iter().map(|hash| Cow::Owned(hash.to_vec())).collect(),
                peer_id: text(0), port: number(0), uploaded: number(1), downloaded: number(2),
                left: number(3), event: text(1), compact: number(4), numwant: numbers[5].map(i64::from),
                key: text(2), tracker_id: text(3), ip: text(4),
            },
            host: host.as_deref().map(str::as_bytes), user_agent: None,
        };
        let bytes = encode_request(&request);
        let text = words(Layout::HttpRequest, &bytes).unwrap();
        prop_assert_eq!(encode(&text, &|_| None).unwrap().bytes, bytes, "{}", text);
        let int = |index: usize| numbers[index].map(i64::from);
        let list = long.iter().map(|(id, port)| Peer { id: id.clone(), ip: None, port: Some(*port) });
        let list = Peers::List(list.collect());
        let reply = Reply {
            failure_reason: reason.map(String::into_bytes), warning_message: texts[0].clone(),
            interval: int(0), min_interval: int(1), tracker_id: texts[1].clone(), complete: int(2),
            incomplete: int(3), downloaded: int(4),
            peers: Some(peers.map_or(list, |peers| Peers::Compact(peers.concat()))),
            peers6: texts[2].clone(), external_ip: texts[3].clone(),
            torrents: Some(hashes.iter().map(|hash| Torrent {
                info_hash: hash.to_vec(), complete: int(0), downloaded: int(1), incomplete: int(2),
            }).collect()),
        };
        for purpose in [Purpose::Announce, Purpose::Scrape] {
            let bytes = encode_response(&http_tracker::Response {
                purpose, status: Some(status), reason: b"OK", reply: reply.clone(), is_decoded: false,
            });
            let text = words(Layout::HttpResponse(purpose), &bytes).unwrap();
            prop_assert_eq!(encode(&text, &|_| None).unwrap().bytes, bytes, "{}", text);
        }
    }

    #[test]
    fn packets_of_utp(
        kind in 0..16_u8, shorts in any::<[u16; 3]>(), numbers in any::<[u32; 3]>(),
        bits in vec(any::<u8>(), 0..20), payload in some_bytes(), extended in any::<bool>(),
    ) {
        let chain = [&[0, bits.len() as u8][..], &bits].concat();
        let extensions = if extended { Extensions::new(1, &chain).unwrap() } else { Extensions::NONE };
        let mut bytes = Vec::new();
        Packet {
            packet_type: PacketType(kind), connection_id: shorts[0], timestamp: numbers[0],
            timestamp_difference: numbers[1], wnd_size: numbers[2], seq_nr: shorts[1],
            ack_nr: shorts[2], extensions, payload: &payload, payload_length: payload.len(),
        }.encode(&mut bytes);
        let text = words(Layout::Utp, &bytes).unwrap();
        prop_assert_eq!(encode(&text, &|_| None).unwrap().bytes, bytes, "{}", text);
    }

    #[test]
    fn announces_and_values(
        port in 1_u16.., hashes in vec("[0-9a-fA-F]{40}", 1..4), cookie in option::of("[!-~]{1,12}"),
        raw in some_bytes(), ints in vec(any::<i64>(), 0..4),
    ) {
        let bytes = wire_lsd::encode(&Announce {
            host: Some(b"239.192.152.143:6771"), port: Some(port),
            info_hashes: hashes.iter().map(String::as_bytes).collect(),
            cookie: cookie.as_deref().map(str::as_bytes),
        });
        let text = words(Layout::Lsd, &bytes).unwrap();
        prop_assert_eq!(encode(&text, &|_| None).unwrap().bytes, bytes, "{}", text);
        prop_assert_eq!(encode(&of_bytes(&raw), &|_| None).unwrap().bytes, raw.clone());
        let list = ints.iter().fold(bencode::List::new(), |list, &int| list.int(int)).bytes(&raw);
        let value = bencode::Dict::new().list(&raw, list).encode();
        let text = of_bencode(&value).unwrap();
        prop_assert_eq!(encode(&text, &|_| None).unwrap().bytes, value, "{}", text);
    }

    /// Any text gives bytes or a fault within it.
    #[test]
    fn any_text_gives_an_answer(
        text in "(request|ut_pex|dht|query|utp|bencode|piece| |=|\\[|\\]|\\{|\\}|,|\"|\\\\|a.id|index|0x|1|é|data|length){0,12}",
    ) {
        if let Err(error) = encode(&text, &|_| None) {
            prop_assert!(error.column <= text.chars().count() + 1);
        }
    }
}

#[test]
fn what_was_meant_is_told() {
    for (text, meant) in [
        ("piece 4", "column 7: `key=value` is due: is it `index=4`?"),
        ("have 3", "column 6: `key=value` is due: is it `piece=3`?"),
        (
            "request 1 2 3",
            "column 9: `key=value` is due: is it `index=1`?",
        ),
        (
            "request index=1 2",
            "column 17: `key=value` is due: is it `begin=2`?",
        ),
        (
            "port 6881",
            "column 6: `key=value` is due: is it `port=6881`?",
        ),
        (
            "bitfield 1,2,3",
            "column 10: `key=value` is due: is it `bitfield=1`?",
        ),
        (
            "requst index=1",
            "column 1: no message has the name `requst`: is it `request`?",
        ),
        (
            "REQUEST",
            "column 1: no message has the name `REQUEST`: is it `request`?",
        ),
        (
            "keepalive",
            "column 1: no message has the name `keepalive`: is it `keep_alive`?",
        ),
        (
            "reject 1 0 3",
            "column 1: no message has the name `reject`: is it `reject_request`?",
        ),
        (
            "pex",
            "column 1: no message has the name `pex`: is it `ut_pex`?",
        ),
        (
            "get_peers",
            "column 1: no message has the name `get_peers`: is it `query q=get_peers`?",
        ),
        (
            "dht ping",
            "column 5: no message has the name `ping`: is it `query q=ping`?",
        ),
        (
            "foo",
            "column 1: no message has the name `foo` (--list shows all)",
        ),
        (
            "extended ut_metadata msg_type=0",
            "column 10: is it `ut_metadata_request`?",
        ),
        ("extended ut_pex", "column 10: is it `ut_pex`?"),
        (
            "request index=1 lenght=3",
            "column 17: request has no `lenght`: is it `length`?",
        ),
        (
            "have number=3",
            "column 6: have has no `number`: it needs `piece`",
        ),
        (
            "index=4",
            "column 1: the name of a message is due before its fields, such as `request`",
        ),
        ("interested now", "column 12: interested has no fields"),
        (
            "handshake info_hash=ab",
            "column 21: 1 byte where 20 are due",
        ),
    ] {
        let fault = encode(text, &|_| None).unwrap_err().to_string();
        assert_eq!(fault, meant, "{text}");
    }
}

#[test]
fn words_of_lines_and_tables_are_taken() {
    // As JSON and tables have them, and by either name.
    for same in [
        "request index: 4, begin: 0, length: 16384",
        "request index=4,begin=0,length=16384",
        "request piece=4 offset=0 length=16384",
    ] {
        assert_eq!(bytes(same), bytes("request index=4 begin=0 length=16384"));
    }
    assert_eq!(bytes("have index=3"), bytes("have piece=3"));
    // As the lines of `read` have them.
    for (shown, name) in [
        ("keep alive", "keep_alive"),
        ("not interested", "not_interested"),
        ("not-interested", "not_interested"),
        ("have all", "have_all"),
        ("allowed fast piece=3", "allowed_fast piece=3"),
        ("extended handshake p=6881", "extended_handshake p=6881"),
        (
            "udp_tracker connect request transaction_id=7",
            "connect_request transaction_id=7",
        ),
    ] {
        assert_eq!(bytes(shown), bytes(name), "{shown}");
    }
}
