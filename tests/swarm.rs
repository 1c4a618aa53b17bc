//! `torrents` and `swarm` against an independent count over the records of `read --json`
//! and `sessions --json`.
//!
//! Captures that are not shipped are looked for in `../shared/captures`; a test that
//! misses them says so and passes.
#![cfg(unix)]

#[path = "made/mod.rs"]
mod made;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha1::{Digest, Sha1};

use made::{Capture, Talk, handshake, message};

fn run<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_peerscope"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn objects(command: &[&str], capture: &Path) -> Vec<Value> {
    let arguments = command
        .iter()
        .map(OsStr::new)
        .chain([OsStr::new("--json"), capture.as_os_str()]);
    let text = run(arguments);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A capture, shipped or not.
fn find(name: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["captures", "../shared/captures"]
        .iter()
        .find_map(|folder| {
            let paths = ["pcap", "pcapng", "pcap.gz", "pcap.zst"]
                .map(|kind| here.join(folder).join(format!("{name}.{kind}")));
            paths.into_iter().find(|path| path.exists())
        });
    if found.is_none() {
        println!("skipped: no {name}");
    }
    found
}

const CAPTURES: [&str; 13] = [
    "lab/h-dht-libtorrent6",
    "lab/h-lsd-libtorrent",
    "lab/g-http-tracker-transmission-aria2",
    "lab/g-lo-both-libtorrent-transmission",
    "lab/g-udp-tracker-libtorrent-libtorrent",
    "lab/b-magnet-transmission-libtorrent",
    "lab/a-libtorrent-libtorrent",
    "lab/a-rtorrent-aria2",
    "lab/d-utp-libtorrent-transmission",
    "lab/i-any-sll2",
    "cases/1-session",
    "cases/6-http",
    "cases/7-udptracker",
];

/// What the records say of a torrent.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    /// Who was learned, how, from whom.
    learned: BTreeSet<(String, &'static str, String)>,
    sources: BTreeSet<&'static str>,
    bytes: u64,
}

/// Counts records; a reply is about what the record of its query is about.
#[allow(clippy::too_many_lines)] // a case a message
fn count(capture: &Path) -> BTreeMap<String, Counted> {
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    let mut asked: BTreeMap<u64, String> = BTreeMap::new();
    let mut streams: BTreeMap<u64, String> = BTreeMap::new();
    // By connection: who dialled, and where it takes connections itself.
    let mut diallers: BTreeMap<u64, (String, String)> = BTreeMap::new();
    for record in objects(&["read"], capture) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let fields = &record["fields"];
        let frame = record["frame"].as_u64().unwrap();
        let query = fields["query_frame"]
            .as_u64()
            .and_then(|frame| asked.get(&frame).cloned());
        let list = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().map(text).collect()
        };
        let (protocol, name) = (text(&record["protocol"]), text(&record["message"]));
        let mut src = text(&record["src"]);
        let stream = record["stream"].as_u64().unwrap_or(u64::MAX);
        if protocol == "peer" {
            let dialler = diallers.entry(stream);
            let dialler = dialler.or_insert_with(|| (src.clone(), src.clone()));
            if dialler.0 == src {
                let port = fields["p"].as_u64();
                if let Some(port) = port.filter(|_| name == "extended_handshake") {
                    let host = src.rsplit_once(':').unwrap().0;
                    dialler.1 = format!("{host}:{port}");
                }
                src.clone_from(&dialler.1);
            }
        }
        let mut learn = |hash: &str, addresses: Vec<String>, how| {
            let of = counted.entry(hash.to_owned()).or_default();
            for address in addresses
                .into_iter()
                .filter(|address| !address.ends_with(":0"))
            {
                of.learned.insert((address, how, src.clone()));
            }
        };
        match (protocol.as_str(), name.as_str()) {
            ("peer", "handshake") => {
                streams
                    .entry(stream)
                    .or_insert_with(|| text(&fields["info_hash"]));
                counted
                    .entry(streams[&stream].clone())
                    .or_default()
                    .sources
                    .insert("handshake");
            }
            ("peer", "ut_pex") => {
                if let Some(hash) = streams.get(&stream) {
                    learn(hash, list(&fields["added"]), "pex");
                    learn(hash, list(&fields["added6"]), "pex");
                }
            }
            ("peer", "piece") => {
                let bytes = record["length"].as_u64().unwrap()
                    - 13
                    - record["missing"].as_u64().unwrap_or(0);
                if let Some(hash) = streams.get(&stream) {
                    counted.entry(hash.clone()).or_default().bytes += bytes;
                }
            }
            ("dht", "query")
                if ["get_peers", "announce_peer"].contains(&text(&fields["q"]).as_str()) =>
            {
                let hash = text(&fields["a"]["info_hash"]);
                counted
                    .entry(hash.clone())
                    .or_default()
                    .sources
                    .insert("dht");
                asked.insert(frame, hash);
            }
            ("dht", "response") => {
                if let Some(hash) = query {
                    learn(&hash, list(&fields["r"]["values"]), "dht");
                }
            }
            ("udp_tracker" | "http_tracker", "announce_request") => {
                let hash = text(&fields["info_hash"]);
                counted
                    .entry(hash.clone())
                    .or_default()
                    .sources
                    .insert("tracker");
                asked.insert(frame, hash);
            }
            ("udp_tracker" | "http_tracker", "announce_response") => {
                if let Some(hash) = query {
                    learn(&hash, list(&fields["peers"]), "tracker");
                    learn(&hash, list(&fields["peers6"]), "tracker");
                }
            }
            ("lsd", _) => {
                let host = src.rsplit_once(':').unwrap().0;
                let address = format!("{host}:{}", fields["port"]);
                let hashes = list(&fields["infohashes"]);
                for hash in &hashes {
                    learn(hash, vec![address.clone()], "lsd");
                }
                for hash in hashes {
                    counted.entry(hash).or_default().sources.insert("lsd");
                }
            }
            _ => {}
        }
    }
    counted
}

