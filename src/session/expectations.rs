//! What a search for messages may expect to find.

use crate::wire::peer::{Block, Framing};

/// What the conversation knows that makes a message more or less plausible.
pub trait Expectations {
    /// Whether this block was asked for and has not come.
    fn expects(&self, block: Block) -> bool;
    /// Pieces of the torrent, where known.
    fn pieces(&self) -> Option<u32>;
    /// Whether the connection is known to be BitTorrent.
    fn is_peer_wire(&self) -> bool;
    /// How messages are framed, if that is known.
    fn framing(&self) -> Option<Framing>;
}
