//! The first reading: what is wrong, and whether there are messages that no packet
//! shows.

use std::collections::BTreeMap;

use super::hidden::Hidden;
use crate::findings::Checker;
use crate::packet::Stamp;
use crate::pipeline::{Interest, Observer};
use crate::session::{Conflict, ConnectionEvent, Ended, Heard, Torrents};
use crate::view::finding_note;

/// The comments of packets, by their number.
pub type Comments = BTreeMap<u64, Vec<String>>;

/// Hears a capture for what is wrong in it.
#[derive(Default)]
pub struct Survey {
    checker: Checker,
    hidden: Hidden,
    has_hidden: bool,
}

impl Survey {
    /// The torrents that are known beforehand.
    pub fn know(&mut self, torrents: &Torrents) {
        self.checker.know(torrents);
    }

    /// Whether there are hidden messages, and the comments.
    pub fn close(self) -> (bool, Comments) {
        let mut comments = Comments::new();
        for finding in self.checker.report().findings() {
            for frame in &finding.frames {
                let notes = comments.entry(*frame).or_default();
                notes.push(finding_note(finding, *frame));
            }
        }
        (self.has_hidden, comments)
    }
}

impl Observer for Survey {
    fn interest(&self) -> Interest {
        Interest::of_findings()
    }

    fn over(&mut self, last: Stamp) {
        self.checker.until(last.time);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.checker.hear(heard);
        self.has_hidden |= self.hidden.is_one(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.checker.ended(ended);
        self.hidden.ended(ended);
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.checker.contradicted(conflict);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.checker.connection(event);
    }
}