#[test]
fn swarms_are_what_the_records_say() {
    for name in CAPTURES {
        let Some(capture) = find(name) else { continue };
        let expected = count(&capture);
        let swarms = objects(&["swarm"], &capture);
        let hashes: BTreeSet<_> = swarms
            .iter()
            .map(|swarm| swarm["info_hash"].as_str().unwrap())
            .collect();
        assert!(
            hashes
                .iter()
                .copied()
                .eq(expected.keys().map(String::as_str)),
            "{name}: {hashes:?}"
        );
        for swarm in &swarms {
            let hash = swarm["info_hash"].as_str().unwrap();
            let expected = &expected[hash];
            let mut learned = BTreeSet::new();
            for peer in swarm["peers"].as_array().unwrap() {
                let address = peer["address"].as_str().unwrap();
                for one in peer["learned"].as_array().unwrap() {
                    let how = ["tracker", "dht", "pex", "lsd"]
                        .into_iter()
                        .find(|how| one["how"] == *how);
                    if let Some(how) = how {
                        learned.insert((
                            address.to_owned(),
                            how,
                            one["from"].as_str().unwrap().to_owned(),
                        ));
                    }
                }
            }
            assert_eq!(learned, expected.learned, "{name} {hash}");
            let flows = swarm["flows"].as_array().unwrap();
            let bytes: u64 = flows
                .iter()
                .map(|flow| flow["bytes"].as_u64().unwrap())
                .sum();
            assert_eq!(bytes, expected.bytes, "{name} {hash}");
            let number = |key: &str| -> u64 {
                let peers = swarm["peers"].as_array().unwrap();
                peers.iter().map(|peer| peer[key].as_u64().unwrap()).sum()
            };
            assert_eq!(
                (number("served_bytes"), number("received_bytes")),
                (bytes, bytes),
                "{name}"
            );
        }
    }
}

