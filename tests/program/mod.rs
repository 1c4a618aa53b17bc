//! The program, run as its users run it.

use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_peerscope");

/// What a run left behind.
pub struct Run {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("peerscope ends by itself"),
            stdout: String::from_utf8(output.stdout).expect("output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }
}

/// The command, not yet run: its output is not a terminal, its input empty.
pub fn command<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// The same with SIGINT as a terminal leaves it: whoever runs the tests in the
/// background ignores it for all that they start.
pub fn interruptible<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> Command {
    let mut command = Command::new("env");
    command
        .args(["--default-signal=INT", PROGRAM])
        .args(arguments)
        .stdin(Stdio::null());
    command
}
