//! What all connections share.

use crate::packet::Stamp;
use crate::session::{Budget, KeyLog, Torrents};
use crate::wire::Tree;

use super::attempts::Attempts;
use super::audience::Audience;
use super::decryption::MAX_GAPS;
use super::locks::Locks;
use super::observer::Observer;
use super::overview::Overview;

/// Looks for keys further on in the capture: called once, before the first
/// connection is judged that may need them.
pub type Ahead = Box<dyn FnOnce(&mut KeyLog)>;

/// What all connections share.
pub struct Connections<'o> {
    /// Whom to tell.
    pub audience: Audience<'o>,
    /// The torrents known so far.
    pub torrents: Torrents,
    /// Attempts that failed, until it is known whether they are told.
    pub attempts: Attempts,
    /// The fields of the latest message, if the observer asks for them.
    pub fields: Tree,
    /// The packet that is being read.
    pub now: Option<Stamp>,
    /// The keys of encrypted connections known so far.
    pub keys: KeyLog,
    /// Looks for more of them further on in the capture.
    pub ahead: Option<Ahead>,
    /// The directions that states of RC4 may yet open, where such states come
    /// while the packets do.
    pub locks: Option<Box<Locks>>,
    /// What all connections may still hold.
    pub budget: Budget,
    /// Bytes of keystreams that may yet be passed over at gaps.
    pub gap_allowance: u64,
    /// What there was.
    pub overview: Overview,
    /// What is being decrypted: memory that is reused.
    pub plain: Vec<u8>,
}

impl<'o> Connections<'o> {
    /// No connection yet.
    pub fn new(observer: &'o mut dyn Observer, torrents: Torrents) -> Self {
        let audience = Audience::new(observer);
        let budget = Budget::default();
        Self {
            attempts: Attempts::new(audience.interest.attempts, &budget),
            audience,
            now: None,
            torrents,
            keys: KeyLog::default(),
            ahead: None,
            locks: None,
            budget,
            fields: Tree::new(),
            gap_allowance: MAX_GAPS,
            overview: Overview::default(),
            plain: Vec::new(),
        }
    }

    /// The packet `now` is next: tells what was held for long enough.
    #[inline]
    pub fn at(&mut self, now: Stamp) {
        self.now = Some(now);
        if self.attempts.are_due(now) {
            self.tell_due(now);
        }
    }

    #[cold]
    fn tell_due(&mut self, now: Stamp) {
        for attempt in self.attempts.take_due(now, &self.audience.ends) {
            self.audience.connection(&attempt);
        }
    }

    /// The capture is over: tells what was held.
    pub fn tell_held(&mut self) {
        for attempt in self.attempts.finish(&self.audience.ends) {
            self.audience.connection(&attempt);
        }
    }
}
