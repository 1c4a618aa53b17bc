//! `peerscope live`, beside tcpdump and real clients, in a network of its own.
#![cfg(all(target_os = "linux", feature = "live"))]

mod clients;
mod lab;
mod program;
mod talk;
mod trouble;

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use lab::{ip, wait_for};
use program::{Program, read_json};
use talk::Talk;

/// The records by sender and receiver, without times and packet numbers: where
/// two CPUs bring packets of the two directions at once, two programs that sniff
/// side by side may be given them in either order.
fn by_direction(json: &str) -> BTreeMap<String, Vec<String>> {
    let mut directions = BTreeMap::<_, Vec<_>>::new();
    for line in json.lines() {
        let mut record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let keys = record.as_object_mut().expect("object");
        for key in ["time", "frame", "first_frame"] {
            assert!(keys.remove(key).is_some(), "no {key}: {line}");
        }
        // Where an answer is told, so is when it was asked for.
        for key in ["request_frame", "latency_us", "rtt_us", "late"] {
            keys.remove(key);
        }
        let direction = format!("{} > {}", keys["src"], keys["dst"]);
        directions
            .entry(direction)
            .or_default()
            .push(record.to_string());
    }
    directions
}

/// Fails at the first record that differs, and names it.
fn assert_same(ours: &str, theirs: &str) {
    let (ours, theirs) = (by_direction(ours), by_direction(theirs));
    assert!(ours.keys().eq(theirs.keys()));
    for (direction, ours) in &ours {
        let theirs = &theirs[direction];
        for (at, (our, their)) in ours.iter().zip(theirs).enumerate() {
            assert_eq!(our, their, "record {at} of {direction}");
        }
        assert_eq!(ours.len(), theirs.len(), "{direction}");
    }
}

/// Whether the summary says that no packet was dropped.
fn nothing_dropped(summary: &str) -> bool {
    summary.contains(" 0 dropped by kernel, 0 dropped by interface")
}

/// Runs `transfer` with peerscope and tcpdump beside it: both tell the same
/// messages, and so does what peerscope has written. Gives them.
fn beside_tcpdump(filter: &str, folder: &Path, transfer: impl FnOnce()) -> String {
    let theirs = folder.join("tcpdump.pcap");
    let ours = folder.join("ours.pcapng");
    let ours_text = ours.to_str().expect("UTF-8");
    let tcpdump = Program::tcpdump(filter, &theirs);
    let sniffer = Program::peerscope(&["-i", "lo", "-f", filter, "--json", "-w", ours_text]);
    transfer();
    // The last packets are still in the buffer of the kernel.
    sleep(Duration::from_millis(1500));
    let (said, dumped) = (sniffer.stop(), tcpdump.stop());
    assert!(said.status.success(), "{}", said.err);
    assert!(nothing_dropped(&said.err), "{}", said.err);
    // No status line where there is no terminal.
    assert!(!said.err.contains('\u{1b}'), "{}", said.err);
    let dropped = "\n0 packets dropped by kernel";
    assert!(dumped.err.contains(dropped), "{}", dumped.err);
    assert_same(&said.out, &read_json(&[&theirs]));
    assert!(said.out == read_json(&[&ours]), "our file differs");
    said.out
}

#[test]
fn real_clients_are_heard_as_tcpdump_hears_them() {
    let programs = [&clients::PROGRAMS[..], &["tcpdump"]].concat();
    lab::inside(
        "real_clients_are_heard_as_tcpdump_hears_them",
        &programs,
        || {
            let folder = tempfile::tempdir().expect("folder");
            let messages = beside_tcpdump("port 6881 or port 6882", folder.path(), || {
                clients::transfer(folder.path(), 100);
            });
            let pieces = messages.matches("\"message\":\"piece\"").count();
            assert!(pieces >= 6400, "{pieces}");
        },
    );
}

#[test]
fn a_fast_transfer_is_heard_as_tcpdump_hears_it() {
    let name = "a_fast_transfer_is_heard_as_tcpdump_hears_it";
    lab::inside(name, &["tcpdump"], || {
        let folder = tempfile::tempdir().expect("folder");
        let messages = beside_tcpdump("port 6881", folder.path(), || {
            let mut talk = Talk::connect(6881);
            talk.greet();
            talk.fetch_all(6400);
        });
        // And one record of how the connection ended.
        assert_eq!(messages.lines().count(), 5 + 2 * 6400 + 1);
    });
}

