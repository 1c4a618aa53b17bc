//! Findings as SARIF: the structure that the standard (OASIS SARIF 2.1.0) asks for.

use std::path::{Path, PathBuf};

use peerscope::capture;
use peerscope::session::Torrents;
use peerscope::view::write_findings_sarif;
use serde_json::Value;

use super::run::{check, packets};

fn sarif(name: &str, files: &[(u64, PathBuf)]) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let source = capture::open(std::slice::from_ref(&path)).expect("a capture");
    let report = check(packets(source).iter(), Torrents::default());
    let mut text = Vec::new();
    write_findings_sarif(&mut text, &report, files).expect("memory takes it");
    serde_json::from_slice(&text).expect("JSON")
}

/// A string that must be there.
fn string<'v>(value: &'v Value, key: &str) -> &'v str {
    let text = value[key].as_str();
    text.unwrap_or_else(|| panic!("{key} of {value}"))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    let items = value[key].as_array();
    items.unwrap_or_else(|| panic!("{key} of {value}"))
}

/// A message (3.11): text that is not empty.
fn assert_message(value: &Value) {
    assert!(!string(value, "text").is_empty(), "{value}");
}

const LEVELS: [&str; 4] = ["none", "note", "warning", "error"];

fn assert_result(result: &Value, rules: &[Value], artifacts: &[Value]) {
    assert_message(&result["message"]);
    assert!(LEVELS.contains(&string(result, "level")));
    let index = result["ruleIndex"].as_u64().expect("an index") as usize;
    assert_eq!(string(&rules[index], "id"), string(result, "ruleId"));
    assert!(result["occurrenceCount"].as_u64() > Some(0));
    for location in list(result, "locations") {
        for logical in list(location, "logicalLocations") {
            string(logical, "name");
            string(logical, "fullyQualifiedName");
        }
        let artifact = &location["physicalLocation"]["artifactLocation"];
        if let Some(index) = artifact["index"].as_u64() {
            let known = &artifacts[index as usize]["location"];
            assert_eq!(string(artifact, "uri"), string(known, "uri"));
        }
    }
}

#[test]
fn findings_are_sarif() {
    for name in [
        "captures/cases/19-violations.pcap",
        "captures/lab/a-rtorrent-aria2.pcap",
        "captures/cases/14-nonbt6881.pcap",
    ] {
        let log = sarif(name, &[(1, PathBuf::from("a folder/x.pcap"))]);
        assert_eq!(string(&log, "version"), "2.1.0");
        assert!(string(&log, "$schema").ends_with("sarif-2.1.0.json"));
        let [run] = list(&log, "runs") else {
            panic!("not one run");
        };
        let driver = &run["tool"]["driver"];
        assert_eq!(string(driver, "name"), "peerscope");
        let rules = list(driver, "rules");
        for rule in rules {
            string(rule, "id");
            for key in ["shortDescription", "fullDescription", "help"] {
                assert_message(&rule[key]);
            }
            let level = string(&rule["defaultConfiguration"], "level");
            assert!(LEVELS.contains(&level));
        }
        let artifacts = list(run, "artifacts");
        assert_eq!(
            string(&artifacts[0]["location"], "uri"),
            "a%20folder/x.pcap"
        );
        for result in list(run, "results") {
            assert_result(result, rules, artifacts);
        }
        for invocation in list(run, "invocations") {
            assert!(invocation["executionSuccessful"].is_boolean());
            for notification in list(invocation, "toolExecutionNotifications") {
                assert_message(&notification["message"]);
            }
        }
        assert_eq!(
            list(run, "results").is_empty(),
            name.contains("nonbt"),
            "{name}"
        );
    }
}

#[test]
fn standard_input_has_no_name() {
    let log = sarif(
        "captures/cases/19-violations.pcap",
        &[(1, PathBuf::from("-"))],
    );
    let run = &log["runs"][0];
    assert!(list(run, "artifacts").is_empty());
    let location = &run["results"][0]["locations"][0];
    assert!(location["physicalLocation"].is_null());
}

#[test]
fn of_several_files_the_one_with_the_packet_is_named() {
    let files = [(1, "a.pcap"), (1, "empty.pcap"), (7, "-"), (9, "b.pcap")];
    let files = files.map(|(first, file)| (first, PathBuf::from(file)));
    let log = sarif("captures/cases/19-violations.pcap", &files);
    let run = &log["runs"][0];
    let mut named = Vec::new();
    for result in list(run, "results") {
        assert_result(
            result,
            list(&run["tool"]["driver"], "rules"),
            list(run, "artifacts"),
        );
        let frame = result["properties"]["frames"][0]
            .as_u64()
            .expect("a packet");
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        named.push((frame, place["uri"].as_str().map(str::to_owned)));
    }
    let due = |frame: u64| match frame {
        1..7 => Some("empty.pcap".to_owned()),
        7..9 => None,
        _ => Some("b.pcap".to_owned()),
    };
    assert!(
        named.iter().all(|(frame, file)| *file == due(*frame)),
        "{named:?}"
    );
    assert!(named.iter().any(|(frame, _)| *frame >= 9), "{named:?}");
}
