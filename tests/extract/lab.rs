//! Transfers between real clients.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::proof::{assert_proven, assert_same_torrent};
use super::tool::{command, extract, files, manifest, objects};

const KINDS: [&str; 4] = ["pcap", "pcapng", "pcap.gz", "pcap.zst"];

/// A line of the list.
struct Line<'l> {
    name: &'l str,
    torrent: &'l str,
    is_given: bool,
    whole: u64,
    pieces: u64,
}

fn lines() -> Vec<Line<'static>> {
    let lines = include_str!("lab.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [name, torrent, whole, pieces] = words[..] else {
            panic!("{line}");
        };
        let plain = torrent.trim_start_matches('+');
        Line {
            name,
            torrent: plain,
            is_given: plain != torrent,
            whole: whole.parse().unwrap(),
            pieces: pieces.parse().unwrap(),
        }
    });
    parsed.collect()
}

/// A file of the laboratory, shipped or not.
fn find(name: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["captures/lab", "../shared/captures/lab"]
        .iter()
        .map(|folder| here.join(folder).join(name))
        .find(|path| path.exists())
}

fn capture(name: &str) -> Option<PathBuf> {
    let found = KINDS
        .iter()
        .find_map(|kind| find(&format!("{name}.{kind}")));
    if found.is_none() {
        println!("skipped: no {name} in captures/lab nor ../shared/captures/lab");
    }
    found
}

/// Every transfer of the list: what is whole in the capture is written, its hashes
/// prove it, and nothing else is written.
#[test]
fn what_is_whole_is_written() {
    for line in lines() {
        let Some(capture) = capture(line.name) else {
            continue;
        };
        let original = find(&format!("torrents/{}.torrent", line.torrent)).expect(line.torrent);
        let folder = tempfile::tempdir().unwrap();
        let given = [OsStr::new("--torrent"), original.as_os_str()];
        let options = if line.is_given { &given[..] } else { &[] };
        let run = extract(
            &capture,
            folder.path(),
            &[options, &[OsStr::new("--json")]].concat(),
        );
        assert_eq!(run.status, 0, "{}: {}", line.name, run.stderr);

        let manifest = manifest(folder.path());
        let torrent = &manifest["torrents"][0];
        assert_eq!(
            torrent["verified_pieces"].as_u64().unwrap_or(0),
            line.whole,
            "{}",
            line.name
        );
        let is_whole = line.whole == line.pieces;
        let said = objects(&run.stdout);
        assert!(line.whole == 0 || !said.is_empty());
        for file in &said {
            assert_eq!(file["verified"], file["written"], "{file}");
            let is_file_whole = file["have_bytes"] == file["length"];
            assert_eq!(file["verified"], is_file_whole, "{file}");
            let path = folder.path().join(file["path"].as_str().unwrap());
            assert_eq!(file["written"], path.is_file(), "{file}");
        }
        if is_whole {
            assert!(
                said.iter().all(|file| file["written"] == true),
                "{}",
                line.name
            );
            assert_proven(&original, folder.path());
            assert_eq!(
                torrent["failures"],
                Value::Array(Vec::new()),
                "{}",
                line.name
            );
        }
        if !line.is_given {
            let made = folder
                .path()
                .join(torrent["torrent_file"].as_str().unwrap());
            assert_same_torrent(&made, &original);
        }
    }
}

/// With `--partial` exactly the pieces are there whose blocks the records of `read`
/// show to be whole.
#[test]
fn partial_files_have_the_pieces_that_read_shows_whole() {
    for line in lines()
        .iter()
        .filter(|line| line.whole > 0 && line.is_given)
    {
        // Web seeds are no messages, and hashes of two halves no single torrent.
        if ["h-webseed-libtorrent", "f-hybrid-libtorrent-webtorrent"].contains(&line.name) {
            continue;
        }
        let Some(capture) = capture(line.name) else {
            continue;
        };
        let original = find(&format!("torrents/{}.torrent", line.torrent)).expect(line.torrent);
        let given = [OsStr::new("--torrent"), original.as_os_str()];
        let arguments = [
            OsStr::new("read"),
            OsStr::new("--json"),
            capture.as_os_str(),
        ];
        let read = command(arguments.iter().chain(&given)).output().unwrap();
        let (length, pieces) = sizes(&original);
        let whole = whole_pieces(&String::from_utf8(read.stdout).unwrap(), length, pieces);
        assert_eq!(whole.len() as u64, line.whole, "{}", line.name);

        let folder = tempfile::tempdir().unwrap();
        let options = [&given[..], &[OsStr::new("--partial")]].concat();
        let run = extract(&capture, folder.path(), &options);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let maps: Vec<_> = files(folder.path())
            .into_iter()
            .filter(|(name, _)| name.ends_with(".pieces.json"))
            .collect();
        if line.whole == line.pieces {
            assert!(maps.is_empty(), "{}", line.name);
            continue;
        }
        let map: Value = serde_json::from_slice(&maps[0].1).unwrap();
        let ranges = map["verified"].as_array().unwrap().iter();
        let listed: BTreeSet<u64> = ranges
            .flat_map(|range| range[0].as_u64().unwrap()..=range[1].as_u64().unwrap())
            .collect();
        assert_eq!(listed, whole, "{}", line.name);
    }
}

/// The piece length, and the length of all.
fn sizes(torrent: &Path) -> (u64, u64) {
    use serde_bencode::value::Value as Bencode;

    let torrent = super::proof::read(torrent);
    let Bencode::Dict(info) = &torrent[&b"info"[..]] else {
        panic!()
    };
    let int = |value: &Bencode| match value {
        Bencode::Int(int) => u64::try_from(*int).unwrap(),
        other => panic!("{other:?}"),
    };
    let total = match info.get(&b"files"[..]) {
        Some(Bencode::List(files)) => files
            .iter()
            .map(|file| match file {
                Bencode::Dict(file) => int(&file[&b"length"[..]]),
                other => panic!("{other:?}"),
            })
            .sum(),
        _ => int(&info[&b"length"[..]]),
    };
    (int(&info[&b"piece length"[..]]), total)
}

/// The pieces of which all bytes came in whole messages.
fn whole_pieces(records: &str, length: u64, total: u64) -> BTreeSet<u64> {
    let mut blocks: BTreeMap<u64, BTreeSet<(u64, u64)>> = BTreeMap::new();
    for line in records.lines().filter(|line| line.contains("\"piece\"")) {
        let record: Value = serde_json::from_str(line).unwrap();
        let number = |name: &str| record["fields"][name].as_u64();
        if record["message"] != "piece" || record["missing"].as_u64().unwrap_or(0) > 0 {
            continue;
        }
        let (Some(index), Some(begin)) = (number("index"), number("begin")) else {
            continue;
        };
        let bytes = record["length"].as_u64().unwrap() - 13;
        blocks
            .entry(index)
            .or_default()
            .insert((begin, begin + bytes));
    }
    let is_whole = |index: u64, blocks: &BTreeSet<(u64, u64)>| {
        let size = length.min(total - index * length);
        let end = blocks.iter().fold(
            0,
            |end, (from, to)| if *from <= end { end.max(*to) } else { end },
        );
        end == size
    };
    blocks
        .iter()
        .filter(|(index, blocks)| is_whole(**index, blocks))
        .map(|(index, _)| *index)
        .collect()
}
