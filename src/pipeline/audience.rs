//! Whom messages are told to: the observer, and what learns ends of peers from
//! them.

use super::interest::Interest;
use super::observer::Observer;
use crate::session::{ConnectionEvent, Ends, Heard};

/// Hears what the analysis finds.
pub struct Audience<'o> {
    /// Told what it asked for.
    pub observer: &'o mut dyn Observer,
    /// What that is.
    pub interest: Interest,
    /// The ends that are known to be peers', so far.
    pub ends: Ends,
    /// The highest packet number of a message of the peer wire so far.
    pub latest_told: u64,
}

impl<'o> Audience<'o> {
    /// Nothing was told yet.
    pub fn new(observer: &'o mut dyn Observer) -> Self {
        Self {
            interest: observer.interest(),
            observer,
            ends: Ends::default(),
            latest_told: 0,
        }
    }

    /// Tells of a message or a gap.
    pub fn message(&mut self, heard: &Heard<'_>) {
        if self.interest.wants(heard.message_type(), heard.stream) {
            self.observer.message(heard);
        }
        self.ends.hear(heard);
    }

    /// Tells what happened to a connection, or of an attempt.
    pub fn connection(&mut self, event: &ConnectionEvent) {
        self.observer.connection(event);
    }
}
