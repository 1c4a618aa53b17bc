//! The DHT, trackers and local service discovery, from packets to messages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use peerscope::capture::{self, Source};
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Heard, Torrents};

/// One message: what is checked of it.
#[derive(Debug, Clone)]
struct Said {
    frame: u64,
    stream: u64,
    protocol: &'static str,
    name: &'static str,
    query: Option<u64>,
    text: String,
    is_faulty: bool,
    is_inferred: bool,
}

#[derive(Default)]
struct Collect(Vec<Said>);

impl Observer for Collect {
    fn message(&mut self, heard: &Heard<'_>) {
        self.0.push(Said {
            frame: heard.last.frame,
            stream: heard.stream,
            protocol: heard.protocol(),
            name: heard.message_name(),
            query: heard.query().map(|stamp| stamp.frame),
            text: heard.to_string(),
            is_faulty: heard.problem().is_some(),
            is_inferred: heard.is_inferred(),
        });
    }
}

fn read(path: &Path) -> Vec<Said> {
    let mut collect = Collect::default();
    let mut source = capture::open(&[path.to_owned()]).expect("the file opens");
    let mut pipeline = Pipeline::new(&mut collect, Torrents::default());
    pipeline
        .run(&mut source as &mut dyn Source)
        .expect("an intact capture");
    pipeline.finish();
    collect.0
}

fn case(name: &str) -> Vec<Said> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/cases");
    read(&captures.join(name).with_extension("pcap"))
}

/// A capture that is not part of the repository, if this machine has it.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/captures")
        .join(name);
    if !path.exists() {
        eprintln!("skipped: no {name}");
        return None;
    }
    Some(path)
}

fn texts(said: &[Said]) -> Vec<&str> {
    said.iter().map(|said| said.text.as_str()).collect()
}

/// Messages of one protocol, counted by name.
fn counts(said: &[Said], protocol: &str) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for said in said.iter().filter(|said| said.protocol == protocol) {
        *counts.entry(said.name).or_default() += 1;
    }
    counts
}

#[test]
fn an_http_tracker() {
    let said = case("6-http");
    assert_eq!(
        texts(&said),
        [
            "announce request 89e495e7…4c91, started, 100 B left, port 6881",
            "announce response: 3 peers, 3 seeders, 2 leechers, interval 1800 s",
        ]
    );
    assert_eq!(said[1].query, Some(4));
    assert!(said.iter().all(|said| said.protocol == "http_tracker"));
}

#[test]
fn other_http_is_silent() {
    assert!(case("14-nonbt6881").is_empty());
}

#[test]
fn a_udp_tracker() {
    let said = case("7-udptracker");
    let names: Vec<_> = said.iter().map(|said| said.name).collect();
    assert_eq!(
        names,
        [
            "connect_request",
            "connect_response",
            "announce_request",
            "announce_response"
        ]
    );
    let queries: Vec<_> = said.iter().map(|said| said.query).collect();
    assert_eq!(queries, [None, Some(1), None, Some(3)]);
    assert!(said.iter().all(|said| !said.is_faulty && !said.is_inferred));
    assert!(said.iter().all(|said| said.stream == 0));
}

#[test]
fn the_dht() {
    let said = case("8-dht");
    assert_eq!(
        texts(&said),
        [
            "find_node 54545454…5454",
            "response to find_node: 1 node",
            "get_peers 89e495e7…4c91",
            "response to get_peers: bloom filters, token",
            "sample_infohashes1",
            "error 203 Protocol Error",
            "ping, read-only node",
            "ping",
        ]
    );
    assert_eq!(said[1].query, Some(1));
    assert_eq!(said[3].query, Some(3));
    let faulty: Vec<_> = said.iter().map(|said| said.is_faulty).collect();
    assert_eq!(faulty.iter().position(|faulty| *faulty), Some(4));
    assert_eq!(faulty.iter().filter(|faulty| **faulty).count(), 1);
}

#[test]
fn odd_messages_of_the_dht() {
    let said = case("16-dht2");
    assert_eq!(said.len(), 9);
    assert_eq!(
        said[4].text,
        "put 14 B, key 4b4b4b4b…4b4b, sequence number 4"
    );
    assert!(said[0].is_inferred && !said[0].is_faulty);
    let faulty: Vec<_> = said
        .iter()
        .filter(|said| said.is_faulty)
        .map(|said| said.frame)
        .collect();
    assert_eq!(faulty, [2, 3, 4, 7, 8, 9]);
}

