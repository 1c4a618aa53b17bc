//! Vectors, every prefix, and properties.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;
use crate::wire::compact::Family;
use crate::wire::testing::assert_partition;
use crate::wire::{Problem, Tree};

const CONNECT: &str = "00000417271019800000000011223344";
const CONNECTED: &str = "00000000112233440123456789abcdef";
const ANNOUNCE: &str = "0123456789abcdef0000000111223344\
    5d533b039577ed667b5dd6406ce54565f01bf7d72d5353303030312d414141414141414141414141\
    0000000000000000000000000000c350000000000000000000000002\
    00000000deadbeefffffffff1ae1";
const URL: &str = "020c2f6469723f613d6226633d64";
const ANNOUNCED: &str = "0000000111223344000007080000000100000002c00002011ae1";
const SCRAPE: &str = "0123456789abcdef00000002112233445d533b039577ed667b5dd6406ce54565f01bf7d7";
const SCRAPED: &str = "0000000211223344000000020000000300000001";
const ERROR: &str = "00000003112233446e6f20737563682074686967";

fn context(role: Role) -> Context {
    Context {
        role,
        family: Family::V4,
    }
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn tree_of(bytes: &[u8], declared: usize, context: Context) -> Tree {
    let mut tree = Tree::new();
    dissect(bytes, declared, context, &mut tree);
    assert_partition(&tree, declared);
    tree
}

#[test]
fn the_vectors_in_words() {
    let with_url = format!("{ANNOUNCE}{URL}");
    for (text, role, name, words) in [
        (CONNECT, Role::Request, "connect_request", "connect request"),
        (
            CONNECTED,
            Role::Response,
            "connect_response",
            "connect response, connection id 0123456789abcdef",
        ),
        (
            ANNOUNCE,
            Role::Request,
            "announce_request",
            "announce request 5d533b03…f7d7, started, 50000 B left, port 6881",
        ),
        (
            &with_url,
            Role::Request,
            "announce_request",
            "announce request 5d533b03…f7d7, started, 50000 B left, port 6881",
        ),
        (
            ANNOUNCED,
            Role::Response,
            "announce_response",
            "announce response: 1 peer, 2 seeders, 1 leecher, interval 1800 s",
        ),
        (
            SCRAPE,
            Role::Request,
            "scrape_request",
            "scrape request 5d533b03…f7d7",
        ),
        (
            SCRAPED,
            Role::Response,
            "scrape_response",
            "scrape response: 2 seeders, 1 leecher, 3 completed",
        ),
        (ERROR, Role::Response, "error", "error: no such thig"),
    ] {
        let bytes = bytes(text);
        let read = dissect(&bytes, bytes.len(), context(role), &mut ());
        assert_eq!(read.problem, None, "{words}");
        assert_eq!(read.message.name(), name);
        assert_eq!(read.message.to_string(), words);
        assert_eq!(encode(&read.message), bytes, "{words}");
        tree_of(&bytes, bytes.len(), context(role));
    }
}

#[test]
fn options_are_read_and_joined() {
    let read_url = |options: &str| {
        let bytes = bytes(&format!("{ANNOUNCE}{options}"));
        let read = dissect(&bytes, bytes.len(), context(Role::Request), &mut ());
        tree_of(&bytes, bytes.len(), context(Role::Request));
        match read.message.body {
            Body::AnnounceRequest(request) => Ok(request.url_data.map(Cow::into_owned)),
            _ => Err(read.problem),
        }
    };
    assert_eq!(read_url(URL), Ok(Some(b"/dir?a=b&c=d".to_vec())));
    assert_eq!(read_url("01020161010202626300"), Ok(Some(b"abc".to_vec())));
    assert_eq!(read_url("0200"), Ok(Some(Vec::new())));
    assert_eq!(read_url("0903aabbcc"), Ok(None));
    assert!(read_url("02ff61").is_err());
    assert!(read_url("02").is_err());
}

#[test]
fn the_stride_of_peers_is_that_of_the_datagram() {
    let header = "00000001112233440000070800000001000000020";
    let bytes = bytes(&format!(
        "{}{}",
        &header[..40],
        "20010db8000000000000000000000001c8d5"
    ));
    let v6 = Context {
        role: Role::Response,
        family: Family::V6,
    };
    let Body::AnnounceResponse(response) = dissect(&bytes, bytes.len(), v6, &mut ()).message.body
    else {
        panic!();
    };
    let peers: Vec<_> = response.addresses().map(|peer| peer.to_string()).collect();
    assert_eq!(peers, ["[2001:db8::1]:51413"]);
    // A compact string of any other length has a remainder.
    for length in 0..40 {
        let bytes = [&bytes[..20], &vec![7; length]].concat();
        for (context, stride) in [(context(Role::Response), 6), (v6, 18)] {
            let problem = dissect(&bytes, bytes.len(), context, &mut ()).problem;
            assert_eq!(problem.is_some(), length % stride != 0);
            tree_of(&bytes, bytes.len(), context);
        }
    }
}

#[test]
fn every_prefix_gives_an_answer() {
    for text in [
        CONNECT, ANNOUNCE, SCRAPE, CONNECTED, ANNOUNCED, SCRAPED, ERROR,
    ] {
        let whole = bytes(text);
        for length in 0..whole.len() {
            for role in [Role::Request, Role::Response] {
                let context = context(role);
                tree_of(&whole[..length], length, context);
                tree_of(&whole[..length], whole.len(), context);
            }
        }
    }
    let cut = dissect(&bytes(ANNOUNCE)[..50], 98, context(Role::Request), &mut ()).problem;
    assert_eq!(cut, Some(Problem::Cut));
}

#[test]
fn requests_are_known_by_their_bytes_where_that_is_possible() {
    assert!(is_connect(&bytes(CONNECT)));
    assert!(!is_connect(&bytes(CONNECT)[..15]));
    assert!(!is_connect(&bytes(ANNOUNCE)));
    assert!(is_lone_announce(&bytes(ANNOUNCE)));
    assert!(!is_lone_announce(&bytes(ANNOUNCE)[..97]));
    let mut without_port = bytes(ANNOUNCE);
    without_port[96..98].fill(0);
    assert!(!is_lone_announce(&without_port));
    let mut odd_event = bytes(ANNOUNCE);
    odd_event[83] = 4;
    assert!(!is_lone_announce(&odd_event));
    assert!(!is_lone_announce(&[0; 120]));
}

fn message() -> impl Strategy<Value = (Context, Vec<u8>)> {
    let role = prop_oneof![Just(Role::Request), Just(Role::Response)];
    let family = prop_oneof![Just(Family::V4), Just(Family::V6)];
    let tail = proptest::collection::vec(any::<u8>(), 0..160);
    (role, family, any::<u64>(), 0_u32..5, any::<u32>(), tail).prop_map(
        |(role, family, connection, action, transaction, tail)| {
            let mut bytes = Vec::new();
            if role == Role::Request {
                bytes.extend_from_slice(&connection.to_be_bytes());
            }
            bytes.extend_from_slice(&action.to_be_bytes());
            bytes.extend_from_slice(&transaction.to_be_bytes());
            bytes.extend_from_slice(&tail);
            (Context { role, family }, bytes)
        },
    )
}

proptest! {
    #[test]
    fn reads_what_it_writes((context, bytes) in message()) {
        let first = dissect(&bytes, bytes.len(), context, &mut ()).message;
        if first.body != Body::Broken {
            let written = encode(&first);
            let again = dissect(&written, written.len(), context, &mut ());
            prop_assert_eq!(again.message, first);
            prop_assert_eq!(again.problem, None);
        }
    }

    #[test]
    fn any_bytes_give_an_answer(
        (context, bytes) in message(),
        random in proptest::collection::vec(any::<u8>(), 0..120),
        beyond in 0_usize..3,
    ) {
        for bytes in [bytes, random] {
            let read = dissect(&bytes, bytes.len() + beyond, context, &mut ());
            let _ = read.message.to_string();
            tree_of(&bytes, bytes.len() + beyond, context);
        }
    }
}
