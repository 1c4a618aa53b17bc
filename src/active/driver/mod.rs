//! Sockets, threads, files and the clock around a [`Torrent`](super::torrent::Torrent).
//!
//! One thread waits for the network and runs the machines; others hash and
//! write pieces, and talk to trackers. There is no async runtime: a session has
//! one thing to wait for, the poll.

mod ahead;
mod announcer;
mod checking;
mod connections;
mod dialer;
mod disk;
mod patience;
mod session;
mod setup;
mod socket;
mod tap;
mod watch;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

pub use session::Session;
pub use watch::{Note, Progress, Watch};

use super::magnet::Magnet;
use super::mse::Encryption;
use super::storage::StorageError;
use super::torrent::Inconsistent;
use super::tracker::Redirects;
use crate::wire::metainfo::{Metainfo, MetainfoError};

/// Bytes of the longest piece that is downloaded: as long as clients make them. It is
/// held in memory until it is checked.
const MAX_PIECE_LENGTH: u64 = 256 << 20;

/// Which torrent a session is about.
#[derive(Debug, Clone)]
pub enum Target {
    /// From a `.torrent` file.
    File(Box<Metainfo>),
    /// From a magnet link.
    Link(Magnet),
}

/// What a session does.
#[derive(Debug, Clone)]
pub enum Task {
    /// Fetches the torrent into a directory, and ends.
    Get {
        /// The directory.
        directory: PathBuf,
    },
    /// Serves the torrent until it is told to stop.
    Seed {
        /// The file or directory.
        data: PathBuf,
        /// Whether the data is hashed first.
        check: bool,
    },
}

/// How a session goes about it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which torrent.
    pub torrent: Target,
    /// What to do.
    pub task: Task,
    /// Peers to dial.
    pub peers: Vec<SocketAddr>,
    /// Trackers to ask for peers.
    pub trackers: Vec<String>,
    /// Where trackers may redirect us.
    pub redirects: Redirects,
    /// Where to listen; where there are trackers, any free port if nothing is
    /// given.
    pub listen: Option<SocketAddr>,
    /// How encryption is used.
    pub encryption: Encryption,
    /// Where the keys of encrypted connections are written to.
    pub keylog: Option<PathBuf>,
    /// Where the session is recorded to.
    pub record: Option<PathBuf>,
    /// A download without any progress for this long has failed.
    pub patience: Duration,
    /// Requests that may wait for an answer of one peer.
    pub max_depth: usize,
}

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
    /// What the link names is no torrent.
    #[error("the info dictionary has the link's info-hash and makes no torrent")]
    Unusable(#[from] MetainfoError),
    /// No data can be right.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    /// Nobody to fetch from.
    #[error("no peer is left: {0}")]
    NoPeers(String),
    /// Nothing happens.
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
