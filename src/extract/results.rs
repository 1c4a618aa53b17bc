//! What came of an extraction.

use super::catalog::Origin;
use super::sender::{SenderId, Senders};
use super::unread::Unread;
use super::verified::VerifiedPieces;
use crate::capture::Timestamp;

/// All of it.
#[derive(Debug)]
pub struct Extracted {
    /// The torrents of which anything was in the capture, in the order of their
    /// info-hashes.
    pub torrents: Vec<ExtractedTorrent>,
    /// Who sent.
    pub senders: Senders,
    /// Blocks that belong to no torrent whose info dictionary is known.
    pub unknown_blocks: u64,
    /// Their bytes.
    pub unknown_bytes: u64,
    /// Files of blocks that could not be verified.
    pub raw: Vec<RawFile>,
    /// Parts of pieces that were not kept, to bound memory.
    pub left_out: u64,
    /// Packed HTTP responses that were not unpacked, or not to the end, to bound
    /// memory and work.
    pub left_packed: u64,
    /// Responses over HTTP that cannot be read.
    pub unread: Option<Unread>,
    /// Blocks of connections without a handshake that were not tried with all torrents.
    pub untried: u64,
    /// Torrents with names too long for a file system, which were shortened.
    pub shortened: u64,
}

/// A torrent.
#[derive(Debug)]
pub struct ExtractedTorrent {
    /// Its number in the catalog.
    pub number: u32,
    /// Its v1 info-hash.
    pub v1: Option<[u8; 20]>,
    /// Its v2 info-hash.
    pub v2: Option<[u8; 32]>,
    /// Its name, as it stands in the info dictionary.
    pub name: Vec<u8>,
    /// Where the info dictionary comes from.
    pub origin: Origin,
    /// The `.torrent` that was written, below the folder.
    pub metafile: Option<String>,
    /// Files longer than a piece whose piece layer is not known (v2).
    pub missing_layers: usize,
    /// Bytes of a piece.
    pub piece_length: u32,
    /// The pieces that are verified.
    pub verified: VerifiedPieces,
    /// Where they come from, in the order of the pieces.
    pub provenance: Vec<Provenance>,
    /// Provenances that were not kept, to bound memory.
    pub forgotten: u64,
    /// Pieces whose hash was wrong, and parts that differ from a piece that is right.
    pub failures: Vec<Failure>,
    /// Pieces of which something came, that are not verified.
    pub unverified: u32,
    /// The torrent contradicts itself in so many pieces: they are right by one of their
    /// two hashes.
    pub inconsistent: u32,
    /// Its files.
    pub files: Vec<ExtractedFile>,
    /// The map of what is verified, where files are not whole, below the folder.
    pub map: Option<String>,
    /// The first and the last packet with data of it.
    pub span: Option<[Timestamp; 2]>,
}

impl ExtractedTorrent {
    /// Its info-hash: v1 where it has one, else v2 cut to 20 bytes.
    pub fn info_hash(&self) -> [u8; 20] {
        let v2 = self.v2.map(|hash| std::array::from_fn(|at| hash[at]));
        self.v1.or(v2).unwrap_or_default()
    }
}

/// Where a run of a verified piece comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// The piece.
    pub piece: u32,
    /// Offset in it.
    pub begin: u32,
    /// Bytes.
    pub length: u32,
    /// Who sent it.
    pub sender: SenderId,
    /// The packets with its first and last byte.
    pub frames: [u64; 2],
}

/// Data that is not what the torrent's hashes want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Where it is, who sent it, and when.
    pub of: Provenance,
    /// The piece came right from elsewhere, so that this is certainly wrong; else one
    /// of the parts of the piece is.
    pub is_certain: bool,
}

/// What was given of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// All of it.
    Whole,
    /// What is verified.
    Partial,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// How much.
    pub given: Given,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// A file of a torrent.
#[derive(Debug)]
pub struct ExtractedFile {
    /// Its path below the folder, harmless: where it is written if it is.
    pub path: String,
    /// Bytes.
    pub length: u64,
    /// Bytes of it that are verified.
    pub have: u64,
    /// What was written.
    pub written: Option<Written>,
}

impl ExtractedFile {
    /// Whether every byte is verified.
    pub fn is_whole(&self) -> bool {
        self.have == self.length
    }
}

/// What is verified of a torrent whose files are written in part.
#[derive(Debug)]
pub struct PieceMap<'t>(pub &'t ExtractedTorrent);

/// A file of blocks that could not be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFile {
    /// Its name below the folder.
    pub name: String,
    /// Blocks in it.
    pub blocks: u64,
    /// Its bytes.
    pub bytes: u64,
}