/// What peers told trackers stands beside what passed between the packets of their first and
/// last announce, and what they had beside their own `have`s. Hosts have one peer each here.
#[test]
fn announces_and_haves_are_what_the_records_say() {
    let host = |value: &Value| {
        value
            .as_str()
            .unwrap()
            .rsplit_once(':')
            .unwrap()
            .0
            .to_owned()
    };
    for name in [
        "lab/g-udp-tracker-libtorrent-libtorrent",
        "lab/g-http-tracker-transmission-aria2",
        "lab/g-lo-both-libtorrent-transmission",
    ] {
        let Some(capture) = find(name) else { continue };
        let records = objects(&["read"], &capture);
        let of = |message: &'static str| {
            let all = records.iter();
            all.filter(move |record| record["message"] == message)
        };
        let mut compared = 0;
        for peer in objects(&["swarm"], &capture)[0]["peers"]
            .as_array()
            .unwrap()
        {
            let own = host(&peer["address"]);
            let announces: Vec<_> = of("announce_request")
                .filter(|record| host(&record["src"]) == own)
                .collect();
            let passed = |end: &str, from: u64, to: u64| -> u64 {
                let pieces = of("piece").filter(|record| host(&record[end]) == own);
                let between =
                    pieces.filter(|record| (from..to).contains(&record["frame"].as_u64().unwrap()));
                between
                    .map(|record| record["length"].as_u64().unwrap() - 13)
                    .sum()
            };
            let ways = &peer["announced"]["compared"];
            if let (Some(first), Some(last), false) =
                (announces.first(), announces.last(), ways.is_null())
            {
                compared += 1;
                let frame = |record: &Value| record["frame"].as_u64().unwrap();
                for (way, end) in [("uploaded", "src"), ("downloaded", "dst")] {
                    let told = |record: &Value| record["fields"][way].as_u64().unwrap();
                    assert_eq!(ways[way]["announced"], told(last) - told(first), "{name}");
                    let seen = passed(end, frame(first), frame(last));
                    assert_eq!(ways[way]["seen"], seen, "{name} {own} {way}");
                    assert_eq!(ways[way]["verdict"], "as_seen", "{name} {own} {way}");
                }
            }
            // aria2 repeats its bitfield in mid-session: its `have`s are not all.
            if of("bitfield").any(|record| host(&record["src"]) == own) {
                continue;
            }
            let points = peer["pieces_over_time"].as_array().unwrap();
            for point in points.iter().skip(1) {
                let haves: BTreeSet<_> = of("have")
                    .filter(|record| host(&record["src"]) == own)
                    .filter(|record| record["frame"].as_u64() <= point["frame"].as_u64())
                    .map(|record| record["fields"]["piece"].to_string())
                    .collect();
                // More than one can be in a packet.
                assert!(
                    haves.len() as u64 >= point["pieces"].as_u64().unwrap(),
                    "{name} {point}"
                );
            }
        }
        assert!(compared > 0, "{name}");
    }
}

/// A peer that tells its tracker more than it sent, and one that says less.
#[test]
fn an_announce_that_is_not_what_passed_is_said() {
    let mut capture = Capture::new();
    let [peer, tracker] = ["10.0.0.1:6881", "10.0.0.9:6969"].map(|end| end.parse().unwrap());
    let hash = [7; 20];
    let announce = |uploaded: u64, downloaded: u64, transaction: u32| {
        let mut bytes = [1; 8].to_vec();
        bytes.extend(1_u32.to_be_bytes());
        bytes.extend(transaction.to_be_bytes());
        bytes.extend(hash);
        bytes.extend(&handshake(hash)[48..68]);
        for number in [downloaded, 0, uploaded] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend([0; 12]);
        bytes.extend(u32::MAX.to_be_bytes());
        bytes.extend(6881_u16.to_be_bytes());
        bytes
    };
    capture.datagram(peer, tracker, &announce(0, 0, 1));
    let mut talk = Talk::between(
        &mut capture,
        ["10.0.0.1:40000", "10.0.0.2:6881"].map(|end| end.parse().unwrap()),
    );
    talk.ask(&mut capture, &handshake(hash));
    talk.answer(&mut capture, &handshake(hash));
    // It has no extended handshake: its peer id tells that it is the one that announced.
    let body = [&[0; 8][..], &[3; 16384]].concat();
    for _ in 0..20 {
        talk.ask(&mut capture, &message(7, &body));
    }
    capture.datagram(peer, tracker, &announce(30 << 20, 0, 2));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    fs::write(&file, capture.into_bytes()).unwrap();
    let swarm = &objects(&["swarm"], &file)[0];
    let peers = swarm["peers"].as_array().unwrap();
    let told = peers.iter().find(|peer| peer["address"] == "10.0.0.1:6881");
    let ways = &told.unwrap()["announced"]["compared"];
    assert_eq!(ways["uploaded"]["verdict"], "more", "{swarm}");
    assert_eq!(ways["downloaded"]["verdict"], "as_seen", "{swarm}");
}

