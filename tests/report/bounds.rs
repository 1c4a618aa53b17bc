//! What a report keeps is bounded, and so is its page, whatever a capture holds.

use std::rc::Rc;

use allocation_counter::measure;
use peerscope::packet::Stamp;
use peerscope::pipeline::{Interest, Observer, Pipeline};
use peerscope::report::Collector;
use peerscope::session::{Conflict, ConnectionEvent, Ended, Heard, Torrents, WebPart};
use peerscope::swarm::Census;
use peerscope::view::html::{Capture as Shown, Names, Page, write_page};

use crate::made::{Capture, attacks};

const MIB: u64 = 1 << 20;

struct Reported(Collector, Census);

impl Observer for Reported {
    fn interest(&self) -> Interest {
        Interest {
            web: true,
            ..Interest::of_findings()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.0.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.0.hear(heard, true);
        self.1.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.0.ended(ended, true);
        self.1.ended(ended);
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.0.contradicted(conflict);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.0.connection(event, true);
        self.1.connection(event);
    }

    fn web(&mut self, part: &WebPart<'_>) {
        self.1.web(part);
    }
}

/// The page of a capture.
fn page(capture: &Capture) -> String {
    let names = Rc::new(Names::own());
    let words = Rc::clone(&names);
    let describe = Box::new(move |heard: &Heard<'_>| words.message(heard));
    let mut reported = Reported(Collector::new(describe, false), Census::default());
    let mut pipeline = Pipeline::new(&mut reported, Torrents::default());
    let run = pipeline.run(&mut capture.source());
    run.expect("nothing is wrong with it");
    let learned = pipeline.finish();
    let digest = reported.0.finish(&learned.ends, &[]);
    let (swarms, _) = reported.1.finish(&learned.torrents, &learned.hosts);
    write_page(&Page {
        captures: &[Shown {
            files: "made",
            digest: &digest,
            swarms: &swarms,
            notes: &[],
        }],
        comparison: None,
        scope: None,
        names: &names,
    })
}

/// Each with what it may take in all, the analysis included, in MiB.
type Attack = (&'static str, fn() -> Capture, u64);

const ATTACKS: [Attack; 8] = [
    (
        "talkative sessions",
        || attacks::talkative_sessions(3_000),
        50,
    ),
    ("connections", || attacks::connections(33_000), 170),
    ("requests", || attacks::requests(500, 1_000), 60),
    ("openings", || attacks::openings(200, 1_500), 30),
    (
        "finished dictionaries",
        || attacks::finished_dictionaries(10, 20_000),
        60,
    ),
    ("swarms", || attacks::swarms(6_000), 60),
    ("long text", || attacks::long_text("<script>", 1 << 20), 40),
    ("equal keys", || attacks::equal_keys(20_000), 60),
];

#[test]
fn memory_and_page_are_bounded() {
    let mut faults = Vec::new();
    for (name, capture, most) in ATTACKS {
        let capture = capture();
        let mut length = 0;
        let peak = measure(|| length = page(&capture).len()).bytes_max;
        println!("{name}: {} KiB, a page of {} KiB", peak >> 10, length >> 10);
        if peak > most * MIB || length > 2_000_000 {
            faults.push(format!("{name}: {} MiB, {length} bytes", peak / MIB));
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
}
