//! The notes that the project began with, row by row, with their bytes.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use peerscope::wire::bencode::{Dict, List};
use peerscope::wire::extension::{Body, Extended, ExtendedHandshake, ExtensionMap, MetadataType};
use peerscope::wire::metainfo::Info;
use peerscope::wire::peer::{self, Block, Context, Framing, Message};
use peerscope::wire::{Dissected, Label, Problem, Tree, Value};

/// The info-hash of all examples.
const INFO_HASH: &str = "294150cb4beb7585d89d5faf447121fee5360d82";

/// The answer of a client that has most of the data: handshake and bitfield.
const FIRST_RESPONSE: &str = "
    13 42 69 74 54 6f 72 72 65 6e 74 20 70 72 6f 74 6f 63 6f 6c
    00 00 00 00 00 10 00 05 29 41 50 cb 4b eb 75 85 d8 9d 5f af
    44 71 21 fe e5 36 0d 82 2d 4c 54 31 30 30 30 2d 29 49 4a 71
    39 31 70 79 74 5f 79 6a 00 00 00 0a 05 ff ff ff ff ff ff ff
    ff f8";

const DOUBLE_REQUEST: &str = "
    00 00 00 0d 06 00 00 00 04 00 00 00 00 00 00 40 00
    00 00 00 0d 06 00 00 00 05 00 00 00 00 00 00 40 00";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}

/// Where the first message of `bytes` ends by its own account.
fn end_of_first(bytes: &[u8], framing: Framing) -> usize {
    match framing {
        Framing::Handshake => peer::HANDSHAKE_LENGTH,
        _ => 4 + u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize,
    }
}

/// Everything that one read brought, message by message.
fn messages(mut bytes: &[u8], mut framing: Framing) -> Vec<Message<'_>> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (first, rest) = bytes.split_at(end_of_first(bytes, framing));
        messages.push(dissect(first, first.len(), framing, None).0.message);
        (bytes, framing) = (rest, Framing::Messages);
    }
    messages
}

fn dissect<'b>(
    bytes: &'b [u8],
    declared: usize,
    framing: Framing,
    extensions: Option<&ExtensionMap>,
) -> (Dissected<Message<'b>>, Tree) {
    let context = Context {
        framing,
        extensions,
        ..Context::default()
    };
    let mut tree = Tree::new();
    let dissected = peer::dissect(bytes, declared, &context, &mut tree);
    (dissected, tree)
}

/// One message that is there whole and right.
fn one<'b>(bytes: &'b [u8], extensions: Option<&ExtensionMap>) -> (Message<'b>, Tree) {
    let (dissected, tree) = dissect(bytes, bytes.len(), Framing::Messages, extensions);
    assert_eq!(dissected.problem, None);
    (dissected.message, tree)
}

