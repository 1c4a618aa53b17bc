//! Vectors of the BEPs, hostile input and properties.

use proptest::prelude::*;

use super::*;
use crate::wire::compact::Family;
use crate::wire::testing::assert_partition;
use crate::wire::{Dissected, Fact, Note, Problem, Tree};

const PING: &[u8] = b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
const PONG: &[u8] = b"d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re";
const FIND_NODE: &[u8] = b"d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e\
    1:q9:find_node1:t2:aa1:y1:qe";
const GET_PEERS: &[u8] = b"d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e\
    1:q9:get_peers1:t2:aa1:y1:qe";
const PEERS: &[u8] = b"d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth\
    6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re";
const ANNOUNCE: &[u8] = b"d1:ad2:id20:abcdefghij012345678912:implied_porti1e\
    9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe\
    1:q13:announce_peer1:t2:aa1:y1:qe";
const ERROR: &[u8] = b"d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee";
const VECTORS: [&[u8]; 7] = [PING, PONG, FIND_NODE, GET_PEERS, PEERS, ANNOUNCE, ERROR];

fn read(bytes: &[u8]) -> Dissected<Message<'_>> {
    dissect(bytes, bytes.len(), None, &mut ())
}

fn tree_of(bytes: &[u8], declared: usize) -> Tree {
    let mut tree = Tree::new();
    dissect(bytes, declared, None, &mut tree);
    assert_partition(&tree, declared);
    tree
}

fn says(bytes: &[u8]) -> String {
    read(bytes).message.to_string()
}

