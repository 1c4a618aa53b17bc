//! How `get` and `seed` behave towards others, and what they say when it does not
//! go well.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, str};

use peerscope::wire::bencode::Dict;

use super::{PEERSCOPE, PIECE, Seeder, get, make, signal};

const HASH: &str = "abababababababababababababababababababab";

/// Runs `get` in a folder, for two seconds at most.
fn run(folder: &Path, words: &[&str]) -> (Output, Duration) {
    let began = Instant::now();
    let output = Command::new(PEERSCOPE)
        .args(["get", "--patience", "2"])
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    (output, began.elapsed())
}

fn told(output: &Output) -> &str {
    str::from_utf8(&output.stderr).unwrap()
}

/// A peer that does the same with everybody who dials it.
fn peer(act: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || listener.incoming().flatten().for_each(act));
    address
}

/// Reads a handshake and answers it, with these reserved bytes.
fn greet(stream: &mut TcpStream, reserved: [u8; 8]) {
    let mut handshake = [0; 68];
    stream.read_exact(&mut handshake).unwrap();
    handshake[20..28].copy_from_slice(&reserved);
    handshake[48..].fill(b'x');
    stream.write_all(&handshake).unwrap();
}

/// Reads until the other end closes.
fn read_on(mut stream: TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn whoever_does_not_speak_the_extension_protocol_cannot_give_the_dictionary() {
    let folder = tempfile::tempdir().unwrap();
    let address = peer(|mut stream| {
        greet(&mut stream, [0; 8]);
        read_on(stream);
    });
    let link = format!("magnet:?xt=urn:btih:{HASH}");
    let (output, took) = run(folder.path(), &[&link, "--peer", &address]);
    assert_eq!(output.status.code(), Some(2));
    let reason = format!(
        "{address} cannot give the info dictionary: it does not speak the extension protocol (BEP 10)\n"
    );
    let expected = format!("{reason}peerscope: no peer is left: {reason}");
    assert_eq!(told(&output), expected);
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

#[test]
fn nor_does_whoever_leaves_it_out_of_its_extensions() {
    let folder = tempfile::tempdir().unwrap();
    let address = peer(|mut stream| {
        greet(&mut stream, [0, 0, 0, 0, 0, 0x10, 0, 0]);
        stream.write_all(b"\0\0\0\x08\x14\0d1:mdee").unwrap();
        read_on(stream);
    });
    let link = format!("magnet:?xt=urn:btih:{HASH}");
    let (output, _) = run(folder.path(), &[&link, "--peer", &address]);
    let reason = "cannot give the info dictionary: it does not offer ut_metadata (BEP 9)";
    assert!(told(&output).contains(reason), "{}", told(&output));
}

#[test]
fn whoever_closes_before_its_handshake_is_named_with_what_may_be_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let address = peer(|mut stream| {
        let _ = stream.read_exact(&mut [0; 48]);
        let _ = stream.shutdown(Shutdown::Both);
    });
    let link = format!("magnet:?xt=urn:btih:{HASH}");
    for (encryption, reason) in [
        ("off", "it may want encryption, or not have this torrent"),
        ("prefer", "it may not have this torrent"),
        (
            "require",
            "it may refuse encryption, or not have this torrent",
        ),
    ] {
        let words = [&link, "--peer", &address, "--encryption", encryption];
        let (output, _) = run(folder.path(), &words);
        assert_eq!(output.status.code(), Some(2));
        let first =
            format!("{address}: it closed before its handshake: {reason}; it is tried again\n");
        assert!(told(&output).starts_with(&first), "{}", told(&output));
    }
}

#[test]
fn whoever_refuses_is_told_at_once_and_dialled_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, 3 * PIECE);
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let (output, took) = run(folder, &["file.torrent", "-o", "out", "--peer", &address]);
    assert_eq!(output.status.code(), Some(2));
    let text = told(&output);
    let first = format!("{address}: Connection refused (os error 111); it is tried again\n");
    let last =
        format!("peerscope: nothing came for 2 s: {address}: Connection refused (os error 111)\n");
    let size = "file.bin: 192 KiB, 3 pieces\n";
    assert_eq!(text, format!("{size}{first}{last}"));
    assert!(took >= Duration::from_secs(2), "{took:?}");

    // Once somebody listens there, it is found.
    let late = thread::spawn({
        let (folder, address) = (folder.to_owned(), address.clone());
        move || {
            thread::sleep(Duration::from_millis(500));
            let mut command = Command::new(PEERSCOPE);
            command.args(["seed", "file.torrent", "file.bin", "--listen", &address]);
            command.current_dir(folder).spawn().unwrap()
        }
    });
    let words = [
        "file.torrent",
        "-o",
        "out",
        "--peer",
        &address,
        "--patience",
        "60",
    ];
    let output = Command::new(PEERSCOPE)
        .arg("get")
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    let mut seeder = late.join().unwrap();
    seeder.kill().unwrap();
    seeder.wait().unwrap();
    assert!(output.status.success(), "{}", told(&output));
}

