//! Every view over every capture: output is harmless, JSON is JSON, and the hex
//! dump shows or counts every byte of every message.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use peerscope::capture;
use peerscope::pipeline::{Bodies, Interest, Observer, Pipeline};
use peerscope::session::{Heard, Torrents};
use peerscope::view::{Format, Options, Printer, text::is_plain};

/// All captures below `directory`.
fn captures(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        println!("skipped: no {}", directory.display());
        return Vec::new();
    };
    // Decompression is slow without optimisation, and tested elsewhere.
    let is_capture = |path: &PathBuf| {
        let extension = path.extension().and_then(|name| name.to_str());
        matches!(extension, Some("pcap" | "pcapng"))
    };
    let mut paths: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(is_capture)
        .collect();
    paths.sort();
    paths
}

fn all_captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directories = [
        "captures/cases",
        "captures/lab",
        "../shared/captures/public",
        "../shared/captures/negatives",
        "../shared/captures/broken",
    ];
    directories
        .iter()
        .flat_map(|directory| captures(&root.join(directory)))
        .collect()
}

/// Messages of one capture that are looked at: enough to see all kinds.
const ENOUGH: usize = 300;

/// Gives each message to `see`, until there were enough.
struct Looker<F> {
    see: F,
    keep_data: bool,
    count: usize,
}

impl<F: FnMut(&Heard<'_>)> Observer for Looker<F> {
    fn interest(&self) -> Interest {
        Interest {
            bodies: if self.keep_data {
                Bodies::Whole
            } else {
                Bodies::Counted
            },
            ..Interest::default()
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        (self.see)(heard);
        self.count += 1;
    }

    fn is_done(&self) -> bool {
        self.count >= ENOUGH
    }
}

fn each_message(path: &Path, keep_data: bool, see: impl FnMut(&Heard<'_>)) {
    let mut observer = Looker {
        see,
        keep_data,
        count: 0,
    };
    // A damaged file is read as far as it goes.
    if let Ok(mut source) = capture::open(&[path.to_path_buf()]) {
        let mut pipeline = Pipeline::new(&mut observer, Torrents::default());
        let _ = pipeline.run(&mut source);
        pipeline.finish();
    }
}

fn shown(path: &Path, format: Format, options: Options) -> String {
    let mut printer = Printer::new(format, options);
    let mut out = Vec::new();
    each_message(path, format == Format::Hex, |heard| {
        printer.heard(&mut out, heard).unwrap();
    });
    printer.finish(&mut out).unwrap();
    out.flush().unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_capture_steers_the_terminal() {
    let options = Options {
        clients: true,
        ..Options::default()
    };
    for path in all_captures() {
        for format in [Format::Line, Format::Tree, Format::Hex, Format::Json] {
            for line in shown(&path, format, options).lines() {
                let bad = line.chars().find(|character| !is_plain(*character));
                assert_eq!(bad, None, "{format:?} of {}: {line}", path.display());
            }
        }
    }
}

#[test]
fn every_record_is_an_object_of_the_contract() {
    let keys = [
        "time",
        "frame",
        "first_frame",
        "stream",
        "transport",
        "src",
        "dst",
    ];
    let mut records = 0;
    for path in all_captures() {
        for line in shown(&path, Format::Json, Options::default()).lines() {
            let record: serde_json::Value = serde_json::from_str(line).unwrap();
            for key in keys
                .iter()
                .chain(&["protocol", "message", "length", "fields"])
            {
                assert!(record.get(key).is_some(), "no {key} in {line}");
            }
            assert!(record["fields"].is_object(), "{line}");
            // Only a dictionary of the capture may hold a key twice.
            let may = path.ends_with("15-bencint.pcap");
            assert!(may || !line.contains("#2\":"), "{}: {line}", path.display());
            records += 1;
        }
    }
    assert!(records > 1000, "{records}");
}

/// Bytes that a hex dump shows or counts. A row has an offset of `digits` and a
/// hex column after it.
fn accounted(dump: &str, digits: usize) -> usize {
    let row = |line: &str| {
        let cells = line.strip_prefix("  ")?;
        let offset = cells.get(..digits)?;
        usize::from_str_radix(offset, 16).ok()?;
        let hex = cells.get(digits + 2..)?.split("  ").next()?;
        let number = |text: &str| text.split(' ').find_map(|word| word.parse::<usize>().ok());
        if hex.contains("bytes") {
            return number(hex);
        }
        Some(hex.split(' ').filter(|byte| byte.len() == 2).count())
    };
    dump.lines().filter_map(row).sum()
}

#[test]
fn the_hex_dump_accounts_for_every_byte() {
    for path in all_captures() {
        for unfold in [false, true] {
            let options = Options {
                unfold,
                ..Options::default()
            };
            let mut printer = Printer::new(Format::Hex, options);
            let mut out = Vec::new();
            each_message(&path, true, |heard| {
                // A run of keep-alives is one line.
                if heard.is_gap() || heard.length <= 4 {
                    return;
                }
                out.clear();
                printer.heard(&mut out, heard).unwrap();
                let dump = std::str::from_utf8(&out).unwrap();
                let (_, rows) = dump.split_once('\n').unwrap();
                let digits = match heard.length {
                    0..=0xffff => 4,
                    0x1_0000..=0xff_ffff => 6,
                    _ => 8,
                };
                let heading = "  the decoded body (offsets are within it)\n";
                let (rows, decoded) = rows.split_once(heading).unwrap_or((rows, ""));
                let bytes = accounted(rows, digits);
                assert_eq!(bytes as u64, heard.length, "{}: {dump}", path.display());
                let body = heard.dissect_decoded(&mut ()).unwrap_or_default();
                assert_eq!(accounted(decoded, 4), body.len(), "{}", path.display());
            });
        }
    }
}
