//! What users type to be a peer: `get` and `seed`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::active::mse;
use crate::active::torrent::DEFAULT_DEPTH;

pub const GET_EXAMPLES: &str = "\
Only peers that you name, that the link names or that the torrent's trackers
give are contacted.

Examples:
  peerscope get file.torrent --peer 10.0.0.2:6881
  peerscope get 'magnet:?xt=urn:btih:..&x.pe=10.0.0.2:6881' -o downloads
  peerscope get file.torrent --peer 10.0.0.2:6881 --record session.pcapng
                                          then: peerscope read session.pcapng
  peerscope get file.torrent --encryption require --keylog keys.txt

Exit status: 0 when all is there, 2 trouble; Ctrl-C ends it as it ends any other
program, after the peers and trackers are told (shells show 130).";

pub const SEED_EXAMPLES: &str = "\
Examples:
  peerscope seed file.torrent downloads --listen 0.0.0.0:6881
  peerscope seed file.torrent file.iso --listen 127.0.0.1:6881 --record session.pcapng

Ctrl-C ends it. Exit status: 0 when it has served until then, 2 trouble.";

/// What both commands take.
#[derive(Debug, Args)]
pub struct PeerOptions {
    /// A peer to connect to (may be given several times)
    #[arg(long = "peer", value_name = "HOST:PORT")]
    pub peers: Vec<String>,

    /// Do not announce to the torrent's trackers
    #[arg(long)]
    pub no_trackers: bool,

    /// Follow a tracker's redirection to another host
    #[arg(long)]
    pub follow_redirects: bool,

    /// Write the keys of encrypted connections to FILE, one line each
    #[arg(long, value_name = "FILE")]
    pub keylog: Option<PathBuf>,

    /// Record what passes as packets in FILE
    #[arg(long, value_name = "FILE.pcapng")]
    pub record: Option<PathBuf>,

    /// Print one JSON object an event (see peerscope man active)
    #[arg(long)]
    pub json: bool,
}

/// `peerscope get`
#[derive(Debug, Args)]
pub struct GetArgs {
    /// A .torrent file or a magnet link
    #[arg(value_name = "TORRENT|MAGNET")]
    pub torrent: String,

    #[command(flatten)]
    pub options: PeerOptions,

    /// Save in this directory; data that is there already is checked and kept
    #[arg(short = 'o', long = "output", value_name = "DIR", default_value = ".")]
    pub output: PathBuf,

    /// Listen for peers here
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,

    /// Whether connections are encrypted
    #[arg(long, value_name = "WHEN", default_value = "off")]
    pub encryption: Encryption,

    /// Give up after this many seconds without data
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub patience: u64,

    /// The most requests to one peer that wait for an answer
    #[arg(long, value_name = "N", default_value_t = DEFAULT_DEPTH, hide_short_help = true)]
    pub depth: usize,
}

/// `peerscope seed`
#[derive(Debug, Args)]
pub struct SeedArgs {
    /// A .torrent file
    pub torrent: PathBuf,

    /// The file or directory that it is about, or the directory it lies in
    pub data: PathBuf,

    /// Listen for peers here
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:6881")]
    pub listen: SocketAddr,

    #[command(flatten)]
    pub options: PeerOptions,

    /// Whether connections are encrypted
    #[arg(long, value_name = "WHEN", default_value = "prefer")]
    pub encryption: Encryption,

    /// Serve without hashing the data first
    #[arg(long)]
    pub no_check: bool,
}

/// `--encryption`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Encryption {
    /// Encrypted where the peer can, else plain
    Prefer,
    /// Encrypted (RC4) or not at all
    Require,
    /// Plain only
    Off,
}

impl From<Encryption> for mse::Encryption {
    fn from(encryption: Encryption) -> Self {
        match encryption {
            Encryption::Prefer => Self::Prefer,
            Encryption::Require => Self::Require,
            Encryption::Off => Self::Off,
        }
    }
}
