//! What a session tells its trackers, and what it makes of their answers.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use mio::Waker;

use super::config::Config;
use super::watch::{Note, Progress, Watch};
use crate::active::machine::Identity;
use crate::active::tracker::{Announce, News, Trackers};

/// What trackers are told to be missing while the info dictionary is not known, in
/// bytes (as by libtorrent).
const UNKNOWN_LEFT_BYTES: u64 = 16 << 10;

/// The trackers of a session.
pub(super) struct Announcer {
    /// `None` once they have been told that we leave.
    trackers: Option<Trackers>,
    /// Why the first tracker failed: what the user is told if nothing else explains why
    /// nothing comes.
    failure: Option<String>,
}

impl Announcer {
    /// Announces to all trackers; `waker` is woken when one has answered.
    pub(super) fn start(config: &Config, first: Announce, waker: &Arc<Waker>) -> io::Result<Self> {
        let trackers = Trackers::start(&config.trackers, first, config.redirects, waker)?;
        Ok(Self {
            trackers: Some(trackers),
            failure: None,
        })
    }

    /// The peers of each answer that has come since the last call.
    pub(super) fn peers(&mut self, watch: &mut dyn Watch) -> Vec<Vec<SocketAddr>> {
        let mut named = Vec::new();
        while let Some(answer) = self.trackers.as_mut().and_then(Trackers::answer) {
            let url = answer.url;
            let note = match answer.news {
                News::Peers(peers) => {
                    let note = Note::Tracker(url, peers.len());
                    named.push(peers);
                    note
                }
                News::Warning(warning) => Note::TrackerWarned(url, warning),
                News::Failure(error) => {
                    let failure = || format!("tracker {url}: {error}");
                    self.failure.get_or_insert_with(failure);
                    Note::TrackerFailed(url, error)
                }
            };
            watch.note(&note);
        }
        named
    }

    /// The next announces say this.
    pub(super) fn update(&self, announce: Announce) {
        if let Some(trackers) = &self.trackers {
            trackers.update(announce);
        }
    }

    /// Whether a tracker may still name peers.
    pub(super) fn is_hopeful(&self) -> bool {
        self.trackers.as_ref().is_some_and(Trackers::is_any)
    }

    /// What is wrong with the first tracker that failed.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Which trackers have not answered, if any.
    pub(super) fn silence(&self) -> Option<String> {
        let mut silent = self.trackers.as_ref()?.silent();
        let first = silent.next()?;
        Some(match silent.count() {
            0 => format!("tracker {first} has not answered"),
            others => format!("{} trackers have not answered, {first} is one", others + 1),
        })
    }

    /// Tells all trackers that we leave.
    pub(super) fn stop(&mut self, last: Announce) {
        if let Some(trackers) = self.trackers.take() {
            trackers.stop(last);
        }
    }
}

/// What trackers are told of a session.
pub(super) fn announce(identity: &Identity, progress: &Progress) -> Announce {
    Announce {
        info_hash: identity.info_hashes[0],
        peer_id: identity.peer_id,
        // Some trackers refuse 0.
        port: identity.port.unwrap_or(1),
        left: match progress.total {
            0 => UNKNOWN_LEFT_BYTES,
            total => total - progress.done,
        },
        uploaded: progress.uploaded,
        downloaded: progress.downloaded,
    }
}
