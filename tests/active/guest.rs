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

/// A tracker that sends everybody elsewhere.
fn redirecting(to: &str) -> String {
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    peer(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(answer.as_bytes());
    })
}

#[test]
fn a_tracker_that_redirects_elsewhere_is_named_and_followed_only_if_the_user_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let answer = "d8:intervali1800e5:peers0:e";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}",
        answer.len()
    );
    let other = peer(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(answer.as_bytes());
    });
    let tracker = redirecting(&format!("http://{other}/secret"));
    let link = format!("magnet:?xt=urn:btih:{HASH}&tr=http%3A%2F%2F{tracker}%2Fa");
    let (output, _) = run(folder.path(), &[&link]);
    let text = format!(
        "tracker http://{tracker}/a: it redirects to another host, http://{other}/secret; --follow-redirects goes there\n"
    );
    assert!(told(&output).contains(&text), "{}", told(&output));
    let (output, _) = run(folder.path(), &[&link, "--follow-redirects", "--json"]);
    let events = str::from_utf8(&output.stdout).unwrap();
    assert!(
        events.contains(r#""event":"tracker","peers":0"#),
        "{events}"
    );
}

#[test]
fn links_in_the_folder_are_not_followed_and_names_are_shown_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, PIECE);
    fs::create_dir(folder.join("out")).unwrap();
    std::os::unix::fs::symlink("../victim", folder.join("out/file.bin")).unwrap();
    let words = ["file.torrent", "-o", "out", "--peer", "127.0.0.1:1"];
    let (output, _) = run(folder, &words);
    let text = "peerscope: cannot write out/file.bin: it is, or lies behind, a link\n";
    assert!(told(&output).ends_with(text), "{}", told(&output));
    assert!(!folder.join("victim").exists());
}

#[test]
fn pieces_that_do_not_fit_into_memory_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let info = Dict::new()
        .int("length", 1 << 30)
        .bytes("name", "x")
        .int("piece length", 1 << 30)
        .bytes("pieces", [0; 20]);
    fs::write(
        folder.join("t.torrent"),
        Dict::new().dict("info", &info).encode(),
    )
    .unwrap();
    let (output, _) = run(folder, &["t.torrent", "--peer", "127.0.0.1:1"]);
    let text = "this torrent has pieces of 1024 MiB, and get takes 256 MiB at most: a piece is held in memory until it is checked\n";
    assert!(told(&output).ends_with(text), "{}", told(&output));
}

/// The check of 2 GiB of zeros in a single piece takes seconds.
#[test]
fn an_interrupt_is_obeyed_while_data_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let length: i64 = 2_000_000_000;
    let info = Dict::new()
        .int("length", length)
        .bytes("name", "x")
        .int("piece length", length)
        .bytes("pieces", [0; 20]);
    fs::write(
        folder.join("t.torrent"),
        Dict::new().dict("info", &info).encode(),
    )
    .unwrap();
    let mut data = fs::File::create(folder.join("x")).unwrap();
    data.write_all(b"x").unwrap();
    data.set_len(length.unsigned_abs()).unwrap();
    let mut child = Command::new(PEERSCOPE)
        .args(["seed", "t.torrent", "x", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 2];
    child
        .stderr
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    let began = Instant::now();
    signal(&child, "-INT");
    let status = child.wait().unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(2)
    );
}
