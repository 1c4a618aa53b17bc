//! Messages of real clients and trackers, every prefix, and properties.

use std::borrow::Cow;
use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::wire::testing::{assert_partition, noted};
use crate::wire::{Dissected, Fact, Note, Problem, Tree, Value};

const ANNOUNCE: &[u8] = b"GET /announce?info_hash=%89%e4%95%e7%94%1c%f9%e4%0e%69%80%d1%4a%16%bf%02\
    %3c%cd%4c%91&peer_id=-qB4630-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=100&compact=1\
    &event=started&corrupt=x HTTP/1.1\r\nHost: t.example\r\nUser-Agent: x/1\r\n\r\n";
const BODY: &[u8] = b"d8:completei3e10:incompletei2e8:intervali1800e\
    5:peers12:\x01\x02\x03\x04\x1a\xe1\x05\x06\x07\x08\xc8\xd5e";
const SCRAPED: &[u8] = b"d5:filesd20:xxxxxxxxxxxxxxxxxxxxd8:completei11e10:downloadedi13772e\
    10:incompletei19eeee";

fn request(bytes: &[u8], declared: usize) -> Option<Dissected<Request<'_>>> {
    let mut tree = Tree::new();
    let seen = dissect_request(bytes, declared, &mut tree);
    if seen.is_some() {
        assert_partition(&tree, declared);
    }
    assert_eq!(dissect_request(bytes, declared, &mut ()), seen);
    seen
}

fn response(bytes: &[u8], declared: usize, purpose: Purpose) -> (Dissected<Response<'_>>, Tree) {
    let mut tree = Tree::new();
    let seen = dissect_response(bytes, declared, purpose, &mut tree);
    assert_partition(&tree, declared);
    assert_eq!(dissect_response(bytes, declared, purpose, &mut ()), seen);
    let mut decoded = Tree::new();
    let here = &bytes[..bytes.len().min(declared)];
    if let Some(body) = dissect_decoded_body(here, &mut decoded) {
        assert!(seen.message.is_decoded);
        assert_partition(&decoded, body.len());
    }
    (seen, tree)
}

fn with_head(head: &str, body: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\n", head.as_bytes(), b"\r\n", body].concat()
}

fn names(tree: &Tree) -> Vec<&'static str> {
    tree.nodes()
        .iter()
        .filter_map(|node| Some(node.label.field()?.name))
        .collect()
}

#[test]
fn an_announce() {
    let seen = request(ANNOUNCE, ANNOUNCE.len()).unwrap();
    assert_eq!(seen.problem, None);
    let message = seen.message;
    assert_eq!(message.name(), "announce_request");
    assert_eq!(
        message.to_string(),
        "announce request 89e495e7…4c91, started, 100 B left, port 6881"
    );
    assert_eq!(message.parameters.info_hashes[0].len(), 20);
    assert_eq!(message.host, Some(&b"t.example"[..]));
    let mut tree = Tree::new();
    dissect_request(ANNOUNCE, ANNOUNCE.len(), &mut tree);
    assert_eq!(
        names(&tree),
        [
            "method",
            "path",
            "info_hash",
            "peer_id",
            "port",
            "uploaded",
            "downloaded",
            "left",
            "compact",
            "event",
            "corrupt",
            "version",
            "headers",
            "end"
        ]
    );
    let port = &tree.nodes()[4];
    assert_eq!(port.value, Value::Uint(6881));
    assert_eq!(noted(&tree), [(10, "not a number")]);
}

#[test]
fn a_scrape_lists_its_torrents() {
    let hash = "a".repeat(20);
    let bytes = format!("GET /x/scrape.php?info_hash={hash}&info_hash={hash} HTTP/1.1\r\n\r\n");
    let seen = request(bytes.as_bytes(), bytes.len()).unwrap();
    assert_eq!(seen.problem, None);
    assert_eq!(seen.message.to_string(), "scrape request of 2 torrents");
    let mut tree = Tree::new();
    dissect_request(bytes.as_bytes(), bytes.len(), &mut tree);
    assert_eq!(
        names(&tree)[2..5],
        ["info_hashes", "info_hash", "info_hash"]
    );
}

