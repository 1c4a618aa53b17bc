//! Names that stand for others: none of the capture's own is left.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{corpus, json, printed, report};

/// Texts that say something about the protocol and about nobody, though they come
/// from fields that are anonymized.
const HARMLESS: [&str; 10] = [
    "started",
    "stopped",
    "completed",
    "find_node",
    "get_peers",
    "announce_peer",
    "sample_infohashes",
    "HTTP/1.0",
    "HTTP/1.1",
    "chunked",
];

/// What must not be found: whatever names somebody or something.
#[derive(Default)]
struct Secrets(BTreeSet<String>);

impl Secrets {
    fn add(&mut self, text: &str) {
        // Shorter ones are found by chance, in numbers and in words of the page.
        if text.len() >= 6 && !HARMLESS.contains(&text) {
            self.0.insert(text.to_owned());
        }
    }

    fn add_address(&mut self, address: &str) {
        let ip = address.parse::<SocketAddr>().map(|address| address.ip());
        if let Ok(ip) = ip.or_else(|_| address.parse::<IpAddr>()) {
            self.add(&ip.to_string());
        }
    }

    /// All texts in a record's fields: hashes, ids, tokens, names, URLs, addresses.
    fn add_texts(&mut self, key: &str, value: &Value) {
        match value {
            // Names of clients, of extensions and of methods are of the protocol.
            Value::String(_)
                if [
                    "client",
                    "cause",
                    "method",
                    "last_message",
                    "by",
                    "reason",
                    "named_by",
                    "reserved",
                ]
                .contains(&key) => {}
            Value::String(text) => {
                self.add_address(text);
                self.add(text);
            }
            Value::Array(_) if key == "extensions" => {}
            Value::Array(items) => items.iter().for_each(|item| self.add_texts("", item)),
            Value::Object(members) => {
                for (key, value) in members {
                    self.add_texts(key, value);
                }
            }
            _ => {}
        }
    }

    fn of(capture: &Path) -> Self {
        let mut secrets = Self::default();
        for record in json("read", capture, &["--all"]) {
            secrets.add_address(record["src"].as_str().unwrap());
            secrets.add_address(record["dst"].as_str().unwrap());
            secrets.add_texts("", &record["fields"]);
        }
        let sessions = json("sessions", capture, &[]);
        for session in &sessions {
            for side in ["initiator", "acceptor"] {
                secrets.add_address(session[side]["address"].as_str().unwrap());
                secrets.add(session[side]["peer_id"].as_str().unwrap_or_default());
            }
            secrets.add(session["info_hash"].as_str().unwrap_or_default());
            secrets.add(session["name"].as_str().unwrap_or_default());
        }
        // What a known client calls itself tells of a program.
        let clients = clients(&sessions);
        secrets
            .0
            .retain(|secret| !clients.contains(secret.as_str()));
        secrets
    }

    fn found_in<'s>(&'s self, text: &str) -> Vec<&'s String> {
        self.0
            .iter()
            .filter(|secret| text.contains(secret.as_str()))
            .collect()
    }
}

/// The names of known clients.
fn clients(sessions: &[Value]) -> BTreeSet<&str> {
    let sides = sessions
        .iter()
        .flat_map(|session| [&session["initiator"], &session["acceptor"]]);
    let clients = sides.filter_map(|side| side["client"].as_str());
    clients
        .filter(|client| !client.starts_with("unknown"))
        .collect()
}

fn captures() -> Vec<PathBuf> {
    let mut all = crate::shipped();
    if let Some(lab) = corpus::shared("lab") {
        all.extend(corpus::captures(&lab));
    }
    if let Some(public) = corpus::shared("public") {
        all.extend(corpus::captures(&public));
    }
    all
}

/// Words that are in every page and every record: not from a capture.
fn common() -> String {
    let empty = corpus::case("14-nonbt6881");
    report(&empty, &["--anonymize"])
}

#[test]
fn no_name_of_a_capture_is_left() {
    let common = common();
    let mut secrets_seen = 0;
    for capture in captures() {
        let mut secrets = Secrets::of(&capture);
        secrets.0.retain(|secret| !common.contains(secret.as_str()));
        secrets_seen += secrets.0.len();
        let page = report(&capture, &["--anonymize"]);
        assert_eq!(
            secrets.found_in(&page),
            [""; 0],
            "page of {}",
            capture.display()
        );
        let path = capture.to_str().unwrap();
        let lines = printed(["read", "-q", "--all", "--json", "--anonymize", path]);
        // Keys and names of our own are no secrets, though a text of the capture may
        // be one of them.
        let values: Vec<String> = lines
            .lines()
            .flat_map(|line| texts(&serde_json::from_str(line).unwrap()))
            .collect();
        let values = values.join("\n");
        assert_eq!(
            secrets.found_in(&values),
            [""; 0],
            "JSON of {}",
            capture.display()
        );
    }
    assert!(secrets_seen > 1000, "{secrets_seen}");
}

/// All texts of a record.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| {
                let mut all = texts(value);
                all.push(key.clone());
                all
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The file and its folder may name somebody, too.
#[test]
fn the_name_of_the_file_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("of-alice.pcap");
    std::fs::copy(corpus::case("1-session"), &copy).unwrap();
    assert!(report(&copy, &[]).contains("of-alice.pcap"));
    assert!(!report(&copy, &["--anonymize"]).contains("alice"));
}

/// What the protocol says stays: the same messages, numbers and flags.
#[test]
fn what_tells_of_nobody_stays() {
    for capture in crate::shipped() {
        let plain = json("read", &capture, &[]);
        let hidden = json("read", &capture, &["--anonymize"]);
        assert_eq!(plain.len(), hidden.len());
        for (plain, hidden) in plain.iter().zip(&hidden) {
            for key in [
                "frame",
                "stream",
                "protocol",
                "message",
                "length",
                "latency_us",
                "malformed",
            ] {
                assert_eq!(plain[key], hidden[key], "{plain}\n{hidden}");
            }
            for key in [
                "index",
                "begin",
                "length",
                "piece",
                "msg_type",
                "reserved",
                "reqq",
                "extensions",
                "pieces_set",
            ] {
                assert_eq!(
                    plain["fields"][key], hidden["fields"][key],
                    "{plain}\n{hidden}"
                );
            }
            let ids = |record: &Value| -> Vec<Value> {
                let anomalies = record["anomalies"].as_array().into_iter().flatten();
                anomalies.map(|anomaly| anomaly["id"].clone()).collect()
            };
            assert_eq!(ids(plain), ids(hidden));
        }
    }
}

/// The same has the same name, in the order in which it appears.
#[test]
fn names_are_consistent() {
    let records = json("read", &corpus::shipped("demo.pcap"), &["--anonymize"]);
    let first = &records[0];
    assert_eq!(
        (&first["src"], &first["dst"]),
        (&"host-1:port-1".into(), &"host-2:port-2".into())
    );
    let hashes: BTreeSet<_> = records
        .iter()
        .filter(|record| record["message"] == "handshake")
        .map(|record| record["fields"]["info_hash"].as_str().unwrap())
        .collect();
    assert_eq!(hashes.into_iter().collect::<Vec<_>>(), ["hash-1"]);
    assert!(
        first["time"]
            .as_str()
            .unwrap()
            .starts_with("1970-01-01T00:00:0")
    );
}

#[test]
fn only_json_can_be_anonymous() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_peerscope"));
    let output = command
        .args(["read", "--anonymize", "x.pcap"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--json"));
}
