//! `peerscope tui` in a real terminal: tmux shows what is on the screen.
//!
//! Needs tmux in the path; says so where it is missing.
#![cfg(unix)]

use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing takes longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// Datagrams of 60 kB that are more than the kernel's ring of 64 MiB has room for.
const MANY: usize = 3_000;

fn capture(name: &str) -> PathBuf {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    captures.join(name)
}

/// A terminal of its own server. It ends when this is dropped.
struct Terminal {
    socket: String,
}

impl Terminal {
    /// Runs `command` in a shell, where `$PEERSCOPE` is the program; `None`, with a
    /// word, where there is no tmux.
    fn run(name: &str, command: &str) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            println!("skipped: no tmux");
            return None;
        }
        let socket = format!("peerscope-{}-{name}", std::process::id());
        let terminal = Self { socket };
        let program = env!("CARGO_BIN_EXE_peerscope");
        // What is typed behind the command shows that the terminal was given back.
        let command =
            format!("PEERSCOPE='{program}'; {command}; echo \"ended with $?\"; stty -a; cat");
        let status = terminal
            .tmux()
            .args(["-f", "/dev/null", "new-session", "-d"])
            .args(["-x", "80", "-y", "24", "sh", "-c", &command])
            .env("TERM", "xterm-256color")
            .status();
        assert!(status.expect("tmux runs").success());
        Some(terminal)
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.socket]).stdin(Stdio::null());
        command
    }

    fn does(&self, arguments: &[&str]) {
        let status = self.tmux().args(arguments).status();
        assert!(status.expect("tmux runs").success(), "{arguments:?}");
    }

    /// Types text as it is.
    fn types(&self, text: &str) {
        self.does(&["send-keys", "-l", text]);
    }

    /// Presses a key, as tmux calls it.
    fn presses(&self, key: &str) {
        self.does(&["send-keys", key]);
    }

    fn resizes(&self, columns: &str, rows: &str) {
        self.does(&["resize-window", "-x", columns, "-y", rows]);
    }

    /// Sends signals to the program.
    fn signals(&self, signals: &[&str]) {
        let panes = ["list-panes", "-F", "#{pane_pid}"];
        let output = self.tmux().args(panes).output().expect("tmux runs");
        let shell = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let children = Command::new("pgrep")
            .args(["-P", &shell, "peerscope"])
            .output()
            .expect("pgrep runs");
        let program = String::from_utf8_lossy(&children.stdout).trim().to_owned();
        for signal in signals {
            let status = Command::new("kill")
                .args([*signal, program.as_str()])
                .status();
            assert!(status.expect("kill runs").success(), "{program:?}");
        }
    }

    /// Whether the screen is the other one, and whether the mouse is told of.
    fn modes(&self) -> String {
        let modes = "#{alternate_on} #{mouse_any_flag}";
        let output = self.tmux().args(["display-message", "-p", modes]).output();
        let output = String::from_utf8_lossy(&output.expect("tmux runs").stdout).into_owned();
        output.trim().to_owned()
    }

    /// What is on the screen; with `-e`, with its escape sequences.
    fn screen(&self, escapes: &[&str]) -> String {
        let output = self
            .tmux()
            .args(["capture-pane", "-p"])
            .args(escapes)
            .output();
        String::from_utf8_lossy(&output.expect("tmux runs").stdout).into_owned()
    }

    /// The screen, once it has this text.
    fn waits_for(&self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen(&[]);
            if screen.contains(text) {
                return screen;
            }
            assert!(began.elapsed() < PATIENCE, "no {text:?} in\n{screen}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").status();
    }
}

