//! An encrypted transfer between our own peers, recorded and read again.
#![cfg(all(unix, feature = "active"))]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use peerscope::capture::{self, LinkType, PcapngWriter, Source};
use peerscope::wire::mse::{KeyLine, Keys, Rc4, SECRETS_TYPE, StateLine};
use serde_json::Value;
use sha1::{Digest, Sha1};

const PIECE: usize = 32 << 10;
const SIZE: usize = 20 * PIECE + 12_345;

fn peerscope(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    program.arg(command).stdin(Stdio::null());
    program
}

/// A file and its torrent.
fn make_torrent(folder: &Path) -> PathBuf {
    let data: Vec<u8> = (0..SIZE).map(|at| (at * at / 7 % 251) as u8).collect();
    fs::write(folder.join("data"), &data).expect("data");
    let pieces: Vec<u8> = data.chunks(PIECE).flat_map(Sha1::digest).collect();
    let mut torrent = format!(
        "d4:infod6:lengthi{SIZE}e4:name4:data12:piece lengthi{PIECE}e6:pieces{}:",
        pieces.len()
    )
    .into_bytes();
    torrent.extend(pieces);
    torrent.extend(b"ee");
    let path = folder.join("data.torrent");
    fs::write(&path, torrent).expect("torrent");
    path
}

/// A seeder that listens where it says. It is killed when this is dropped.
struct Seeder(Child, String);

