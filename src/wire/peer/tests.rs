use proptest::prelude::*;

use super::*;
use crate::wire::Problem;
use crate::wire::sink::{Tree, Value};

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.split_whitespace().collect::<String>()).unwrap()
}

fn one(text: &str) -> (Vec<u8>, String, Option<Problem>) {
    let bytes = hex(text);
    let dissected = dissect(&bytes, bytes.len(), &Context::default(), &mut ());
    let line = dissected.message.to_string();
    (bytes.clone(), line, dissected.problem)
}

#[track_caller]
fn reads(text: &str, line: &str) {
    let (_, found, problem) = one(text);
    assert_eq!((found.as_str(), problem), (line, None));
}

/// The leaves of every message cover each byte once.
#[track_caller]
fn partitions(bytes: &[u8], declared: usize, context: &Context<'_>) {
    let mut tree = Tree::new();
    let with_tree = dissect(bytes, declared, context, &mut tree);
    let mut at = 0;
    for (_, node) in tree.leaves() {
        assert_eq!(node.start, at, "{tree:?}");
        at = node.end;
    }
    assert_eq!(at as usize, declared, "{tree:?}");
    let plain = dissect(bytes, declared, context, &mut ());
    assert_eq!(plain, with_tree, "every sink returns the same message");
}

#[test]
fn the_fixed_messages_read() {
    reads("00000000", "keep-alive");
    reads("00000001 00", "choke");
    reads("00000001 01", "unchoke");
    reads("00000001 02", "interested");
    reads("00000001 03", "not interested");
    reads("00000005 04 0000004d", "have piece 77");
    reads(
        "0000000d 06 00000004 00000000 00004000",
        "request piece 4, offset 0, 16 KiB",
    );
    reads(
        "0000000d 08 00000004 00004000 00000400",
        "cancel piece 4, offset 16384, 1 KiB",
    );
    reads(
        "0000000b 07 00000001 00000000 aabb",
        "piece 1, offset 0, 2 B",
    );
    reads("00000003 09 1ae1", "port 6881 of the DHT node");
    reads("00000005 0d 00000001", "suggest piece 1");
    reads("00000001 0e", "have all");
    reads("00000001 0f", "have none");
    reads(
        "0000000d 10 00000004 00000000 00004000",
        "reject request piece 4, offset 0, 16 KiB",
    );
    reads("00000005 11 00000001", "allowed fast piece 1");
    reads("00000003 63 abcd", "unknown id 99, abcd");
    reads("00000001 f0", "legacy private id 240, Tribler keep-alive");
}

#[test]
fn a_bitfield_counts_its_bits() {
    let bytes = hex("0000000a 05 ffffffffffffffff f8");
    let read = |pieces| {
        let context = Context {
            pieces,
            ..Context::default()
        };
        dissect(&bytes, bytes.len(), &context, &mut ())
            .message
            .to_string()
    };
    assert_eq!(read(None), "bitfield, 69 of 72 bits set");
    assert_eq!(read(Some(69)), "bitfield, all 69 pieces");
    assert_eq!(read(Some(70)), "bitfield, 69 of 70 pieces");
    assert_eq!(read(Some(68)), "bitfield, all 68 pieces, 1 spare bit set");
    assert_eq!(read(Some(1)), "bitfield, all 1 pieces, 68 spare bits set");
    assert_eq!(read(Some(1000)), "bitfield, 69 of 1000 pieces");
}

#[test]
fn hash_messages_read() {
    let root = "4dffc4b724e74308266adeb41142f4b0c2b0c43a26c10f320ab723eb5d9f870f";
    let range = "00000001 00000000 00000002 00000001";
    reads(
        &format!("00000031 15 {root} {range}"),
        "hash request root 4dffc4b7…, layer 1, 2 hashes from 0, 1 proof layers",
    );
    let hash = "11".repeat(32);
    let bytes = hex(&format!("00000091 16 {root} {range} {hash} {hash} {hash}"));
    let mut tree = Tree::new();
    let dissected = dissect(&bytes, bytes.len(), &Context::default(), &mut tree);
    assert_eq!(dissected.problem, None);
    assert!(tree.notes().is_empty(), "{:?}", tree.notes());
    let Message::Hashes(hashes) = dissected.message else {
        panic!("{dissected:?}");
    };
    assert_eq!((hashes.hashes.len(), hashes.range.uncles()), (96, 1));
}

