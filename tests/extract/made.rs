//! Captures made for the purpose.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;
use sha1::{Digest, Sha1};

use super::making::{Capture, JUMBO, Talk, extended, handshake, message, noise};
use super::tool::{Run, command, extract, files, interruptible, manifest, objects};

const PIECE: usize = 32 << 10;
const BLOCK: usize = 16 << 10;

/// A torrent: its info dictionary, and its data.
struct Torrent {
    info: Vec<u8>,
    data: Vec<u8>,
}

/// `12:abc..`
fn string(bytes: &[u8]) -> Vec<u8> {
    [bytes.len().to_string().as_bytes(), b":", bytes].concat()
}

impl Torrent {
    /// Files of these paths and lengths.
    fn of(name: &[u8], files: &[(&[&[u8]], usize)]) -> Self {
        let total: usize = files.iter().map(|(_, length)| length).sum();
        Self::holding(name, files, noise(total, total as u64))
    }

    /// Files of these paths and lengths, and what is in them.
    fn holding(name: &[u8], files: &[(&[&[u8]], usize)], data: Vec<u8>) -> Self {
        let mut info = b"d5:filesl".to_vec();
        for (path, length) in files {
            info.extend(format!("d6:lengthi{length}e4:pathl").bytes());
            path.iter().for_each(|name| info.extend(string(name)));
            info.extend(b"ee");
        }
        info.extend(b"e4:name");
        info.extend(string(name));
        info.extend(format!("12:piece lengthi{PIECE}e6:pieces").bytes());
        let hashes: Vec<u8> = data
            .chunks(PIECE)
            .flat_map(|piece| Sha1::digest(piece).to_vec())
            .collect();
        info.extend(string(&hashes));
        info.push(b'e');
        Self { info, data }
    }

    fn hash(&self) -> [u8; 20] {
        Sha1::digest(&self.info).into()
    }

    fn file(&self) -> Vec<u8> {
        [b"d4:info", &self.info[..], b"e"].concat()
    }

    /// Two peers that have said their handshakes.
    fn greet(&self, capture: &mut Capture, number: u32) -> Talk {
        let mut talk = Talk::open(capture, number);
        talk.ask(capture, &handshake(self.hash()));
        talk.answer(capture, &handshake(self.hash()));
        talk
    }

    /// The acceptor gives the info dictionary.
    fn tell(&self, capture: &mut Capture, talk: &mut Talk) {
        let size = self.info.len();
        for side in 0..2 {
            let text = format!("d1:md11:ut_metadatai1ee13:metadata_sizei{size}ee");
            talk.say(capture, side, &extended(0, text.as_bytes()), JUMBO);
        }
        for (piece, data) in self.info.chunks(BLOCK).enumerate() {
            let head = format!("d8:msg_typei1e5:piecei{piece}e10:total_sizei{size}ee");
            talk.answer(capture, &extended(1, &[head.as_bytes(), data].concat()));
        }
    }

    fn blocks(&self) -> impl Iterator<Item = (usize, usize, &[u8])> {
        let blocks = self.data.chunks(BLOCK).enumerate();
        blocks.map(|(number, block)| (number * BLOCK / PIECE, number * BLOCK % PIECE, block))
    }
}

fn piece(index: usize, begin: usize, data: &[u8]) -> Vec<u8> {
    let words = [index as u32, begin as u32].map(u32::to_be_bytes).concat();
    message(7, &[&words, data].concat())
}

/// The acceptor sends all of it.
fn send(capture: &mut Capture, talk: &mut Talk, torrent: &Torrent) {
    for (index, begin, block) in torrent.blocks() {
        talk.answer(capture, &piece(index, begin, block));
    }
}

fn in_folder(capture: Capture, options: &[&str]) -> (tempfile::TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    fs::write(&file, capture.into_bytes()).unwrap();
    let options: Vec<_> = options.iter().map(OsStr::new).collect();
    let run = extract(&file, &folder.path().join("out"), &options);
    (folder, run)
}

fn out(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("out")
}

/// The files but for the manifest.
fn written(folder: &tempfile::TempDir) -> Vec<String> {
    let names = files(&out(folder)).into_keys();
    names.filter(|name| name != "manifest.json").collect()
}

/// The connections that the bytes of piece 0 came from, in their order.
fn streams_of_first_piece(folder: &Path) -> Vec<Option<u64>> {
    let manifest = manifest(folder);
    let from = manifest["torrents"][0]["provenance"].as_array().unwrap();
    let of_first = from.iter().filter(|from| from["piece"] == 0);
    of_first.map(|from| from["stream"].as_u64()).collect()
}

