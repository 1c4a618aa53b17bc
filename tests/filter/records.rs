//! The records of a capture, and which of its messages filters let pass.

use std::collections::HashMap;
use std::path::Path;

use peerscope::capture;
use peerscope::filter::Filter;
use peerscope::packet::Stamp;
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Heard, Torrents};
use peerscope::view::{Format, Options, Printer};
use serde_json::Value;

/// A record, and what earlier records say of its connection.
pub struct Record {
    /// The line.
    pub json: Value,
    /// The client of its sender.
    pub client: Option<String>,
    /// The info-hashes of its connection's handshakes before it.
    pub info_hashes: Vec<String>,
}

/// The records of a capture.
pub fn read(capture: &str) -> Vec<Record> {
    let options = Options::default();
    let mut lines = Lines {
        printer: Printer::new(Format::Json, options),
        out: Vec::new(),
    };
    run(capture, &mut lines);
    let text = String::from_utf8(lines.out).unwrap();
    let mut ends: HashMap<(String, String), Value> = HashMap::new();
    let mut records = Vec::new();
    for line in text.lines() {
        let json: Value = serde_json::from_str(line).unwrap();
        let of = |end: &str| (json["stream"].to_string(), json[end].to_string());
        let (src, dst) = (of("src"), of("dst"));
        let is_handshake = json["message"] == "handshake" && json["protocol"] == "peer";
        let own = &json["fields"];
        let own = (is_handshake && own["peer_id"].is_string()).then_some(own);
        let known = own.or(ends.get(&src).filter(|known| known["peer_id"].is_string()));
        let client = known.and_then(|fields| Some(fields["client"].as_str()?.to_owned()));
        let hashes = [&src, &dst].into_iter().filter_map(|end| ends.get(end));
        let hashes = hashes.filter_map(|fields| Some(fields["info_hash"].as_str()?.to_owned()));
        let info_hashes = hashes.collect();
        // A handshake without its end does not take the place of a whole one.
        let has_whole = ends
            .get(&src)
            .is_some_and(|known| known["peer_id"].is_string());
        if is_handshake && (own.is_some() || !has_whole) {
            ends.insert(src, json["fields"].clone());
        }
        records.push(Record {
            json,
            client,
            info_hashes,
        });
    }
    records
}

/// For each message of a capture, which of the filters let it pass.
pub fn filter(capture: &str, filters: Vec<Filter>) -> Vec<Vec<bool>> {
    let mut sieve = Sieve {
        filters,
        passed: Vec::new(),
    };
    run(capture, &mut sieve);
    sieve.passed
}

fn run(capture: &str, observer: &mut dyn Observer) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(capture);
    let mut source = capture::open(&[path]).unwrap();
    let mut pipeline = Pipeline::new(observer, Torrents::default());
    pipeline.run(&mut source).unwrap();
    pipeline.finish();
}

struct Lines {
    printer: Printer,
    out: Vec<u8>,
}

impl Observer for Lines {
    fn message(&mut self, heard: &Heard<'_>) {
        self.printer.heard(&mut self.out, heard).unwrap();
    }
}

struct Sieve {
    filters: Vec<Filter>,
    passed: Vec<Vec<bool>>,
}

impl Observer for Sieve {
    fn begin(&mut self, first: Stamp) {
        for filter in &mut self.filters {
            filter.begin(first);
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        let passed = self.filters.iter_mut().map(|filter| filter.passes(heard));
        self.passed.push(passed.collect());
    }
}