#[test]
fn what_is_for_a_tracker() {
    for (line, expected) in [
        ("GET /announce HTTP/1.1", Some(Purpose::Announce)),
        (
            "GET /abc/announce.php?x=1 HTTP/1.0",
            Some(Purpose::Announce),
        ),
        ("GET /scrape HTTP/1.1", Some(Purpose::Scrape)),
        ("GET /t?info_hash=x HTTP/1.1", Some(Purpose::Announce)),
        ("GET /t?info_hash=x&piece=3 HTTP/1.1", None),
        ("GET / HTTP/1.1", None),
        ("GET /announcements HTTP/1.1", None),
        ("POST /announce HTTP/1.1", None),
        ("GET", None),
        ("", None),
    ] {
        assert_eq!(purpose(line.as_bytes()), expected, "{line}");
    }
}

#[test]
fn what_breaks_a_request_is_said() {
    let reason = |query: &str| {
        let bytes = format!("GET /announce?{query} HTTP/1.1\r\n\r\n");
        match request(bytes.as_bytes(), bytes.len()).unwrap().problem {
            Some(Problem::Malformed(malformed)) => malformed.reason(),
            other => panic!("{other:?}"),
        }
    };
    let id = "a".repeat(20);
    assert_eq!(reason(""), "no info_hash");
    assert_eq!(
        reason(&format!("info_hash={}", "ab".repeat(20))),
        "an info-hash is 20 bytes"
    );
    assert_eq!(
        reason(&format!("info_hash={id}&peer_id=x")),
        "a peer id is 20 bytes"
    );
    assert_eq!(reason(&format!("info_hash={id}")), "no peer_id");
    assert_eq!(
        reason(&format!("info_hash={id}&peer_id={id}&port=x")),
        "no port"
    );
}

#[test]
fn a_plain_response() {
    let bytes = with_head("Content-Length: 74\r\n", BODY);
    let (seen, tree) = response(&bytes, bytes.len(), Purpose::Announce);
    assert_eq!(seen.problem, None);
    assert_eq!(seen.message.name(), "announce_response");
    assert_eq!(
        seen.message.to_string(),
        "announce response: 2 peers, 3 seeders, 2 leechers, interval 1800 s"
    );
    let addresses = seen.message.reply.peers.unwrap().addresses();
    assert_eq!(addresses[1].to_string(), "5.6.7.8:51413");
    assert_eq!(
        names(&tree).iter().filter(|name| **name == "peer").count(),
        2
    );
}

#[test]
fn bodies_that_are_packed() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(BODY).unwrap();
    let gzip = with_head("Content-Encoding: gzip\r\n", &encoder.finish().unwrap());
    let size = format!("{:x}\r\n", BODY.len());
    let one = [size.as_bytes(), BODY, b"\r\n0\r\n\r\n"].concat();
    let one = with_head("Transfer-Encoding: chunked\r\n", &one);
    let rest = format!("\r\n{:x}\r\n", BODY.len() - 3);
    let two = [
        b"3\r\n",
        &BODY[..3],
        rest.as_bytes(),
        &BODY[3..],
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let two = with_head("Transfer-Encoding: chunked\r\n", &two);
    for (bytes, is_decoded) in [(&gzip, true), (&one, false), (&two, true)] {
        let decoded = dissect_decoded_body(bytes, &mut ());
        assert_eq!(decoded.as_deref(), is_decoded.then_some(BODY));
        let (seen, _) = response(bytes, bytes.len(), Purpose::Announce);
        assert_eq!(seen.problem, None);
        assert_eq!(seen.message.is_decoded, is_decoded);
        assert_eq!(seen.message.reply.peer_count(), Some(2));
        for length in 0..bytes.len() {
            response(&bytes[..length], bytes.len(), Purpose::Announce);
            response(&bytes[..length], length, Purpose::Announce);
        }
    }
    let (_, tree) = response(&gzip, gzip.len(), Purpose::Announce);
    let note = tree.notes().last().map(|(_, note)| note.clone());
    let Some(Note::Fact(Fact::Decoded { encoding, length })) = note else {
        panic!("{note:?}");
    };
    let (start, end) = encoding.unwrap();
    assert_eq!(&gzip[start as usize..end as usize], b"gzip");
    assert_eq!(length, BODY.len() as u64);
}

