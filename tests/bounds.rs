//! Memory and work are bounded, whatever a capture holds: what the attacks of
//! `made::attacks` may cost at most, measured with a counting allocator and by
//! the time on the processor.

mod made;

use std::fs;
use std::hint::black_box;

use allocation_counter::measure;
use made::{Capture, attacks, parallel};
use peerscope::compare::Recorders;
use peerscope::extract::{self, Catalog, Collector, Output, Survey};
use peerscope::findings::Checker;
use peerscope::keys::matching::{Kind, Matcher, Work};
use peerscope::keys::scan::{self, Layout, Place, Pointers};
use peerscope::pipeline::{Bodies, Interest, Observer, Pipeline};
use peerscope::session::{Conflict, ConnectionEvent, Ended, Heard, Torrents};
use peerscope::swarm::Census;
use peerscope::swarm::dht::DhtCensus;
use peerscope::view::{Format, Options, Printer};
use peerscope::wire::mse::{Rc4, StateLine};

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
        Interest::of_findings()
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.0.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.0.ended(ended);
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.0.contradicted(conflict);
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
const ATTACKS: [Attack; 11] = [
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
    ("changing ids", || attacks::changing_ids(500), 2),
    ("discovery", || attacks::discovery(60_000), 16),
];

/// Reads what each attack makes; `read` gives its peak, which may be so many MiB
/// `beside` what the attack may take.
fn hold(attacks: &[Attack], beside: u64, read: &(dyn Fn(&Capture) -> u64 + Sync)) {
    let faults = parallel::each(attacks, |(name, capture, most)| {
        let capture = capture();
        let peak = read(&capture);
        println!("{name}: {} KiB of {} KiB", peak >> 10, capture.len() >> 10);
        (peak > (most + beside) * MIB).then(|| format!("{name}: {} MiB", peak / MIB))
    });
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn memory_is_bounded_in_all() {
    hold(&ATTACKS, 0, &|capture| {
        peak(capture, &mut Shown::new(Format::Line))
    });
}

/// What a check holds beside the analysis: its account, what it remembers of the
/// DHT and of trackers, groups of connections, and its maps.
const CHECK_MIB: u64 = 70;

#[test]
fn check_keeps_no_more_than_it_says() {
    let talkative: Attack = ("sessions", || attacks::talkative_sessions(3_000), 60);
    let growing = ["connections", "requests", "discovery"];
    let some = ATTACKS
        .into_iter()
        .filter(|attack| growing.contains(&attack.0));
    let some: Vec<_> = some.chain([talkative]).collect();
    hold(&some, CHECK_MIB, &|capture| {
        peak(capture, &mut Checked(Checker::default()))
    });
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

/// Attacks on what is known of swarms and of data.
const ON_SHARING: [Attack; 3] = [
    ("swarms", || attacks::swarms(20_000), 25),
    (
        "contradicting blocks",
        || attacks::contradicting_blocks(10, 12),
        15,
    ),
    // 6 GiB when they are unpacked, more than are unpacked at a time.
    (
        "packed responses",
        || attacks::packed_responses(400, 16 << 20),
        10,
    ),
];

/// Both hear one reading, and take no more than either of them may, in MiB.
const SWARM_MIB: u64 = 40;

#[test]
fn swarms_keep_no_more_than_they_say() {
    let attacks = [&ON_SHARING[..], &ATTACKS].concat();
    hold(&attacks, SWARM_MIB, &|capture| {
        let (mut swarm, mut dht) = (Census::default(), Dht(DhtCensus::default()));
        peak(capture, &mut (&mut swarm, &mut dht))
    });
}

const EXTRACT_MIB: u64 = 75;

#[test]
fn extract_keeps_no_more_than_it_says() {
    let attacks = [&ON_SHARING[..], &ATTACKS].concat();
    hold(&attacks, EXTRACT_MIB, &extracting);
}

/// Memory that holds as much as it can of what the search for states looks for, each
/// `length` bytes: a permutation behind itself, one with a value left out, a count, and
/// different ones.
fn images(length: usize) -> [(&'static str, Vec<u8>); 5] {
    let state = Rc4::for_mse(b"an image");
    let repeated = |period: &[u8]| period.iter().copied().cycle().take(length).collect();
    let different = (0_u32..).flat_map(|n| *Rc4::new(&n.to_be_bytes()).state());
    let wide = state.state().iter().flat_map(|value| [*value, 0, 0, 0]);
    let wide: Vec<u8> = wide.collect();
    [
        ("a permutation again and again", repeated(state.state())),
        ("the same in words", repeated(&wide)),
        ("nearly a permutation", repeated(&state.state()[..255])),
        (
            "a count",
            (0..=255).cycle().take(length).collect::<Vec<u8>>(),
        ),
        ("other permutations", different.take(length).collect()),
    ]
}

/// Bytes that are looked at in one go (`keys::process::memory`).
const LOOK: usize = 256 << 10;

#[test]
fn the_search_for_states_is_bounded() {
    let mut faults = Vec::new();
    let look = |image: &[u8]| {
        let mut found = Vec::new();
        scan::scan(image, 0x1000, &mut found);
        found.len()
    };
    let time = |image: &[u8]| {
        let before = on_processor()?;
        (0..16).for_each(|_| {
            black_box(look(image));
        });
        Some(on_processor()? - before)
    };
    let usual = made::noise(LOOK, 1);
    for (name, image) in images(LOOK) {
        let peak = measure(|| {
            black_box(look(&image));
        });
        let (found, peak) = (look(&image), peak.bytes_max);
        println!("{name}: {found} places, {} KiB", peak >> 10);
        if peak > 2 * MIB {
            faults.push(format!("{name}: {peak} bytes"));
        }
        // Each value is looked at a few times, not once for each window that it is in.
        if let (Some(usual), Some(time)) = (time(&usual), time(&image)) {
            println!("  {} us for {} us", time / 1000, usual / 1000);
            if time > 40 * usual.max(RESOLUTION) {
                faults.push(format!("{name}: {time} ns for {usual} ns"));
            }
        }
    }
    // Arrays of V8 that everything points to.
    let places = (1..1 << 14).map(|number| Place {
        address: 0x10_0000 + 0x1000 * number,
        layout: Layout::Object(0),
    });
    let places: Vec<_> = places.collect();
    let pointers = (0..1_u64 << 20).map(|number| {
        let place = &places[number as usize % places.len()];
        place.address - 16 + 1
    });
    let image: Vec<u8> = pointers.flat_map(u64::to_le_bytes).collect();
    let before = on_processor();
    let peak = measure(|| {
        let mut pointers = Pointers::to(&places).expect("some");
        pointers.look(&image, 0x4000_0000);
        if pointers.go_on() {
            pointers.look(&image, 0x4000_0000);
        }
        black_box(pointers.into_places());
    });
    println!("pointers: {} KiB", peak.bytes_max >> 10);
    if peak.bytes_max > 20 * MIB {
        faults.push(format!("pointers: {} bytes", peak.bytes_max));
    }
    if let (Some(before), Some(after)) = (before, on_processor()) {
        println!("  {} ms", (after - before) / 1_000_000);
        // A million pointers, each compared with all others, would take minutes.
        if after - before > 10_000_000_000 {
            faults.push(format!("pointers: {} ns", after - before));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// More states and more directions than are taken, which have nothing to do with each
/// other.
#[test]
fn the_matching_of_states_is_bounded() {
    const STATES: u32 = 20_000;
    let line = |number: u32| StateLine {
        anchor: None,
        cipher: Rc4::new(&number.to_be_bytes()),
    };
    let noise = made::noise(64 << 10, 3);
    let measured = measure(|| {
        let mut matcher = Matcher::default();
        let taken = (0..STATES).filter(|number| matcher.add_state(&line(*number)));
        assert_eq!(taken.count(), 1 << 14);
        let ids: Vec<_> = (0..100)
            .map(|_| (Kind::Middle, noise.len()))
            .chain((0..20_000).map(|number| {
                let sides = [Kind::Offer, Kind::Choice];
                (sides[number % 2], 2000)
            }))
            .filter_map(|(kind, length)| Some((matcher.open(kind, 0)?, length)))
            .collect();
        assert_eq!(ids.len(), 1 << 14);
        for (id, length) in &ids {
            assert!(matcher.hear(*id, 0, &noise[..*length]).is_none());
        }
        assert_eq!(matcher.work(4 << 20), Work::Unfinished);
        assert_eq!(matcher.tally().proven, 0);
        black_box(matcher);
    });
    println!("{} KiB", measured.bytes_max >> 10);
    assert!(measured.bytes_max < 50 * MIB, "{}", measured.bytes_max);
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

const GROWING: [Growing; 9] = [
    ("a long text", |n| attacks::long_text("a", n << 15)),
    ("escapes", |n| attacks::long_text("\u{1b}", n << 15)),
    ("letters", |n| attacks::long_text("ä", n << 15)),
    ("words", |n| attacks::long_text("one two ", n << 15)),
    ("equal keys", |n| attacks::equal_keys(n * 3000)),
    ("nested lists", |n| attacks::nested(n * 60)),
    ("boundaries", |n| attacks::boundaries(n)),
    ("seams", |n| attacks::seams(1, n * 3000)),
    ("changing ids", |n| attacks::changing_ids(n << 7)),
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
