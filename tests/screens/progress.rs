//! The line of progress on a terminal while a pipe stalls.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};

use super::made::attacks;

/// Of a capture that comes through a pipe this much is there before it stalls.
const BYTES: usize = 4 << 20;

/// The rate is that of the last five seconds (`cli::rate`); this long after the stall
/// nothing of it is left.
const STALL: Duration = Duration::from_secs(8);

/// What a terminal was given, as it came.
fn watch(mut terminal: File) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut some = [0; 4096];
        while let Ok(count @ 1..) = terminal.read(&mut some) {
            let _ = sender.send(String::from_utf8_lossy(&some[..count]).into_owned());
        }
    });
    receiver
}

/// The line that stands there after all that was written.
fn latest(shown: &str) -> Option<&str> {
    let mut lines = shown
        .split(['\r', '\n'])
        .map(|line| line.trim_start_matches("\u{1b}[2K"));
    lines.rfind(|line| line.contains("/s"))
}

#[test]
fn the_rate_follows_a_pipe_that_stalls() {
    let size = Winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let terminal = openpty(&size, None).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_peerscope"))
        .args(["sessions", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(terminal.slave)
        .spawn()
        .unwrap();
    let shown = watch(File::from(terminal.master));
    let mut pipe = child.stdin.take().unwrap();
    let mut capture = attacks::connections(40_000).into_bytes();
    assert!(capture.len() > BYTES);
    capture.truncate(BYTES);
    pipe.write_all(&capture).unwrap();

    let began = Instant::now();
    let (mut screen, mut rates) = (String::new(), Vec::new());
    while began.elapsed() < STALL {
        thread::sleep(Duration::from_millis(250));
        screen.extend(shown.try_iter());
        rates.extend(latest(&screen).map(str::to_owned));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let (first, last) = (rates.first().expect(&screen), rates.last().unwrap());
    // All that came, at a rate that was above nothing while it came.
    assert!(last.contains("4.00 MiB, 0 B/s"), "{rates:#?}");
    assert!(first.contains("iB/s"), "{rates:#?}");
    let different: std::collections::BTreeSet<_> = rates.iter().collect();
    assert!(different.len() > 4, "it stands still: {rates:#?}");
}
