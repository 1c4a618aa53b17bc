//! What a torrent wants done, and what it is told.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::peer_key::PeerKey;
use super::source::Source;
use crate::active::machine::Close;
use crate::torrent::{Check, Inconsistent, PieceBuffer, Verdict};
use crate::wire::metainfo::MetainfoError;

/// Something for the driver to do.
#[derive(Debug)]
pub enum Action {
    /// End this connection; it is forgotten here already.
    Close(PeerKey, Close),
    /// The info dictionary is known: check what is on disk, then
    /// [`Torrent::resume`](super::Torrent::resume).
    Metadata,
    /// The info dictionary has the right hash, but no torrent can be read from it.
    Unusable(MetainfoError),
    /// Check a piece, write it if it is right, then
    /// [`Torrent::checked`](super::Torrent::checked).
    Check(Job),
    /// The torrent contradicts itself: this piece can never be right.
    Inconsistent(Inconsistent),
    /// All pieces are there.
    Finished,
    /// Tell the user.
    Report(Report),
}

/// A piece to be checked and written.
#[derive(Debug)]
pub struct Job {
    /// The piece.
    pub piece: u32,
    /// Its bytes.
    pub data: PieceBuffer,
    /// What they must hash to.
    pub check: Check,
    /// Whether the hash of each block is wanted although the piece is right: it has
    /// failed before, and the hashes tell whose blocks were wrong.
    pub digests: bool,
}

/// What came of a [`Job`].
#[derive(Debug)]
pub struct Outcome {
    /// The piece.
    pub piece: u32,
    /// The buffer, to be used again.
    pub data: PieceBuffer,
    /// Right or wrong.
    pub verdict: Verdict,
    /// SHA-1 of each block, if the piece is wrong or the job asks for them.
    pub digests: Vec<[u8; 20]>,
}

/// Something that the user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A piece fails its hash check, and is fetched again.
    BadPiece {
        /// The piece.
        piece: u32,
        /// The peers that sent its blocks.
        from: Vec<Source>,
    },
    /// This peer has sent wrong data: it is disconnected, and not accepted again.
    Banned(Source),
    /// Several peers of this host that dialled us have sent wrong data: no more of them
    /// are accepted.
    BannedHost(IpAddr),
    /// This peer has sent an info dictionary that is not the torrent's.
    BadMetadata(SocketAddr),
    /// Incomplete messages take all the memory that there is for them: the peer that
    /// holds most of it, as this one does, is disconnected. Reported once.
    Hoarder(SocketAddr),
    /// This peer cannot give the info dictionary, and why.
    NoMetadata(SocketAddr, &'static str),
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadPiece { piece, from } => {
                write!(f, "piece {piece} fails its check, fetched again; from ")?;
                for (at, source) in from.iter().enumerate() {
                    let separator = if at == 0 { "" } else { ", " };
                    write!(f, "{separator}{source}")?;
                }
                Ok(())
            }
            Self::Banned(source) => write!(f, "{source} sends wrong data: banned"),
            Self::BannedHost(ip) => {
                write!(
                    f,
                    "several peers at {ip} send wrong data: no more are let in from there"
                )
            }
            Self::Hoarder(address) => {
                write!(
                    f,
                    "{address} begins long messages and does not end them: it and others that do so are disconnected"
                )
            }
            Self::NoMetadata(address, reason) => {
                write!(f, "{address} cannot give the info dictionary: {reason}")
            }
            Self::BadMetadata(address) => {
                write!(
                    f,
                    "{address} sends an info dictionary of another torrent: banned"
                )
            }
        }
    }
}
