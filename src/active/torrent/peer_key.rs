//! The name of a connection.

/// A connection of a [`Torrent`](super::Torrent); never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey(pub u64);
