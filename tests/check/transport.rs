//! Causes below the messages: what a side sent and the other one never had, or never read.

use super::scenarios::causes;

/// A downloads from B, which has a piece.
const BEGIN: &str = " open
 B bitfield bitfield=80
 A interested
 B unchoke
 A request index=0 begin=0 length=1300
";

/// Words of all these causes, which near misses must not have.
const TELLING: [&str; 6] = [
    "acknowledged",
    "window of 0",
    "keep-alive of TCP",
    "(ICMP)",
    "path MTU",
    "nothing came from",
];

#[track_caller]
fn tells(steps: &str, words: &[&str]) {
    let told = causes(&format!("{BEGIN}{steps}"));
    let all = told.join("\n");
    for words in words {
        assert!(all.contains(words), "{words}: {told:#?}");
    }
}

#[track_caller]
fn is_silent(steps: &str) {
    let told = causes(&format!("{BEGIN}{steps}"));
    let found = TELLING.map(|words| told.iter().any(|told| told.contains(words)));
    assert_eq!(found, [false; 6], "{told:#?}");
}

#[test]
fn a_segment_that_is_never_acknowledged_is_why() {
    // The handshakes and B's words are acknowledged by A's request, in packet 9.
    let stuck = " deaf A\n B piece index=0 length=1200\n resend B 6\n wait 30\n reset B\n";
    tells(
        stuck,
        &[
            "unknown client AA 1.0.0.0 acknowledged nothing after #9: BitBuddy 2.000 sent the same 1213 bytes 7 times until #16",
            "; BitBuddy 2.000 reset the connection 30.0 s later",
        ],
    );
    // The capture ends first.
    tells(
        " deaf A\n B piece index=0 length=1200\n resend B 5\n",
        &["BitBuddy 2.000 sent the same 1213 bytes 6 times until #15"],
    );
}

#[test]
fn a_segment_that_arrives_at_last_is_not() {
    is_silent(
        " deaf A\n B piece index=0 length=1200\n resend B 6\n hears A\n ack A\n wait 30\n reset B\n",
    );
    // Sent but three times.
    is_silent(" deaf A\n B piece index=0 length=1200\n resend B 2\n wait 30\n reset B\n");
    // Whoever closed takes nothing more.
    is_silent(" deaf A\n close A\n B piece index=0 length=1200\n resend B 6\n");
    // All of it is acknowledged, but the acknowledgements come late.
    is_silent(" B piece index=0 length=1200\n ack A\n resend B 6\n wait 30\n reset B\n");
}

#[test]
fn large_segments_may_not_pass() {
    let stuck =
        " deaf A\n B piece index=0 length=1300\n resend B 3\n ack A\n resend B 3\n close A\n";
    tells(
        stuck,
        &[
            "and unknown client AA 1.0.0.0 never acknowledged them, though it is there up to #18",
            "(path MTU)",
        ],
    );
    let told = " deaf A\n B piece index=0 length=1300\n bounce B 10.9.9.9 0304000000000514\n resend B 6\n close A\n";
    tells(
        told,
        &[
            "10.9.9.9 says in #11 that a packet of BitBuddy 2.000 was too large for the path, which takes 1300 bytes at most (ICMP)",
        ],
    );
    // The first large one did get through, or a small one does not.
    let other = causes(&format!(
        "{BEGIN} B piece index=0 length=1300\n A have piece=0\n deaf A\n B piece index=0 length=1300\n resend B 6\n close A\n"
    ));
    assert!(!other.concat().contains("path MTU"), "{other:#?}");
    // It is divided, and goes on.
    is_silent(
        " deaf A\n B piece index=0 length=1300\n bounce B 10.9.9.9 0304000000000514\n resend B 1\n hears A\n A have piece=0\n close A\n",
    );
}

#[test]
fn a_window_that_stays_closed_is_why() {
    tells(
        " window A 0\n probe B 3\n ack A\n probe B 1\n ack A\n wait 20\n close B\n",
        &[
            "unknown client AA 1.0.0.0 has had no room for what BitBuddy 2.000 sends since #10 (a receive window of 0): it does not read; BitBuddy 2.000 closed the connection 60.0 s later",
        ],
    );
    // It opens again; nothing waits for it; it is closed for a moment.
    is_silent(" window A 0\n probe B 3\n window A 1000\n wait 20\n close B\n");
    is_silent(" window A 0\n wait 20\n close A\n");
    is_silent(" B piece index=0 length=1300\n window A 0\n resend B 1\n window A 900\n reset B\n");
}

#[test]
fn probes_that_nobody_answers_are_why() {
    tells(
        " ack B\n wait 60\n probe A 4\n wait 10\n reset A\n",
        &[
            "nothing came from BitBuddy 2.000 after #10: it answered none of 4 packets of unknown client AA 1.0.0.0",
        ],
    );
    is_silent(" ack B\n wait 60\n probe A 4\n ack B\n wait 10\n reset A\n");
    is_silent(" ack B\n wait 60\n probe A 1\n wait 10\n reset A\n");
}

#[test]
fn a_router_says_why_the_other_side_is_silent() {
    tells(
        " bounce A 10.9.9.9 0301000000000000\n wait 20\n bounce A 10.9.9.9 0301000000000000\n wait 100\n close A\n",
        &[
            "10.9.9.9 says in #10 that 2 packets of unknown client AA 1.0.0.0 were not delivered (host) (ICMP)",
        ],
    );
    is_silent(" bounce A 10.9.9.9 0301000000000000\n wait 20\n B choke\n wait 100\n close A\n");
}