impl Seeder {
    fn start(folder: &Path, torrent: &Path) -> Self {
        let mut child = peerscope("seed")
            .args([torrent, &folder.join("data")])
            .args(["--listen", "127.0.0.1:0", "--no-trackers", "--json"])
            .arg("--record")
            .arg(folder.join("seed.pcapng"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("seeder");
        let out = child.stdout.take().expect("piped");
        let mut seeder = Self(child, String::new());
        for line in BufReader::new(out).lines() {
            let event: Value = serde_json::from_str(&line.expect("text")).expect("JSON");
            if event["event"] == "listening" {
                let address = event["address"].as_str().expect("address");
                address.clone_into(&mut seeder.1);
                return seeder;
            }
        }
        panic!("the seeder does not listen");
    }

    /// Ctrl-C.
    fn stop(mut self) {
        let id = self.0.id().to_string();
        let status = Command::new("kill").args(["-INT", &id]).status();
        assert!(status.expect("kill").success());
        self.0.wait().expect("own child");
    }
}

impl Drop for Seeder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn json(command: &str, capture: &Path, keys: Option<&Path>) -> Vec<Value> {
    let (all, command) = match command.strip_prefix("--all ") {
        Some(command) => (true, command),
        None => (false, command),
    };
    let mut program = peerscope(command);
    program.arg("--json").arg(capture);
    if all {
        program.arg("--all");
    }
    if let Some(keys) = keys {
        program.arg("--keylog").arg(keys);
    }
    let output = program.output().expect("runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("JSON")
}

fn names(records: &[Value]) -> Vec<&str> {
    let names = records.iter().map(|record| record["message"].as_str());
    names.map(|name| name.expect("a name")).collect()
}

/// The packets of a recording, without what helps to decrypt them.
fn without_secrets(recording: &Path, to: &Path) {
    copy(recording, to, 0, &[]);
}

/// The same, without the first packets, and with secrets before the packets of
/// these numbers.
fn copy(recording: &Path, to: &Path, from: u64, secrets: &[(u64, String)]) {
    let mut source = capture::open(&[recording.to_owned()]).expect("there");
    let mut writer = PcapngWriter::new(File::create(to).expect("file")).expect("writes");
    writer.interface(LinkType(101), "copy").expect("writes");
    let mut packets = 0;
    let mut secrets = secrets.iter().peekable();
    while let Some(packet) = source.next_packet().expect("sound") {
        packets += 1;
        while let Some((_, text)) = secrets.next_if(|(number, _)| *number <= packets) {
            writer
                .secrets(SECRETS_TYPE, text.as_bytes())
                .expect("writes");
        }
        if packets > from {
            writer.packet(&packet, None).expect("writes");
        }
    }
    for (_, text) in secrets {
        writer
            .secrets(SECRETS_TYPE, text.as_bytes())
            .expect("writes");
    }
    writer
        .into_inner()
        .expect("writes")
        .flush()
        .expect("writes");
}

/// What a recording shows of the whole transfer.
fn check_transfer(recording: &Path) {
    let records = json("read", recording, None);
    let names = names(&records);
    assert_eq!(
        names[..4],
        ["public_key", "public_key", "negotiation", "handshake"]
    );
    assert_eq!(records[2]["fields"]["crypto_provide"], 2);
    let mut negotiations = records
        .iter()
        .filter(|record| record["message"] == "negotiation");
    assert_eq!(
        negotiations.next_back().expect("two")["fields"]["crypto_select"],
        2
    );
    assert!(!names.contains(&"encrypted") && !names.contains(&"gap"));
    let blocks = SIZE.div_ceil(16 << 10);
    assert!(names.iter().filter(|name| **name == "piece").count() >= blocks);

    let sessions = json("sessions", recording, None);
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["encryption"], "mse_rc4");
    assert_eq!(sessions[0]["payload_bytes"]["acceptor"], SIZE);
}

/// With its keys an encrypted transfer is extracted like any other, and not without.
fn check_extracted(folder: &Path, bare: &Path, torrent: &Path, keys: &Path) {
    for keys in [Some(keys), None] {
        let out = folder.join("extracted");
        let mut program = peerscope("extract");
        program.args([bare, Path::new("--torrent"), torrent]);
        if let Some(keys) = keys {
            program.arg("--keylog").arg(keys);
        }
        let run = program.arg("-o").arg(&out).output().expect("runs");
        assert!(run.status.success());
        let found = fs::read(out.join("data")).ok();
        let expected = keys.map(|_| fs::read(folder.join("data")).expect("data"));
        assert!(found == expected);
        fs::remove_dir_all(&out).expect("removed");
    }
}

#[test]
fn a_recording_is_decrypted_with_the_keys_that_it_holds() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let folder = folder.path();
    let torrent = make_torrent(folder);
    let (recording, keys) = (folder.join("get.pcapng"), folder.join("keys.txt"));
    let seeder = Seeder::start(folder, &torrent);
    let status = peerscope("get")
        .arg(&torrent)
        .args(["--peer", &seeder.1, "--no-trackers"])
        .args(["--encryption", "require", "--patience", "20", "--json"])
        .arg("-o")
        .arg(folder.join("got"))
        .arg("--record")
        .arg(&recording)
        .arg("--keylog")
        .arg(&keys)
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("runs").success());
    seeder.stop();
    let [got, had] = ["got/data", "data"].map(|name| fs::read(folder.join(name)).expect("data"));
    assert!(got == had);

    check_transfer(&recording);
    check_for_wireshark(&recording, &folder.join("shark.pcapng"));
    check_transfer(&folder.join("seed.pcapng"));

    let bare = folder.join("bare.pcapng");
    without_secrets(&recording, &bare);
    assert_eq!(
        json("read", &bare, Some(&keys)),
        json("read", &recording, None)
    );
    check_extracted(folder, &bare, &torrent, &keys);
    // Nothing proves that it is MSE: it is shown on demand.
    assert_eq!(names(&json("read", &bare, None)), Vec::<&str>::new());
    let without = json("--all read", &bare, None);
    assert!(names(&without).contains(&"encrypted"));
    assert!(!names(&without).contains(&"handshake"));

    let line: KeyLine = fs::read_to_string(&keys)
        .expect("keys")
        .parse()
        .expect("one");
    check_states(folder, &bare, &line, &json("read", &recording, None));
}

