//! Blocks and bodies of which more is to come.

use std::net::SocketAddr;

use crate::extract::parts::Parts;
use crate::extract::sender::SenderId;
use crate::extract::web::Run;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::Conversation;
use crate::wire::peer::Block;

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

/// A block under way: what is not taken yet of it.
#[derive(Debug)]
pub struct Gathering {
    pub block: Block,
    pub sender: SenderId,
    /// Offset in the block of what is gathered.
    pub at: u32,
    pub bytes: Vec<u8>,
    pub stamps: [Stamp; 2],
}

impl Gathering {
    /// Offset in the block behind what is gathered.
    pub fn end(&self) -> u32 {
        self.at.saturating_add(self.bytes.len() as u32)
    }
}

/// A response of a web seed.
#[derive(Debug)]
pub struct Fetch {
    pub runs: Vec<Run>,
    /// Its parts, where it has several ranges.
    pub parts: Option<Parts>,
    pub sender: SenderId,
    pub gathered: Vec<u8>,
    /// Offset in the body of what is gathered.
    pub at: u64,
    pub frames: [Stamp; 2],
}
