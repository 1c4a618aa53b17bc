//! `peerscope get` from `peerscope seed`, as processes.
#![cfg(all(feature = "active", unix))]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use peerscope::wire::bencode::Dict;
use sha1::{Digest, Sha1};

const PEERSCOPE: &str = env!("CARGO_BIN_EXE_peerscope");
const PIECE: usize = 65536;

/// Bytes that do not repeat.
fn content(length: usize) -> Vec<u8> {
    let blocks = (0_u32..).flat_map(|n| Sha1::digest(n.to_be_bytes()).to_vec());
    blocks.take(length).collect()
}

/// Makes `file.bin` and `file.torrent` in a folder; gives the info-hash.
fn make(folder: &Path, length: usize) -> String {
    let data = content(length);
    let hashes: Vec<u8> = data
        .chunks(PIECE)
        .flat_map(|piece| Sha1::digest(piece).to_vec())
        .collect();
    let info = Dict::new()
        .int("length", i64::try_from(length).unwrap())
        .bytes("name", "file.bin")
        .int("piece length", i64::try_from(PIECE).unwrap())
        .bytes("pieces", hashes);
    fs::write(folder.join("file.bin"), &data).unwrap();
    let torrent = Dict::new().dict("info", &info).encode();
    fs::write(folder.join("file.torrent"), torrent).unwrap();
    hex::encode(Sha1::digest(info.encode()))
}

/// A seeder that ends with the test.
struct Seeder(Child, String);

impl Seeder {
    fn start(folder: &Path, encryption: &str) -> Self {
        let mut child = Command::new(PEERSCOPE)
            .args([
                "seed",
                "file.torrent",
                "file.bin",
                "--listen",
                "127.0.0.1:0",
                "--json",
            ])
            .args(["--encryption", encryption])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines
            .map_while(Result::ok)
            .find(|line| line.contains("listening"));
        let event: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        Self(child, event["address"].as_str().unwrap().to_owned())
    }
}

impl Drop for Seeder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(folder: &Path, what: &str, seeder: &Seeder) -> Command {
    let mut command = Command::new(PEERSCOPE);
    command
        .args([
            "get",
            what,
            "--peer",
            &seeder.1,
            "-o",
            "out",
            "--patience",
            "20",
        ])
        .current_dir(folder)
        .stderr(Stdio::null());
    command
}

#[test]
fn every_way_gives_the_same_file_and_a_clean_recording() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let hash = make(folder, 1_000_001);
    let magnet = format!("magnet:?xt=urn:btih:{hash}");
    for encryption in ["off", "prefer", "require"] {
        let seeder = Seeder::start(folder, encryption);
        for what in ["file.torrent", &magnet] {
            let _ = fs::remove_dir_all(folder.join("out"));
            let status = get(folder, what, &seeder)
                .args(["--encryption", encryption, "--record", "session.pcapng"])
                .args(["--keylog", "keys.txt"])
                .status()
                .unwrap();
            assert!(status.success(), "{what} {encryption}");
            let (was, is) = ("file.bin", "out/file.bin");
            assert!(fs::read(folder.join(was)).unwrap() == fs::read(folder.join(is)).unwrap());
            read(folder, encryption == "off");
        }
    }
    let keys = fs::read_to_string(folder.join("keys.txt")).unwrap();
    assert_eq!(keys.lines().count(), 4);
    assert!(
        keys.lines()
            .all(|line| line.starts_with("MSE ") && line.ends_with(&hash))
    );
}

/// The recording is readable, and nothing in it is malformed.
fn read(folder: &Path, plain: bool) {
    let output = Command::new(PEERSCOPE)
        .args(["read", "--torrent", "file.torrent", "session.pcapng"])
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && !text.contains("malformed"),
        "{text}"
    );
    let pieces = text.lines().filter(|line| line.contains(" piece ")).count();
    assert!(!plain || pieces >= 1_000_001 / 16384, "{text}");
}

#[test]
fn what_was_fetched_before_a_kill_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, 30_000_000);
    let seeder = Seeder::start(folder, "off");
    let mut first = get(folder, "file.torrent", &seeder).spawn().unwrap();
    // It is killed in the middle, or shortly after its end: both must hold.
    thread::sleep(Duration::from_millis(250));
    first.kill().unwrap();
    first.wait().unwrap();
    let output = get(folder, "file.torrent", &seeder)
        .arg("--json")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kept = events.iter().find(|event| event["event"] == "resumed");
    let kept = kept.map_or(0, |event| event["right"].as_u64().unwrap());
    let done = events
        .iter()
        .find(|event| event["event"] == "done")
        .unwrap();
    let pieces = 30_000_000_u64.div_ceil(PIECE as u64);
    // Nothing that was kept is fetched again.
    assert!(done["downloaded"].as_u64().unwrap() <= (pieces - kept) * PIECE as u64);
    let (was, is) = ("file.bin", "out/file.bin");
    assert!(fs::read(folder.join(was)).unwrap() == fs::read(folder.join(is)).unwrap());
}

#[test]
fn a_magnet_link_keeps_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let magnet = format!("magnet:?xt=urn:btih:{}", make(folder, 10 * PIECE));
    let was = fs::read(folder.join("file.bin")).unwrap();
    let mut spoiled = was.clone();
    spoiled[5 * PIECE] ^= 1;
    fs::create_dir(folder.join("out")).unwrap();
    fs::write(folder.join("out/file.bin"), spoiled).unwrap();
    let seeder = Seeder::start(folder, "off");
    let output = get(folder, &magnet, &seeder)
        .arg("--json")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(r#""right":9"#), "{text}");
    assert!(fs::read(folder.join("out/file.bin")).unwrap() == was);
}