#[test]
fn a_torrent_that_only_web_seeds_serve_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, PIECE);
    let mut torrent = fs::read(folder.join("file.torrent")).unwrap();
    torrent.pop();
    torrent.extend(b"8:url-list13:http://seed/ae");
    fs::write(folder.join("web.torrent"), torrent).unwrap();
    let link = format!("magnet:?xt=urn:btih:{HASH}&ws=http%3A%2F%2Fseed%2Fa");
    for torrent in ["web.torrent", &link] {
        let (output, _) = run(folder, &[torrent]);
        let text = "peerscope: no peer is known: the torrent names only web seeds (BEP 17, BEP 19), and get fetches from peers: name one with --peer\n";
        assert_eq!(told(&output), text);
    }
    let (output, _) = run(folder, &["file.torrent"]);
    let text =
        "peerscope: no peer is known: the torrent names no tracker, and there is no --peer\n";
    assert_eq!(told(&output), text);
    let mut torrent = fs::read(folder.join("file.torrent")).unwrap();
    let tracker = Dict::new()
        .bytes("announce", "http://127.0.0.1:1/")
        .encode();
    torrent.splice(0..1, tracker[..tracker.len() - 1].iter().copied());
    fs::write(folder.join("tracked.torrent"), torrent).unwrap();
    let (output, _) = run(folder, &["tracked.torrent", "--no-trackers"]);
    let text = "peerscope: no peer is known: there is no --peer, and --no-trackers is set\n";
    assert_eq!(told(&output), text);
}

#[test]
fn data_that_can_no_longer_be_read_is_named_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, 3 * PIECE);
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut seeder = Command::new(PEERSCOPE)
        .args([
            "seed",
            "file.torrent",
            "file.bin",
            "--listen",
            "127.0.0.1:0",
            "--json",
        ])
        .current_dir(folder)
        .stdout(log)
        .spawn()
        .unwrap();
    let events = || fs::read_to_string(folder.join("log")).unwrap();
    while !events().contains("listening") {
        thread::sleep(Duration::from_millis(20));
    }
    let listening = events();
    let listening = listening.lines().find(|line| line.contains("listening"));
    let listening: serde_json::Value = serde_json::from_str(listening.unwrap()).unwrap();
    let address = listening["address"].as_str().unwrap();
    let file = fs::File::options()
        .write(true)
        .open(folder.join("file.bin"));
    file.unwrap().set_len(PIECE as u64).unwrap();
    let (output, _) = run(folder, &["file.torrent", "-o", "out", "--peer", address]);
    let text = told(&output);
    let last = text.lines().last().unwrap();
    let reason = format!(
        "peerscope: nothing came for 2 s: {address} refuses to send pieces that it says it has"
    );
    assert_eq!(last, reason, "{text}");
    signal(&seeder, "-INT");
    let status = seeder.wait().unwrap();
    assert_eq!(status.code(), Some(2));
    let events = events();
    let unreadable = "cannot read file.bin: it ends after 65536 bytes, ";
    assert_eq!(
        events.matches(r#""event":"unreadable""#).count(),
        1,
        "{events}"
    );
    assert!(events.contains(unreadable), "{events}");
}

/// Whoever remembers us as a seed would not serve the next who comes from here.
#[test]
fn a_guest_does_not_say_that_it_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, 5 * PIECE);
    let seeder = Seeder::start(folder, "off");
    let status = get(folder, "file.torrent", &seeder)
        .args(["--record", "get.pcapng"])
        .status()
        .unwrap();
    assert!(status.success());
    let read = Command::new(PEERSCOPE)
        .args(["read", "get.pcapng"])
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(read.stdout).unwrap();
    assert!(
        text.contains("piece") && text.contains(" interested"),
        "{text}"
    );
    for said in [" have 0", " have 1", " have piece", "not interested"] {
        assert!(!text.contains(said), "{said}: {text}");
    }
}
