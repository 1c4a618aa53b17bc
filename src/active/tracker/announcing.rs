//! The announces to one tracker, from the first to the last.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};

use super::announce::{Announce, Request};
use super::http::{self, Redirects};
use super::news::News;
use super::pace::Pace;
use super::reply::Reply;
use super::udp;
use super::url::scheme;
use crate::active::random;
use crate::wire::udp_tracker::Event;

/// One tracker.
#[derive(Debug)]
pub(super) struct Tracker {
    url: String,
    redirects: Redirects,
    key: u32,
    pace: Pace,
    /// The tracker id that it wants to be sent again (BEP 3).
    id: Option<Vec<u8>>,
    /// The warning and the failure that were reported last.
    warned: Option<String>,
    failed: Option<String>,
}

impl Tracker {
    pub(super) fn new(url: String, redirects: Redirects, pace: Pace) -> io::Result<Self> {
        Ok(Self {
            url,
            redirects,
            key: u32::from_be_bytes(random::bytes()?),
            pace,
            id: None,
            warned: None,
            failed: None,
        })
    }

    /// What its thread does. It ends when it is told to `stop`, or when `tell` says that
    /// nobody listens.
    pub(super) fn run(
        mut self,
        current: &Mutex<Announce>,
        stop: &Receiver<()>,
        tell: impl Fn(News) -> bool,
    ) {
        let now = || *current.lock().unwrap_or_else(PoisonError::into_inner);
        let first = now();
        let mut event = Event::STARTED;
        let mut failures = 0;
        loop {
            let result = self.send(now(), event);
            let pause = if let Ok(reply) = &result {
                failures = 0;
                event = Event::NONE;
                self.pace.after(reply)
            } else {
                failures += 1;
                self.pace.after_failures(failures)
            };
            if !self.news(result).into_iter().all(&tell) {
                return;
            }
            match stop.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(()) => break,
            }
        }
        // A tracker that never got our first announce is not told of the end.
        if event == Event::NONE {
            self.farewell(&first, now());
        }
    }

    /// What of an answer is to be reported.
    fn news(&mut self, result: Result<Reply, String>) -> Vec<News> {
        let (peers, warning, failure) = match result {
            Ok(reply) => (Some(News::Peers(reply.peers)), reply.warning, None),
            Err(failure) => (None, None, Some(failure)),
        };
        let mut news = Vec::from_iter(peers);
        if self.warned != warning {
            news.extend(warning.clone().map(News::Warning));
            self.warned = warning;
        }
        if self.failed != failure {
            news.extend(failure.clone().map(News::Failure));
            self.failed = failure;
        }
        news
    }

    /// The last announces; their answers do not matter.
    fn farewell(&mut self, first: &Announce, last: Announce) {
        // `completed` is not sent if we had everything at the start (BEP 3).
        if first.left > 0 && last.left == 0 && last.downloaded > 0 {
            let _ = self.send(last, Event::COMPLETED);
        }
        let _ = self.send(last, Event::STOPPED);
    }

    fn send(&mut self, announce: Announce, event: Event) -> Result<Reply, String> {
        let request = Request {
            announce,
            event,
            key: self.key,
            tracker_id: self.id.as_deref(),
        };
        let reply = match udp_authority(&self.url) {
            Some(rest) => udp::announce(rest, &request),
            None => http::announce(&self.url, &request, self.redirects),
        }?;
        // If the tracker does not repeat it, the id stays the same (BEP 3).
        if reply.tracker_id.is_some() {
            self.id.clone_from(&reply.tracker_id);
        }
        Ok(reply)
    }
}

/// What follows the scheme of a UDP tracker's address.
fn udp_authority(url: &str) -> Option<&str> {
    scheme(url)
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("udp"))
        .map(|(_, rest)| rest)
}
