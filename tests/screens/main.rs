//! What people see on a terminal: the screens of commands at several widths, each
//! in a pseudo terminal of that size, held against files of `golden`.
//!
//! `SCREENS=update cargo test --test screens` writes the files; look at what
//! changed before you commit it.
#![cfg(unix)]

mod ipv6;
#[path = "../made/mod.rs"]
mod made;
mod progress;
mod pty;

use std::fs;
use std::path::{Path, PathBuf};

use peerscope::view::text::width;

/// Widths that people have.
const COLUMNS: [u16; 3] = [80, 120, 200];

/// A screen: its name, and what is typed.
struct Screen {
    name: &'static str,
    command: &'static [&'static str],
}

const SCREENS: &[Screen] = &[
    screen("read", &["read", "aria2.pcap"]),
    screen("read-ipv6", &["read", "ipv6.pcap"]),
    screen("read-anomalies", &["read", "violations.pcap"]),
    screen("read-dht", &["read", "-c", "20", "dht.pcap"]),
    screen("read-late", &["read", "-c", "14", "-t", "d", "late.pcap"]),
    screen("read-tree", &["read", "-V", "-c", "3", "ipv6.pcap"]),
    screen("follow", &["follow", "aria2.pcap"]),
    screen("follow-ipv6", &["follow", "ipv6.pcap"]),
    screen("follow-utp", &["follow", "-t", "d", "utp.pcap"]),
    screen("follow-attempt", &["follow", "--stream", "1", "aria2.pcap"]),
    screen("follow-gap", &["follow", "late.pcap"]),
    screen("sessions", &["sessions", "aria2.pcap"]),
    screen("sessions-ipv6", &["sessions", "ipv6.pcap"]),
    screen("sessions-rc4", &["sessions", "--all", "rc4.pcap"]),
    screen("sessions-details", &["sessions", "-V", "aria2.pcap"]),
    screen("sessions-details-ipv6", &["sessions", "-V", "ipv6.pcap"]),
    screen("sessions-details-utp", &["sessions", "-V", "utp.pcap"]),
    screen(
        "sessions-requests",
        &["sessions", "--requests", "aria2.pcap"],
    ),
    screen("diff", &["diff", "utp.pcap", "aria2.pcap"]),
    screen("diff-ipv6", &["diff", "--all", "ipv6.pcap", "aria2.pcap"]),
    screen("check", &["check", "aria2.pcap"]),
    screen("check-violations", &["check", "violations.pcap"]),
    screen("check-ipv6", &["check", "ipv6.pcap"]),
];

const fn screen(name: &'static str, command: &'static [&'static str]) -> Screen {
    Screen { name, command }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A directory with the captures under the names that the screens use: short ones,
/// the same on every machine.
fn captures() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let copies = [
        ("lab/a-rtorrent-aria2.pcap", "aria2.pcap"),
        ("cases/19-violations.pcap", "violations.pcap"),
        ("cases/8-dht.pcap", "dht.pcap"),
        ("reports/tcp-mid-late11.pcap", "late.pcap"),
        ("lab/c-rc4-webtorrent-libtorrent.pcap", "rc4.pcap"),
        ("lab/d-utp-libtorrent-transmission.pcap", "utp.pcap"),
    ];
    let captures = root().join("captures");
    for (from, to) in copies {
        fs::copy(captures.join(from), directory.path().join(to)).unwrap();
    }
    let v4 = fs::read(directory.path().join("aria2.pcap")).unwrap();
    fs::write(directory.path().join("ipv6.pcap"), ipv6::of_ipv4(&v4)).unwrap();
    directory
}

fn golden(name: &str, columns: u16) -> PathBuf {
    root().join(format!("tests/screens/golden/{name}-{columns}.txt"))
}

#[test]
fn screens_are_as_they_were_looked_at() {
    let directory = captures();
    let is_update = std::env::var_os("SCREENS").is_some_and(|value| value == "update");
    let mut wrong = Vec::new();
    for (screen, columns) in SCREENS
        .iter()
        .flat_map(|s| COLUMNS.map(|columns| (s, columns)))
    {
        let run = pty::run(screen.command, directory.path(), columns);
        assert!(
            matches!(run.code, Some(0 | 1)),
            "{} at {columns} ends with {:?}: {}",
            screen.name,
            run.code,
            run.errors
        );
        let shown = run.shown;
        let widest = shown.lines().map(width).max().unwrap_or(0);
        assert!(
            widest <= usize::from(columns),
            "{} is {widest} columns wide at {columns}:\n{shown}",
            screen.name
        );
        let file = golden(screen.name, columns);
        if is_update {
            fs::write(file, &shown).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != shown {
            wrong.push(format!("{}:\n{shown}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "other screens:\n{}", wrong.join("\n"));
}

#[test]
fn bytes_of_a_stream_do_not_reach_a_terminal() {
    let directory = captures();
    let run = pty::run(
        &["follow", "--raw", "a", "aria2.pcap"],
        directory.path(),
        80,
    );
    assert_eq!((run.shown.as_str(), run.code), ("", Some(2)));
}
