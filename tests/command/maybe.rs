//! Connections that may be encrypted BitTorrent, and what says that they are.

use std::fs;
use std::net::SocketAddrV4;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::corpus::shipped;
use crate::made::{Capture, Talk, noise};
use crate::tool::{Run, run};

/// What `sessions` and `read` say, on standard output and on standard error.
struct Said {
    sessions: Vec<Value>,
    messages: Vec<Value>,
    remarks: [String; 2],
}

fn said(capture: &Path, options: &[&str]) -> Said {
    let run = |command: &str| -> Run {
        let path = capture.to_str().unwrap();
        let run = run([&[command, "--json", path], options].concat());
        assert_eq!(run.status, 0, "{}", run.stderr);
        run
    };
    let values = |run: &Run| {
        let lines = run.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let [sessions, messages] = ["sessions", "read"].map(run);
    Said {
        sessions: values(&sessions),
        messages: values(&messages),
        remarks: [sessions.stderr, messages.stderr],
    }
}

const ONE: &str = "1 connection may be encrypted BitTorrent (MSE); --all shows such connections\n";

fn lab(name: &str) -> Option<PathBuf> {
    let path = Path::new("../shared/captures/lab").join(name);
    path.exists().then_some(path)
}

#[test]
fn other_protocols_are_not_claimed() {
    for name in ["mse-fp-rlpx", "mse-fp-zbxd"] {
        let path = shipped("reports").join(name).with_extension("pcap");
        for options in [&[][..], &["--all"]] {
            let said = said(&path, options);
            assert_eq!(said.sessions, [Value::Null; 0], "{name}");
            assert_eq!(said.messages, [Value::Null; 0], "{name}");
            for remark in said.remarks {
                let is_nothing = remark.starts_with("nothing of BitTorrent found in ");
                assert!(
                    is_nothing && remark.lines().count() == 1,
                    "{name}: {remark}"
                );
            }
        }
    }
}

/// No message of these captures says that there is a peer at the end.
#[test]
fn what_only_looks_like_it_is_shown_on_demand() {
    let names = [
        "c-rc4-libtorrent-transmission.pcap",
        "c-rc4-webtorrent-libtorrent.pcap",
        "c-mseplain-transmission-libtorrent.pcap",
    ];
    let case = shipped("cases").join("10-mse.pcap");
    let paths = names.iter().filter_map(|name| lab(name)).chain([case]);
    for path in paths {
        let name = path.display();
        let plain = said(&path, &[]);
        assert_eq!(plain.sessions, [Value::Null; 0], "{name}");
        assert_eq!(plain.messages, [Value::Null; 0], "{name}");
        assert_eq!(plain.remarks, [ONE, ONE], "{name}");

        let all = said(&path, &["--all"]);
        assert_eq!(all.sessions.len(), 1, "{name}");
        assert_eq!(all.sessions[0]["encryption"], "mse_unknown", "{name}");
        assert_eq!(all.sessions[0]["certainty"], "likely", "{name}");
        assert_eq!(all.remarks, ["", ""], "{name}");
        assert!(all.messages.len() >= 3, "{name}");
        for message in &all.messages {
            assert_eq!(message["protocol"], "mse", "{name}");
            assert_eq!(message["certainty"], "likely", "{name}");
        }
    }
}

#[test]
fn words_say_that_it_may_be() {
    let case = shipped("cases").join("10-mse.pcap");
    let text = |command: &str| run([command, "--all", case.to_str().unwrap()]).stdout;
    assert!(text("sessions").contains("may be MSE "));
    let lines = text("read");
    assert!(
        lines.lines().all(|line| line.contains(" may be mse ")),
        "{lines}"
    );
}

#[test]
fn plaintext_that_follows_is_certain() {
    let path = shipped("lab").join("c-mseplain-libtorrent-libtorrent.pcap");
    let said = said(&path, &[]);
    assert_eq!(said.sessions[0]["encryption"], "mse_plaintext");
    assert_eq!(said.sessions[0]["certainty"], "certain");
    assert_eq!(said.remarks, ["", ""]);
}

/// The whole capture counts for `sessions`, what is known so far for `read`.
#[test]
fn an_end_that_is_proven_later_is_known() {
    let path = shipped("reports").join("24-mse-then-plain.pcap");
    let said = said(&path, &[]);
    let first = &said.sessions[0];
    assert_eq!(first["encryption"], "mse_unknown");
    assert_eq!(first["certainty"], "inferred");
    assert_eq!(said.sessions[1]["certainty"], "certain");
    assert_eq!(said.remarks, ["", ONE]);
}

/// A local announce names the acceptor, or another port of its host.
fn announced(port: u16) -> PathBuf {
    let mut capture = Capture::new();
    let [client, peer, group]: [SocketAddrV4; 3] =
        ["10.0.0.1:40000", "10.0.0.2:6881", "239.192.152.143:6771"].map(|end| end.parse().unwrap());
    let announce = format!(
        "BT-SEARCH * HTTP/1.1\r\nHost: {group}\r\nPort: {port}\r\n\
         Infohash: 4b63dcd8472c5eb95c677520e16f8660a014edd7\r\n\r\n\r\n"
    );
    let from = SocketAddrV4::new(*peer.ip(), 6771);
    capture.datagram(from, group, announce.as_bytes());
    let mut talk = Talk::between(&mut capture, [client, peer]);
    talk.ask(&mut capture, &noise(300, 1));
    talk.answer(&mut capture, &noise(400, 2));
    talk.ask(&mut capture, &noise(200, 3));
    talk.answer(&mut capture, &noise(5000, 4));
    talk.ask(&mut capture, &noise(3000, 5));
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("announced-{port}.pcap"));
    fs::write(&path, capture.into_bytes()).unwrap();
    path
}

#[test]
fn an_end_that_was_named_makes_it_sure() {
    let said = said(&announced(6881), &[]);
    assert_eq!(said.sessions[0]["encryption"], "mse_rc4");
    assert_eq!(said.sessions[0]["certainty"], "inferred");
    let encrypted = said
        .messages
        .iter()
        .filter(|message| message["protocol"] == "mse");
    for message in encrypted.clone() {
        assert_eq!(message["certainty"], "inferred");
    }
    assert!(encrypted.count() >= 4);
    assert_eq!(said.remarks, ["", ""]);
}

#[test]
fn another_port_is_another_program() {
    let said = said(&announced(6882), &[]);
    assert_eq!(said.sessions, [Value::Null; 0]);
    assert_eq!(said.remarks, [ONE, ONE]);
}

#[test]
fn diff_takes_no_connection_for_one_that_only_may_be() {
    let case = shipped("cases").join("10-mse.pcap");
    let path = case.to_str().unwrap();
    for (name, expected) in [
        (path.to_owned(), "no BitTorrent connection in it"),
        (
            format!("{path}:stream=0"),
            "connection 0 may be encrypted BitTorrent (MSE), its messages cannot be read",
        ),
    ] {
        let run = run(["diff", &name, "captures/demo.pcap"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}
