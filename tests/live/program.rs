//! Programs that run beside a test: peerscope, tcpdump, clients.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::lab::wait_for;

/// A line and when it was read.
pub type Line = (Instant, String);

/// A program whose output is read as it comes. It is killed if it still runs
/// when this is dropped.
pub struct Program {
    name: String,
    child: Child,
    out: Reading,
    err: Reading,
}

struct Reading {
    lines: Arc<Mutex<Vec<Line>>>,
    thread: Option<JoinHandle<()>>,
}

impl Reading {
    fn of(input: Option<impl Read + Send + 'static>) -> Self {
        let lines = Arc::<Mutex<Vec<Line>>>::default();
        let seen = Arc::clone(&lines);
        let thread = input.map(|input| {
            thread::spawn(move || {
                // Some clients redraw a line after a carriage return.
                for line in BufReader::new(input).split(b'\n') {
                    let Ok(line) = line else { break };
                    let line = String::from_utf8_lossy(&line).into_owned();
                    seen.lock().expect("lines").push((Instant::now(), line));
                }
            })
        });
        Self { lines, thread }
    }

    fn lines(&self) -> Vec<Line> {
        self.lines.lock().expect("lines").clone()
    }

    fn text(&self) -> String {
        let lines = self.lines().into_iter().map(|(_, line)| line + "\n");
        lines.collect()
    }

    fn finish(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("reader");
        }
    }
}

/// What a program has said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Program {
    /// Starts a program.
    pub fn start(command: &mut Command) -> Self {
        let name = format!("{}", command.get_program().display());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name,
            out: Reading::of(child.stdout.take()),
            err: Reading::of(child.stderr.take()),
            child,
        }
    }

    /// Starts `peerscope live` and waits until it listens.
    pub fn peerscope(arguments: &[&str]) -> Self {
        Self::listening(peerscope("live").args(arguments))
    }

    /// Starts tcpdump on the loopback interface, and waits until it listens.
    pub fn tcpdump(filter: &str, to: &Path) -> Self {
        let mut command = Command::new("tcpdump");
        command.args(["-i", "lo", "-n", "-U", "-B", "65536", "-Z", "root", "-w"]);
        Self::listening(command.arg(to).arg(filter))
    }

    /// Starts a program that says when it listens.
    pub fn listening(command: &mut Command) -> Self {
        let program = Self::start(command);
        wait_for("listening", 20, || {
            program.err().contains("listening on") || program.out.text().contains("listening on")
        });
        program
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard output so far.
    pub fn lines(&self) -> Vec<Line> {
        self.out.lines()
    }

    /// What it has written to standard error so far.
    pub fn err(&self) -> String {
        self.err.text()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("own child").is_none()
    }

    /// Ctrl-C.
    fn interrupt(&self) {
        interrupt(self.id());
    }

    /// Waits for its end.
    pub fn finish(mut self, seconds: u64) -> Said {
        let name = self.name.clone();
        wait_for(&name, seconds, || !self.is_running());
        self.out.finish();
        self.err.finish();
        Said {
            status: self.child.wait().expect("own child"),
            out: self.out.text(),
            err: self.err.text(),
        }
    }

    /// Ctrl-C, and what it says then.
    pub fn stop(self) -> Said {
        self.interrupt();
        self.finish(30)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ctrl-C for a process.
pub fn interrupt(id: u32) {
    let status = Command::new("kill")
        .args(["-INT", &id.to_string()])
        .status();
    assert!(status.is_ok_and(|status| status.success()), "kill -INT");
}

/// A command of peerscope.
pub fn peerscope(command: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    program.arg(command);
    program
}

/// What `peerscope read --json` says of files.
pub fn read_json(paths: &[&Path]) -> String {
    let mut command = peerscope("read");
    let output = command.arg("--json").args(paths).output().expect("runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    String::from_utf8(output.stdout).expect("JSON is UTF-8")
}
