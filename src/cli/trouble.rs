//! What went wrong, on standard error: one line each.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};

use crate::capture::CaptureError;
use crate::pipeline::{Forgotten, Learned};
use crate::session::{HostNames, Torrents};
use crate::view::stderr_columns;
use crate::view::text::{self, Safe, wrap};

/// There was trouble, and the user knows.
#[derive(Debug, Clone, Copy)]
pub struct Told;

impl Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there was trouble, as said above")
    }
}

impl std::error::Error for Told {}

/// Says `what` is wrong. Names of files are the user's own, but what an error
/// quotes may come from a capture.
pub fn tell(what: impl Display) -> Told {
    let text = format!("peerscope: {what}");
    let text = Safe(text.as_bytes()).to_string();
    let mut out = io::stderr();
    if !out.is_terminal() {
        let _ = writeln!(out, "{text}");
        return Told;
    }
    for (index, line) in fitted(&text, stderr_columns()).into_iter().enumerate() {
        let indent = if index == 0 { "" } else { INDENT };
        let _ = writeln!(out, "{indent}{line}");
    }
    Told
}

/// What a line is set in that goes on.
const INDENT: &str = "  ";

/// The lines of a text on a terminal. A command that is told stays in a line of its own,
/// whole, so that it can be copied.
fn fitted(text: &str, columns: usize) -> Vec<&str> {
    if text::width(text) <= columns {
        return vec![text];
    }
    let command = text.match_indices(COMMAND).last();
    let command = command.filter(|(at, _)| *at > 0);
    let (words, command) = text.split_at(command.map_or(text.len(), |(at, _)| at + 1));
    let mut lines: Vec<_> = wrap(words.trim_end(), columns - INDENT.len()).collect();
    lines.extend(Some(command).filter(|command| !command.is_empty()));
    lines
}

/// How a command that is told begins.
const COMMAND: &str = " peerscope ";

/// Says which torrents of the capture were not learned, if any.
pub fn tell_left_out(torrents: &Torrents) {
    if let Some(left_out) = torrents.left_out() {
        tell(left_out);
    }
}

/// Says what of a capture was not kept, if anything: torrents, and what belongs to
/// the discovery of peers.
pub fn tell_learned(learned: &Learned) {
    not_kept(learned).for_each(|line| {
        tell(line);
    });
}

/// The same as lines.
pub fn not_kept(learned: &Learned) -> impl Iterator<Item = String> {
    let torrents = learned.torrents.left_out();
    torrents
        .map(|left_out| left_out.to_string())
        .into_iter()
        .chain(forgotten(learned))
}

/// Says what of the discovery of peers had to be forgotten, if anything.
pub fn tell_forgotten(learned: &Learned) {
    forgotten(learned).for_each(|line| {
        tell(line);
    });
}

/// What of the discovery of peers had to be forgotten, a line each.
pub fn forgotten(learned: &Learned) -> impl Iterator<Item = String> {
    let Forgotten {
        dht_queries,
        tracker_requests,
        pairs,
    } = learned.overview.forgotten;
    let forgotten = [
        (
            dht_queries,
            "queries of the DHT",
            "late replies to them stand alone",
        ),
        (
            tracker_requests,
            "requests to UDP trackers",
            "late replies to them are not recognised",
        ),
        (
            pairs,
            "pairs of addresses",
            "they got another number where they spoke again",
        ),
        (
            learned.ends.forgotten(),
            "ends named as peers'",
            "encrypted connections and attempts there are not known by that",
        ),
    ];
    let forgotten = forgotten.into_iter().filter(|(count, ..)| *count > 0);
    forgotten.map(|(count, what, so)| format!("forgotten, to bound memory: {count} {what}; {so}"))
}

/// Says that more hosts were named than are remembered, if so.
pub fn tell_hosts(hosts: &HostNames) {
    let left_out = hosts.left_out();
    if left_out > 0 {
        tell(format_args!(
            "left out: {left_out} names of hosts more than are remembered"
        ));
    }
}

/// Says what ended a command, unless it was said before: each file in trouble
/// has a line.
pub fn tell_all(error: &anyhow::Error) {
    if error.is::<Told>() {
        return;
    }
    match error.downcast_ref::<CaptureError>() {
        Some(capture) => capture.each().for_each(|trouble| {
            tell(trouble);
        }),
        None => {
            tell(format_args!("{error:#}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn lines_fit_a_terminal() {
        let text = "peerscope: there is a fault in it, and it needs some words";
        assert_eq!(fitted(text, 60), [text]);
        assert_eq!(
            fitted(text, 34),
            [
                "peerscope: there is a fault in",
                "it, and it needs some words"
            ]
        );
        let command = "peerscope: no file: peerscope hex --bytes '00 01 02 03'";
        assert_eq!(
            fitted(command, 30),
            ["peerscope: no file:", "peerscope hex --bytes '00 01 02 03'"]
        );
    }
}