#[test]
fn a_message_is_seen_at_once() {
    lab::inside("a_message_is_seen_at_once", &[], || {
        let mut sniffer = Program::peerscope(&["-i", "lo", "-p", "6881"]);
        let mut talk = Talk::connect(6881);
        talk.greet();
        let mut slowest_of = |pieces: Range<u32>| {
            let mut slowest = Duration::ZERO;
            for piece in pieces {
                let seen = sniffer.lines().len();
                let said = Instant::now();
                talk.fetch(piece);
                wait_for("the piece", 5, || sniffer.lines().len() >= seen + 2);
                let (when, _) = sniffer.lines()[seen + 1];
                slowest = slowest.max(when - said);
                sleep(Duration::from_millis(37));
            }
            slowest
        };
        // A busy machine delays now and then; a program that waits does so every time.
        let mut slowest = slowest_of(0..20);
        for again in 1..4 {
            if slowest >= Duration::from_millis(100) {
                slowest = slowest_of(20 * again..20 * (again + 1));
            }
        }
        assert!(slowest < Duration::from_millis(100), "{slowest:?}");
        assert!(sniffer.is_running());
    });
}

#[test]
fn what_tcpdump_pipes_is_seen_at_once() {
    lab::inside("what_tcpdump_pipes_is_seen_at_once", &["tcpdump"], || {
        let script = "tcpdump -i lo -U --immediate-mode -Z root -w - port 6881 | \"$0\" read -";
        let mut shell = std::process::Command::new("sh");
        let program = env!("CARGO_BIN_EXE_peerscope");
        let pipe = Program::listening(shell.args(["-c", script, program]));
        let mut talk = Talk::connect(6881);
        talk.greet();
        wait_for("the messages", 5, || pipe.lines().len() == 5);
        talk.fetch(1);
        wait_for("the piece", 5, || pipe.lines().len() == 7);
    });
}

#[test]
fn a_connection_from_before_is_picked_up() {
    lab::inside("a_connection_from_before_is_picked_up", &[], || {
        let mut talk = Talk::connect(6881);
        talk.greet();
        talk.fetch_all(8);
        let sniffer = Program::peerscope(&["-i", "lo", "-p", "6881", "--json"]);
        for piece in 8..40 {
            talk.fetch(piece);
        }
        let said = |sniffer: &Program| {
            let lines = sniffer.lines().into_iter();
            let lines = lines.map(|(_, line)| line + "\n");
            lines.collect::<String>()
        };
        // Without a further packet.
        wait_for("the last piece", 5, || {
            said(&sniffer).contains("\"fields\":{\"index\":39,\"begin\":0,\"length\":16384}}")
        });
        let said = sniffer.stop();
        let pieces = said.out.matches("\"message\":\"piece\"").count();
        assert!(pieces >= 31, "{}", said.out);
        assert!(said.err.contains(" on 1 connection"), "{}", said.err);
    });
}

#[test]
fn all_interfaces_at_once_hear_each_packet_once() {
    lab::inside("all_interfaces_at_once_hear_each_packet_once", &[], || {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("any.pcapng");
        let path = file.to_str().expect("UTF-8");
        let sniffer = Program::peerscope(&["-i", "any", "-p", "6881", "--json", "-w", path]);
        let mut talk = Talk::connect(6881);
        talk.greet();
        talk.fetch_all(100);
        sleep(Duration::from_millis(300));
        let said = sniffer.stop();
        assert_eq!(said.out.lines().count(), 5 + 200, "{}", said.out);
        assert!(said.out == read_json(&[&file]));
        // Cooked packets: the second block, behind the section header, says so.
        let written = fs::read(&file).expect("file");
        let at = u32::from_le_bytes([4, 5, 6, 7].map(|at| written[at])) as usize + 8;
        let link = u16::from_le_bytes([written[at], written[at + 1]]);
        assert!(matches!(link, 276 | 113), "{link}");
    });
}

