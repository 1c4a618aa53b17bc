//! How a torrent behaves towards its peers.

use crate::active::machine::MAX_REQQ;

/// The most outstanding requests to one peer, unless the user says otherwise.
pub const DEFAULT_DEPTH: usize = MAX_REQQ;

/// How a [`Torrent`](super::Torrent) behaves.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The most peers that are unchoked at a time.
    pub upload_slots: usize,
    /// Of equally rare pieces the one to begin with.
    pub first_piece: u32,
    /// The most outstanding requests to one peer.
    pub max_depth: usize,
    /// It disconnects as soon as the download is complete, and never says that it has
    /// everything: nobody should take it for a seed.
    pub is_guest: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            upload_slots: 8,
            first_piece: 0,
            max_depth: DEFAULT_DEPTH,
            is_guest: false,
        }
    }
}