#[test]
fn the_examples_of_bep_7_and_48() {
    let bytes = with_head(
        "",
        b"d8:intervali1800e5:peers6:iiiipp6:peers618:iiiiiiiiiiiiiiiippe",
    );
    let (seen, _) = response(&bytes, bytes.len(), Purpose::Announce);
    assert_eq!(seen.problem, None);
    assert_eq!(
        seen.message.to_string(),
        "announce response: 2 peers, interval 1800 s"
    );
    let bytes = with_head("", SCRAPED);
    let (seen, _) = response(&bytes, bytes.len(), Purpose::Scrape);
    assert_eq!(seen.problem, None);
    assert_eq!(
        seen.message.to_string(),
        "scrape response: 11 seeders, 19 leechers, 13772 completed"
    );
}

#[test]
fn the_long_form_of_peers() {
    let body =
        b"d8:intervali9e5:peersld2:ip9:127.0.0.17:peer id20:-qB4630-abcdefghijkl4:porti6881ee\
        d2:ip6:a.name4:port2:80eee";
    let bytes = with_head("", body);
    let (seen, tree) = response(&bytes, bytes.len(), Purpose::Announce);
    assert_eq!(seen.problem, None);
    let peers = seen.message.reply.peers.unwrap();
    assert_eq!(peers.len(), 2);
    assert_eq!(peers.addresses().len(), 1);
    assert!(names(&tree).contains(&"peer id"));
}

#[test]
fn refusals() {
    let says = |bytes: &[u8]| {
        let (seen, _) = response(bytes, bytes.len(), Purpose::Announce);
        (
            seen.message.name(),
            seen.message.to_string(),
            seen.problem.is_some(),
        )
    };
    let error = |text: &str, problem| ("error", text.to_owned(), problem);
    assert_eq!(
        says(&with_head("", b"d14:failure reason4:nopee")),
        error("error: nope", false)
    );
    assert_eq!(
        says(b"HTTP/1.1 404 Not Found\r\n\r\n<html>"),
        error("error: 404 Not Found", false)
    );
    let other = |text: &str, problem| ("announce_response", text.to_owned(), problem);
    assert_eq!(
        says(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n"),
        other("announce response, 302 Found", false)
    );
    assert_eq!(
        says(&with_head("", b"<html>")),
        other("announce response", true)
    );
    assert_eq!(says(b"nonsense\r\n\r\n"), other("announce response", true));
    for (body, reason) in [
        (
            &b"d8:intervali1e5:peers5:abcdee"[..],
            "peers are 6 bytes each",
        ),
        (
            b"d8:intervali1e6:peers65:abcdee",
            "peers of IPv6 are 18 bytes each",
        ),
        (b"d5:filesd3:abcdeee", "an info-hash is 20 bytes"),
        (b"li1ee", "not a dictionary"),
        (b"d8:intervali1eejunk", "bytes after the reply"),
        (b"d8:interval", "ends in the middle of a bencoded value"),
    ] {
        let bytes = with_head("", body);
        let (seen, _) = response(&bytes, bytes.len(), Purpose::Scrape);
        let Some(Problem::Malformed(malformed)) = seen.problem else {
            panic!("{reason}");
        };
        assert_eq!(malformed.reason(), reason);
    }
}

#[test]
fn how_bodies_end() {
    let length = |head: &str| body_length(head.as_bytes());
    assert_eq!(
        length("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        BodyLength::Bytes(5)
    );
    assert_eq!(length("HTTP/1.0 200 OK\r\n\r\n"), BodyLength::UntilClose);
    assert_eq!(
        length("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"),
        BodyLength::None
    );
    assert_eq!(length("HTTP/1.1 100 Continue\r\n\r\n"), BodyLength::None);
    let chunked =
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n";
    assert_eq!(length(chunked), BodyLength::Chunked);
}

#[test]
fn every_prefix_gives_an_answer() {
    for length in 0..ANNOUNCE.len() {
        if let Some(seen) = request(&ANNOUNCE[..length], ANNOUNCE.len()) {
            assert_eq!(seen.problem, Some(Problem::Cut));
        }
        request(&ANNOUNCE[..length], length);
    }
    let bytes = with_head("Content-Length: 74\r\n", BODY);
    for length in 0..bytes.len() {
        let (seen, _) = response(&bytes[..length], bytes.len(), Purpose::Announce);
        assert_eq!(seen.problem, Some(Problem::Cut), "{length}");
        response(&bytes[..length], length, Purpose::Announce);
    }
}

fn blob() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..30)
}

