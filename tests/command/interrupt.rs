//! Ctrl-C ends a command at once, whatever it computes: the input goes on for ever,
//! or is one item that takes long. What came through a pipe by then is told.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::made::attacks;
use crate::corpus::shipped;
use crate::program::interruptible;
use crate::tool::command;

const SIGINT: i32 = 2;

/// So long a command is at work before it is interrupted: half of that is tried, and
/// half again, where it was through by then.
const AT_WORK_MILLIS: [u64; 4] = [500, 250, 125, 60];

/// What "at once" is, on a machine that does other things too.
const AT_ONCE: Duration = Duration::from_secs(1);

/// So long after a signal the last packets are waited for.
const LAST_PACKETS: Duration = Duration::from_millis(400);

/// Bytes of a pcap's header.
const FILE_HEADER: usize = 24;

/// Gives a command the packets of a capture for as long as it reads.
fn feed(child: &mut Child, bytes: Vec<u8>, header: usize) {
    let mut pipe = child.stdin.take().expect("a pipe");
    thread::spawn(move || {
        let mut rest = &bytes[..];
        while pipe.write_all(rest).is_ok() {
            rest = &bytes[header..];
        }
    });
}

/// Sends a command the signal of Ctrl-C.
fn press_ctrl_c(child: &Child) {
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(signal.success());
}

/// Interrupts a command that is at work; tells what is wrong.
fn interrupt(name: &str, start: impl Fn() -> Child) -> Option<String> {
    let still_at_work = AT_WORK_MILLIS.into_iter().find_map(|wait| {
        let mut child = start();
        thread::sleep(Duration::from_millis(wait));
        child
            .try_wait()
            .expect("a child")
            .is_none()
            .then_some(child)
    });
    let Some(mut child) = still_at_work else {
        return Some(format!("{name}: had ended before"));
    };
    let sent = Instant::now();
    press_ctrl_c(&child);
    let status = child.wait().expect("a child");
    let took = sent.elapsed();
    // A shell tells by this that its loop is to end too.
    let is_right = status.signal() == Some(SIGINT) && took < AT_ONCE;
    (!is_right).then(|| format!("{name}: {status} after {took:?}"))
}

