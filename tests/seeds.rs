//! The seeds of the fuzz targets, replayed: whatever the fuzzer once found stays
//! found.

#[path = "../fuzz/checks.rs"]
mod checks;
#[cfg(feature = "active")]
#[path = "../fuzz/swarm.rs"]
mod swarm;

use std::fs;
use std::path::Path;

fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut seeds = 0;
    for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        let seed = fs::read(&path).unwrap();
        println!("{}", path.display());
        check(&seed);
        // Every prefix too: input ends anywhere.
        for end in (0..seed.len()).step_by(1 + seed.len() / 64) {
            check(&seed[..end]);
        }
        seeds += 1;
    }
    assert!(seeds > 0, "no seeds in {}", folder.display());
}

#[test]
fn messages() {
    replay("message", checks::message);
}

#[test]
fn bencoded_values() {
    replay("bencode", checks::bencode);
}

#[test]
fn discovery() {
    replay("discovery", checks::discovery);
}

#[test]
fn streams() {
    replay("stream", checks::stream);
}

#[test]
fn captures() {
    replay("capture", checks::capture);
}

#[cfg(feature = "active")]
#[test]
fn swarms() {
    replay("swarm", swarm::swarm);
}

#[test]
fn pasted_texts() {
    replay("paste", checks::paste);
}

#[test]
fn words() {
    replay("notation", checks::notation);
}