#[test]
fn nesting_is_a_fault_and_no_crash() {
    for name in [
        "9-nest-big",
        "9-nest-big-d",
        "9-nest-small",
        "9-nest-small-d",
    ] {
        let said = case(name);
        assert_eq!(said.len(), 1, "{name}");
        assert!(said[0].is_faulty, "{name}");
    }
}

#[test]
fn dht_nodes_of_a_swarm() {
    let Some(path) = shared("lab/h-dht-libtorrent6.pcap") else {
        return;
    };
    let said = read(&path);
    let dht: Vec<_> = said.iter().filter(|said| said.protocol == "dht").collect();
    let of = |name: &str| dht.iter().filter(|said| said.name == name).count();
    assert_eq!((of("query"), of("response"), of("error")), (351, 349, 0));
    assert!(dht.iter().all(|said| !said.is_faulty && !said.is_inferred));
    let is_answer = |said: &&&Said| said.name == "response";
    assert!(
        dht.iter()
            .filter(is_answer)
            .all(|said| said.query.is_some())
    );
    let starts = |text: &str| {
        dht.iter()
            .filter(|said| said.text.starts_with(text))
            .count()
    };
    assert_eq!(starts("get_peers "), 266);
    assert_eq!(starts("put "), 10);
    assert_eq!(starts("sample_infohashes "), 5);
}

#[test]
fn real_trackers() {
    let Some(path) = shared("lab/g-udp-tracker-libtorrent-libtorrent.pcap") else {
        return;
    };
    let udp = counts(&read(&path), "udp_tracker");
    assert_eq!(udp["connect_request"], udp["connect_response"]);
    assert_eq!(udp["announce_request"], udp["announce_response"]);
    assert_eq!((udp["scrape_request"], udp["scrape_response"]), (2, 2));
    for (name, requests) in [
        ("lab/g-http-tracker-transmission-aria2.pcap", 3),
        ("public/zeek__tracker.pcap", 1),
    ] {
        let said = shared(name).map(|path| read(&path)).unwrap_or_default();
        let http = counts(&said, "http_tracker");
        if !said.is_empty() {
            assert_eq!(http["announce_request"], requests, "{name}");
            assert_eq!(http["announce_response"], requests, "{name}");
        }
        let of_http = |said: &&Said| said.protocol == "http_tracker";
        assert!(said.iter().filter(of_http).all(|said| !said.is_faulty));
    }
}

#[test]
fn local_discovery() {
    let Some(path) = shared("lab/h-lsd-libtorrent.pcap") else {
        return;
    };
    let said = read(&path);
    assert_eq!(counts(&said, "lsd")["announce"], 4);
    let lsd = said.iter().find(|said| said.protocol == "lsd").unwrap();
    assert_eq!(lsd.text, "announce 4b63dcd8…edd7, port 6881");
    assert!(!lsd.is_faulty);
}

#[test]
fn what_others_recorded() {
    if let Some(path) = shared("public/suricata-verify__bittorrent-dht.pcap") {
        let said = read(&path);
        assert_eq!(said.len(), 16);
        let faulty: Vec<_> = said
            .iter()
            .filter(|said| said.is_faulty)
            .map(|said| said.frame)
            .collect();
        assert_eq!(faulty, [6, 10, 15]);
        assert_eq!(said[7].text, "response to get_peers: 2 peers, token");
    }
    if let Some(path) = shared("public/arkime__bt-udp.pcap") {
        assert_eq!(read(&path).len(), 3);
    }
    if let Some(path) = shared("public/ndpi__bittorrent_utp.pcap") {
        assert_eq!(counts(&read(&path), "dht")["query"], 3);
    }
}

#[test]
fn a_web_seed_and_strangers_are_silent() {
    for name in [
        "negatives/ndpi__bt-dns.pcap",
        "negatives/ndpi__gnutella.pcap",
        "negatives/ndpi__roblox.pcapng",
        "negatives/ndpi__tls_torrent.pcapng",
        "lab/h-webseed-libtorrent.pcap",
    ] {
        let said = shared(name).map(|path| read(&path)).unwrap_or_default();
        assert!(said.is_empty(), "{name}: {said:?}");
    }
}