fn malformed(bytes: &[u8]) -> &'static str {
    match read(bytes).problem {
        Some(Problem::Malformed(malformed)) => {
            assert!(malformed.at <= bytes.len());
            malformed.reason()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_messages_of_bep_5_in_words() {
    for (bytes, words) in [
        (PING, "ping"),
        (PONG, "response"),
        (FIND_NODE, "find_node 6d6e6f70…3536"),
        (GET_PEERS, "get_peers 6d6e6f70…3536"),
        (PEERS, "response to get_peers: 2 peers, token"),
        (ANNOUNCE, "announce_peer 6d6e6f70…3536, implied port"),
        (ERROR, "error 201 A Generic Error Ocurred"),
    ] {
        let read = read(bytes);
        assert_eq!(read.message.to_string(), words);
        assert_eq!(read.problem, None);
        assert_eq!(encode(&read.message), bytes);
        tree_of(bytes, bytes.len());
    }
}

#[test]
fn a_response_takes_its_method_from_the_query() {
    let told = dissect(PONG, PONG.len(), Some(Method::PING), &mut ()).message;
    assert_eq!(told.to_string(), "response to ping");
    let Body::Response(response) = &told.body else {
        panic!("{told:?}");
    };
    assert!(!response.inferred);
    let Body::Response(response) = read(PEERS).message.body else {
        panic!();
    };
    assert!(response.inferred);
    assert_eq!(response.method, Some(Method::GET_PEERS));
    // Some clients say it themselves.
    let named = b"d1:q9:find_node1:rd2:id20:mnopqrstuvwxyz1234565:nodes0:e1:t2:aa1:y1:re";
    assert_eq!(says(named), "response to find_node: 0 nodes");
}

#[test]
fn extensions_in_words() {
    for (bytes, words) in [
        (
            &b"d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz1234566:noseedi1e\
               6:scrapei1ee1:q9:get_peers2:roi1e1:t1:a1:y1:qe"[..],
            "get_peers 6d6e6f70…3536, no seeds, scrape, read-only node",
        ),
        (
            b"d1:ad2:id20:abcdefghij01234567895:token1:t1:v11:Hello Worlde1:q3:put1:t1:a1:y1:qe",
            "put 14 B, immutable",
        ),
        (
            b"d1:rd2:id20:abcdefghij01234567898:intervali60e3:numi7e\
              7:samples20:mnopqrstuvwxyz123456e1:t1:a1:y1:re",
            "response to sample_infohashes: 1 sample of 7",
        ),
        (
            b"d1:rd2:id20:abcdefghij01234567896:nodes638:\
              mnopqrstuvwxyz123456aaaaaaaaaaaaaaaabbe1:t1:a1:y1:re",
            "response to find_node: 1 IPv6 node",
        ),
        (
            b"d1:rd2:id20:abcdefghij01234567893:seqi4e5:token1:t1:vi7ee1:t1:a1:y1:re",
            "response to get: item of 3 B, sequence number 4, token",
        ),
        (
            b"d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e\
              1:q4:vote1:t1:a1:y1:qe",
            "vote 6d6e6f70…3536",
        ),
    ] {
        let read = read(bytes);
        assert_eq!(read.message.to_string(), words);
        assert_eq!(read.problem, None, "{words}");
        tree_of(bytes, bytes.len());
    }
}

#[test]
fn nodes_and_peers_have_addresses() {
    let bytes =
        b"d1:rd2:id20:abcdefghij01234567895:nodes26:mnopqrstuvwxyz123456\x01\x02\x03\x04\x1a\xe1\
        6:valuesl6:\x05\x06\x07\x08\xc8\xd5ee1:t1:a1:y1:re";
    let Body::Response(response) = read(bytes).message.body else {
        panic!();
    };
    let nodes = response.results.nodes_of(Family::V4).unwrap();
    assert!(nodes.is_whole() && !nodes.is_empty());
    let (id, address) = nodes.iter().next().unwrap();
    assert_eq!(&id, b"mnopqrstuvwxyz123456");
    assert_eq!(address.to_string(), "1.2.3.4:6881");
    let tree = tree_of(bytes, bytes.len());
    let names: Vec<_> = tree
        .nodes()
        .iter()
        .filter_map(|node| Some(node.label.field()?.name))
        .collect();
    assert!(
        names
            .windows(3)
            .any(|names| names == ["node", "id", "address"])
    );
}

#[test]
fn derived_facts_are_notes() {
    let filter = [0x42; BLOOM_SIZE];
    let bytes = [
        &b"d2:ip6:\x01\x02\x03\x04\x1a\xe11:rd4:BFsd256:"[..],
        &filter,
        b"2:id20:abcdefghij0123456789e1:t1:a1:v4:LT\x02\x111:y1:re",
    ]
    .concat();
    let notes: Vec<_> = tree_of(&bytes, bytes.len())
        .notes()
        .iter()
        .map(|(_, note)| note.clone())
        .collect();
    let version = bytes.len() - 10;
    assert!(matches!(
        notes[..],
        [
            Note::Fact(Fact::Estimate { addresses, is_full: false }),
            Note::Fact(Fact::Client { start, end })
        ] if (addresses - 295.0).abs() < 0.5
            && (start as usize, end as usize) == (version - 1, version + 3)
    ));
    let error = tree_of(ERROR, ERROR.len());
    assert_eq!(
        error.notes()[0].1,
        Note::Fact(Fact::Meaning("generic error"))
    );
}

#[test]
fn what_breaks_the_layout_is_said() {
    for (bytes, reason) in [
        (&b"d1:eli201eee"[..], "no transaction id (t)"),
        (b"d1:el3:fooe1:t1:ae", "no message type (y)"),
        (b"d1:t1:a1:y1:xe", "unknown message type (y)"),
        (b"d1:q4:ping1:t1:a1:y1:qe", "no arguments (a)"),
        (b"d1:ade1:t1:a1:y1:qe", "no method (q)"),
        (b"d1:ade1:q4:ping1:t1:a1:y1:qe", "no node id"),
        (b"d1:t2:aa1:y1:re", "no results (r)"),
        (
            b"d1:ad2:id3:abce1:q4:ping1:t1:a1:y1:qe",
            "a node id is 20 bytes",
        ),
        (
            b"d1:ad2:id20:abcdefghij0123456789e1:q17:sample_infohashes1:t2:ac1:y1:qe",
            "an argument of this method is missing",
        ),
        (
            b"d1:rd2:id20:0123456789abcdefghij5:nodes9:def456...e1:t2:aa1:y1:re",
            "nodes are 26 bytes each",
        ),
        (
            b"d1:rd2:id20:0123456789abcdefghij6:valuesl0:ee1:t2:aa1:y1:re",
            "a peer is 6 or 18 bytes",
        ),
        (
            b"d1:el3:fooe1:t1:a1:y1:ee",
            "an error is a list of code and text",
        ),
        (
            b"d1:e3:foo1:t1:a1:y1:ee",
            "an error is a list of code and text",
        ),
        (b"li1ee", "not a dictionary"),
        (b"d1:t1:a1:y1:qe", "no method (q)"),
    ] {
        assert_eq!(malformed(bytes), reason, "{}", bytes.escape_ascii());
        tree_of(bytes, bytes.len());
    }
    let trailing = [PING, b"junk"].concat();
    assert_eq!(malformed(&trailing), "bytes after the message");
    assert_eq!(says(b"d1:eli201eee"), "error 201 generic error");
    assert_eq!(says(b"d1:el3:fooee"), "error foo");
    assert_eq!(says(b"d1:t1:a1:y1:xe"), "message of unknown type");
}

#[test]
fn keys_out_of_order_are_an_anomaly_not_a_fault() {
    let read = read(b"d1:q4:ping1:t2:ad1:y1:q1:ad2:id20:IIIIIIIIIIIIIIIIIIIIee");
    assert_eq!(read.problem, None);
    assert_eq!(read.message.to_string(), "ping");
    assert_eq!(read.message.node_id(), Some([b'I'; 20]));
}

#[test]
fn every_prefix_gives_an_answer() {
    for vector in VECTORS {
        for length in 0..vector.len() {
            let prefix = &vector[..length];
            let cut = dissect(prefix, vector.len(), None, &mut ());
            assert_eq!(cut.problem, Some(Problem::Cut), "{length}");
            assert!(matches!(read(prefix).problem, Some(Problem::Malformed(_))));
            tree_of(prefix, length);
            tree_of(prefix, vector.len());
        }
    }
}

#[test]
fn nesting_ends_in_an_answer() {
    for unit in [&b"l"[..], b"d1:x"] {
        let bytes = [
            &b"d1:ad2:id20:IIIIIIIIIIIIIIIIIIII1:x"[..],
            &unit.repeat(15_000),
        ]
        .concat();
        assert_eq!(malformed(&bytes), "bencode nested deeper than 128 levels");
        tree_of(&bytes, bytes.len());
        assert_eq!(read(&bytes).message.node_id(), Some([b'I'; 20]));
    }
}

/// Bytes and numbers that a generated message is made from.
fn string() -> impl Strategy<Value = Option<Vec<u8>>> {
    proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40))
}