#[test]
fn a_capture_is_looked_through() {
    let capture = capture("lab/a-rtorrent-aria2.pcap");
    let command = format!("NO_COLOR=1 \"$PEERSCOPE\" tui {}", capture.display());
    let Some(terminal) = Terminal::run("look", &command) else {
        return;
    };
    // All panes, at 80 by 24.
    let screen = terminal.waits_for("98 packets, 37 messages");
    for pane in [
        "1 Connections 3",
        "2 Messages 1 of 37",
        "3 Fields",
        "4 Bytes",
    ] {
        assert!(screen.contains(pane), "{pane}\n{screen}");
    }
    // A filter, its error, its completion.
    terminal.types("frequest and indx");
    terminal.waits_for("did you mean `index`?");
    terminal.presses("C-w");
    terminal.types("unansw");
    terminal.presses("Tab");
    terminal.waits_for("request and unanswered");
    terminal.presses("Enter");
    terminal.waits_for("1 of 12, filter: request and unanswered");
    terminal.presses("Escape");
    // A search, and the answer to what was found.
    terminal.waits_for(" of 37 ");
    terminal.types("/request piece 95, offset 16384");
    terminal.presses("Enter");
    terminal.waits_for("Fields of #30, request");
    terminal.presses("Enter");
    terminal.waits_for("Fields of #58, piece");
    terminal.presses("BSpace");
    terminal.waits_for("Fields of #30, request");
    // Another size.
    terminal.resizes("200", "60");
    let screen = terminal.waits_for("10.98.0.2:38029 > 10.98.0.1:6881");
    assert!(screen.contains("length prefix"), "{screen}");
    assert!(screen.lines().any(|line| line.chars().count() > 180));
    // Findings, a conversation, help.
    terminal.types("]");
    terminal.waits_for("BF-03: ");
    terminal.waits_for("Fields of #95");
    terminal.types("c");
    terminal.waits_for("2 Messages 21 of 34: A 10.98.0.2:38029");
    terminal.types("?");
    terminal.waits_for("peerscope tui: keys");
    terminal.resizes("80", "24");
    terminal.waits_for("any other key goes back");
    terminal.types("x");
    terminal.waits_for("Fields of #95");
    // Without colour there is none: bold, dim, underlined, reversed at most.
    let screen = terminal.screen(&["-e"]);
    for sequence in screen.split("\u{1b}[").skip(1) {
        let numbers = sequence.split('m').next().expect("one");
        let is_colour = |number: &str| {
            let number = number.parse::<u32>().unwrap_or(0);
            (30..38).contains(&number) || (40..48).contains(&number) || number >= 90
        };
        assert!(!numbers.split(';').any(is_colour), "{numbers}");
    }
    terminal.types("q");
    let screen = terminal.waits_for("ended with 0");
    assert!(!screen.contains("Fields"), "{screen}");
    let screen = terminal.waits_for(" icanon");
    assert!(screen.contains(" echo "), "{screen}");
}

#[test]
fn a_pipe_is_read_and_a_signal_gives_the_terminal_back() {
    let capture = capture("lab/i-any-sll2.pcap");
    let command = format!(
        "(cat {}; sleep 3) | \"$PEERSCOPE\" tui --color always",
        capture.display()
    );
    let Some(terminal) = Terminal::run("signal", &command) else {
        return;
    };
    let screen = terminal.waits_for("2 Messages 1 of ");
    assert!(screen.contains("standard input"), "{screen}");
    terminal.presses("G");
    terminal.presses("C-z");
    // A shell without job control goes on at once, or stops the program for good:
    // either way the screen is there for who comes next.
    terminal.signals(&["-CONT", "-TERM"]);
    let screen = terminal.waits_for("ended with 143");
    assert!(!screen.contains("Fields"), "{screen}");
    let screen = terminal.waits_for(" icanon");
    assert!(screen.contains(" echo "), "{screen}");
}

#[test]
fn every_signal_that_ends_the_program_gives_the_terminal_back() {
    let capture = capture("lab/a-rtorrent-aria2.pcap");
    let command = format!("\"$PEERSCOPE\" tui {}", capture.display());
    for (signal, status) in [
        ("-HUP", 129),
        ("-QUIT", 131),
        ("-TRAP", 133),
        ("-ABRT", 134),
        ("-USR1", 138),
        ("-USR2", 140),
        ("-ALRM", 142),
        ("-XCPU", 152),
        ("-VTALRM", 154),
        ("-PROF", 155),
        ("-IO", 157),
        ("-PWR", 158),
        ("-SYS", 159),
    ] {
        let Some(terminal) = Terminal::run(&format!("signal{signal}"), &command) else {
            return;
        };
        terminal.waits_for("98 packets, 37 messages");
        assert_eq!(terminal.modes(), "1 1");
        terminal.signals(&[signal]);
        let screen = terminal.waits_for(&format!("ended with {status}"));
        assert!(!screen.contains("Fields"), "{screen}");
        let screen = terminal.waits_for(" icanon");
        assert!(screen.contains(" echo "), "{signal}: {screen}");
        assert_eq!(terminal.modes(), "0 0", "{signal}");
    }
}