/// The decrypted messages, as tshark shows them in what is written for it.
fn check_for_wireshark(recording: &Path, to: &Path) {
    let written = peerscope("read")
        .arg("--write-wireshark")
        .args([to, recording])
        .status();
    assert!(written.expect("runs").success());
    assert_eq!(json("read", to, None), json("read", recording, None));
    let output = Command::new("tshark")
        .args(["-Y", "exported_pdu and bittorrent.msg.type == 7", "-r"])
        .arg(to)
        .output();
    let Ok(output) = output else {
        println!("skipped: no tshark");
        return;
    };
    let pieces = String::from_utf8_lossy(&output.stdout).lines().count();
    assert!(pieces >= SIZE.div_ceil(16 << 10), "{pieces}");
}

/// Lines with the states of both directions, so many bytes behind VC.
fn states(key: &KeyLine, at: [u64; 2]) -> String {
    let keys = Keys::new(&key.secret, &key.skey);
    let line = |mut cipher: Rc4, at: u64| {
        cipher.skip(at);
        StateLine {
            anchor: None,
            cipher,
        }
    };
    let [a, b] = [line(keys.cipher_a(), at[0]), line(keys.cipher_b(), at[1])];
    // And one of another process.
    let other = line(Rc4::new(b"other"), 777);
    format!("{other}\n{a}\n{b}\n")
}

/// States open what the keys open, wherever they were found and wherever they
/// stand in the capture.
fn check_states(folder: &Path, bare: &Path, key: &KeyLine, whole: &[Value]) {
    let log = folder.join("states.txt");
    for at in [[0, 0], [300, 500_000], [1200, 123_456]] {
        fs::write(&log, states(key, at)).expect("states");
        assert_eq!(json("read", bare, Some(&log)), whole);
        let sessions = json("sessions", bare, Some(&log));
        assert_eq!(sessions[0]["encryption"], "mse_rc4");
    }

    // At the end of the capture, and alone of one direction.
    let late = folder.join("late.pcapng");
    let both = states(key, [900, 200_000]);
    copy(bare, &late, 0, &[(u64::MAX, both.clone())]);
    assert_eq!(json("read", &late, None), whole);
    let one: Vec<&str> = both.lines().take(2).collect();
    copy(bare, &late, 0, &[(u64::MAX, one.join("\n"))]);
    let half = json("read", &late, None);
    let [initiator, acceptor] = [&whole[0]["src"], &whole[0]["dst"]];
    let from = |records: &[Value], side: &Value| {
        // How the connection ended is told by what both of them said.
        let records = records
            .iter()
            .filter(|record| record["src"] == *side && record["protocol"] != "connection");
        records.cloned().collect::<Vec<_>>()
    };
    assert_eq!(from(&half, initiator), from(whole, initiator));
    assert!(names(&from(&half, acceptor)).contains(&"encrypted"));

    // The beginning is not in the capture.
    let middle = folder.join("middle.pcapng");
    let mut some = whole.iter().filter(|record| record["message"] == "piece");
    let eighth = some.nth(7).expect("a piece")["frame"].as_u64();
    copy(
        bare,
        &middle,
        eighth.expect("a number"),
        &[(u64::MAX, both.clone())],
    );
    let decoded = json("read", &middle, None);
    let pieces = |records: &[Value]| {
        names(records)
            .iter()
            .filter(|name| **name == "piece")
            .count()
    };
    assert!(pieces(&decoded) > 20, "{}", pieces(&decoded));

    // From a pipe, what comes after the states.
    let mut some = whole.iter().filter(|record| record["message"] == "piece");
    let twentieth = some.nth(19).expect("a piece")["frame"].as_u64();
    let mid = folder.join("mid.pcapng");
    copy(bare, &mid, 0, &[(twentieth.expect("a number"), both)]);
    assert_eq!(json("read", &mid, None), whole);
    let output = peerscope("read")
        .args(["--json", "-"])
        .stdin(File::open(&mid).expect("there"))
        .output();
    let text = String::from_utf8(output.expect("runs").stdout).expect("UTF-8");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(names(&lines).contains(&"encrypted"));
    assert!(
        pieces(&lines) > 5 && pieces(&lines) < pieces(whole),
        "{}",
        pieces(&lines)
    );
}
