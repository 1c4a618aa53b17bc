//! What people type out of habit, pipes at either end, and the manual.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use super::tool::{Run, command, run};

const DEMO: &str = "captures/demo.pcap";

/// Runs with a file as standard input.
fn run_with(input: &str, arguments: &[&str]) -> Run {
    let file = File::open(input).expect("input");
    let output = command(arguments)
        .stdin(file)
        .output()
        .expect("peerscope runs");
    Run::from(output)
}

fn lines(arguments: &[&str]) -> String {
    let run = run(arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

#[test]
fn standard_input_is_read_wherever_a_file_is() {
    let expected = lines(&["read", DEMO]);
    for arguments in [
        &["read"][..],
        &["read", "-"],
        &["-"],
        &["read", "-r", "-"],
        &["-q"],
    ] {
        let run = run_with(DEMO, arguments);
        assert_eq!(
            (run.status, run.stdout),
            (0, expected.clone()),
            "{arguments:?}"
        );
    }
    assert_eq!(
        run_with(DEMO, &["sessions"]).stdout,
        lines(&["sessions", DEMO])
    );

    let (torrent, capture) = (
        "captures/lab/torrents/s32k.torrent",
        "captures/lab/a-libtorrent-libtorrent.pcap.gz",
    );
    let with = |torrent: &str| ["sessions", "--torrent", torrent, capture].map(str::to_owned);
    let piped = run_with(torrent, &with("-").each_ref().map(String::as_str));
    assert_eq!(
        piped.stdout,
        lines(&with(torrent).each_ref().map(String::as_str))
    );

    let twice = run_with(DEMO, &["read", "-", "-"]);
    assert_eq!(twice.status, 2);
    assert!(twice.stderr.contains("only once"), "{}", twice.stderr);
}

#[test]
fn a_file_alone_is_read() {
    let expected = lines(&["read", "-c", "3", DEMO]);
    for arguments in [
        &[DEMO, "-c", "3"][..],
        &["-r", DEMO, "-c", "3"],
        &["-c", "3", DEMO],
        // As users of tcpdump and tshark type it.
        &["-n", "-l", "-q", "-t", "r", "-c3", "-r", DEMO],
        &["-nn", "-p", "6881", "-c3", DEMO],
    ] {
        assert_eq!(lines(arguments), expected, "{arguments:?}");
    }
    let missing = run(["no-such-folder/x"]);
    assert_eq!(missing.status, 2);
    assert!(
        missing.stderr.contains("no such file"),
        "{}",
        missing.stderr
    );
    let mistyped = run(["raed", DEMO]);
    assert!(
        mistyped.stderr.contains("subcommand"),
        "{}",
        mistyped.stderr
    );
}

#[test]
fn views_and_times_have_the_letters_of_others() {
    assert_eq!(
        lines(&["read", "-v", "-v", DEMO]),
        lines(&["read", "-V", DEMO])
    );
    assert_eq!(
        lines(&["sessions", "-v", DEMO]),
        lines(&["sessions", "-V", DEMO])
    );
    assert_eq!(
        lines(&["hex", "-v", "--bytes", "00000000"]),
        lines(&["hex", "-V", "--bytes", "00000000"])
    );
    for (letter, name) in [
        ("a", "daytime"),
        ("ad", "absolute"),
        ("r", "relative"),
        ("d", "delta"),
    ] {
        let by_letter = lines(&["read", "-t", letter, DEMO]);
        assert_eq!(by_letter, lines(&["read", "-t", name, DEMO]), "{letter}");
    }
    assert_eq!(
        lines(&["read", "-te", DEMO]),
        lines(&["read", "--time", "epoch", DEMO])
    );
}

#[test]
fn a_port_selects_packets_and_keeps_the_time_of_the_capture() {
    let capture = "captures/lab/a-libtorrent-libtorrent.pcap.gz";
    let all = lines(&["read", capture]);
    let (port, last) = ("55513", all.lines().last().expect("messages"));
    assert!(last.contains(port), "{last}");
    let selected = lines(&["read", "-p", port, capture]);
    let port = format!(":{port} ");
    let expected: Vec<&str> = all.lines().filter(|line| line.contains(&port)).collect();
    assert_eq!(selected.lines().collect::<Vec<_>>(), expected);
    let none = run(&["read", "-p", "1", capture]);
    assert_eq!((none.status, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.starts_with("nothing of BitTorrent found in "));
}

#[cfg(feature = "live")]
#[test]
fn a_filter_keeps_the_time_of_the_capture() {
    // Only what the acceptor sends, from the second packet on.
    let all = lines(&["read", "captures/cases/18-choke.pcap"]);
    let filtered = lines(&[
        "read",
        "-f",
        "src host 10.0.0.2",
        "captures/cases/18-choke.pcap",
    ]);
    let from_acceptor = all
        .lines()
        .filter(|line| line.contains(" 10.0.0.2:6881 > "));
    let times = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let expected: Vec<String> = from_acceptor.map(times).collect();
    let got: Vec<String> = filtered.lines().map(times).collect();
    assert!(!expected.is_empty());
    assert_eq!(got, expected);
}

/// Whoever reads only the beginning is no trouble.
#[test]
fn a_closed_pipe_is_no_error() {
    for arguments in [
        &["completions", "bash"][..],
        &["completions", "zsh"],
        &["man"],
        &["man", "json"],
        &["read", "-V", "captures/lab/a-libtorrent-libtorrent.pcap.gz"],
        &["--help"],
        &["help", "read"],
    ] {
        let mut child = command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("peerscope runs");
        drop(child.stdout.take());
        let mut said = String::new();
        let mut stderr = child.stderr.take().expect("piped");
        stderr.read_to_string(&mut said).expect("text");
        let status = child.wait().expect("ends");
        assert_eq!(
            (status.code(), said.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_manual_is_written_as_a_tree() {
    let folder = tempfile::tempdir().expect("folder");
    let to = folder.path().to_str().expect("UTF-8");
    assert_eq!(lines(&["man", "--output", to]), "");
    for page in [
        "man1/peerscope.1",
        "man1/peerscope-read.1",
        "man5/peerscope-json.5",
    ] {
        let text = fs::read_to_string(folder.path().join(page)).expect(page);
        let name = Path::new(page).file_stem().and_then(|name| name.to_str());
        assert_eq!(text, lines(&["man", name.expect("name")]), "{page}");
        let warnings = lint(&folder.path().join(page));
        assert_eq!(warnings.unwrap_or_default(), "", "{page}");
    }
    let unknown = run(["man", "nothing"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("there are: "), "{}", unknown.stderr);
}

/// What groff has against a page, where there is groff.
fn lint(page: &Path) -> Option<String> {
    let mut groff = Command::new("groff");
    let groff = groff.args(["-man", "-Tutf8", "-ww", "-z"]).arg(page);
    let output = groff.output().ok()?;
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_version_says_what_is_in_the_program() {
    let long = lines(&["--version"]);
    assert!(long.starts_with(&format!("peerscope {}", env!("CARGO_PKG_VERSION"))));
    assert!(long.contains("\nfeatures: "), "{long}");
    assert_eq!(
        long.contains("\nlibpcap "),
        cfg!(feature = "live"),
        "{long}"
    );
    assert_eq!(lines(&["-V"]).lines().count(), 1);
}

#[test]
fn read_tells_how_packets_are_kept() {
    let run = run(&["read", "-w", "kept.pcap", DEMO]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    for way in ["tcpdump -r IN -w kept.pcap", "--write-wireshark kept.pcap"] {
        assert!(run.stderr.contains(way), "{}", run.stderr);
    }
    assert!(!Path::new("kept.pcap").exists());
}
