//! What went wrong, on standard error: one line each.

use std::fmt::{self, Display};
use std::io::{self, Write};

use crate::capture::CaptureError;
use crate::pipeline::{Forgotten, Learned};
use crate::session::{HostNames, Torrents};
use crate::view::text::Safe;

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
    let _ = writeln!(io::stderr(), "{text}");
    Told
}

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
