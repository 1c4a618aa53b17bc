//! The catalogue lists what the dissectors report: each field and each anomaly of
//! each message in the captures of the repository.

use std::fs;
use std::path::{Path, PathBuf};

use peerscope::capture;
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Heard, Torrents};
use peerscope::wire::catalogue::{self, Entry};
use peerscope::wire::{Field, MessageType, Tree};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn captures(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            captures(&path, into);
        } else if path.to_string_lossy().contains(".pcap") {
            into.push(path);
        }
    }
}

/// Looks every field up.
#[derive(Default)]
struct Lookup {
    tree: Tree,
    messages: usize,
    unlisted: Vec<String>,
}

impl Lookup {
    fn check(&mut self, message: &'static MessageType) {
        let listed: Vec<Entry> = catalogue::fields(message)
            .chain(catalogue::anywhere())
            .collect();
        let is_listed = |field: &Field| listed.iter().any(|entry| entry.field == field);
        let fields = self
            .tree
            .nodes()
            .iter()
            .filter_map(|node| node.label.field());
        let unlisted = fields
            .filter(|field| !is_listed(field))
            .map(|field| field.name);
        let anomalies: Vec<_> = message.protocol.anomalies().collect();
        let found = self.tree.deviations().map(|found| found.anomaly);
        let unknown = found
            .filter(|anomaly| !anomalies.contains(anomaly))
            .map(|anomaly| anomaly.words);
        for what in unlisted.chain(unknown) {
            let name = format!("{} {}: {what}", message.protocol, message.name);
            if !self.unlisted.contains(&name) {
                self.unlisted.push(name);
            }
        }
        self.messages += 1;
    }
}

impl Observer for Lookup {
    fn message(&mut self, heard: &Heard<'_>) {
        let message = heard.message_type();
        self.tree.clear();
        heard.dissect(&mut self.tree);
        self.check(message);
        self.tree.clear();
        heard.dissect_decoded(&mut self.tree);
        self.check(message);
    }
}

#[test]
fn every_field_of_every_capture_is_listed() {
    let mut files = Vec::new();
    captures(&root().join("captures"), &mut files);
    let mut lookup = Lookup::default();
    for file in files {
        let mut source = capture::open(&[file]).unwrap();
        let _ = Pipeline::new(&mut lookup, Torrents::default()).run(&mut source);
    }
    assert!(lookup.messages > 10_000, "{}", lookup.messages);
    assert!(lookup.unlisted.is_empty(), "{:?}", lookup.unlisted);
}