#[test]
fn of_an_endless_capture() {
    let folder = tempfile::tempdir().expect("folder");
    let mut capture = attacks::requests(8, 4096).into_bytes();
    capture.extend(&attacks::seams(2, 4096).into_bytes()[FILE_HEADER..]);
    let commands: [&[&str]; 8] = [
        &["read", "-"],
        &["read", "-xx", "-"],
        &["read", "--json", "-"],
        &["sessions", "-"],
        &["sessions", "--json", "-V", "-"],
        &["check", "-"],
        &["report", "-", "-o", "out.html"],
        &["swarm", "-"],
    ];
    let mut wrong = Vec::new();
    for arguments in commands {
        wrong.extend(interrupt(&arguments.join(" "), || {
            let mut child = interruptible(arguments)
                .current_dir(&folder)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("peerscope runs");
            feed(&mut child, capture.clone(), FILE_HEADER);
            child
        }));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn of_one_thing_that_takes_long() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).expect("written");
    };
    write("sessions", &attacks::talkative_sessions(4000).into_bytes());
    write(
        "dictionaries",
        &attacks::finished_dictionaries(8, 30_000).into_bytes(),
    );
    write(
        "text",
        &attacks::long_text("\u{1b}[0m", 8 << 20).into_bytes(),
    );
    let unit = "0x13 0x42 b'\\x00' ";
    write("line", unit.repeat((16 << 20) / unit.len()).as_bytes());
    let commands: [&[&str]; 5] = [
        &["diff", "sessions", "sessions"],
        &["report", "sessions", "-o", "out.html"],
        &["read", "-V", "dictionaries"],
        &["read", "-xx", "text"],
        &["hex", "line"],
    ];
    let mut wrong = Vec::new();
    for arguments in commands {
        wrong.extend(interrupt(&arguments.join(" "), || {
            interruptible(arguments)
                .current_dir(&folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("peerscope runs")
        }));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a command says in `folder` of a capture that came through a pipe so far when
/// Ctrl-C ended it.
fn interrupted(arguments: &[&str], folder: &Path, came: &[u8]) -> Output {
    let mut child = interruptible(arguments)
        .arg("-")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("peerscope runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(came).expect("it reads");
    thread::sleep(Duration::from_millis(500));
    press_ctrl_c(&child);
    // The writer of the pipe is there still.
    let output = child.wait_with_output().expect("output");
    drop(pipe);
    assert_eq!(output.status.signal(), Some(SIGINT), "{arguments:?}");
    output
}

/// The capture ends where it is: packets that are not whole are nobody's fault.
#[test]
fn what_came_through_a_pipe_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    let file = shipped("lab/a-rtorrent-aria2.pcap");
    let whole = fs::read(&file).expect("a capture");
    // Its last packet is beside the conversation, and the one before it ends it.
    let cut = &whole[..whole.len() - 1];
    let commands: [&[&str]; 7] = [
        &["sessions"],
        &["sessions", "--json"],
        &["check"],
        &["read", "--json"],
        &["follow", "--stream", "2"],
        &["swarm"],
        &["report", "-o", "-"],
    ];
    for arguments in commands {
        let output = interrupted(arguments, folder.path(), cut);
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert_eq!(trouble, "", "{arguments:?}");

        let cut_file = folder.path().join("cut.pcap");
        fs::write(&cut_file, cut).expect("written");
        let at_its_end = command(arguments)
            .arg(&cut_file)
            .output()
            .expect("peerscope runs");
        let told = |output: &[u8]| {
            let text = String::from_utf8_lossy(output).into_owned();
            text.replace(&cut_file.display().to_string(), "-")
                .replace("cut.pcap", "standard input")
        };
        let (told, expected) = (told(&output.stdout), told(&at_its_end.stdout));
        assert!(told == expected, "{arguments:?}\n{told}\n{expected}");
    }
}

/// What reads a capture twice has all of it to go through when the first Ctrl-C ends the
/// pipe; the second ends it at once, and nothing of what was under way stays.
#[test]
fn what_came_without_end_is_left_at_the_second_time() {
    let folder = tempfile::tempdir().expect("folder");
    let mut capture = attacks::requests(8, 4096).into_bytes();
    capture.extend(&attacks::seams(2, 4096).into_bytes()[FILE_HEADER..]);
    let commands: [&[&str]; 2] = [&["torrents", "-"], &["extract", "-", "-o", "out"]];
    for arguments in commands {
        let mut child = interruptible(arguments)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("peerscope runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        let rest = capture.clone();
        let feeder = thread::spawn(move || while pipe.write_all(&rest).is_ok() {});
        thread::sleep(Duration::from_millis(500));
        press_ctrl_c(&child);
        let sent = Instant::now();
        thread::sleep(LAST_PACKETS);
        press_ctrl_c(&child);
        let status = child.wait().expect("a child");
        assert!(
            sent.elapsed() < AT_ONCE,
            "{arguments:?}: {:?}",
            sent.elapsed()
        );
        let is_ended = status.signal() == Some(SIGINT) || status.code() == Some(128 + SIGINT);
        assert!(is_ended, "{arguments:?}: {status}");
        feeder.join().expect("nobody reads any more");
        let out = folder.path().join("out");
        let left = out
            .exists()
            .then(|| fs::read_dir(&out).expect("a folder").count());
        assert_eq!(left.unwrap_or(0), 0, "{arguments:?}");
    }
}

/// What reads a capture twice takes what came by then, and nothing of what was under way
/// stays.
#[test]
fn what_came_through_a_pipe_is_extracted() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = fs::read(shipped("cases/1-session.pcap")).expect("a capture");
    let cut = &whole[..whole.len() - 1];
    let cut_file = folder.path().join("cut.pcap");
    fs::write(&cut_file, cut).expect("written");
    let commands: [&[&str]; 3] = [
        &["torrents"],
        &["extract", "--list"],
        &["extract", "-o", "out"],
    ];
    for arguments in commands {
        let output = interrupted(arguments, folder.path(), cut);
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert!(!trouble.contains("ends inside"), "{arguments:?}: {trouble}");
        let out = folder.path().join("out");
        if out.exists() {
            let names = fs::read_dir(&out).expect("a folder");
            let names: Vec<_> = names
                .map(|entry| entry.expect("an entry").file_name())
                .collect();
            assert_eq!(names, ["manifest.json"]);
            fs::remove_dir_all(&out).expect("removed");
        }
        let at_its_end = command(arguments)
            .arg(&cut_file)
            .current_dir(&folder)
            .output()
            .expect("peerscope runs");
        let [told, expected] =
            [&output.stdout, &at_its_end.stdout].map(|told| String::from_utf8_lossy(told));
        assert_eq!(told, expected, "{arguments:?}");
    }
}

/// Nobody reads what it says, so that it cannot come to its end.
#[test]
fn a_second_time_ends_at_once() {
    let capture = attacks::requests(8, 4096).into_bytes();
    let mut child = interruptible(["read", "-xx", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("peerscope runs");
    let mut unread = child.stdout.take().expect("a pipe");
    feed(&mut child, capture, FILE_HEADER);
    unread.read_exact(&mut [0]).expect("it is at work");
    press_ctrl_c(&child);
    thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().expect("a child").is_none());
    let sent = Instant::now();
    press_ctrl_c(&child);
    let status = child.wait().expect("a child");
    assert!(sent.elapsed() < AT_ONCE / 2, "{:?}", sent.elapsed());
    assert_eq!(status.signal(), Some(SIGINT));
}