#[test]
fn metadata_may_come_after_the_data() {
    let torrent = Torrent::of(
        b"late",
        &[
            (&[b"a"], 50_000),
            (&[b"b", b"c"], 1),
            (&[b"empty"], 0),
            (&[b"d"], 40_000),
        ],
    );
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    send(&mut capture, &mut talk, &torrent);
    let mut other = torrent.greet(&mut capture, 2);
    torrent.tell(&mut capture, &mut other);
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        written(&folder),
        ["late.torrent", "late/a", "late/b/c", "late/d", "late/empty"]
    );
    let found = files(&out(&folder));
    let data = [&found["late/a"][..], &found["late/b/c"], &found["late/d"]].concat();
    assert!(data == torrent.data);
    assert_eq!(found["late.torrent"], torrent.file());
}

/// A piece comes in halves, over two connections, in two directions.
#[test]
fn blocks_of_several_connections_are_joined() {
    let torrent = Torrent::of(b"joined", &[(&[b"a"], 100_000)]);
    let mut capture = Capture::new();
    let mut one = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut one);
    let mut other = torrent.greet(&mut capture, 2);
    for (number, (index, begin, block)) in torrent.blocks().enumerate() {
        let bytes = piece(index, begin, block);
        if number % 2 == 0 {
            one.ask(&mut capture, &bytes);
        } else {
            other.answer(&mut capture, &bytes);
        }
    }
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(files(&out(&folder))["joined/a"] == torrent.data);
    assert_eq!(streams_of_first_piece(&out(&folder)), [Some(0), Some(1)]);
}

/// Of a message that the capture holds but for a packet, all the rest counts: what stands
/// behind the hole too.
#[test]
fn what_is_behind_a_hole_in_a_message_counts() {
    const HOLE: std::ops::Range<usize> = 5000..7000;
    let torrent = Torrent::of(b"hole", &[(&[b"a"], 2 * PIECE)]);
    let mut capture = Capture::new();
    let mut one = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut one);
    for (index, begin, block) in torrent.blocks() {
        let bytes = piece(index, begin, block);
        if index == 0 && begin == 0 {
            one.answer(&mut capture, &bytes[..HOLE.start]);
            one.lose(1, HOLE.len());
            one.answer(&mut capture, &bytes[HOLE.end..]);
        } else {
            one.answer(&mut capture, &bytes);
        }
    }
    // Another connection has just what is missing.
    let header = 13;
    let missing = HOLE.start - header..HOLE.end - header;
    let mut other = torrent.greet(&mut capture, 2);
    let rest = piece(0, missing.start, &torrent.data[missing]);
    other.answer(&mut capture, &rest);
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(files(&out(&folder))["hole/a"] == torrent.data);
    assert_eq!(
        streams_of_first_piece(&out(&folder)),
        [Some(0), Some(1), Some(0)]
    );
}

/// Who breaks off leaves nothing half done behind.
#[test]
fn ctrl_c_cleans_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = interruptible(["extract", "-q", "-", "-o"])
        .arg(folder.path().join("out"))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // It waits for what comes from the pipe, which `wait` would close.
    let _pipe = run.stdin.take();
    let deadline = Instant::now() + Duration::from_secs(20);
    let begun = || fs::read_dir(out(&folder)).is_ok_and(|mut all| all.next().is_some());
    while !begun() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(100));
    let id = run.id().to_string();
    let kill = Command::new("kill").args(["-INT", &id]).status();
    assert!(kill.unwrap().success());
    // That ends the pipe, and the command as the signal would: a shell says 130.
    assert_eq!(run.wait().unwrap().signal(), Some(2));
    let left = fs::read_dir(out(&folder)).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["manifest.json"]);
}

