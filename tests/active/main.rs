//! `peerscope get` from `peerscope seed`, as processes.
#![cfg(all(feature = "active", unix))]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use peerscope::wire::bencode::Dict;
use sha1::{Digest, Sha1};

mod guest;

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
        Self::run(Command::new(PEERSCOPE), folder, encryption)
    }

    fn run(mut command: Command, folder: &Path, encryption: &str) -> Self {
        let mut child = command
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
            read(folder);
        }
    }
    let keys = fs::read_to_string(folder.join("keys.txt")).unwrap();
    assert_eq!(keys.lines().count(), 4);
    assert!(
        keys.lines()
            .all(|line| line.starts_with("MSE ") && line.ends_with(&hash))
    );
}

/// The recording is readable, without a key log too: nothing in it is malformed, and
/// no block is missing.
fn read(folder: &Path) {
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
    assert!(pieces >= 1_000_001 / 16384, "{text}");
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

/// An HTTP tracker that knows one peer; gives its address, as a magnet link
/// writes it, and what it is asked.
fn tracker(peer: &str) -> (String, Receiver<String>) {
    let peer: SocketAddrV4 = peer.parse().unwrap();
    let mut answer = b"d8:intervali1800e5:peers6:".to_vec();
    answer.extend_from_slice(&peer.ip().octets());
    answer.extend_from_slice(&peer.port().to_be_bytes());
    answer.push(b'e');
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, asked) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let line = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length:";
            let _ = write!(stream, "{head} {}\r\n\r\n", answer.len());
            let _ = stream.write_all(&answer);
            let _ = sender.send(line);
        }
    });
    (format!("http%3A%2F%2F127.0.0.1%3A{port}%2Fa"), asked)
}

fn get_by_tracker(folder: &Path, hash: &str, tracker: &str) -> Command {
    let mut command = Command::new(PEERSCOPE);
    let magnet = format!("magnet:?xt=urn:btih:{hash}&tr={tracker}");
    command
        .args(["get", &magnet, "-o", "out"])
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(folder);
    command
}

#[test]
fn a_tracker_leads_to_peers_and_hears_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let hash = make(folder, 10 * PIECE);
    let seeder = Seeder::start(folder, "off");
    let (url, asked) = tracker(&seeder.1);
    let mut command = get_by_tracker(folder, &hash, &url);
    assert!(command.stderr(Stdio::null()).status().unwrap().success());
    let (was, is) = ("file.bin", "out/file.bin");
    assert!(fs::read(folder.join(was)).unwrap() == fs::read(folder.join(is)).unwrap());
    let asked: Vec<String> = asked.try_iter().collect();
    let size = 10 * PIECE;
    for (line, event, numbers) in [
        (&asked[0], "started", "&downloaded=0&left=16384&".to_owned()),
        (
            &asked[1],
            "completed",
            format!("&downloaded={size}&left=0&"),
        ),
        (&asked[2], "stopped", format!("&downloaded={size}&left=0&")),
    ] {
        assert!(line.contains(&format!("&event={event} ")), "{line}");
        assert!(line.contains(&numbers), "{line}");
    }
    assert_eq!(asked.len(), 3);
}

