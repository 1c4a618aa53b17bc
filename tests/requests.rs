//! `sessions --requests`: the fates of requests are those that `sessions` counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn objects(arguments: &[&str], capture: &Path) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    let output = command.args(arguments).arg(capture).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

type Counts = BTreeMap<(u64, String, String), u64>;

#[test]
fn fates_are_those_that_sessions_counts() {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/lab");
    let mut requests = 0;
    for entry in fs::read_dir(lab).unwrap() {
        let capture = entry.unwrap().path();
        if !["pcap", "gz"]
            .map(Some)
            .contains(&capture.extension().and_then(|e| e.to_str()))
        {
            continue;
        }
        if capture.to_string_lossy().ends_with("peerlog.gz") {
            continue;
        }
        let mut told = Counts::new();
        for request in objects(&["sessions", "--requests", "--json"], &capture) {
            let text = |key: &str| request[key].as_str().unwrap().to_owned();
            let key = (
                request["stream"].as_u64().unwrap(),
                text("from"),
                text("fate"),
            );
            *told.entry(key).or_default() += 1;
            requests += 1;
        }
        let mut counted = Counts::new();
        for session in objects(&["sessions", "--json"], &capture) {
            let Some(sides) = session["requests"].as_object() else {
                continue;
            };
            let stream = session["stream"].as_u64().unwrap();
            for (side, fates) in sides {
                let fate = |key: &str| fates[key].as_u64().unwrap();
                let all = [
                    ("answered", fate("answered")),
                    ("rejected", fate("rejected")),
                    ("cancelled", fate("cancelled")),
                    ("choked_away", fate("choked_away")),
                    // A request that is repeated is answered once.
                    (
                        "unanswered",
                        fate("unanswered") + fate("forgotten") + fate("repeated"),
                    ),
                ];
                for (name, count) in all.into_iter().filter(|(_, count)| *count > 0) {
                    counted.insert((stream, side.clone(), name.to_owned()), count);
                }
            }
        }
        assert_eq!(told, counted, "{}", capture.display());
    }
    assert!(requests > 500, "{requests}");
}

/// What is said on standard error of `capture`, some connections of which are asked for.
fn said(arguments: &[&str], capture: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    let command = command.args(["sessions", "--requests", "--stream", "0,7"]);
    let output = command.args(arguments).arg(capture).output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_connection_is_missing_only_where_all_was_looked_at() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/demo.pcap");
    let missing = "peerscope: nothing of BitTorrent on connection 7: there is only connection 0\n";
    assert_eq!(said(&[], &demo), missing);
    assert_eq!(said(&["--quiet"], &demo), missing);
    // The one that was asked for was found before the end.
    assert_eq!(said(&["--count", "1"], &demo), "");

    let cut = std::env::temp_dir().join(format!("requests-cut-{}.pcap", std::process::id()));
    let whole = fs::read(&demo).unwrap();
    fs::write(&cut, &whole[..whole.len() - 1]).unwrap();
    let of_cut = said(&[], &cut);
    fs::remove_file(&cut).unwrap();
    assert!(of_cut.contains("ends inside packet"), "{of_cut}");
    assert!(!of_cut.contains("connection 7"), "{of_cut}");
}

#[test]
fn requests_before_the_capture_are_not_held_against_anybody() {
    let capture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/reports/tcp-mid-inorder.pcap");
    let said = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_peerscope"));
        let output = command.args(arguments).arg(&capture).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let details = said(&["sessions", "-V"]);
    assert!(details.contains("request not seen"), "{details}");
    assert!(!details.contains("wasted"), "{details}");
    let ladder = said(&["follow"]);
    assert!(
        ladder.contains("piece") && !ladder.contains("not asked for"),
        "{ladder}"
    );
}
