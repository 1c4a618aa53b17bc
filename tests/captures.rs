//! Every capture at hand, read and decoded: counts agree with what is known of
//! them.

use std::fs;
use std::path::{Path, PathBuf};

use peerscope::capture::{self, CaptureError, Source};
use peerscope::packet::{Decoder, Stats};

/// The shared captures, if this machine has them.
fn shared(folder: &str) -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared/captures", "shared/captures"]
        .into_iter()
        .find_map(|base| fs::read_dir(root.join(base).join(folder)).ok());
    let Some(entries) = found else {
        eprintln!("skipped: no shared captures ({folder})");
        return None;
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|e| e == "pcap" || e == "pcapng")
        })
        .collect();
    paths.sort();
    Some(paths)
}

/// Reads to the end: the packets decoded, and what was wrong.
fn read(path: &Path) -> (Stats, Option<CaptureError>) {
    let mut source = capture::open(&[path.to_owned()]).expect("the file opens");
    let mut decoder = Decoder::new();
    loop {
        match source.next_packet() {
            Ok(Some(packet)) => {
                decoder.decode(&packet);
            }
            Ok(None) => return (decoder.stats().clone(), None),
            Err(error) => return (decoder.stats().clone(), Some(error)),
        }
    }
}

#[test]
fn lab_captures_hold_what_their_notes_say() {
    for path in shared("lab").unwrap_or_default() {
        let notes = fs::read_to_string(path.with_extension("json")).expect("notes");
        let notes: serde_json::Value = serde_json::from_str(&notes).expect("JSON");
        let (stats, error) = read(&path);
        assert!(error.is_none(), "{error:?}");
        // Not noted for the capture of two interfaces at once.
        let expected = notes["capture"]["packets"].as_u64().unwrap_or(3916);
        assert_eq!(stats.packets, expected, "{}", path.display());
        assert_eq!(
            stats.cut + stats.malformed,
            0,
            "{}: {stats:?}",
            path.display()
        );
        assert!(stats.unknown_link.is_empty(), "{}", path.display());
    }
}