#[test]
fn torrents_are_what_the_records_say() {
    for name in CAPTURES {
        let Some(capture) = find(name) else { continue };
        let expected = count(&capture);
        for torrent in objects(&["torrents"], &capture) {
            let hash = torrent["info_hash"].as_str().unwrap();
            let expected = &expected[hash];
            let sources: BTreeSet<_> = torrent["sources"]
                .as_array()
                .unwrap()
                .iter()
                .map(|source| source.as_str().unwrap())
                .collect();
            assert_eq!(sources, expected.sources, "{name} {hash}");
            assert_eq!(
                torrent["bytes"].as_u64(),
                Some(expected.bytes),
                "{name} {hash}"
            );
        }
    }
}

/// Beside the pieces that are whole there are the names, and the picture.
#[test]
fn a_magnet_transfer_is_told_with_its_name() {
    let Some(capture) = find("lab/b-magnet-transmission-libtorrent") else {
        return;
    };
    let torrents = objects(&["torrents"], &capture);
    let [torrent] = &torrents[..] else {
        panic!("{torrents:?}")
    };
    assert_eq!(torrent["name"], "metafiles");
    assert_eq!(
        (&torrent["pieces"], &torrent["verified_pieces"]),
        (&64.into(), &64.into())
    );
    assert_eq!(torrent["peers_transferred"], 2);
    let dot = run([
        OsStr::new("swarm"),
        OsStr::new("--dot"),
        capture.as_os_str(),
    ]);
    assert!(
        dot.starts_with("digraph swarm {\n") && dot.contains("label=\"metafiles\";"),
        "{dot}"
    );
    assert_eq!(dot.matches(" -> ").count(), 1, "{dot}");
}

