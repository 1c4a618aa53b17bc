//! What a torrent wants done, and what it is told.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::PeerKey;
use crate::active::machine::{Close, Role};
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
    /// The info dictionary is the one that was wanted, and makes no torrent.
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
    /// Whether the hash of each block is wanted if the piece is right: it was
    /// wrong before.
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
    /// SHA-1 of each block, of a wrong piece and where it was asked for.
    pub digests: Vec<[u8; 20]>,
}

/// Who sent data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its address.
    pub address: SocketAddr,
    /// Our part: whether we have dialled it.
    pub role: Role,
    /// What it calls itself.
    pub client: Option<String>,
    /// Its peer id.
    pub peer_id: [u8; 20],
}

/// The client's name is the peer's own text: whoever prints it sanitises it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        match &self.client {
            Some(client) => write!(f, " ({client})"),
            None => Ok(()),
        }
    }
}

/// Something that the user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A piece failed its check; the peers that sent blocks of it. It is
    /// fetched again.
    BadPiece {
        /// The piece.
        piece: u32,
        /// Who sent blocks of it.
        from: Vec<Source>,
    },
    /// This peer has sent wrong data; it is not asked any more.
    Banned(Source),
    /// Several that dialled us from there have sent wrong data; nobody else from
    /// there is let in.
    BannedHost(IpAddr),
    /// This peer has sent an info dictionary that is not the torrent's.
    BadMetadata(SocketAddr),
    /// Incomplete messages take all the memory that there is for them; whoever holds
    /// most, as this peer does, is disconnected. Told once.
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
