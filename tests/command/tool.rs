//! Running `peerscope` and reading what it prints as JSON.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use serde_json::Value;

pub use crate::program::{Run, command};

/// Runs `peerscope` to its end.
pub fn run<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> Run {
    let output = command(arguments).output().expect("peerscope runs");
    Run::from(output)
}

/// One record of `read --json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Record(pub Value);

impl Record {
    /// The message's name.
    pub fn name(&self) -> &str {
        self.text("message")
    }

    /// A text at the top of the record.
    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    /// A number at the top of the record.
    pub fn number(&self, key: &str) -> u64 {
        let value = self.0[key].as_u64();
        value.unwrap_or_else(|| panic!("no number {key} in {}", self.0))
    }

    /// One of the message's fields; null where it is not there.
    pub fn field(&self, name: &str) -> &Value {
        &self.0["fields"][name]
    }

    /// A numeric field.
    pub fn field_number(&self, name: &str) -> u64 {
        let value = self.field(name).as_u64();
        value.unwrap_or_else(|| panic!("no number {name} in {}", self.0))
    }

    /// Whether it is a message of the peer wire, not a gap in it.
    pub fn is_peer_message(&self) -> bool {
        self.text("protocol") == "peer" && self.name() != "gap"
    }

    /// Sender and receiver.
    pub fn way(&self) -> (String, String) {
        (self.text("src").to_owned(), self.text("dst").to_owned())
    }
}

fn parse(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

/// All records of a capture that reads well.
pub fn read(capture: &Path) -> Vec<Record> {
    let run = run([
        OsStr::new("read"),
        OsStr::new("--json"),
        capture.as_os_str(),
    ]);
    assert_eq!(run.status, 0, "{}: {}", capture.display(), run.stderr);
    parse(&run).into_iter().map(Record).collect()
}

/// The records of a capture that are messages of the peer wire.
pub fn read_peer(capture: &Path) -> Vec<Record> {
    let mut records = read(capture);
    records.retain(Record::is_peer_message);
    records
}

/// The connections of `sessions --json`, without the attempts that failed.
pub fn sessions(capture: &Path) -> Vec<Value> {
    let arguments = [
        OsStr::new("sessions"),
        OsStr::new("--json"),
        capture.as_os_str(),
    ];
    let run = run(arguments);
    assert_eq!(run.status, 0, "{}: {}", capture.display(), run.stderr);
    let mut all: Vec<Value> = parse(&run);
    all.retain(|object| object["kind"] != "attempt");
    all
}

/// How often each key occurs.
pub fn count<K: Ord>(keys: impl IntoIterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}