#[derive(Debug, Clone)]
struct Parts {
    kind: u8,
    strings: Vec<Option<Vec<u8>>>,
    numbers: Vec<Option<i64>>,
    flag: bool,
    values: Option<Vec<Vec<u8>>>,
}

fn parts() -> impl Strategy<Value = Parts> {
    (
        0_u8..4,
        proptest::collection::vec(string(), 12),
        proptest::collection::vec(any::<Option<i64>>(), 7),
        any::<bool>(),
        proptest::option::of(proptest::collection::vec(
            proptest::collection::vec(any::<u8>(), 0..20),
            0..4,
        )),
    )
        .prop_map(|(kind, strings, numbers, flag, values)| Parts {
            kind,
            strings,
            numbers,
            flag,
            values,
        })
}

impl Parts {
    fn string(&self, index: usize) -> Option<&[u8]> {
        self.strings[index].as_deref()
    }

    fn body(&self) -> Body<'_> {
        match self.kind {
            0 => Body::Query(Box::new(Query {
                method: Method(self.string(3).unwrap_or(b"put")),
                arguments: self.arguments(),
            })),
            1 => {
                let results = self.results();
                let method = results.likely_method();
                Body::Response(Box::new(Response {
                    method,
                    inferred: method.is_some(),
                    results,
                }))
            }
            2 => Body::Error(ErrorBody {
                code: self.numbers[0].map(ErrorCode),
                text: self.string(3),
            }),
            _ => Body::Unknown(Some(b"x")),
        }
    }

    fn arguments(&self) -> Arguments<'_> {
        Arguments {
            id: self.string(4),
            target: self.string(5),
            info_hash: self.string(6),
            want: self.flag.then_some(Want {
                v4: self.kind == 0,
                v6: self.numbers[0].is_some(),
            }),
            noseed: self.numbers[0],
            scrape: self.numbers[1],
            port: self.numbers[2],
            implied_port: self.numbers[3],
            token: self.string(7),
            seed: self.numbers[4],
            name: self.string(8),
            value: self.flag.then_some(b"d1:xli1eee"),
            key: self.string(9),
            sequence: self.numbers[5],
            signature: self.string(10),
            salt: self.string(11),
            cas: self.numbers[6],
        }
    }

    fn results(&self) -> Results<'_> {
        Results {
            id: self.string(4),
            nodes: self.string(5),
            nodes6: self.string(6),
            values: self
                .values
                .as_ref()
                .map(|values| values.iter().map(Vec::as_slice).collect()),
            token: self.string(7),
            seeds: self.string(8),
            peers: self.string(9),
            interval: self.numbers[0],
            num: self.numbers[1],
            samples: self.string(10),
            value: self.flag.then_some(b"i7e"),
            key: self.string(11),
            sequence: self.numbers[2],
            signature: self.string(3),
        }
    }

    fn message(&self) -> Message<'_> {
        Message {
            transaction: self.string(0),
            body: self.body(),
            version: self.string(1),
            ip: self.string(2),
            read_only: self.flag,
            topic: self.string(3),
        }
    }
}

/// Bytes that look like a message more often than chance would have it.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(vec![
        &b"d"[..],
        b"l",
        b"e",
        b"i7e",
        b"1:a",
        b"1:r",
        b"1:e",
        b"1:q",
        b"1:t",
        b"1:y",
        b"1:v",
        b"2:id",
        b"0:",
        b"5:nodes",
        b"6:values",
        b"4:BFsd",
        b"9:info_hash",
        b"d1:ad2:id",
        b"1:yq",
        b"20:abcdefghij0123456789",
        b"99999999999:",
        b"\xff",
        b"4:want",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reads_what_it_writes(parts in parts()) {
        let message = parts.message();
        let bytes = encode(&message);
        let read = dissect(&bytes, bytes.len(), None, &mut ());
        prop_assert_eq!(&read.message, &message);
        let mut tree = Tree::new();
        let seen = dissect(&bytes, bytes.len(), None, &mut tree);
        prop_assert_eq!(seen, read);
        assert_partition(&tree, bytes.len());
    }

    #[test]
    fn any_bytes_give_an_answer(
        bytes in prop_oneof![soup(), proptest::collection::vec(any::<u8>(), 0..64)],
        beyond in 0_usize..3,
    ) {
        let declared = bytes.len() + beyond;
        let read = dissect(&bytes, declared, Some(Method::GET), &mut ());
        let _ = read.message.to_string();
        tree_of(&bytes, declared);
    }
}