#[test]
fn a_file_that_may_not_grow_is_told_of() {
    let capture = capture("lab/a-rtorrent-aria2.pcap");
    let command = format!("ulimit -f 1; \"$PEERSCOPE\" tui {}", capture.display());
    let Some(terminal) = Terminal::run("limit", &command) else {
        return;
    };
    terminal.waits_for("! the temporary file: File too large");
    terminal.types("q");
    terminal.waits_for("ended with 2");
}

#[test]
fn a_capture_that_is_cut_is_told_of_with_the_reason_first() {
    let whole = std::fs::read(capture("lab/a-rtorrent-aria2.pcap")).expect("a capture");
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("{}.pcap", "long".repeat(20));
    let file = folder.path().join(name);
    std::fs::write(&file, &whole[..30_000]).expect("written");
    let command = format!("\"$PEERSCOPE\" tui {}", file.display());
    let Some(terminal) = Terminal::run("cut", &command) else {
        return;
    };
    let screen = terminal.waits_for("51 packets, 20 messages");
    let first = screen.lines().next().expect("a line");
    assert!(first.contains("longlong.pcap 51 packets"), "{first}");
    let screen = terminal.waits_for(" ! ");
    let last = screen.trim_end().lines().last().expect("a line");
    assert!(last.contains("at offset 29"), "{last}");
    terminal.types("q");
    terminal.waits_for("ended with 2");
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let output = Command::new(env!("CARGO_BIN_EXE_peerscope"))
        .arg("tui")
        .arg(capture("demo.pcap"))
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("peerscope tui needs a terminal"), "{words}");
    let missing = Command::new(env!("CARGO_BIN_EXE_peerscope"))
        .args(["tui", "no-such-file.pcap"])
        .output()
        .expect("runs");
    assert_eq!(missing.status.code(), Some(2));
    let words = String::from_utf8_lossy(&missing.stderr);
    assert!(words.contains("no-such-file.pcap"), "{words}");
    assert!(!words.contains("needs a terminal"), "{words}");
}

#[test]
fn an_interface_is_looked_at() {
    let user = Command::new("id").arg("-u").output();
    let is_root = user.is_ok_and(|user| user.stdout == b"0\n");
    if !is_root || cfg!(not(feature = "live")) {
        println!("skipped: sniffing takes root, and libpcap");
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let command = format!("NO_COLOR=1 \"$PEERSCOPE\" tui -i lo -p {port}");
    let Some(terminal) = Terminal::run("sniff", &command) else {
        return;
    };
    terminal.waits_for("live, 0 packets");
    let mut near = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let (mut far, _) = listener.accept().expect("a connection");
    let hello = [
        b"\x13BitTorrent protocol",
        &[0; 8][..],
        &[7; 20],
        b"-LT2110-abcdefghijkl",
    ];
    near.write_all(&hello.concat()).expect("sent");
    far.write_all(&hello.concat()).expect("sent");
    terminal.waits_for("handshake, libtorrent 2.1.1");
    // What comes later is there while one looks.
    near.write_all(b"\0\0\0\x05\x04\0\0\0\x4d").expect("sent");
    terminal.waits_for("have piece 77");
    // More than the kernel can keep for a program that stands still: that is no fault of
    // the program, and is said.
    let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    terminal.signals(&["-STOP"]);
    for _ in 0..MANY {
        // Nobody listens there; some of these are answered with that.
        let _ = socket.send_to(&vec![0; 60_000], ("127.0.0.1", port));
    }
    terminal.signals(&["-CONT"]);
    terminal.types("q");
    let screen = terminal.waits_for("ended with 0");
    assert!(
        screen.contains(" packets were dropped before they were seen"),
        "{screen}"
    );
}
