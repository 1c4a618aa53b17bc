//! What a session reports while it runs.

use std::net::SocketAddr;
use std::time::Duration;

use crate::active::machine::Close;
use crate::active::torrent::{Report, Torrent};

/// How often the progress is reported.
pub(super) const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// How far a session is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    /// Since it began.
    pub elapsed: Duration,
    /// Bytes that are there and checked, of `total`.
    pub done: u64,
    /// Bytes of the torrent; 0 while that is not known.
    pub total: u64,
    /// Bytes received as blocks.
    pub downloaded: u64,
    /// Bytes sent as blocks.
    pub uploaded: u64,
    /// Peers that we are connected to.
    pub peers: usize,
}

impl Progress {
    /// What a torrent knows of it.
    pub(super) fn of(torrent: &Torrent) -> Self {
        let totals = torrent.totals();
        Self {
            done: torrent.have_bytes(),
            total: torrent.content().map_or(0, |c| c.info.total_size()),
            downloaded: totals.downloaded,
            uploaded: totals.uploaded,
            ..Self::default()
        }
    }
}

/// Something that happens once.
#[derive(Debug)]
pub enum Note {
    /// The info dictionary is known.
    Torrent {
        /// As the torrent has it: to be sanitised before it is printed.
        name: String,
        /// Bytes of all files.
        size: u64,
        /// Pieces.
        pieces: u32,
    },
    /// Pieces on disk have been checked: this many of all are right.
    Resumed {
        /// Right pieces.
        right: u32,
        /// All pieces.
        pieces: u32,
    },
    /// We listen here.
    Listening(SocketAddr),
    /// A connection has been made, by us or by the peer.
    Connected(SocketAddr),
    /// A connection has ended.
    Closed(SocketAddr, Close),
    /// A peer that the user has named fails for the first time, and is dialled again.
    Retrying(SocketAddr, Close),
    /// Data that is to be served cannot be read, and why. Reported once for each file.
    Unreadable(String),
    /// Something about the torrent or its peers.
    Report(Report),
    /// A tracker has named this many peers.
    Tracker(String, usize),
    /// A tracker has sent a warning.
    TrackerWarned(String, String),
    /// A tracker has failed.
    TrackerFailed(String, String),
}

/// Watches a session.
pub trait Watch {
    /// Called about five times a second.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// Something has happened.
    fn note(&mut self, note: &Note) {
        let _ = note;
    }

    /// Called as often while data on disk is checked: `checked` pieces so far.
    fn checking(&mut self, checked: u32, pieces: u32) {
        let _ = (checked, pieces);
    }

    /// Whether the session is to stop.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Watches nothing.
impl Watch for () {}
