//! What a connection tells its owner.

use crate::torrent::PieceSet;
use crate::wire::peer::{Block, HashRange};

/// What the peer has done; the connection has updated its own state already. Events own
/// their content, except for the data of blocks, which is borrowed from the bytes given to
/// [`Connection::next`](super::Connection::next).
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'i> {
    /// Its handshake has come.
    Handshake,
    /// An extended handshake has come.
    Extended,
    /// It chokes us. These requests will not be answered.
    Choke(Vec<Block>),
    /// It unchokes us.
    Unchoke,
    /// It wants pieces of ours.
    Interested,
    /// It wants none.
    NotInterested,
    /// It has one more piece.
    Have(u32),
    /// It says anew which pieces it has; these are what it had before.
    Pieces(PieceSet),
    /// It has lost a piece (BEP 54).
    DontHave(u32),
    /// Some of the data of a block that was requested.
    Data {
        /// The block.
        block: Block,
        /// Where in the block the bytes belong.
        offset: u32,
        /// The bytes.
        bytes: &'i [u8],
        /// Whether the block is whole with them.
        whole: bool,
    },
    /// It rejects a request of ours.
    Rejected(Block),
    /// It requests a block, which is queued:
    /// [`Connection::next_upload`](super::Connection::next_upload).
    Request(Block),
    /// It requests a piece of the info dictionary.
    MetadataRequest(u32),
    /// It sends a piece of the info dictionary.
    MetadataData {
        /// Which piece.
        piece: u32,
        /// Bytes of the whole by this message.
        total: u64,
        /// The piece.
        bytes: Vec<u8>,
    },
    /// It rejects a request for a piece of the info dictionary.
    MetadataReject(u32),
    /// It requests hashes (BEP 52).
    HashRequest(HashRange),
    /// It sends hashes, 32 bytes each.
    Hashes(HashRange, Vec<u8>),
    /// It rejects a request for hashes.
    HashReject(HashRange),
    /// Nothing that the torrent has to know.
    Nothing,
}