fn extended(message: Message<'_>) -> Extended<'_> {
    match message {
        Message::Extended(extended) => *extended,
        other => panic!("not an extended message: {other:?}"),
    }
}

fn extended_handshake(message: Message<'_>) -> ExtendedHandshake<'_> {
    match extended(message).body {
        Body::Handshake(handshake) => *handshake,
        other => panic!("not an extended handshake: {other:?}"),
    }
}

/// Name and span of the leaves that a field table names.
fn leaves(tree: &Tree) -> Vec<(&'static str, Range<u32>)> {
    let named = tree.leaves().filter_map(|(_, leaf)| match leaf.label {
        Label::Field(field) => Some((field.name, leaf.start..leaf.end)),
        _ => None,
    });
    named.collect()
}

/// An extended message with its length prefix.
fn frame(id: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = (2 + payload.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(&[20, id]);
    frame.extend_from_slice(payload);
    frame
}

#[test]
fn the_handshake_of_68_bytes() {
    let bytes = bytes(FIRST_RESPONSE);
    let (first, tree) = dissect(&bytes[..68], 68, Framing::Handshake, None);
    let Message::Handshake(handshake) = first.message else {
        panic!("not a handshake");
    };
    assert_eq!(hex::encode(handshake.info_hash), INFO_HASH);
    assert_eq!(&handshake.peer_id, b"-LT1000-)IJq91pyt_yj");
    let reserved = handshake.reserved;
    assert!(reserved.extension() && reserved.fast() && reserved.dht() && !reserved.v2());
    assert_eq!(
        leaves(&tree),
        [
            ("pstrlen", 0..1),
            ("pstr", 1..20),
            ("reserved", 20..28),
            ("info_hash", 28..48),
            ("peer_id", 48..68),
        ]
    );
}

#[test]
fn interested_and_unchoke() {
    assert_eq!(one(&bytes("00 00 00 01 02"), None).0, Message::Interested);
    assert_eq!(one(&bytes("00 00 00 01 01"), None).0, Message::Unchoke);
}

#[test]
fn the_double_request_in_one_read() {
    let bytes = bytes(DOUBLE_REQUEST);
    assert_eq!(bytes.len(), 34);
    let request = |index| {
        Message::Request(Block {
            index,
            begin: 0,
            length: 0x4000,
        })
    };
    assert_eq!(
        messages(&bytes, Framing::Messages),
        [request(4), request(5)]
    );
}

#[test]
fn the_first_response_has_69_of_72_pieces() {
    let bytes = bytes(FIRST_RESPONSE);
    let [Message::Handshake(_), Message::Bitfield(bitfield)] =
        &messages(&bytes, Framing::Handshake)[..]
    else {
        panic!("not a handshake and a bitfield");
    };
    assert_eq!(bytes[68..72], [0, 0, 0, 10]);
    assert_eq!(bitfield.bits.len() * 8, 72);
    assert_eq!(bitfield.set(), 69);
    assert!(bitfield.has(68) && !bitfield.has(69));
}

#[test]
fn the_request_field_by_field() {
    // The notes call the second one 14 bytes long; its prefix says 13.
    let bytes = bytes(DOUBLE_REQUEST);
    let (_, tree) = one(&bytes[17..], None);
    assert_eq!(
        leaves(&tree),
        [
            ("length_prefix", 0..4),
            ("id", 4..5),
            ("index", 5..9),
            ("begin", 9..13),
            ("length", 13..17),
        ]
    );
    let values: Vec<_> = tree.leaves().map(|(_, leaf)| leaf.value).collect();
    assert_eq!(values, [13, 6, 5, 0, 0x4000].map(Value::Uint));
}

#[test]
fn the_start_of_an_extended_handshake() {
    let start = bytes("00 00 00 fb 14 00 64 31 3a 65 69 30 65");
    let declared = end_of_first(&start, Framing::Messages);
    assert_eq!(declared, 4 + 251);
    let (dissected, tree) = dissect(&start, declared, Framing::Messages, None);
    // What is missing is no fault of the message.
    assert!(!matches!(dissected.problem, Some(Problem::Malformed(_))));
    assert_eq!(dissected.message.name(), "extended_handshake");
    assert_eq!(extended_handshake(dissected.message).e, Some(0));
    assert_eq!(
        leaves(&tree)[..3],
        [("length_prefix", 0..4), ("id", 4..5), ("extended_id", 5..6)]
    );
}

/// µTorrent's extended handshake as the notes list it.
fn utorrent() -> Vec<u8> {
    let m = Dict::new()
        .int("upload_only", 3)
        .int("ut_holepunch", 4)
        .int("ut_metadata", 2)
        .int("ut_pex", 1)
        .int("ut_recommend", 5)
        .int("ut_comment", 6);
    Dict::new()
        .int("e", 0)
        .bytes("ipv4", bytes("4c 04 0b ec"))
        .bytes(
            "ipv6",
            bytes("fe 80 00 00 00 00 00 00 08 32 01 ea 3f 1e 44 df"),
        )
        .int("complete_ago", 43)
        .dict("m", &m)
        .int("metadata_size", 18716)
        .int("p", 35557)
        .int("reqq", 255)
        .bytes(
            "v",
            bytes("c2 b5 54 6f 72 72 65 6e 74 20 4d 61 63 20 31 2e 38 2e 37"),
        )
        .bytes("yourip", bytes("7f 00 00 01"))
        .encode()
}

#[test]
fn the_dictionary_of_utorrent() {
    let bytes = frame(0, &utorrent());
    let said = extended_handshake(one(&bytes, None).0);
    assert_eq!(said.e, Some(0));
    assert_eq!(said.ipv4, Some(Ipv4Addr::new(76, 4, 11, 236)));
    let ipv6: Ipv6Addr = "fe80::832:1ea:3f1e:44df".parse().unwrap();
    assert_eq!(said.ipv6, Some(ipv6));
    assert_eq!(said.complete_ago, Some(43));
    assert_eq!(said.metadata_size, Some(18716));
    assert_eq!(said.p, Some(35557));
    assert_eq!(said.reqq, Some(255));
    assert_eq!(said.v, Some("µTorrent Mac 1.8.7".as_bytes()));
    assert_eq!(said.yourip, Some(Ipv4Addr::LOCALHOST.into()));
    let mut names = said.m.clone();
    names.sort_by_key(|&(_, id)| id);
    let truth: [(&[u8], i64); 6] = [
        (b"ut_pex", 1),
        (b"ut_metadata", 2),
        (b"upload_only", 3),
        (b"ut_holepunch", 4),
        (b"ut_recommend", 5),
        (b"ut_comment", 6),
    ];
    assert_eq!(names, truth);
}

#[test]
fn the_dictionary_of_webtorrent() {
    let m = Dict::new().int("ut_metadata", 1).int("ut_pex", 2);
    let payload = Dict::new().dict("m", &m).int("metadata_size", 13143);
    let bytes = frame(0, &payload.encode());
    let said = extended_handshake(one(&bytes, None).0);
    let truth: [(&[u8], i64); 2] = [(b"ut_metadata", 1), (b"ut_pex", 2)];
    assert_eq!(said.m, truth);
    assert_eq!(said.metadata_size, Some(13143));
    assert_eq!((said.v, said.p, said.reqq), (None, None, None));
}

/// What a peer has announced that wants ut_metadata on id 3, as the notes do.
fn metadata_on_3() -> ExtensionMap {
    let m = Dict::new().int("ut_metadata", 3);
    let bytes = frame(0, &Dict::new().dict("m", &m).encode());
    let mut map = ExtensionMap::new();
    map.update(&extended_handshake(one(&bytes, None).0));
    map
}

#[test]
fn the_metadata_request() {
    let payload = Dict::new().int("msg_type", 0).int("piece", 0).encode();
    let bytes = frame(3, &payload);
    let (message, _) = one(&bytes, Some(&metadata_on_3()));
    assert_eq!(message.name(), "ut_metadata_request");
    let Body::UtMetadata(request) = extended(message).body else {
        panic!("not ut_metadata");
    };
    assert_eq!(request.msg_type, Some(MetadataType::REQUEST));
    assert_eq!(request.piece, Some(0));
}

#[test]
fn the_metadata_reply_and_the_bytes_behind_it() {
    let metadata = info_of_215_bytes();
    let payload = Dict::new()
        .int("msg_type", 1)
        .int("piece", 0)
        .int("total_size", 215)
        .encode();
    let bytes = frame(3, &[payload, metadata.clone()].concat());
    let (message, tree) = one(&bytes, Some(&metadata_on_3()));
    assert_eq!(message.name(), "ut_metadata_data");
    let Body::UtMetadata(reply) = extended(message).body else {
        panic!("not ut_metadata");
    };
    assert_eq!(reply.total_size, Some(215));
    assert_eq!(reply.data, metadata);
    let (_, data) = tree.leaves().last().unwrap();
    assert_eq!(data.end - data.start, 215);
}

/// An info dictionary of one file, padded by its name to the size in the notes.
fn info_of_215_bytes() -> Vec<u8> {
    let info = Dict::new()
        .int("length", 90_000)
        .bytes("name", vec![b'n'; 35])
        .int("piece length", 16384)
        .bytes("pieces", vec![0x89; 20 * 6]);
    let bytes = info.encode();
    assert_eq!(bytes.len(), 215);
    bytes
}

#[test]
fn an_info_dictionary_without_files() {
    let info = Info::parse(&info_of_215_bytes()).unwrap();
    assert!(info.is_single_file());
    assert_eq!(info.total_size(), 90_000);
    assert_eq!(info.piece_count(), 6);
    assert_eq!(info.piece_size(5), Some(90_000 - 5 * 16384));
}

#[test]
fn an_info_dictionary_with_files() {
    let file = |length: i64, name: &str| {
        let path = List::new().bytes(name);
        Dict::new().int("length", length).list("path", path)
    };
    let files = List::new()
        .dict(&file(1_346_194, "one.pdf"))
        .dict(&file(215_911, "two.pdf"));
    let total = 1_346_194_u64 + 215_911;
    let pieces = total.div_ceil(16384);
    let bytes = Dict::new()
        .list("files", files)
        .bytes("name", bytes("72 65 61 73 65 61 72 63 68"))
        .int("piece length", 16384)
        .bytes("pieces", vec![0x89; 20 * pieces as usize])
        .encode();
    let info = Info::parse(&bytes).unwrap();
    // Spelt as in the notes.
    assert_eq!(info.name(), "reasearch");
    let lengths: Vec<_> = info.files().iter().map(|file| file.length).collect();
    assert_eq!(lengths, [1_346_194, 215_911]);
    assert_eq!(info.total_size(), total);
    assert_eq!(u64::from(info.piece_count()), pieces);
    let first = info.piece_hash(0).unwrap();
    assert_eq!(first[0], 0x89);
}