#[test]
fn a_malformed_message_says_where() {
    let (_, line, problem) = one("00000005 00 01020304");
    assert_eq!(line, "choke");
    assert!(matches!(problem, Some(Problem::Malformed(m)) if m.at == 5));
    let (_, line, problem) = one("00000007 06 00000004 0000");
    assert_eq!(line, "request");
    assert!(matches!(problem, Some(Problem::Malformed(m)) if m.at == 9));
    let (_, line, problem) = one("00000003 07 0000");
    assert_eq!(line, "piece");
    assert!(problem.is_some());
}

#[test]
fn a_cut_message_is_not_malformed() {
    let bytes = hex("0000000d 06 00000004 0000");
    let dissected = dissect(&bytes, 17, &Context::default(), &mut ());
    assert_eq!(dissected.problem, Some(Problem::Cut));
    assert_eq!(dissected.message.name(), "request");
    partitions(&bytes, 17, &Context::default());
}

#[test]
fn the_data_of_a_piece_need_not_be_there() {
    let bytes = hex("00004009 07 00000001 00004000");
    let dissected = dissect(&bytes, 16397, &Context::default(), &mut ());
    let block = Block {
        index: 1,
        begin: 16384,
        length: 16384,
    };
    assert_eq!(dissected.message, Message::Piece(block));
    assert_eq!(dissected.problem, None);
    partitions(&bytes, 16397, &Context::default());
}

#[test]
fn reserved_bits_are_named() {
    let reserved = |bytes| Reserved(bytes);
    let names = |r: Reserved| r.known().map(|flag| flag.name).collect::<Vec<_>>();
    let libtorrent = reserved([0, 0, 0, 0, 0, 0x10, 0, 0x15]);
    assert_eq!(names(libtorrent), ["extension", "dht", "fast", "v2"]);
    assert!(!libtorrent.selects_azmp(libtorrent));
    let vuze = reserved([0x80, 0, 0, 0, 0, 0x13, 0, 4]);
    assert!(vuze.selects_azmp(vuze));
    assert!(!vuze.selects_azmp(libtorrent));
    let comet = reserved(*b"ex\0\0\0\0\0\x01");
    assert_eq!(names(comet), ["dht"]);
    assert_eq!(comet.unknown(), Reserved::default());
    assert_eq!(
        reserved([0, 1, 0, 0, 0, 0, 0, 0x80]).unknown().0,
        [0, 1, 0, 0, 0, 0, 0, 0x80]
    );
}

#[test]
fn azmp_frames_read() {
    let frame = |id: &str, payload: &[u8]| {
        let mut bytes = Vec::new();
        let length = 4 + id.len() + 1 + payload.len();
        bytes.extend((length as u32).to_be_bytes());
        bytes.extend((id.len() as u32).to_be_bytes());
        bytes.extend(id.as_bytes());
        bytes.push(1);
        bytes.extend(payload);
        bytes
    };
    let context = Context {
        framing: Framing::Azmp,
        ..Context::default()
    };
    let request = frame("BT_REQUEST", &hex("00000004 00000000 00004000"));
    let dissected = dissect(&request, request.len(), &context, &mut ());
    assert_eq!(
        dissected.message.to_string(),
        "request piece 4, offset 0, 16 KiB"
    );
    partitions(&request, request.len(), &context);
    let handshake = frame("AZ_HANDSHAKE", b"d8:tcp_porti6881ee");
    let dissected = dissect(&handshake, handshake.len(), &context, &mut ());
    assert_eq!(dissected.message.name(), "azmp");
    assert_eq!(dissected.message.to_string(), "AZ_HANDSHAKE, 18 bytes");
    partitions(&handshake, handshake.len(), &context);
}

fn block() -> impl Strategy<Value = Block> {
    (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(index, begin, length)| Block {
        index,
        begin,
        length,
    })
}

fn range() -> impl Strategy<Value = HashRange> {
    (
        any::<[u8; 32]>(),
        any::<u32>(),
        any::<u32>(),
        0u32..9,
        0u32..20,
    )
        .prop_map(
            |(pieces_root, base_layer, index, length, proof_layers)| HashRange {
                pieces_root,
                base_layer,
                index,
                length: 1 << length,
                proof_layers,
            },
        )
}