/// Of two peers one lies, in the same block: the honest one's counts, and the liar is
/// named with his packets.
#[test]
fn a_liar_is_named() {
    let torrent = Torrent::of(b"lies", &[(&[b"a"], 2 * PIECE)]);
    for liar_is_first in [true, false] {
        let mut capture = Capture::new();
        let mut honest = torrent.greet(&mut capture, 1);
        torrent.tell(&mut capture, &mut honest);
        let mut liar = torrent.greet(&mut capture, 2);
        let lie = piece(0, BLOCK, &vec![7; BLOCK]);
        for (index, begin, block) in torrent.blocks() {
            let is_place = (index, begin) == (0, BLOCK);
            if is_place && liar_is_first {
                liar.answer(&mut capture, &lie);
            }
            // The lie comes before the piece is whole in both cases.
            if is_place && !liar_is_first {
                continue;
            }
            honest.answer(&mut capture, &piece(index, begin, block));
        }
        if !liar_is_first {
            liar.answer(&mut capture, &lie);
            honest.answer(&mut capture, &piece(0, BLOCK, &torrent.data[BLOCK..PIECE]));
            // As much as the piece has must have come again before it is tried again.
            honest.answer(&mut capture, &piece(0, 0, &torrent.data[..BLOCK]));
        }
        let (folder, run) = in_folder(capture, &[]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(
            files(&out(&folder))["lies/a"] == torrent.data,
            "{}",
            run.stdout
        );
        let manifest = manifest(&out(&folder));
        let failures = manifest["torrents"][0]["failures"].as_array().unwrap();
        assert_eq!(failures.len(), 1, "{failures:?}");
        let expected = (0, BLOCK as u64, 1, true);
        let number = |name: &str| failures[0][name].as_u64().unwrap();
        let found = (
            number("piece"),
            number("begin"),
            number("stream"),
            failures[0]["certain"] == true,
        );
        assert_eq!(found, expected);
        assert!(
            run.stdout.contains("! piece 0 at 16384: wrong, frames "),
            "{}",
            run.stdout
        );
    }
}

/// What no hash proves is not written, and `--raw` keeps it apart.
#[test]
fn what_is_wrong_stays_apart() {
    let torrent = Torrent::of(b"wrong", &[(&[b"a"], PIECE + 5), (&[b"b"], 5)]);
    let unknown = [9; 20];
    let make = || {
        let mut capture = Capture::new();
        let mut talk = torrent.greet(&mut capture, 1);
        torrent.tell(&mut capture, &mut talk);
        talk.answer(&mut capture, &piece(0, 0, &[1; BLOCK]));
        talk.answer(&mut capture, &piece(0, BLOCK, &[2; BLOCK]));
        talk.answer(&mut capture, &piece(1, 0, &torrent.data[PIECE..]));
        talk.answer(&mut capture, &piece(5, 0, b"beyond the end"));
        let mut stranger = Talk::open(&mut capture, 2);
        stranger.ask(&mut capture, &handshake(unknown));
        stranger.answer(&mut capture, &handshake(unknown));
        stranger.answer(&mut capture, &piece(3, 16, b"who knows"));
        capture
    };
    let (folder, run) = in_folder(make(), &[]);
    assert_eq!(run.status, 0);
    assert_eq!(written(&folder), ["wrong.torrent", "wrong/b"]);
    assert!(
        run.stderr.contains("2 blocks (23 B) belong to no torrent"),
        "{}",
        run.stderr
    );
    assert!(
        run.stdout
            .contains("! piece 0 at 0: not what its hash wants, frame"),
        "{}",
        run.stdout
    );

    let (folder, run) = in_folder(make(), &["--raw", "--partial"]);
    assert_eq!(run.status, 0);
    let found = files(&out(&folder));
    let raw = format!("{}.blocks", hex::encode(torrent.hash()));
    assert_eq!(
        found[&raw],
        [&b"beyond the end"[..], &[1; BLOCK], &[2; BLOCK]].concat()
    );
    let index = String::from_utf8(found[&format!("{raw}.json")].clone()).unwrap();
    let places: Vec<_> = objects(&index)
        .iter()
        .map(|block| ["piece", "begin", "length", "at"].map(|name| block[name].as_u64().unwrap()))
        .collect();
    let block = BLOCK as u64;
    assert_eq!(
        places,
        [
            [5, 0, 14, 0],
            [0, 0, block, 14],
            [0, block, block, 14 + block]
        ]
    );
    assert_eq!(
        found[&format!("{}.blocks", hex::encode(unknown))],
        b"who knows"
    );
    // Of the file in part, what is verified is where it belongs.
    assert_eq!(found["wrong/a"].len(), PIECE + 5);
    assert!(found["wrong/a"][PIECE..] == torrent.data[PIECE..PIECE + 5]);
    let map: Value = serde_json::from_slice(&found["wrong.pieces.json"]).unwrap();
    assert_eq!(map["verified"], serde_json::json!([[1, 1]]));
}

/// Names that lead elsewhere, or are taken, or would hide what is there.
#[test]
fn nothing_is_written_elsewhere() {
    let hostile: &[(&[&[u8]], usize)] = &[
        (&[b"..", b"..", b"evil"], 10),
        (&[b"/etc/evil"], 10),
        (&[b"same"], 10),
        (&[b"SAME"], 10),
        (&[b"same", b"below"], 10),
        (&["\u{202e}gpj.exe".as_bytes()], 10),
        (&[b"\x1b[2J"], 10),
    ];
    let names: [&[u8]; 5] = [b"../../out", b"manifest.json", b"", b"twin", b"TWIN"];
    let mut capture = Capture::new();
    for (number, name) in (1..).zip(names) {
        let torrent = Torrent::of(name, hostile);
        let mut talk = torrent.greet(&mut capture, number);
        torrent.tell(&mut capture, &mut talk);
        send(&mut capture, &mut talk, &torrent);
    }
    let (folder, run) = in_folder(capture, &["--json"]);
    let found = files(folder.path());
    assert!(
        found
            .keys()
            .all(|name| name == "made.pcap" || name.starts_with("out/")),
        "{:?}",
        found.keys()
    );
    assert!(found["out/manifest.json"].starts_with(b"{\n"));
    let said = objects(&run.stdout);
    assert_eq!(said.len(), names.len() * hostile.len());
    // A file and a folder of one name cannot both be: the later has a number.
    assert_eq!(run.status, 0, "{}", run.stderr);
    for file in &said {
        let path = out(&folder).join(file["path"].as_str().unwrap());
        assert_eq!(path.is_file(), file["written"] == true, "{file}");
        assert!(
            path.components()
                .all(|part| part != std::path::Component::ParentDir),
            "{file}"
        );
    }
    let written = said.iter().filter(|file| file["written"] == true).count();
    assert_eq!(written, said.len());
    assert!(run.stdout.is_ascii() || !run.stdout.contains('\u{202e}'));
}

/// Links that stand in the folder already lead nowhere: what is one is replaced, and below
/// one nothing is written, which is said.
#[test]
fn links_in_the_folder_are_not_followed() {
    let torrent = Torrent::of(b"links", &[(&[b"a"], 100)]);
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut talk);
    send(&mut capture, &mut talk, &torrent);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    fs::write(&file, capture.into_bytes()).unwrap();
    let elsewhere = folder.path().join("elsewhere");
    for path in [&elsewhere, &out(&folder)] {
        fs::create_dir(path).unwrap();
    }
    for (name, target) in [
        ("links", elsewhere.clone()),
        ("links.torrent", elsewhere.join("t")),
        ("manifest.json", elsewhere.join("m")),
    ] {
        std::os::unix::fs::symlink(target, out(&folder).join(name)).unwrap();
    }
    let run = extract(&file, &out(&folder), &[]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(run.stderr.contains("links/a: "), "{}", run.stderr);
    assert!(
        run.stdout.contains("  failed  links/a  100 B\n"),
        "{}",
        run.stdout
    );
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    for name in ["links.torrent", "manifest.json"] {
        let written = fs::symlink_metadata(out(&folder).join(name)).unwrap();
        assert!(written.is_file(), "{name}");
    }
}

/// A torrent may claim any size; only what came takes room, on disk and in memory.
#[test]
fn claims_of_size_cost_nothing() {
    let root = {
        use sha2::Sha256;
        hex::encode(Sha256::digest(b"small"))
    };
    let root = hex::decode(root).unwrap();
    let mut tree = b"d3:bigd0:d6:lengthi70368744144896e11:pieces root".to_vec();
    tree.extend(string(&[7; 32]));
    tree.extend(b"ee5:smalld0:d6:lengthi5e11:pieces root");
    tree.extend(string(&root));
    tree.extend(b"eee");
    let mut info = b"d9:file tree".to_vec();
    info.extend(tree);
    info.extend(b"12:meta versioni2e4:name4:huge12:piece lengthi16384ee");
    let torrent = Torrent {
        info,
        data: Vec::new(),
    };
    let hash: [u8; 20] = {
        use sha2::Sha256;
        Sha256::digest(&torrent.info)[..20].try_into().unwrap()
    };
    let mut capture = Capture::new();
    let mut talk = Talk::open(&mut capture, 1);
    talk.ask(&mut capture, &handshake(hash));
    talk.answer(&mut capture, &handshake(hash));
    torrent.tell(&mut capture, &mut talk);
    let pieces = 70_368_744_144_896_usize / 16384;
    talk.answer(&mut capture, &piece(pieces - 1, 0, &[1; 16384]));
    talk.answer(&mut capture, &piece(pieces, 0, b"small"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    fs::write(&file, capture.into_bytes()).unwrap();
    // 300 MB of address space are enough for the program and its threads.
    let script = format!(
        "ulimit -v 300000; exec '{}' extract --partial -o '{}' '{}'",
        env!("CARGO_BIN_EXE_peerscope"),
        out(&folder).display(),
        file.display()
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .output()
        .unwrap();
    let run = Run::from(output);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        files(&out(&folder))["huge/small"],
        b"small",
        "{}",
        run.stdout
    );
    assert!(!out(&folder).join("huge/big").exists());
}

#[test]
fn web_seeds_of_both_kinds_are_read() {
    let torrent = Torrent::of(
        b"web",
        &[(&[b"one file"], 3 * PIECE + 100), (&[b"two"], 500)],
    );
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut talk);
    let mut web = Talk::open(&mut capture, 2);
    let length = 3 * PIECE + 100;
    // BEP 19: two ranges of the first file, in two responses of one connection; the
    // second one in chunks.
    let half = PIECE + 1000;
    web.ask(
        &mut capture,
        format!(
            "GET /dl/web/one%20file HTTP/1.1\r\nRange: bytes=0-{}\r\n\r\n",
            half - 1
        )
        .as_bytes(),
    );
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Length: {half}\r\nContent-Range: bytes 0-{}/{length}\r\n\r\n",
        half - 1
    );
    web.answer(
        &mut capture,
        &[head.as_bytes(), &torrent.data[..half]].concat(),
    );
    web.ask(
        &mut capture,
        format!(
            "GET /dl/web/one%20file HTTP/1.1\r\nRange: bytes={half}-{}\r\n\r\n",
            2 * PIECE - 1
        )
        .as_bytes(),
    );
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\nContent-Range: bytes {half}-{}/{length}\r\n\r\n",
        2 * PIECE - 1
    );
    let mut body = head.into_bytes();
    for chunk in torrent.data[half..2 * PIECE].chunks(7000) {
        body.extend(format!("{:x}\r\n", chunk.len()).bytes());
        body.extend(chunk);
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\n\r\n");
    web.answer(&mut capture, &body);
    // BEP 17: the third piece whole, the last one in ranges.
    let digits = hex::encode(torrent.hash());
    let digits: Vec<_> = digits
        .as_bytes()
        .chunks(2)
        .map(String::from_utf8_lossy)
        .collect();
    let escaped = format!("%{}", digits.join("%"));
    let mut seed = Talk::open(&mut capture, 3);
    seed.ask(
        &mut capture,
        format!("GET /seed?info_hash={escaped}&piece=2 HTTP/1.1\r\n\r\n").as_bytes(),
    );
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {PIECE}\r\n\r\n");
    seed.answer(
        &mut capture,
        &[head.as_bytes(), &torrent.data[2 * PIECE..3 * PIECE]].concat(),
    );
    seed.ask(
        &mut capture,
        format!("GET /seed?info_hash={escaped}&piece=3&ranges=0-99,300-599 HTTP/1.1\r\n\r\n")
            .as_bytes(),
    );
    let last = &torrent.data[3 * PIECE..];
    seed.answer(
        &mut capture,
        &[b"HTTP/1.1 200 OK\r\n\r\n", &last[..100], &last[300..]].concat(),
    );
    seed.close(&mut capture, 1);
    // What is left comes from a peer.
    talk.answer(&mut capture, &piece(3, 100, &last[100..300]));
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let found = files(&out(&folder));
    assert!([&found["web/one file"][..], &found["web/two"]].concat() == torrent.data);
    let manifest = manifest(&out(&folder));
    let from = manifest["torrents"][0]["provenance"].as_array().unwrap();
    let kinds: std::collections::BTreeSet<_> = from
        .iter()
        .map(|from| from["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["peer", "web_seed"]);
}

/// A web seed answers with several ranges at once.
#[test]
fn several_ranges_in_one_response_are_read() {
    let torrent = Torrent::of(b"web", &[(&[b"a"], 2 * PIECE)]);
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut talk);
    let mut web = Talk::open(&mut capture, 2);
    let request = "GET /web/a HTTP/1.1\r\nRange: bytes=0-49999,60000-65535\r\n\r\n";
    web.ask(&mut capture, request.as_bytes());
    let mut body = Vec::new();
    for range in [0..50_000, 60_000..2 * PIECE] {
        let head = format!(
            "\r\n--x y\r\nContent-Type: a/b\r\nContent-Range: bytes {}-{}/{}\r\n\r\n",
            range.start,
            range.end - 1,
            2 * PIECE
        );
        body.extend(head.into_bytes());
        body.extend(&torrent.data[range]);
    }
    body.extend(b"\r\n--x y--\r\n");
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=\"x y\"\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    web.answer(&mut capture, &[head.as_bytes(), &body].concat());
    talk.answer(
        &mut capture,
        &piece(1, 50_000 - PIECE, &torrent.data[50_000..60_000]),
    );
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(files(&out(&folder))["web/a"] == torrent.data);
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// What `web` is asked for by a path and a query, and a response that is packed.
fn fetch_packed(capture: &mut Capture, web: &mut Talk, target: &str, coding: &str, body: &[u8]) {
    let request = format!("GET {target} HTTP/1.1\r\nAccept-Encoding: {coding}\r\n\r\n");
    web.ask(capture, request.as_bytes());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    web.answer(capture, &[head.as_bytes(), body].concat());
}

/// Whole files and pieces may be packed on the way; several in one connection.
#[test]
fn packed_responses_of_web_seeds_are_read() {
    let mut data = noise(5 * PIECE, 5);
    data[100..50_000].fill(b'x');
    let paths: &[(&[&[u8]], usize)] = &[(&[b"a"], 3 * PIECE), (&[b"b"], 2 * PIECE)];
    let torrent = Torrent::holding(b"web", paths, data);
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut talk);
    let mut web = Talk::open(&mut capture, 2);
    let first = gzip(&torrent.data[..3 * PIECE]);
    fetch_packed(&mut capture, &mut web, "/dl/web/a", "gzip", &first);
    let hash = torrent.hash().map(|byte| format!("%{byte:02x}")).concat();
    for piece in [3, 4] {
        let packed = zlib(&torrent.data[piece * PIECE..][..PIECE]);
        let target = format!("/seed?info_hash={hash}&piece={piece}");
        fetch_packed(&mut capture, &mut web, &target, "deflate", &packed);
    }
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let found = files(&out(&folder));
    assert!([&found["web/a"][..], &found["web/b"]].concat() == torrent.data);
}

/// Of a packed response with a hole, what stands before it counts, and nothing behind; a
/// range of a packed file is no range of the file.
#[test]
fn packed_responses_count_as_far_as_they_can_be_read() {
    let torrent = Torrent::of(b"web", &[(&[b"a"], 4 * PIECE)]);
    let packed = gzip(&torrent.data);
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut talk);
    let mut web = Talk::open(&mut capture, 2);
    web.ask(&mut capture, b"GET /a HTTP/1.1\r\n\r\n");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    // Noise packs to what it is: the hole is in the third piece.
    let hole = 2 * PIECE + 1000..2 * PIECE + 5000;
    let before = &packed[..hole.start];
    web.answer(&mut capture, &[head.as_bytes(), before].concat());
    web.lose(1, hole.len());
    web.answer(&mut capture, &packed[hole.end..]);
    let mut other = Talk::open(&mut capture, 3);
    other.ask(&mut capture, b"GET /a HTTP/1.1\r\nRange: bytes=0-\r\n\r\n");
    let last = packed.len() - 1;
    let head = format!(
        "HTTP/1.1 206 Partial\r\nContent-Encoding: gzip\r\nContent-Length: {0}\r\nContent-Range: bytes 0-{last}/{0}\r\n\r\n",
        packed.len()
    );
    other.answer(&mut capture, &[head.as_bytes(), &packed].concat());
    let (folder, run) = in_folder(capture, &["--partial"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let map = files(&out(&folder)).remove("web.pieces.json").unwrap();
    let map: Value = serde_json::from_slice(&map).unwrap();
    assert_eq!(map["verified"], serde_json::json!([[0, 1]]));
}

/// What is packed in a way that is not read, and a range of what is packed, is told with
/// its packet; what belongs to nothing that is looked for is not.
#[test]
fn responses_that_cannot_be_read_are_told() {
    let torrent = Torrent::of(b"web", &[(&[b"a"], 2 * PIECE)]);
    let ranged = "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-4/9\r\n";
    let coding = "only gzip and deflate are read";
    for (target, status, packed, words) in [
        (
            "/dl/web/a",
            "HTTP/1.1 200 OK\r\n",
            "br",
            format!("packed as br (packet 13); {coding}"),
        ),
        (
            "/dl/web/a",
            ranged,
            "zstd",
            format!("packed as zstd (packet 13); {coding}"),
        ),
        (
            "/x.torrent",
            "HTTP/1.1 200 OK\r\n",
            "\x1b[1m",
            format!("packed as \\x1b[1m (packet 13); {coding}"),
        ),
        (
            "/dl/web/a",
            ranged,
            "gzip",
            "a range of what is packed as gzip (packet 13), which cannot be read alone".to_owned(),
        ),
        ("/other", "HTTP/1.1 200 OK\r\n", "br", String::new()),
        (
            "/dl/web/a",
            "HTTP/1.1 404 Not Found\r\n",
            "br",
            String::new(),
        ),
    ] {
        let mut capture = Capture::new();
        let mut talk = torrent.greet(&mut capture, 1);
        torrent.tell(&mut capture, &mut talk);
        let mut web = Talk::open(&mut capture, 2);
        web.ask(
            &mut capture,
            format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes(),
        );
        let head = format!("{status}Content-Encoding: {packed}\r\nContent-Length: 5\r\n\r\n12345");
        web.answer(&mut capture, head.as_bytes());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made.pcap");
        fs::write(&file, capture.into_bytes()).unwrap();
        let said = match words.as_str() {
            "" => String::new(),
            words => format!("peerscope: 1 HTTP response not read: {words}\n"),
        };
        let run = extract(&file, &out(&folder), &[]);
        assert_eq!((run.status, &run.stderr), (0, &said), "{target} {packed}");
        let torrents = command([OsStr::new("torrents"), file.as_os_str()]);
        let run = Run::from({ torrents }.output().unwrap());
        assert_eq!((run.status, &run.stderr), (0, &said), "{target} {packed}");
    }
}

/// A thousand times as much may be packed in what came: it is read up to a bound, which
/// is said.
#[test]
fn a_bomb_is_not_unpacked() {
    const WHOLE: usize = 1 << 30;
    const LARGE: usize = 4 << 20;
    let hashes = noise(WHOLE / LARGE * 20, 1);
    let info = format!("d6:lengthi{WHOLE}e4:name1:a12:piece lengthi{LARGE}e6:pieces");
    let info = [info.as_bytes(), &string(&hashes), b"e"].concat();
    let torrent = Torrent {
        info,
        data: Vec::new(),
    };
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut talk);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let zeros = vec![0; 1 << 20];
    (0..300).for_each(|_| encoder.write_all(&zeros).unwrap());
    let bomb = encoder.finish().unwrap();
    let mut web = Talk::open(&mut capture, 2);
    fetch_packed(&mut capture, &mut web, "/a", "gzip", &bomb);
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains(
            "1 compressed HTTP response not read to the end: too many at once, or too much"
        ),
        "{}",
        run.stderr
    );
    assert_eq!(written(&folder), ["a.torrent"]);
}

/// A `.torrent` that was fetched over HTTP is all that is needed; so is its file.
#[test]
fn a_fetched_torrent_is_used() {
    let torrent = Torrent::of(b"fetched", &[(&[b"a"], 10)]);
    let file = [
        &b"d8:announce13:http://t/ann/4:info"[..],
        &torrent.info,
        b"e",
    ]
    .concat();
    let mut capture = Capture::new();
    let mut web = Talk::open(&mut capture, 1);
    web.ask(&mut capture, b"GET /x.torrent HTTP/1.1\r\nHost: h\r\n\r\n");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.len());
    web.answer(&mut capture, &[head.as_bytes(), &file].concat());
    let mut talk = torrent.greet(&mut capture, 2);
    send(&mut capture, &mut talk, &torrent);
    let (folder, run) = in_folder(capture, &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let found = files(&out(&folder));
    assert!(found["fetched/a"] == torrent.data && found["fetched.torrent"] == file);
}

#[test]
fn a_pipe_gives_what_a_file_gives() {
    let torrent = Torrent::of(b"piped", &[(&[b"a"], 100_000)]);
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    send(&mut capture, &mut talk, &torrent);
    torrent.tell(&mut capture, &mut talk);
    let bytes = capture.into_bytes();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut child = command([OsStr::new("extract"), OsStr::new("-o"), out.as_os_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(files(&out)["piped/a"] == torrent.data);
    let manifest = manifest(&out);
    let sum = hex::encode(sha2::Sha256::digest(&bytes));
    assert_eq!(manifest["captures"][0]["sha256"], sum);
    assert_eq!(manifest["captures"][0]["path"], "-");
}

#[test]
fn only_chosen_connections_count() {
    let torrent = Torrent::of(b"chosen", &[(&[b"a"], PIECE), (&[b"b"], PIECE)]);
    let make = || {
        let mut capture = Capture::new();
        let mut one = torrent.greet(&mut capture, 1);
        torrent.tell(&mut capture, &mut one);
        let mut other = torrent.greet(&mut capture, 2);
        for (index, begin, block) in torrent.blocks() {
            let talk = if index == 0 { &mut one } else { &mut other };
            talk.answer(&mut capture, &piece(index, begin, block));
        }
        capture
    };
    let (folder, _) = in_folder(make(), &["--stream", "1"]);
    assert_eq!(written(&folder), ["chosen.torrent", "chosen/b"]);
    let (folder, _) = in_folder(make(), &["--stream", "0,1"]);
    assert_eq!(written(&folder), ["chosen.torrent", "chosen/a", "chosen/b"]);
}

/// A connection whose handshake is not in the capture is tried with every torrent; once
/// a piece is proven, the others say nothing of who sent it.
#[test]
fn what_no_handshake_names_is_tried_with_every_torrent() {
    const PIECES: usize = 6;
    let torrents: Vec<_> = (0..12u64)
        .map(|seed| {
            let name = format!("t{seed:02}");
            let data = noise(PIECES * PIECE, 100 + seed);
            Torrent::holding(name.as_bytes(), &[(&[b"a"], PIECES * PIECE)], data)
        })
        .collect();
    let given = tempfile::tempdir().unwrap();
    let mut options = vec!["--partial".to_owned(), "--raw".to_owned()];
    for (at, torrent) in torrents.iter().enumerate() {
        let file = given.path().join(format!("{at}.torrent"));
        fs::write(&file, torrent.file()).unwrap();
        options.extend(["--torrent".to_owned(), file.to_str().unwrap().to_owned()]);
    }
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    // By the order of the hashes any of them may be the last.
    for right in [0, 5, 11] {
        let mut capture = Capture::new();
        let mut talk = Talk::open(&mut capture, 1);
        for (index, begin, block) in torrents[right].blocks() {
            let words = [index, begin, block.len()].map(|word| (word as u32).to_be_bytes());
            talk.ask(&mut capture, &message(6, &words.concat()));
            talk.answer(&mut capture, &piece(index, begin, block));
        }
        // What fails is held against the sender by the torrent that it is of.
        let mut bad = torrents[right].data[..BLOCK].to_vec();
        bad[7] ^= 1;
        talk.answer(&mut capture, &piece(0, 0, &bad));
        let (folder, run) = in_folder(capture, &options);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert_eq!(
            written(&folder),
            [format!("t{right:02}/a")],
            "{}",
            run.stdout
        );
        assert!(files(&out(&folder))[&format!("t{right:02}/a")] == torrents[right].data);
        let manifest = manifest(&out(&folder));
        let told = manifest["torrents"].as_array().unwrap();
        assert_eq!(told.len(), 1, "{manifest}");
        assert!(
            !run.stdout.contains("not what its hash wants"),
            "{}",
            run.stdout
        );
    }
}

/// Of blocks that no torrent proves, nobody is accused, and each is kept once.
#[test]
fn what_no_torrent_proves_is_unknown() {
    let strangers = Torrent::holding(b"other", &[(&[b"a"], 2 * PIECE)], noise(2 * PIECE, 7));
    let given = tempfile::tempdir().unwrap();
    let mut options = vec!["--partial".to_owned(), "--raw".to_owned()];
    for seed in 0..2 {
        let data = noise(2 * PIECE, 8 + seed);
        let torrent = Torrent::holding(b"given", &[(&[b"a"], 2 * PIECE)], data);
        let file = given.path().join(format!("{seed}.torrent"));
        fs::write(&file, torrent.file()).unwrap();
        options.extend(["--torrent".to_owned(), file.to_str().unwrap().to_owned()]);
    }
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    let mut capture = Capture::new();
    let mut talk = Talk::open(&mut capture, 1);
    for (index, begin, block) in strangers.blocks() {
        let words = [index, begin, block.len()].map(|word| (word as u32).to_be_bytes());
        talk.ask(&mut capture, &message(6, &words.concat()));
        talk.answer(&mut capture, &piece(index, begin, block));
    }
    let (folder, run) = in_folder(capture, &options);
    let names = ["stream-0.blocks", "stream-0.blocks.json"];
    assert_eq!(written(&folder), names, "{}", run.stdout);
    assert!(files(&out(&folder))["stream-0.blocks"] == strangers.data);
    assert!(!run.stdout.contains("hash wants"), "{}", run.stdout);
}

/// Names with suffixes fit too; what is cut is said.
#[test]
fn long_names_are_shortened() {
    for length in [250, 300] {
        let name = vec![b'x'; length];
        let torrent = Torrent::of(&name, &[(&[b"a"], PIECE), (&[b"a", b"b"], PIECE)]);
        let mut capture = Capture::new();
        let mut talk = torrent.greet(&mut capture, 1);
        torrent.tell(&mut capture, &mut talk);
        for (index, begin, block) in torrent.blocks().skip(2) {
            talk.answer(&mut capture, &piece(index, begin, block));
        }
        let (folder, run) = in_folder(capture, &["--partial"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stderr.contains("are shortened"), "{}", run.stderr);
        let root = "x".repeat(221);
        let names = ["", ".pieces.json", ".torrent"].map(|end| format!("{root}{end}"));
        let names = [names[1].clone(), names[2].clone(), format!("{root}/a.2/b")];
        assert_eq!(written(&folder), names);
    }
}

/// `torrents` names a torrent that only the data shows.
#[test]
fn torrents_tells_of_data_that_no_message_names() {
    let torrent = Torrent::of(b"unnamed", &[(&[b"a"], 4 * PIECE)]);
    let mut capture = Capture::new();
    let mut talk = Talk::open(&mut capture, 1);
    for (index, begin, block) in torrent.blocks() {
        let words = [index, begin, block.len()].map(|word| (word as u32).to_be_bytes());
        talk.ask(&mut capture, &message(6, &words.concat()));
        talk.answer(&mut capture, &piece(index, begin, block));
    }
    let folder = tempfile::tempdir().unwrap();
    let [file, given] = ["made.pcap", "given.torrent"].map(|name| folder.path().join(name));
    fs::write(&file, capture.into_bytes()).unwrap();
    fs::write(&given, torrent.file()).unwrap();
    let option = OsStr::new("--torrent");
    let run = |options: &[&OsStr]| -> Run {
        let arguments = [&[OsStr::new("torrents"), file.as_os_str()], options].concat();
        command(arguments).output().unwrap().into()
    };
    let told = run(&[option, given.as_os_str()]).stderr;
    let hash = hex::encode(torrent.hash());
    let line = format!("{hash} is named by no message, but 4 of its 4 pieces are there");
    assert!(told.contains(&line), "{told}");
    let told = run(&[]).stderr;
    assert!(
        told.contains("no info-hash in the capture: 8 blocks"),
        "{told}"
    );
}

#[test]
fn a_list_writes_nothing() {
    let torrent = Torrent::of(b"listed", &[(&[b"a"], PIECE), (&[b"b"], PIECE)]);
    let mut capture = Capture::new();
    let mut talk = torrent.greet(&mut capture, 1);
    torrent.tell(&mut capture, &mut talk);
    send(&mut capture, &mut talk, &torrent);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    fs::write(&file, capture.into_bytes()).unwrap();
    let list = |option: &str| -> Run {
        let arguments = [OsStr::new("extract"), OsStr::new(option), file.as_os_str()];
        command(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap()
            .into()
    };
    let run = list("--list");
    assert!(
        run.status == 0 && run.stdout.contains("  whole   listed/b  32.0 KiB\n"),
        "{}",
        run.stdout
    );
    let run = list("--json");
    assert!(
        run.status == 2 && run.stderr.contains("name a folder with -o DIR"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read_dir(Path::new(folder.path())).unwrap().count(), 1);
}