/// Of a private torrent, what is told by other ways than its trackers is a leak; and
/// links in pages are found.
#[test]
fn leaks_and_links_are_found() {
    let data = b"secret";
    let pieces = Sha1::digest(data);
    let mut info = b"d6:lengthi6e4:name7:private12:piece lengthi16384e6:pieces20:".to_vec();
    info.extend(pieces);
    info.extend(b"7:privatei1ee");
    let hash: [u8; 20] = Sha1::digest(&info).into();
    let mut capture = Capture::new();
    let mut talk = Talk::open(&mut capture, 1);
    talk.ask(&mut capture, &handshake(hash));
    talk.answer(&mut capture, &handshake(hash));
    talk.answer(&mut capture, &message(7, &[&[0; 8], &data[..]].concat()));
    let [asker, node] = ["10.0.0.9:6881", "10.0.0.8:6881"].map(|end| end.parse().unwrap());
    let query = [
        &b"d1:ad2:id20:abcdefghij01234567899:info_hash20:"[..],
        &hash,
        b"e1:q9:get_peers1:t2:aa1:y1:qe",
    ]
    .concat();
    capture.datagram(asker, node, &query);
    let mut web = Talk::open(&mut capture, 2);
    web.ask(&mut capture, b"GET /page HTTP/1.1\r\n\r\n");
    let link = format!(
        "<a href=\"magnet:?xt=urn:btih:{}&amp;dn=Other%20name&amp;x.pe=10.0.0.7:9\">",
        "ab".repeat(20)
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{link}",
        link.len()
    );
    web.answer(&mut capture, head.as_bytes());
    let folder = tempfile::tempdir().unwrap();
    let (file, torrent) = (
        folder.path().join("made.pcap"),
        folder.path().join("x.torrent"),
    );
    fs::write(&file, capture.into_bytes()).unwrap();
    fs::write(&torrent, [b"d4:info", &info[..], b"e"].concat()).unwrap();
    let given = ["swarm", "--torrent", torrent.to_str().unwrap()];
    let swarms = objects(&given, &file);
    assert_eq!(swarms.len(), 2);
    assert_eq!(
        swarms[0]["leaks"],
        serde_json::json!([{"how": "dht", "frame": 7}])
    );
    assert_eq!(swarms[1]["name"], "Other name");
    assert_eq!(swarms[1]["peers"][0]["learned"][0]["how"], "magnet");
    let torrents = objects(&["torrents", "--torrent", torrent.to_str().unwrap()], &file);
    assert_eq!(torrents[0]["verified_pieces"], 1);
    assert_eq!(torrents[1]["sources"], serde_json::json!(["magnet"]));

    // A torrent that is piped in is known beforehand as one of a file is.
    let check = |given: &str| {
        let mut check = Command::new(env!("CARGO_BIN_EXE_peerscope"));
        check.args(["check", "--json", "--torrent", given]);
        let piped = fs::File::open(&torrent).unwrap();
        let output = check.arg(&file).stdin(piped).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let found = check(torrent.to_str().unwrap());
    assert!(found.contains("\"PV-02\""), "{found}");
    assert_eq!(check("-"), found);
}

/// Nanoseconds since the epoch, of the time of a record; good for one day.
fn nanos(record: &Value) -> i64 {
    let time = record["time"].as_str().unwrap();
    let (_, clock) = time.trim_end_matches('Z').split_once('T').unwrap();
    let mut parts = clock.split([':', '.']);
    let mut next = || parts.next().unwrap().parse::<i64>().unwrap();
    ((next() * 60 + next()) * 60 + next()) * 1_000_000_000 + next()
}

/// Of a node: asked, answered, unanswered, and the shortest and the longest round trip.
type NodeCounts = (u64, u64, u64, Option<(i64, i64)>);

/// Each node's queries, answers and round trips are those of the records; so are the
/// steps of lookups.
#[test]
fn the_dht_is_what_the_records_say() {
    let Some(capture) = find("lab/h-dht-libtorrent6") else {
        return;
    };
    let records = objects(&["read"], &capture);
    let end = records.iter().map(nanos).max().unwrap();
    let dht: Vec<_> = records
        .iter()
        .filter(|record| record["protocol"] == "dht")
        .collect();
    let queries: BTreeMap<u64, &Value> = dht
        .iter()
        .filter(|record| record["message"] == "query")
        .map(|record| (record["frame"].as_u64().unwrap(), *record))
        .collect();
    let mut replies: BTreeMap<u64, &Value> = BTreeMap::new();
    for record in dht.iter().filter(|record| record["message"] != "query") {
        if let Some(frame) = record["fields"]["query_frame"].as_u64() {
            replies.entry(frame).or_insert(record);
        }
    }
    let mut expected: BTreeMap<String, NodeCounts> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for record in &dht {
        expected.entry(text(&record["src"])).or_default();
    }
    for (frame, query) in &queries {
        expected.entry(text(&query["src"])).or_default().0 += 1;
        let node = expected.entry(text(&query["dst"])).or_default();
        match replies.get(frame) {
            Some(reply) => {
                node.1 += 1;
                let rtt = (nanos(reply) - nanos(query)) / 1000;
                let (low, high) = node.3.unwrap_or((rtt, rtt));
                node.3 = Some((low.min(rtt), high.max(rtt)));
            }
            None => node.2 += u64::from(end - nanos(query) >= 15_000_000_000),
        }
    }
    let said = objects(&["swarm", "--dht"], &capture);
    let of_kind = |kind: &'static str| said.iter().filter(move |object| object["kind"] == kind);
    let found: BTreeMap<_, _> = of_kind("node")
        .map(|node| {
            let number = |key: &str| node[key].as_u64().unwrap();
            let rtt = node["rtt_us_min"].as_i64().zip(node["rtt_us_max"].as_i64());
            (
                text(&node["address"]),
                (
                    number("asked"),
                    number("answered"),
                    number("unanswered"),
                    rtt,
                ),
            )
        })
        .collect();
    assert_eq!(found, expected);

    let lookups = ["find_node", "get_peers", "get", "sample_infohashes"];
    let steps = queries
        .values()
        .filter(|query| lookups.contains(&query["fields"]["q"].as_str().unwrap()));
    let listed: Vec<&Value> = of_kind("lookup")
        .flat_map(|lookup| lookup["steps"].as_array().unwrap())
        .collect();
    assert_eq!(listed.len(), steps.count());
    for step in listed {
        let frame = step["frame"].as_u64().unwrap();
        assert_eq!(step["node"], queries[&frame]["dst"]);
        let reply = replies
            .get(&frame)
            .filter(|reply| reply["message"] == "response");
        assert_eq!(
            step["reply_frame"],
            reply.map_or(Value::Null, |reply| reply["frame"].clone())
        );
        let named = reply.map_or(0, |reply| {
            let results = &reply["fields"]["r"];
            ["nodes", "nodes6"]
                .iter()
                .map(|key| results[key].as_array().map_or(0, Vec::len))
                .sum()
        });
        assert_eq!(step["nodes"], named, "{step}");
    }
    // The capture stores an immutable and a mutable item, and finds both.
    let items: Vec<_> = of_kind("item").collect();
    assert!(
        items.iter().any(|item| item["mutable"] == true)
            && items.iter().any(|item| item["mutable"] == false)
    );
    for item in items {
        let number = |key: &str| item[key].as_u64().unwrap();
        assert_eq!(
            (number("right"), number("wrong")),
            (number("puts") + number("gets"), 0),
            "{item}"
        );
    }
}

/// A query that nobody answers is unanswered after 15 s; an item with another signature
/// is wrong; a token is known.
#[test]
fn what_is_wrong_in_the_dht_is_said() {
    let mut capture = Capture::new();
    let [asker, node] = ["203.0.113.9:6881", "198.51.100.8:6881"].map(|end| end.parse().unwrap());
    let put = |signature: u8| {
        [
            &b"d1:ad2:id20:abcdefghij01234567891:k32:"[..],
            &[3; 32],
            b"3:seqi1e3:sig64:",
            &[signature; 64],
            b"5:token2:tk1:v2:hie1:q3:put1:t2:aa1:y1:qe",
        ]
        .concat()
    };
    capture.datagram(
        asker,
        node,
        b"d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q3:get1:t2:ab1:y1:qe",
    );
    capture.datagram(
        node,
        asker,
        b"d1:rd2:id20:mnopqrstuvwxyz1234565:nodes0:5:token2:tke1:t2:ab1:y1:re",
    );
    capture.wait(3_000_000);
    capture.datagram(asker, node, &put(1));
    capture.wait(20_000_000);
    capture.datagram(
        asker,
        node,
        b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:ac1:y1:qe",
    );
    let mut named = hex::decode("12348180000100010000 0000".replace(' ', "")).unwrap();
    named.extend(b"\x06router\x0abittorrent\x03com\0\0\x01\0\x01");
    named.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x08");
    let server = "203.0.113.1:53".parse().unwrap();
    capture.datagram(server, "203.0.113.9:4000".parse().unwrap(), &named);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    fs::write(&file, capture.into_bytes()).unwrap();
    let said = objects(&["swarm", "--dht"], &file);
    let of_kind = |kind: &str| said.iter().find(|object| object["kind"] == kind).unwrap();
    let tokens = of_kind("tokens");
    assert_eq!((&tokens["given"], &tokens["used"]), (&1.into(), &1.into()));
    assert_eq!(tokens["oldest_us"], 3_000_010);
    assert_eq!(tokens["open_queries"], 1);
    let item = of_kind("item");
    assert_eq!((&item["right"], &item["wrong"]), (&0.into(), &1.into()));
    let found = said
        .iter()
        .find(|object| object["address"] == "198.51.100.8:6881")
        .unwrap();
    assert_eq!(
        (&found["answered"], &found["unanswered"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (&found["bootstrap"], &found["id_fits_address"]),
        (&true.into(), &false.into())
    );
    assert_eq!(found["host"], "router.bittorrent.com");
}

/// The answer of a name server: `host` is called that.
fn answer(name: &str, host: Ipv4Addr) -> Vec<u8> {
    let mut answer = hex::decode("123481800001000100000000").unwrap();
    answer.push(name.len() as u8);
    answer.extend(name.bytes());
    answer.extend(b"\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04");
    answer.extend(host.octets());
    answer
}

/// Who names more hosts than are remembered is told so, and nobody else.
#[test]
fn names_of_hosts_that_are_left_out_are_said() {
    let server = "203.0.113.1:53".parse().unwrap();
    let asker = "203.0.113.9:4000".parse().unwrap();
    for more in [0, 3] {
        let mut capture = Capture::new();
        for number in 0..(1 << 12) + more {
            let host = Ipv4Addr::from(0x0b00_0000 + number);
            capture.datagram(server, asker, &answer(&format!("h{number}"), host));
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made.pcap");
        fs::write(&file, capture.into_bytes()).unwrap();
        for words in [&["swarm"][..], &["swarm", "--dht"], &["torrents"]] {
            let program = Command::new(env!("CARGO_BIN_EXE_peerscope"))
                .args(words)
                .arg(&file)
                .output();
            let said = String::from_utf8(program.unwrap().stderr).unwrap();
            let is_said = said.contains("left out: 3 names of hosts more than are remembered");
            assert_eq!(is_said, more == 3, "{said}");
        }
    }
}
