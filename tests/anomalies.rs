//! Each stateless rule: a message that breaks it, and a near miss that does not.
//! The messages are in words (`peerscope hex --encode`), so that a row shows what
//! it is about.

use peerscope::notation::{self, Protocol};
use peerscope::wire::compact::Family;
use peerscope::wire::extension::ExtendedId;
use peerscope::wire::peer::{Context, Framing};
use peerscope::wire::udp_tracker::Role;
use peerscope::wire::{
    Deviations, Malformed, Problem, Reader, Tree, catalogue, dht, http_tracker, lsd, peer,
    udp_tracker, utp,
};

const ID: &str = "ids20ids20ids20ids20";

/// The ids of what is wrong with a message: found by the sink that keeps nothing
/// else, and by the field tree.
fn ids(words: &str, pieces: Option<u32>) -> Vec<&'static str> {
    let words = words.replace("ID", ID);
    let encoded = notation::encode(&words, &|_| Some(ExtendedId(3)))
        .unwrap_or_else(|e| panic!("{words}: {e}"));
    let mut deviations = Deviations::new();
    let mut tree = Tree::new();
    let (protocol, bytes) = (encoded.protocol, &encoded.bytes);
    let malformed = dissect(protocol, bytes, pieces, &mut deviations);
    assert_eq!(malformed, dissect(protocol, bytes, pieces, &mut tree));
    assert_eq!(malformed, dissect(protocol, bytes, pieces, &mut ()));
    assert!(tree.deviations().eq(deviations.list()), "{words}");
    let all: Vec<_> = catalogue::anomalies().collect();
    let listed = deviations.list().iter().map(|found| found.anomaly);
    let listed = listed.chain(malformed.map(|malformed| malformed.anomaly));
    for anomaly in listed.clone() {
        assert!(all.contains(&anomaly), "not in the catalogue: {anomaly:?}");
    }
    let mut ids: Vec<_> = listed.map(|anomaly| anomaly.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn dissect<S: peerscope::wire::Sink>(
    protocol: Protocol,
    bytes: &[u8],
    pieces: Option<u32>,
    sink: &mut S,
) -> Option<Malformed> {
    let length = bytes.len();
    let stop = match protocol {
        Protocol::Peer | Protocol::Handshake | Protocol::Bytes => {
            let framing = match protocol {
                Protocol::Handshake => Framing::Handshake,
                _ => Framing::Messages,
            };
            let context = Context {
                framing,
                extensions: None,
                pieces,
                ..Context::default()
            };
            return match peer::dissect(bytes, length, &context, sink).problem? {
                Problem::Malformed(malformed) => Some(malformed),
                Problem::Cut => panic!("nothing is cut"),
            };
        }
        Protocol::Dht => dht::dissect(bytes, length, None, sink).problem,
        Protocol::Utp => utp::dissect(Reader::new(bytes, length, sink)).err(),
        Protocol::UdpTracker => {
            let context = udp_tracker::Context {
                role: Role::Request,
                family: Family::V4,
            };
            udp_tracker::dissect(bytes, length, context, sink).problem
        }
        Protocol::HttpTracker if bytes.starts_with(b"GET") => {
            http_tracker::dissect_request(bytes, length, sink)?.problem
        }
        Protocol::HttpTracker => {
            let purpose = http_tracker::Purpose::Announce;
            http_tracker::dissect_response(bytes, length, purpose, sink).problem
        }
        Protocol::Lsd => lsd::dissect(bytes, length, sink).problem,
        Protocol::Bencode => unreachable!("no message"),
    };
    match stop? {
        Problem::Malformed(malformed) => Some(malformed),
        Problem::Cut => panic!("nothing is cut"),
    }
}

#[test]
fn rules_of_the_peer_wire() {
    let torrent = Some(10);
    for (words, expected) in [
        ("choke", &[][..]),
        ("bytes 000000020000", &["MS-02"]),
        ("bytes 0000000404000000", &["MS-02"]),
        ("bytes 00000001ff", &["MS-03"]),
        ("have piece=9", &[]),
        ("have piece=10", &["BF-07"]),
        ("bytes 0000000105", &["BF-01", "BF-05"]),
        ("bitfield bitfield=ffc0", &[]),
        ("bitfield bitfield=ff", &["BF-01"]),
        ("bitfield bitfield=ffff", &["BF-02"]),
        ("request index=9 begin=16384 length=16384", &[]),
        ("request index=9 begin=16384 length=16385", &["RQ-01"]),
        ("request index=9 begin=16384 length=0", &["RQ-02"]),
        ("request index=10 begin=0 length=1", &["RQ-02"]),
        ("request index=0 begin=1 length=1", &["RQ-02"]),
        ("piece index=0 begin=0 length=1", &[]),
        ("piece index=0 begin=0 length=0", &["PC-03"]),
        (
            "hash_request pieces_root=\"IDabcdefghijkl\" index=8 length=8",
            &[],
        ),
        (
            "hash_request pieces_root=\"IDabcdefghijkl\" index=8 length=7",
            &["V2-02"],
        ),
        (
            "hash_request pieces_root=\"IDabcdefghijkl\" index=4 length=8",
            &["V2-02"],
        ),
        (
            "hash_request pieces_root=\"IDabcdefghijkl\" index=0 length=1",
            &["V2-02"],
        ),
        (
            "hash_request pieces_root=\"IDabcdefghijkl\" index=0 length=1024",
            &["V2-02"],
        ),
        (
            "handshake info_hash=\"ID\" peer_id=\"-LT20A0-abcdefghijkl\"",
            &[],
        ),
        (
            "handshake info_hash=\"ID\" peer_id=\"\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09abcdefghij\"",
            &["HS-07"],
        ),
    ] {
        assert_eq!(ids(words, torrent), expected, "{words}");
    }
}

#[test]
fn rules_of_the_extension_protocol() {
    let peer = |n: u8| format!("10.0.0.{n}:6881");
    let many = |count: u8| (1..=count).map(peer).collect::<Vec<_>>().join(", ");
    let data = |total: usize, length: usize| {
        format!(
            "ut_metadata_data piece=0 total_size={total} data=\"{}\"",
            "a".repeat(length)
        )
    };
    for (words, expected) in [
        (
            "extended_handshake m.ut_pex=1 p=6881 reqq=1 metadata_size=1".into(),
            &[][..],
        ),
        (
            "extended_handshake m.ut_pex=1 m.ut_metadata=1".into(),
            &["EX-04"],
        ),
        ("extended_handshake m.ut_pex=256".into(), &["EX-04"]),
        ("extended_handshake p=0".into(), &["EX-07"]),
        ("extended_handshake p=65536".into(), &["EX-07"]),
        ("extended_handshake reqq=0".into(), &["EX-07"]),
        ("extended_handshake yourip=\"abcde\"".into(), &["EX-07"]),
        (
            "extended_handshake ipv4=\"abcdefabcdefabcd\"".into(),
            &["EX-07"],
        ),
        ("extended_handshake ipv6=\"abcd\"".into(), &["EX-07"]),
        ("extended_handshake v=5".into(), &["EX-09"]),
        ("extended_handshake metadata_size=0".into(), &["MD-09"]),
        ("extended_handshake metadata_size=-1".into(), &["MD-09"]),
        ("extended_handshake metadata_size=31457280".into(), &[]),
        (
            "extended_handshake metadata_size=31457281".into(),
            &["MD-01"],
        ),
        (
            "extended extended_id=0 payload=\"d1:pi1e1:ei0ee\"".into(),
            &["EX-06"],
        ),
        (
            "extended extended_id=0 payload=\"d1:pi01ee\"".into(),
            &["EX-06"],
        ),
        (
            "extended extended_id=0 payload=\"d1:pi1e\"".into(),
            &["EX-06"],
        ),
        (
            "extended extended_id=0 payload=\"d1:pi1eex\"".into(),
            &["EX-11"],
        ),
        (data(16384, 16384), &[]),
        (data(16384, 16383), &["MD-03"]),
        (data(20000, 20000), &["MD-03", "MD-10"]),
        (
            "extended extended_id=3 payload=\"d8:msg_typei1e5:piecei0ee\"".into(),
            &["MD-05"],
        ),
        (
            "extended extended_id=3 payload=\"d8:msg_typei1e5:piecei0eex\"".into(),
            &["MD-11"],
        ),
        (format!("ut_pex added=[{}]", many(50)), &[]),
        (format!("ut_pex added=[{}]", many(51)), &["PX-02"]),
        (format!("ut_pex added=[{}]", many(101)), &["PX-02"]),
        (
            "extended extended_id=3 payload=\"d5:added6:abcdef7:added.f2:\\x00\\x00e\"".into(),
            &["PX-03"],
        ),
        (
            "extended extended_id=3 payload=\"d5:added5:abcdee\"".into(),
            &["PX-04"],
        ),
        (
            format!("ut_pex added=[{}, {}]", peer(1), peer(1)),
            &["PX-05"],
        ),
        (
            format!("ut_pex added=[{}] dropped=[{}]", peer(1), peer(1)),
            &["PX-05"],
        ),
        ("ut_pex added=[10.0.0.1:0]".into(), &["PX-07"]),
        ("ut_pex added=[127.0.0.1:6881]".into(), &["PX-07"]),
        ("ut_pex added=[224.0.0.1:6881]".into(), &["PX-07"]),
        (
            "ut_holepunch msg_type=0 addr=10.0.0.1 port=6881".into(),
            &[],
        ),
        (
            "ut_holepunch msg_type=2 addr=10.0.0.1 port=6881".into(),
            &["HP-01"],
        ),
        (
            "ut_holepunch msg_type=2 addr=10.0.0.1 port=6881 err_code=5".into(),
            &["HP-01"],
        ),
    ] {
        assert_eq!(ids(&words, None), expected, "{words}");
    }
}

#[test]
fn rules_of_the_dht() {
    for (words, expected) in [
        ("query q=ping t=\"aa\" a.id=\"ID\"", &[][..]),
        ("query q=ping t=\"aa\" a.id=\"short\"", &["DT-01"]),
        (
            "query q=announce_peer t=\"aa\" a.id=\"ID\" a.info_hash=\"ID\" a.port=6881 a.token=\"t\"",
            &[],
        ),
        (
            "query q=announce_peer t=\"aa\" a.id=\"ID\" a.info_hash=\"ID\" a.port=1 a.token=\"t\"",
            &["DT-06"],
        ),
        (
            "query q=announce_peer t=\"aa\" a.id=\"ID\" a.info_hash=\"ID\" a.port=0 a.token=\"t\"",
            &["DT-06", "DT-13"],
        ),
        (
            "query q=announce_peer t=\"aa\" a.id=\"ID\" a.info_hash=\"ID\" a.port=0 a.implied_port=1 a.token=\"t\"",
            &[],
        ),
        (
            "response t=\"aa\" r.id=\"ID\" r.nodes=\"ID\\x08\\x08\\x08\\x08\\x1a\\xe1\"",
            &[],
        ),
        (
            "response t=\"aa\" r.id=\"ID\" r.nodes=\"ID\\x0a\\x00\\x00\\x01\\x1a\\xe1\"",
            &["DT-09"],
        ),
        (
            "response t=\"aa\" r.id=\"ID\" r.nodes=\"ID\\x08\\x08\\x08\\x08\\x00\\x00\"",
            &["DT-09"],
        ),
        (
            "response t=\"aa\" r.id=\"ID\" r.nodes=\"ID\\x08\\x08\\x08\\x08\\x1a\"",
            &["DT-03"],
        ),
    ] {
        assert_eq!(ids(words, None), expected, "{words}");
    }
    let unsorted = b"d1:y1:q1:q4:ping1:t2:aa1:ad2:id20:IIIIIIIIIIIIIIIIIIIIee";
    let mut found = Deviations::new();
    dht::dissect(unsorted, unsorted.len(), None, &mut found);
    assert!(found.list().iter().all(|found| found.anomaly.id == "DT-08"));
    assert_eq!(found.list().len(), 2);
}

#[test]
fn rules_of_trackers_and_utp() {
    let announce = |hash: &str| {
        format!("GET /announce?info_hash={hash}&peer_id={ID}&port=6881 HTTP/1.1\r\n\r\n")
    };
    let response = |body: &str| format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    for (text, expected) in [
        (announce(ID), &[][..]),
        (announce(&"ab".repeat(20)), &["TK-01"]),
        (announce("abc+defghijklmnopqrs"), &["TK-01"]),
        (announce("short"), &["TK-01"]),
        (response("d8:intervali1e5:peers0:e"), &[]),
        (response("d8:intervali1ee"), &["TK-02"]),
        (response("d5:peers0:8:intervali1ee"), &["TK-02"]),
        (response("no"), &["TK-02"]),
        (response("d14:failure reason2:noe"), &[]),
        (response("d8:intervali1e5:peers5:abcdee"), &["TK-03"]),
        (
            response("d8:intervali1e5:peersl8:10.0.0.1ee"),
            &["TK-10", "TK-11"],
        ),
        (
            response("d8:intervali1e5:peersld2:ip8:10.0.0.1eee"),
            &["TK-10"],
        ),
    ] {
        let mut found = Deviations::new();
        let bytes = text.as_bytes();
        let malformed = dissect(Protocol::HttpTracker, bytes, None, &mut found);
        let listed = found.list().iter().map(|found| found.anomaly.id);
        let listed = listed.chain(malformed.map(|malformed| malformed.anomaly.id));
        let ids: std::collections::BTreeSet<_> = listed.collect();
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), expected, "{text}");
    }
    for (words, expected) in [
        (
            "utp data connection_id=1 seq_nr=1 ack_nr=1 payload=\"a\"",
            &[][..],
        ),
        ("utp data connection_id=1 seq_nr=1 ack_nr=1", &["UT-03"]),
        (
            "utp state connection_id=1 seq_nr=1 ack_nr=1 payload=\"a\"",
            &["UT-03"],
        ),
    ] {
        assert_eq!(ids(words, None), expected, "{words}");
    }
}
