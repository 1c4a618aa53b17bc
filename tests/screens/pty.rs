//! A program in a pseudo terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use nix::pty::{Winsize, openpty};

/// What the terminal is sent behind the last byte of the program.
const END: u8 = 0;

/// What became of a run.
pub struct Run {
    /// What the terminal was given.
    pub shown: String,
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What was written to standard error.
    pub errors: String,
}

/// Runs `peerscope` with these arguments in a terminal of so many columns, without
/// colour.
pub fn run(arguments: &[&str], directory: &Path, columns: u16) -> Run {
    let size = Winsize {
        ws_row: 50,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let terminal = openpty(&size, None).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_peerscope"))
        .args(arguments)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .stdout(terminal.slave.try_clone().unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let shown = thread::spawn(|| until_end(terminal.master));
    let output = child.wait_with_output().unwrap();
    // A terminal that everybody has closed may end before its last bytes were read. So
    // it stays open, and the end is marked in it.
    File::from(terminal.slave).write_all(&[END]).unwrap();
    Run {
        shown: shown.join().unwrap(),
        code: output.status.code(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What is written to a terminal before the end mark.
fn until_end(master: OwnedFd) -> String {
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    let mut master = File::from(master);
    while shown.last() != Some(&END) {
        let read = master.read(&mut buffer).unwrap();
        shown.extend_from_slice(&buffer[..read]);
    }
    shown.pop();
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}
