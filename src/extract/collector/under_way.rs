//! Blocks and bodies of which more is to come.

use std::net::SocketAddr;

use crate::extract::coding::Unpacker;
use crate::extract::parts::Parts;
use crate::extract::sender::SenderId;
use crate::extract::web::Run;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::Conversation;
use crate::wire::peer::Block;

/// Bytes of a block or of a body that are gathered before they are taken.
pub const GATHERED: usize = 16 << 10;

/// Blocks, and bodies, that are gathered at a time; those of more are taken as they come.
pub const MAX_GATHERING: usize = 256;

/// A block as it came, before it is known which torrent it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Came<'b> {
    pub bytes: &'b [u8],
    pub sender: SenderId,
    pub stamps: [Stamp; 2],
}

impl Came<'_> {
    /// The packets of its first and of its last byte.
    pub fn frames(&self) -> [u64; 2] {
        self.stamps.map(|stamp| stamp.frame)
    }
}

/// Some of the data of a piece.
#[derive(Debug, Clone, Copy)]
pub struct PieceData<'a> {
    /// Number of the connection.
    pub stream: u64,
    /// What was said on it before.
    pub conversation: &'a Conversation,
    /// Sender and receiver.
    pub ends: [SocketAddr; 2],
    /// Which end the sender is.
    pub from: Side,
    /// The block, by the header of the message.
    pub block: Block,
    /// Offset within the block.
    pub offset: u32,
    /// The data.
    pub bytes: &'a [u8],
    /// The packet that completed it.
    pub stamp: Stamp,
}

/// Bytes that follow each other and are not taken yet.
#[derive(Debug)]
pub struct Gathered {
    /// Where the first of them stands in the block or the body.
    pub at: u64,
    pub bytes: Vec<u8>,
    /// The packets of the first and of the last of them.
    pub stamps: [Stamp; 2],
}

impl Gathered {
    /// Nothing yet of what stands at `at`.
    pub fn new(at: u64, stamp: Stamp) -> Self {
        Self {
            at,
            bytes: Vec::new(),
            stamps: [stamp; 2],
        }
    }

    /// Where they end.
    pub fn end(&self) -> u64 {
        self.at + self.bytes.len() as u64
    }

    /// Adds what follows them.
    pub fn add(&mut self, bytes: &[u8], stamp: Stamp) {
        if self.bytes.is_empty() {
            self.stamps[0] = stamp;
        }
        self.stamps[1] = stamp;
        self.bytes.extend_from_slice(bytes);
    }

    /// Gives them away, with the memory that they take; what follows begins where they
    /// end.
    pub fn take(&mut self) -> Self {
        let next = Self::new(self.end(), self.stamps[1]);
        std::mem::replace(self, next)
    }
}

/// A block under way.
#[derive(Debug)]
pub struct Gathering {
    pub block: Block,
    pub sender: SenderId,
    /// What is not taken yet of it.
    pub gathered: Gathered,
}

/// A response of a web seed.
#[derive(Debug)]
pub struct Fetch {
    pub runs: Vec<Run>,
    /// The path that was asked for, where the response has several ranges.
    pub path: Option<Vec<u8>>,
    /// The parts of such a response.
    pub parts: Parts,
    pub sender: SenderId,
    /// What the body is packed with; its offsets are then those of what is in it.
    pub unpacker: Option<Unpacker>,
    /// What is not taken yet of the body.
    pub gathered: Gathered,
}

impl Fetch {
    /// Whether what follows of one range belongs anywhere.
    pub fn is_wanted(&self) -> bool {
        let end = self.gathered.end();
        self.runs.iter().any(|run| run.from + run.length > end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;

    #[test]
    fn what_was_taken_leaves_no_memory_behind() {
        let stamp = |frame| Stamp {
            frame,
            time: Timestamp::UNKNOWN,
        };
        let mut gathered = Gathered::new(7, stamp(1));
        gathered.add(b"ab", stamp(2));
        gathered.add(b"c", stamp(3));
        let taken = gathered.take();
        assert_eq!((taken.at, &taken.bytes[..]), (7, &b"abc"[..]));
        assert_eq!(taken.stamps, [stamp(2), stamp(3)]);
        assert_eq!((gathered.at, gathered.bytes.capacity()), (10, 0));
        gathered.add(b"d", stamp(4));
        assert_eq!((gathered.end(), gathered.stamps), (11, [stamp(4); 2]));
    }
}
