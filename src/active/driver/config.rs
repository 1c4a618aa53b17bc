//! What a session does, and with which settings.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::active::mse::Encryption;
use crate::active::tracker::Redirects;
use crate::torrent::Magnet;
use crate::wire::metainfo::Metainfo;

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

/// The settings of a session.
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
    /// Where to listen. If there are trackers, the default is any free port.
    pub listen: Option<SocketAddr>,
    /// How encryption is used.
    pub encryption: Encryption,
    /// Where the keys of encrypted connections are written to.
    pub keylog: Option<PathBuf>,
    /// Where the session is recorded to.
    pub record: Option<PathBuf>,
    /// A download without any progress for this long has failed.
    pub patience: Duration,
    /// The most outstanding requests to one peer.
    pub max_depth: usize,
}
