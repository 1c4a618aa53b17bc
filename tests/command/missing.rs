//! A connection that is asked for by a number that none has: one answer of all commands.

use std::ffi::OsStr;

use crate::corpus::shipped;
use crate::tool::run;

const COMMANDS: [&[&str]; 11] = [
    &["read"],
    &["read", "--json", "-q"],
    &["sessions"],
    &["sessions", "-V"],
    &["sessions", "--requests"],
    &["follow"],
    &["follow", "--json"],
    &["follow", "--raw", "a"],
    &["check"],
    &["extract", "--list"],
    &["report", "-o", "-"],
];

#[test]
fn a_connection_that_is_not_there() {
    for (name, there) in [
        ("lab/a-rtorrent-aria2.pcap", "there is only connection 2"),
        ("cases/1-session.pcap", "there is only connection 0"),
        ("cases/5-utp.pcap", "there is only connection 0"),
        ("cases/6-http.pcap", "there is none between peers"),
    ] {
        let file = shipped(name);
        let expected = format!("peerscope: nothing of BitTorrent on connection 99: {there}\n");
        for arguments in COMMANDS {
            let all = arguments.iter().copied().chain(["--stream", "99"]);
            let all = all.map(OsStr::new).chain([file.as_os_str()]);
            let run = run(all);
            let nothing = "peerscope: no data of a torrent in the capture\n";
            let said = run.stderr.strip_prefix(nothing).unwrap_or(&run.stderr);
            assert_eq!(said, expected, "{arguments:?} {name}");
            assert_eq!(run.status, 2, "{arguments:?} {name}");
        }
    }
}

/// What is there is shown all the same.
#[test]
fn one_of_two_that_is_not_there() {
    let file = shipped("cases/1-session.pcap");
    let read = |streams: &str| {
        let arguments = ["read", "--stream", streams].map(OsStr::new);
        run(arguments.into_iter().chain([file.as_os_str()]))
    };
    let (both, alone) = (read("0,99"), read("0"));
    assert_eq!(both.stdout, alone.stdout);
    assert_eq!((both.status, alone.status), (2, 0));
}