/// Every message without a borrowed part.
fn message() -> impl Strategy<Value = Message<'static>> {
    let handshake = (any::<[u8; 8]>(), any::<[u8; 20]>(), any::<[u8; 20]>()).prop_map(
        |(reserved, info_hash, peer_id)| {
            Message::Handshake(Handshake {
                reserved: Reserved(reserved),
                info_hash,
                peer_id,
            })
        },
    );
    prop_oneof![
        handshake,
        Just(Message::KeepAlive),
        Just(Message::Choke),
        Just(Message::Unchoke),
        Just(Message::Interested),
        Just(Message::NotInterested),
        any::<u32>().prop_map(Message::Have),
        block().prop_map(Message::Request),
        block().prop_map(Message::Cancel),
        block().prop_map(Message::RejectRequest),
        any::<u16>().prop_map(Message::Port),
        any::<u32>().prop_map(Message::SuggestPiece),
        any::<u32>().prop_map(Message::AllowedFast),
        Just(Message::HaveAll),
        Just(Message::HaveNone),
        range().prop_map(Message::HashRequest),
        range().prop_map(Message::HashReject),
    ]
}

fn framing(message: &Message<'_>) -> Context<'static> {
    let framing = match message {
        Message::Handshake(_) => Framing::Handshake,
        _ => Framing::Messages,
    };
    Context {
        framing,
        ..Context::default()
    }
}

#[track_caller]
fn round_trips(message: &Message<'_>, data: &[u8]) {
    let mut bytes = Vec::new();
    encode(message, data, &mut bytes);
    let context = framing(message);
    let dissected = dissect(&bytes, bytes.len(), &context, &mut ());
    assert_eq!(&dissected.message, message);
    assert_eq!(dissected.problem, None);
    partitions(&bytes, bytes.len(), &context);
    for end in 0..bytes.len() {
        partitions(&bytes[..end], bytes.len(), &context);
        partitions(&bytes[..end], end, &context);
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_dissected(message in message()) {
        round_trips(&message, &[]);
    }

    #[test]
    fn messages_with_a_tail_round_trip(
        tail in prop::collection::vec(any::<u8>(), 0..200),
        index: u32, begin: u32, range in range(),
    ) {
        round_trips(&Message::Bitfield(Bitfield { bits: &tail, pieces: None }), &[]);
        round_trips(&Message::Unknown { id: MessageId(99), payload: &tail }, &[]);
        let length = tail.len() as u32;
        round_trips(&Message::Piece(Block { index, begin, length }), &tail);
        let whole = tail.len() / 32 * 32;
        round_trips(&Message::Hashes(Hashes { range, hashes: &tail[..whole] }), &[]);
    }

    #[test]
    fn any_bytes_get_an_answer(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        more in 0usize..50,
        framing in prop_oneof![
            Just(Framing::Handshake), Just(Framing::Messages), Just(Framing::Azmp)
        ],
        id in 0u8..24,
        pieces in prop::option::of(0u32..3000),
    ) {
        let context = Context { framing, pieces, ..Context::default() };
        partitions(&bytes, bytes.len() + more, &context);
        let mut framed = ((bytes.len() + 1) as u32).to_be_bytes().to_vec();
        framed.push(id);
        framed.extend(&bytes);
        partitions(&framed, framed.len(), &context);
        partitions(&framed, framed.len() + more, &context);
    }
}

#[test]
fn a_value_is_where_its_bytes_are() {
    let bytes = hex("0000000d 06 00000004 00000000 00004000");
    let mut tree = Tree::new();
    dissect(&bytes, bytes.len(), &Context::default(), &mut tree);
    let values: Vec<_> = tree
        .nodes()
        .iter()
        .map(|node| (node.start, node.value))
        .collect();
    assert_eq!(
        values,
        [
            (0, Value::Uint(13)),
            (4, Value::Uint(6)),
            (5, Value::Uint(4)),
            (9, Value::Uint(0)),
            (13, Value::Uint(16384)),
        ]
    );
}

#[test]
fn every_part_of_a_handshake_reads() {
    let whole = Handshake {
        reserved: Reserved([0, 0, 0, 0, 0, 0x10, 0, 5]),
        info_hash: [7; 20],
        peer_id: *b"-qB4500-abcdefghijkl",
    };
    let mut bytes = Vec::new();
    encode(&Message::Handshake(whole), &[], &mut bytes);
    let context = Context {
        framing: Framing::Handshake,
        ..Context::default()
    };
    for length in 0..bytes.len() {
        let part = &bytes[..length];
        partitions(part, bytes.len(), &context);
        let read = dissect(part, bytes.len(), &context, &mut ());
        assert_eq!(read.problem, Some(Problem::Cut));
        let expected = match length {
            48.. => Message::HandshakeStart(whole.into()),
            _ => Message::Broken(Framing::Handshake, None),
        };
        assert_eq!(read.message, expected);
    }
}