#[test]
fn a_dead_tracker_is_named_once() {
    let folder = tempfile::tempdir().unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    for (tracker, ends) in [
        (
            format!("http%3A%2F%2F127.0.0.1%3A{port}%2Fa"),
            "nothing came for 2 s",
        ),
        (
            format!("udp%3A%2F%2F127.0.0.1%3A{port}"),
            "nothing came for 2 s",
        ),
        ("wss%3A%2F%2Fa".to_owned(), "no peer is left"),
    ] {
        let mut command = get_by_tracker(folder.path(), &"ab".repeat(20), &tracker);
        let output = command.args(["--patience", "2"]).output().unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        let url = tracker.replace("%3A", ":").replace("%2F", "/");
        let named = format!("tracker {url}: ");
        let lines: Vec<_> = text.lines().filter(|l| l.starts_with(&named)).collect();
        assert_eq!(lines.len(), 1, "{text}");
        // And the last line says it once more, for lack of a better reason.
        let last = text.lines().last().unwrap();
        assert!(last.contains(ends) && last.contains(&named), "{text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_for_keys_or_recording_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, 2 * PIECE);
    let seeder = Seeder::start(folder, "require");
    for option in ["--keylog", "--record"] {
        let output = get(folder, "file.torrent", &seeder)
            .args(["--encryption", "require", option, "/dev/full"])
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        let last = text.lines().last().unwrap();
        assert!(
            last.starts_with("peerscope: cannot write /dev/full: "),
            "{text}"
        );
        // Nothing is fetched for a recording that cannot be made.
        let is_fetched = folder.join("out/file.bin").exists();
        assert_eq!(is_fetched, option == "--keylog");
        let _ = fs::remove_dir_all(folder.join("out"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn events_that_cannot_be_printed_are_told_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, 2 * PIECE);
    let seeder = Seeder::start(folder, "off");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = get(folder, "file.torrent", &seeder)
        .arg("--json")
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.starts_with("peerscope: cannot write to standard output: "),
        "{text}"
    );
    assert!(folder.join("out/file.bin").exists());
}

#[test]
fn a_link_whose_only_peer_is_none_names_it() {
    let hash = "ab".repeat(20);
    let link = format!("magnet:?xt=urn:btih:{hash}&x.pe=127.0.0.1");
    let output = Command::new(PEERSCOPE)
        .args(["get", &link])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text, "peerscope: x.pe=127.0.0.1: invalid socket address\n");
}

#[test]
fn whoever_dials_itself_does_so_once() {
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let link = format!("magnet:?xt=urn:btih:{}&x.pe={address}", "ab".repeat(20));
    for encryption in ["off", "prefer"] {
        let output = Command::new(PEERSCOPE)
            .args(["get", &link, "--listen", &address, "--json"])
            .args(["--patience", "3", "--encryption", encryption])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let events = String::from_utf8(output.stdout).unwrap();
        let dialled = format!(r#"{{"event":"connected","peer":"{address}"}}"#);
        assert_eq!(events.matches(&dialled).count(), 1, "{events}");
        let closed = format!(r#""peer":"{address}","reason":"it is ourselves""#);
        assert!(events.contains(&closed), "{events}");
    }
}

#[test]
fn a_silent_tracker_does_not_make_the_download_slow() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let hash = make(folder, 2 * PIECE);
    let seeder = Seeder::start(folder, "off");
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let url = format!("udp://{}", silent.local_addr().unwrap());
    let output = get_by_tracker(folder, &hash, &url)
        .args(["--peer", &seeder.1, "--json"])
        .output()
        .unwrap();
    let events = String::from_utf8(output.stdout).unwrap();
    let done: serde_json::Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(done["event"], "done");
    // Nor is the farewell, for which it gets half a second, part of the time.
    assert!(done["seconds"].as_f64().unwrap() < 2.0, "{events}");
}

#[test]
fn a_silent_tracker_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let url = format!("udp://{}", silent.local_addr().unwrap());
    let mut command = get_by_tracker(folder.path(), &"ab".repeat(20), &url);
    let output = command.args(["--patience", "1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    let reason = format!("nothing came for 1 s: tracker {url} has not answered");
    assert!(text.contains(&reason), "{text}");
}

/// Sends a signal, by its name.
fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let killed = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(killed.success());
}

#[test]
fn an_interrupted_download_dies_of_the_signal() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let magnet = format!("magnet:?xt=urn:btih:{}", "ab".repeat(20));
    for (name, number) in [("-INT", 2), ("-TERM", 15)] {
        let child = Command::new(PEERSCOPE)
            .args(["get", &magnet, "--peer", &address, "--record", "r.pcapng"])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Once it has sent its handshake it knows that it is connected.
        let mut connection = silent.accept().unwrap().0;
        connection.read_exact(&mut [0; 68]).unwrap();
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        drop(connection);
        assert_eq!(output.status.signal(), Some(number));
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text, "peerscope: interrupted\n");
        // The end of the recording, its FIN, is there.
        let recording = fs::read(folder.path().join("r.pcapng")).unwrap();
        assert!(recording.len() > 68 + 5 * 40);
    }
}

/// A fact of the first connection in a recording, as `diff` has it.
fn fact(folder: &Path, recording: &str, name: &str) -> serde_json::Value {
    let place = format!("{recording}:stream=0");
    let output = Command::new(PEERSCOPE)
        .args(["diff", "--json", &place, &place])
        .current_dir(folder)
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let facts = json["facts"].as_array().unwrap();
    let fact = facts.iter().find(|fact| fact["name"] == name);
    fact.map_or(serde_json::Value::Null, |fact| fact["a"].clone())
}

#[test]
fn a_recording_tells_who_ended_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let magnet = format!("magnet:?xt=urn:btih:{}", "ab".repeat(20));
    for (is_read, end) in [(true, "fin"), (false, "reset by uploader")] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let get = Command::new(PEERSCOPE)
            .args(["get", &magnet, "--peer", &address, "--patience", "1"])
            .args(["--record", "r.pcapng"])
            .current_dir(folder)
            .stderr(Stdio::null())
            .spawn();
        let (mut connection, _) = listener.accept().unwrap();
        let mut handshake = [0; 68];
        connection.peek(&mut handshake).unwrap();
        if is_read {
            connection.read_exact(&mut handshake).unwrap();
        }
        // To close before everything is read is to reset.
        drop((connection, listener));
        assert_eq!(get.unwrap().wait().unwrap().code(), Some(2));
        assert_eq!(fact(folder, "r.pcapng", "end"), end);
        assert_eq!(fact(folder, "r.pcapng", "closed_first"), "uploader");
    }
}

#[test]
fn standard_output_is_not_recorded_to() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path(), PIECE);
    for option in ["--record", "--keylog"] {
        let mut command = Command::new(PEERSCOPE);
        command.args(["get", "file.torrent", "--peer", "127.0.0.1:1", option, "-"]);
        let output = command.current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.starts_with(&format!("peerscope: {option} needs the name")),
            "{text}"
        );
        assert!(!folder.path().join("-").exists());
    }
}

/// Whoever does nothing loses its place to the next, be it that all places are
/// taken or that there are no descriptors left.
#[test]
fn those_that_do_nothing_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, PIECE);
    for (limit, idle) in [("64", 100), ("1000", 510)] {
        let mut shell = Command::new("sh");
        let script = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script, PEERSCOPE]);
        let seeder = Seeder::run(shell, folder, "off");
        // Where this process may not have so many either, fewer will do.
        let idle: Vec<_> = (0..idle)
            .map_while(|_| TcpStream::connect(&seeder.1).ok())
            .collect();
        let _ = fs::remove_dir_all(folder.join("out"));
        let status = get(folder, "file.torrent", &seeder).status().unwrap();
        assert!(status.success(), "{limit} descriptors, {} idle", idle.len());
    }
}

/// The system lets us in; nobody ever answers.
#[test]
fn a_silent_peer_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let magnet = format!("magnet:?xt=urn:btih:{}", "ab".repeat(20));
    let mut command = Command::new(PEERSCOPE);
    let output = command
        .args(["get", &magnet, "--peer", &address, "--patience", "1"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    let reason = format!("nothing came for 1 s: {address} is connected and says nothing");
    assert!(text.contains(&reason), "{text}");
}
