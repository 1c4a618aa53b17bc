//! Memory and work are bounded, whatever a capture holds: what the attacks of
//! `made::attacks` may cost at most, measured with a counting allocator and by
//! the time on the processor.

mod made;

use std::fs;
use std::hint::black_box;

use allocation_counter::measure;
use made::{Capture, attacks};
use peerscope::compare::Recorders;
use peerscope::extract::{self, Catalog, Collector, Output, Survey};
use peerscope::findings::Checker;
use peerscope::pipeline::{AttemptInterest, Bodies, Interest, Observer, Pipeline};
use peerscope::session::{ConnectionEvent, Ended, Heard, Torrents};
use peerscope::swarm::Census;
use peerscope::swarm::dht::DhtCensus;
use peerscope::view::{Format, Options, Printer};

const MIB: u64 = 1 << 20;

/// Shows every message in one of the views, to nobody.
struct Shown {
    printer: Printer,
    written: Written,
}

/// Counts what is written.
struct Written(u64);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shown {
    fn new(format: Format) -> Self {
        let options = Options {
            unfold: true,
            ..Options::default()
        };
        Self {
            printer: Printer::new(format, options),
            written: Written(0),
        }
    }
}

impl Observer for Shown {
    fn interest(&self) -> Interest {
        Interest {
            bodies: Bodies::Whole,
            ..Interest::default()
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        let shown = self.printer.heard(&mut self.written, heard);
        shown.expect("memory takes it");
    }
}

/// What `diff` keeps.
struct Compared(Recorders);

impl Observer for Compared {
    fn message(&mut self, heard: &Heard<'_>) {
        self.0.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.0.ended(ended);
    }
}

/// What `check` keeps.
struct Checked(Checker);

impl Observer for Checked {
    fn interest(&self) -> Interest {
        Interest {
            packets: true,
            attempts: AttemptInterest::WholeAndLikely,
            ..Interest::default()
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.0.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.0.ended(ended);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.0.connection(event);
    }
}

fn analyse(capture: &Capture, observer: &mut dyn Observer) {
    let mut pipeline = Pipeline::new(observer, Torrents::default());
    let run = pipeline.run(&mut capture.source());
    run.expect("nothing is wrong with it");
    black_box(pipeline.finish());
}

/// The most bytes of heap that were in use at once.
fn peak(capture: &Capture, observer: &mut dyn Observer) -> u64 {
    measure(|| analyse(capture, observer)).bytes_max
}

/// An attack, and what it may take at most in MiB.
type Attack = (&'static str, fn() -> Capture, u64);

/// Each would take several times as much if what it grows were not charged.
const ATTACKS: [Attack; 10] = [
    // 48 MiB of pieces; 24 MiB of them are kept.
    (
        "unfinished dictionaries",
        || attacks::unfinished_dictionaries(6),
        30,
    ),
    // 5 MiB each on the heap.
    (
        "finished dictionaries",
        || attacks::finished_dictionaries(10, 20_000),
        35,
    ),
    (
        "dictionaries with too many files",
        || attacks::finished_dictionaries(1, 150_000),
        25,
    ),
    ("seams", || attacks::seams(6, 80_000), 14),
    ("openings", || attacks::openings(200, 1_500), 10),
    ("cut packets", || attacks::cut_packets(4_000, 30), 25),
    ("connections", || attacks::connections(33_000), 105),
    ("requests", || attacks::requests(500, 1_000), 16),
    ("boundaries", || attacks::boundaries(50), 2),
    ("discovery", || attacks::discovery(60_000), 16),
];

#[test]
fn memory_is_bounded_in_all() {
    let mut faults = Vec::new();
    for (name, capture, most) in ATTACKS {
        let capture = capture();
        let peak = peak(&capture, &mut Shown::new(Format::Line));
        println!("{name}: {} KiB of {} KiB", peak >> 10, capture.len() >> 10);
        if peak > most * MIB {
            faults.push(format!("{name}: {} MiB", peak / MIB));
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
}

/// What a check holds beside the analysis: its account, what it remembers of the
/// DHT and of trackers, groups of connections, and its maps.
const CHECK_MIB: u64 = 70;

#[test]
fn check_keeps_no_more_than_it_says() {
    let mut faults = Vec::new();
    let talkative: Attack = ("sessions", || attacks::talkative_sessions(3_000), 60);
    let growing = ["connections", "requests", "discovery"];
    let some = ATTACKS
        .into_iter()
        .filter(|attack| growing.contains(&attack.0));
    for (name, capture, most) in some.chain([talkative]) {
        let capture = capture();
        let peak = peak(&capture, &mut Checked(Checker::default()));
        println!("{name}: {} KiB of {} KiB", peak >> 10, capture.len() >> 10);
        if peak > (most + CHECK_MIB) * MIB {
            faults.push(format!("{name}: {} MiB", peak / MIB));
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn diff_keeps_no_more_than_it_says() {
    let capture = attacks::talkative_sessions(3_000);
    let mut compared = Compared(Recorders::new(None));
    let peak = peak(&capture, &mut compared);
    println!("{} KiB of {} KiB", peak >> 10, capture.len() >> 10);
    assert!(peak < 90 * MIB, "{} MiB", peak / MIB);
    assert!(compared.0.dropped() > 0);
}

/// Who hears a capture, and what it may hold beside the analysis, in MiB.
type Reader = (&'static str, fn(&Capture) -> u64, u64);

/// Extracts to a folder of its own: what does not fit into memory goes there.
fn extracting(capture: &Capture) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let measured = measure(|| {
        let mut survey = Survey::default();
        let mut pipeline = Pipeline::new(&mut survey, Torrents::default());
        pipeline.run(&mut capture.source()).expect("sound");
        let learned = pipeline.finish();
        let catalog = Catalog::new(Vec::new(), &learned.torrents, survey.finish());
        drop(learned);
        let output = Output::create(&folder.path().join("out")).expect("a folder");
        let spool = output.spool();
        let options = extract::Options {
            partial: true,
            raw: true,
            streams: Vec::new(),
        };
        let mut collector = Collector::new(catalog, Some(output), spool, options);
        analyse(capture, &mut collector);
        let (extracted, _, trouble) = collector.finish(&|_, _| Ok(()));
        assert!(trouble.is_none(), "{trouble:?}");
        black_box(extracted);
    });
    measured.bytes_max
}

/// Hands on the messages of the DHT.
struct Dht(DhtCensus);

impl Observer for Dht {
    fn message(&mut self, heard: &Heard<'_>) {
        self.0.hear(heard);
    }
}

const READERS: [Reader; 3] = [
    ("swarm", |capture| peak(capture, &mut Census::default()), 40),
    (
        "swarm --dht",
        |capture| peak(capture, &mut Dht(DhtCensus::default())),
        40,
    ),
    ("extract", extracting, 75),
];

#[test]
fn what_was_shared_keeps_no_more_than_it_says() {
    let mut faults = Vec::new();
    let more: [Attack; 2] = [
        ("swarms", || attacks::swarms(20_000), 25),
        (
            "contradicting blocks",
            || attacks::contradicting_blocks(10, 12),
            15,
        ),
    ];
    for (attack, capture, most) in ATTACKS.into_iter().chain(more) {
        let capture = capture();
        for (reader, read, beside) in READERS {
            let peak = read(&capture);
            println!(
                "{attack}, {reader}: {} KiB of {} KiB",
                peak >> 10,
                capture.len() >> 10
            );
            if peak > (most + beside) * MIB {
                faults.push(format!("{attack}, {reader}: {} MiB", peak / MIB));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:?}");
}

/// Nanoseconds that this thread was on a processor, where the system tells.
fn on_processor() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

fn work(capture: &Capture, format: Format) -> Option<u64> {
    let mut least = u64::MAX;
    for _ in 0..3 {
        let before = on_processor()?;
        analyse(capture, &mut Shown::new(format));
        least = least.min(on_processor()? - before);
    }
    Some(least)
}

/// A capture that grows with a number.
type Growing = (&'static str, fn(usize) -> Capture);

const GROWING: [Growing; 8] = [
    ("a long text", |n| attacks::long_text("a", n << 15)),
    ("escapes", |n| attacks::long_text("\u{1b}", n << 15)),
    ("letters", |n| attacks::long_text("ä", n << 15)),
    ("words", |n| attacks::long_text("one two ", n << 15)),
    ("equal keys", |n| attacks::equal_keys(n * 3000)),
    ("nested lists", |n| attacks::nested(n * 60)),
    ("boundaries", |n| attacks::boundaries(n)),
    ("seams", |n| attacks::seams(1, n * 3000)),
];

/// Nanoseconds below which the clock says more than the work.
const RESOLUTION: u64 = 10_000_000;

/// Four times as much input takes four times as long; 16 times would be
/// quadratic.
const MAX_RATIO: u64 = 8;

#[test]
fn work_is_linear_in_every_view() {
    let mut faults = Vec::new();
    for (name, capture) in GROWING {
        let [one, four] = [1, 4].map(capture);
        for format in [Format::Line, Format::Tree, Format::Hex, Format::Json] {
            let times = (work(&one, format), work(&four, format));
            let (Some(one), Some(four)) = times else {
                println!("skipped: the system does not tell the time of a thread");
                return;
            };
            println!("{name}, {format:?}: {} us, {} us", one / 1000, four / 1000);
            if four > MAX_RATIO * one.max(RESOLUTION) {
                faults.push(format!("{name}, {format:?}: {one} ns, {four} ns"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
