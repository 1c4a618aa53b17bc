//! Whatever is heard is read back from the spool as it was.

use std::path::{Path, PathBuf};

use super::{Item, Spool};
use crate::capture;
use crate::pipeline::{Interest, Observer, Pipeline};
use crate::session::{Certainty, ConnectionEvent, Ended, Heard, Torrents};
use crate::view::json::JsonWriter;
use crate::view::{Format, Happening, Options, Printer};

/// What an observer makes of everything that it hears, and a spool beside it.
struct Both {
    spool: super::Recorder,
    said: Vec<String>,
    streams: Vec<u64>,
}

/// All that views and filters can see of a message.
fn words(heard: &Heard<'_>) -> String {
    let mut out = Vec::new();
    for format in [Format::Json, Format::Tree, Format::Hex] {
        let options = Options {
            clients: true,
            ..Options::default()
        };
        let mut printer = Printer::new(format, options);
        printer.heard(&mut out, heard).unwrap();
    }
    let text = String::from_utf8_lossy(&out);
    let hashes = heard.conversation.map(|conversation| {
        let speakers = &conversation.speakers;
        speakers.each_ref().map(crate::session::Speaker::info_hash)
    });
    format!(
        "{text}{:?} {:?} {:?} {:?} {:?}",
        heard.transition,
        heard.certainty(),
        heard.query(),
        heard.first,
        hashes,
    )
}

impl Observer for Both {
    fn interest(&self) -> Interest {
        self.spool.interest()
    }

    fn begin(&mut self, first: crate::packet::Stamp) {
        self.spool.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.spool.message(heard);
        // A packet of uTP is looked at, and not kept.
        if heard.is_packet() {
            return;
        }
        let is_part = heard.content.hole().is_some_and(|hole| hole.within_message);
        if heard.certainty() > Certainty::Likely && !is_part {
            self.said.push(words(heard));
            self.streams.push(heard.stream);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.spool.ended(ended);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.spool.connection(event);
        let is_known = event
            .stream
            .is_some_and(|stream| self.streams.contains(&stream));
        if event.change.is_failure() && event.named.is_none() && !is_known {
            return;
        }
        let mut json = JsonWriter::default();
        let json = String::from_utf8_lossy(json.event(event)).into_owned();
        self.said
            .push(format!("{} {}", Happening(event), json.trim_end()));
    }
}

fn check(capture: &Path) -> u64 {
    let spool = Spool::new().unwrap();
    let mut both = Both {
        spool: spool.recorder(false),
        said: Vec::new(),
        streams: Vec::new(),
    };
    let mut source = capture::open(&[capture.to_owned()]).unwrap();
    let mut pipeline = Pipeline::new(&mut both, Torrents::default());
    let _ = pipeline.run(&mut source);
    pipeline.finish();
    both.spool.close();
    spool.complete(Vec::new());
    assert_eq!(spool.len(), both.said.len() as u64, "{}", capture.display());

    let mut reader = spool.reader();
    let count = spool.len();
    // Forwards, then backwards, then across.
    let forwards = 0..count;
    let across = (0..count).map(|number| number * 7919 % count.max(1));
    for number in forwards.clone().chain(forwards.rev()).chain(across) {
        let again = reader.with(number, |item| match item {
            Item::Message(heard) => words(heard),
            Item::Event(happened) => format!("{} {}", happened.words, happened.json),
        });
        let before = &both.said[number as usize];
        assert_eq!(&again.unwrap(), before, "{} {number}", capture.display());
    }
    assert!(reader.entry(count).is_err());
    count
}

fn captures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(folder);
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .collect()
}

#[test]
fn every_message_of_the_cases_comes_back() {
    let cases = captures("cases").into_iter().chain(captures("reports"));
    let all: u64 = cases.map(|case| check(&case)).sum();
    assert!(all > 250, "{all}");
}

#[test]
fn every_message_of_real_clients_comes_back() {
    for name in [
        "a-rtorrent-aria2.pcap",
        "d-utp-libtorrent-transmission.pcap",
        "i-snap96.pcap.zst",
        "c-mseplain-libtorrent-libtorrent.pcap",
    ] {
        let lab = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("captures/lab")
            .join(name);
        assert!(check(&lab) > 9, "{name}");
    }
}

#[test]
fn what_is_wrong_with_packets_of_utp_is_found() {
    let spool = Spool::new().unwrap();
    let mut recorder = spool.recorder(false);
    let capture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/lab/i-badnet-utp-begin.pcap");
    let mut source = capture::open(&[capture]).unwrap();
    let mut pipeline = Pipeline::new(&mut recorder, Torrents::default());
    pipeline.run(&mut source).unwrap();
    pipeline.finish();
    recorder.close();
    let rules = spool.overview(|overview| {
        let found = overview.found().iter();
        found.map(|found| found.rule.id).collect::<Vec<_>>()
    });
    assert!(rules.contains(&"UT-01"), "{rules:?}");
}
