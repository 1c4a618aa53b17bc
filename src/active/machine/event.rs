//! What a connection tells its owner.

use crate::torrent::PieceSet;
use crate::wire::peer::{Block, HashRange};

/// Something that the peer did, after the connection has taken note of it.
/// Events own what they carry, but for the data of blocks, which is borrowed
/// from the bytes given to [`Connection::next`](super::Connection::next).
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'i> {
    /// Its handshake has come.
    Handshake,
    /// An extended handshake has come.
    Extended,
    /// It chokes us. These requests get no answer any more.
    Choke(Vec<Block>),
    /// It serves us now.
    Unchoke,
    /// It wants pieces of ours.
    Interested,
    /// It wants none.
    NotInterested,
    /// It has one more piece.
    Have(u32),
    /// It has said anew which pieces it has; these it had before.
    Pieces(PieceSet),
    /// It has lost a piece (BEP 54).
    DontHave(u32),
    /// Some of the data of a block that was asked for.
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
    /// It refuses this request of ours.
    Rejected(Block),
    /// It asks for a block, which is queued:
    /// [`Connection::next_upload`](super::Connection::next_upload).
    Request(Block),
    /// It asks for a piece of the info dictionary.
    MetadataRequest(u32),
    /// It brings a piece of the info dictionary.
    MetadataData {
        /// Which piece.
        piece: u32,
        /// Bytes of the whole by this message.
        total: u64,
        /// The piece.
        bytes: Vec<u8>,
    },
    /// It has no such piece of the info dictionary.
    MetadataReject(u32),
    /// It asks for hashes (BEP 52).
    HashRequest(HashRange),
    /// It brings hashes, 32 bytes each.
    Hashes(HashRange, Vec<u8>),
    /// It does not bring these hashes.
    HashReject(HashRange),
    /// Nothing that anybody needs to know.
    Nothing,
}