#[test]
fn frames_above_the_mtu_are_heard_whole() {
    lab::inside("frames_above_the_mtu_are_heard_whole", &[], || {
        ip("link set lo mtu 1500");
        let sniffer = Program::peerscope(&["-i", "lo", "-p", "6881", "--json"]);
        let mut talk = Talk::connect(6881);
        talk.greet();
        talk.fetch_all(400);
        sleep(Duration::from_millis(300));
        let said = sniffer.stop();
        assert_eq!(said.out.lines().count(), 5 + 800);
        let frames: u64 = said
            .out
            .lines()
            .filter_map(|line| {
                let record: serde_json::Value = serde_json::from_str(line).ok()?;
                record["frame"].as_u64()
            })
            .max()
            .expect("frames");
        // 400 pieces of 16 KiB in packets of 1500 would take 4400.
        assert!(frames < 4000, "{frames} frames: nothing was offloaded");
    });
}

#[test]
fn a_ring_reads_back_as_what_was_shown() {
    lab::inside("a_ring_reads_back_as_what_was_shown", &[], || {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("ring.pcapng");
        let path = path.to_str().expect("UTF-8");
        let sniffer = Program::peerscope(&[
            "-i",
            "lo",
            "-p",
            "6881",
            "--json",
            "-w",
            path,
            "--ring",
            "50x1MB",
            "--keep-privileges",
        ]);
        let mut talk = Talk::connect(6881);
        talk.greet();
        talk.fetch_all(640);
        sleep(Duration::from_millis(300));
        let said = sniffer.stop();
        let mut files: Vec<_> = fs::read_dir(folder.path())
            .expect("folder")
            .map(|entry| entry.expect("file").path())
            .collect();
        files.sort();
        assert!(files.len() >= 10, "{files:?}");
        let files: Vec<&Path> = files.iter().map(AsRef::as_ref).collect();
        assert!(said.out == read_json(&files));
        assert!(
            said.err.contains(&format!("{} files, ", files.len())),
            "{}",
            said.err
        );
    });
}

#[test]
fn it_ends_after_so_many_messages_or_so_much_time() {
    lab::inside(
        "it_ends_after_so_many_messages_or_so_much_time",
        &[],
        || {
            let sniffer = Program::peerscope(&["-i", "lo", "-c", "7"]);
            let mut talk = Talk::connect(6881);
            talk.greet();
            talk.fetch_all(10);
            let said = sniffer.finish(5);
            assert!(said.status.success(), "{}", said.err);
            assert_eq!(said.out.lines().count(), 7);
            let began = Instant::now();
            let said = Program::peerscope(&["-i", "lo", "--duration", "300ms"]).finish(5);
            assert!(said.status.success(), "{}", said.err);
            assert!(began.elapsed() >= Duration::from_millis(300));
        },
    );
}

#[test]
fn a_terminal_has_a_line_that_counts() {
    lab::inside("a_terminal_has_a_line_that_counts", &["script"], || {
        let folder = tempfile::tempdir().expect("folder");
        let typed = folder.path().join("typescript");
        let program = env!("CARGO_BIN_EXE_peerscope");
        let command = format!("{program} live -i lo -p 6881 -c 5");
        let mut script = std::process::Command::new("script");
        let mut terminal = Program::listening(script.arg("-qefc").arg(&command).arg(&typed));
        let shown = || fs::read_to_string(&typed).unwrap_or_default();
        wait_for("the line", 5, || {
            shown().contains("0 messages, 0 connections")
        });
        let mut talk = Talk::connect(6881);
        talk.greet();
        wait_for("the end", 5, || !terminal.is_running());
        // Taken away before the heading, and for good before the summary.
        let shown = shown();
        let (_, summary) = shown.split_once("unchoke").expect("messages");
        assert!(
            shown.contains("\u{1b}[2K\u{1b}[2m    #     time"),
            "{shown}"
        );
        assert!(
            summary.contains("5 messages on 1 connection\r\n"),
            "{shown}"
        );
        assert!(!summary.contains("dropped\r\u{1b}[2K\u{1b}[2K"), "{shown}");
    });
}
