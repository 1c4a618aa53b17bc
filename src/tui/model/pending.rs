//! A search that goes on.

use crate::tui::find::Search;

/// A search that goes on, and what becomes of its result.
#[derive(Debug)]
pub(super) struct Pending {
    pub search: Search,
    /// What is said when nothing is found.
    pub otherwise: &'static str,
    pub then: Then,
}

/// What becomes of a message that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is selected.
    Select,
    /// It is selected, and one can come back to where one was.
    Jump,
    /// The same; it is said what it has to do with this packet.
    Packet(u64),
    /// It is selected if it is listed, else what is listed next to it.
    Stay,
    /// The same; it is said that it is not listed.
    Look,
}
