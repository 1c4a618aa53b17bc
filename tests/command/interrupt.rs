//! Ctrl-C ends a command at once, whatever it computes: the input goes on for ever,
//! or is one item that takes long.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::made::attacks;
use crate::program::interruptible;

const SIGINT: i32 = 2;

/// So long a command is at work before it is interrupted: half of that is tried, and
/// half again, where it was through by then.
const AT_WORK_MILLIS: [u64; 4] = [500, 250, 125, 60];

/// What "at once" is, on a machine that does other things too.
const AT_ONCE: Duration = Duration::from_secs(1);

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
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(signal.success());
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
    let commands: [&[&str]; 9] = [
        &["read", "-"],
        &["read", "-xx", "-"],
        &["read", "--json", "-"],
        &["sessions", "-"],
        &["sessions", "--json", "-V", "-"],
        &["check", "-"],
        &["report", "-", "-o", "out.html"],
        &["torrents", "-"],
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