fn maybe<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(strategy)
}

proptest! {
    #[test]
    fn requests_round_trip(
        purpose in prop_oneof![Just(Purpose::Announce), Just(Purpose::Scrape)],
        hashes in proptest::collection::vec(blob(), 0..3),
        texts in proptest::collection::vec(maybe(blob()), 5),
        numbers in proptest::collection::vec(any::<Option<u64>>(), 5),
        numwant in any::<Option<i64>>(),
        host in maybe("[!-~]{1,12}"),
    ) {
        let text = |index: usize| texts[index].clone().map(Cow::Owned);
        let message = Request {
            purpose,
            path: match purpose {
                Purpose::Announce => b"/key/announce",
                Purpose::Scrape => b"/key/scrape",
            },
            parameters: Parameters {
                info_hashes: hashes.into_iter().map(Cow::Owned).collect(),
                peer_id: text(0),
                port: numbers[0],
                uploaded: numbers[1],
                downloaded: numbers[2],
                left: numbers[3],
                event: text(1).filter(|event: &Cow<'_, [u8]>| !event.is_empty()),
                compact: numbers[4],
                numwant,
                key: text(2),
                tracker_id: text(3),
                ip: text(4),
            },
            host: host.as_ref().map(String::as_bytes),
            user_agent: None,
        };
        let bytes = encode_request(&message);
        let seen = request(&bytes, bytes.len()).unwrap();
        prop_assert_eq!(seen.message, message);
    }

    #[test]
    fn responses_round_trip(
        purpose in prop_oneof![Just(Purpose::Announce), Just(Purpose::Scrape)],
        texts in proptest::collection::vec(maybe(blob()), 5),
        numbers in proptest::collection::vec(any::<Option<i64>>(), 6),
        peers in maybe(prop_oneof![
            blob().prop_map(Peers::Compact),
            proptest::collection::vec((maybe(blob()), any::<Option<i64>>()), 0..3).prop_map(|peers| {
                Peers::List(peers.into_iter().map(|(ip, port)| Peer { id: None, ip, port }).collect())
            }),
        ]),
        hashes in maybe(proptest::collection::btree_set(blob(), 0..3)),
    ) {
        let reply = Reply {
            failure_reason: texts[0].clone(),
            warning_message: texts[1].clone(),
            interval: numbers[0],
            min_interval: numbers[1],
            tracker_id: texts[2].clone(),
            complete: numbers[2],
            incomplete: numbers[3],
            downloaded: numbers[4],
            peers,
            peers6: texts[3].clone(),
            external_ip: texts[4].clone(),
            torrents: hashes.map(|hashes| {
                let torrent = |info_hash| Torrent {
                    info_hash,
                    complete: numbers[5],
                    ..Torrent::default()
                };
                hashes.into_iter().map(torrent).collect()
            }),
        };
        let message = Response {
            purpose,
            status: Some(200),
            reason: b"OK",
            reply,
            is_decoded: false,
        };
        let bytes = encode_response(&message);
        let (seen, _) = response(&bytes, bytes.len(), purpose);
        prop_assert_eq!(seen.message, message);
    }

    #[test]
    fn any_bytes_give_an_answer(
        start in prop_oneof![
            Just(&b"GET /announce?"[..]), Just(&b"HTTP/1.1 200 OK\r\n"[..]), Just(&b""[..])
        ],
        lines in proptest::collection::vec(
            "(content-encoding|transfer-encoding|[ -~]{0,8})(: ?)?(gzip|chunked|[ -~]{0,8})[&=%]?\r?\n?",
            0..6,
        ),
        junk in blob(),
        beyond in 0_usize..2,
    ) {
        let bytes = [start, lines.concat().as_bytes(), &junk].concat();
        request(&bytes, bytes.len() + beyond);
        let (seen, _) = response(&bytes, bytes.len() + beyond, Purpose::Announce);
        let _ = seen.message.to_string();
    }
}
