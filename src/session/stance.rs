//! Whether a side chokes, or is interested.

use crate::packet::Stamp;

/// One of the two things that a peer may say of itself (BEP 3): that it chokes
/// the other, that it is interested in what the other has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stance {
    /// Which; `None` while the capture has not shown it.
    pub is_on: Option<bool>,
    /// The packet that said so last; `None` where it is as every connection
    /// begins.
    pub since: Option<Stamp>,
    /// How often it changed.
    pub changes: u32,
}

impl Stance {
    /// As a connection begins: choking, not interested.
    pub(super) fn begin(&mut self, is_on: bool) {
        *self = Self {
            is_on: Some(is_on),
            ..Self::default()
        };
    }

    /// Whether it is on because the side said so.
    pub(super) fn was_said(&self) -> bool {
        self.is_on == Some(true) && self.since.is_some()
    }

    /// The side says it; says whether that is a change.
    pub(super) fn set(&mut self, is_on: bool, stamp: Stamp) -> bool {
        let is_change = self.is_on != Some(is_on);
        if is_change {
            self.changes = self.changes.saturating_add(1);
            self.since = Some(stamp);
        }
        self.is_on = Some(is_on);
        is_change
    }
}
