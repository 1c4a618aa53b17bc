//! Why a session failed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::torrent::{Inconsistent, StorageError};
use crate::wire::metainfo::MetainfoError;

/// The longest pieces that are downloaded, in bytes: no client makes longer ones. A piece
/// is held in memory until it is checked.
pub(super) const MAX_PIECE_LENGTH: u64 = 256 << 20;

/// Why a session failed: one line.
#[derive(Debug, Error)]
pub enum SessionError {
    /// A file of the torrent.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file beside it.
    #[error("cannot write {}: {error}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The address to listen on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The system.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The torrent cannot be fetched or served.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A piece would not fit into memory.
    #[error("this torrent has pieces of {} MiB, and get takes {} MiB at most: a piece is held in memory until it is checked", .0 >> 20, MAX_PIECE_LENGTH >> 20)]
    PieceTooLong(u64),
    /// The data to be served is not the torrent's.
    #[error("{}: {right} of {pieces} pieces are right; only a whole torrent can be served", .path.display())]
    Incomplete {
        /// Where.
        path: PathBuf,
        /// Right pieces.
        right: u32,
        /// All pieces.
        pieces: u32,
    },
    /// The info dictionary has the right hash, but no torrent can be read from it.
    #[error("the info dictionary has the link's info-hash and makes no torrent")]
    Unusable(#[from] MetainfoError),
    /// The torrent contradicts itself: no data can be right.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    /// No peer is connected or can be dialled.
    #[error("no peer is left: {0}")]
    NoPeers(String),
    /// No data has come for too long.
    #[error("nothing came for {} s: {reason}", .waited.as_secs())]
    Stalled {
        /// For how long.
        waited: Duration,
        /// What is known about it.
        reason: String,
    },
    /// The user has stopped it.
    #[error("interrupted")]
    Interrupted,
}
