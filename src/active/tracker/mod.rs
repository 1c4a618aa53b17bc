//! Trackers: telling them of us, learning of peers.
//!
//! Each tracker has a thread of its own, because most of its life it waits. All
//! trackers of all tiers are told at once: BEP 12 has a client go through them
//! one by one, which spreads load; whoever looks into a swarm wants to know what
//! each of them says.

mod http;
mod pace;
#[cfg(test)]
mod tests;
mod udp;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mio::Waker;

use pace::Pace;

use crate::wire::udp_tracker::Event;

/// Trackers that are told; the others of a longer list are left out.
const MAX_TRACKERS: usize = 50;

/// How long the end of a session waits for the trackers to hear of it.
const FAREWELL: Duration = Duration::from_secs(2);

/// What a tracker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announce {
    /// The torrent.
    pub info_hash: [u8; 20],
    /// Who we are.
    pub peer_id: [u8; 20],
    /// The TCP port that we listen on.
    pub port: u16,
    /// Bytes that are missing.
    pub left: u64,
    /// Bytes sent.
    pub uploaded: u64,
    /// Bytes received.
    pub downloaded: u64,
}

/// One message to a tracker.
#[derive(Debug, Clone, Copy)]
struct Request {
    announce: Announce,
    /// Why it is told.
    event: Event,
    /// By this it knows us again under another address; no peer learns it.
    key: u32,
}

impl Request {
    /// Peers that are asked for.
    fn wanted(&self) -> u32 {
        if self.event == Event::STOPPED { 0 } else { 100 }
    }
}

/// What a tracker has said.
#[derive(Debug)]
pub struct Answer {
    /// Which tracker.
    pub url: String,
    /// The peers, or what went wrong: one line. A failure that repeats itself
    /// is told once.
    pub result: Result<Vec<SocketAddr>, String>,
}

/// What a tracker replies to an announce.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reply {
    /// Seconds to the next announce.
    interval: Option<u64>,
    /// Seconds in which there must be no other.
    min_interval: Option<u64>,
    peers: Vec<SocketAddr>,
}

/// The trackers of a session.
pub struct Trackers {
    threads: Vec<(Sender<()>, JoinHandle<()>)>,
    answers: Receiver<Answer>,
    /// What is true now.
    current: Arc<Mutex<Announce>>,
}

impl Trackers {
    /// Announces to all of `urls`, and wakes `waker` when one has answered.
    pub fn start(urls: &[String], announce: Announce, waker: &Arc<Waker>) -> Self {
        let (sender, answers) = mpsc::channel();
        let mut trackers = Self {
            threads: Vec::new(),
            answers,
            current: Arc::new(Mutex::new(announce)),
        };
        let urls: BTreeSet<_> = urls.iter().take(MAX_TRACKERS).collect();
        for url in urls {
            if is_supported(url) {
                trackers.spawn(url, &sender, waker);
            } else {
                let result = Err("not an http, https or udp address".to_owned());
                let url = url.clone();
                // We hold the other end.
                let _ = sender.send(Answer { url, result });
            }
        }
        trackers
    }

    fn spawn(&mut self, url: &str, answers: &Sender<Answer>, waker: &Arc<Waker>) {
        let (stop, stopped) = mpsc::channel();
        let (answers, waker) = (answers.clone(), waker.clone());
        let current = self.current.clone();
        let tracker = Tracker {
            url: url.to_owned(),
            key: random(),
            pace: Pace::default(),
        };
        let thread = thread::spawn(move || {
            let tell = |result| {
                let url = tracker.url.clone();
                answers.send(Answer { url, result }).is_ok() && waker.wake().is_ok()
            };
            tracker.run(&current, &stopped, tell);
        });
        self.threads.push((stop, thread));
    }

    /// Whether there is any that can answer.
    pub fn is_any(&self) -> bool {
        !self.threads.is_empty()
    }

    /// The next answer.
    pub fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    /// The next announces say this.
    pub fn update(&self, announce: Announce) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = announce;
    }

    /// Tells all trackers that we leave, and waits a little for them.
    pub fn stop(self, last: Announce) {
        self.update(last);
        for (stop, _) in &self.threads {
            // A thread that is gone has nobody to tell.
            let _ = stop.send(());
        }
        let pause = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while waited < FAREWELL && self.threads.iter().any(|(_, thread)| !thread.is_finished()) {
            thread::sleep(pause);
            waited += pause;
        }
    }
}

/// One tracker.
#[derive(Debug)]
struct Tracker {
    url: String,
    key: u32,
    pace: Pace,
}

impl Tracker {
    /// The life of its thread. Ends when it is told to `stop`, or `tell` says
    /// that nobody listens.
    fn run(
        &self,
        current: &Mutex<Announce>,
        stop: &Receiver<()>,
        tell: impl Fn(Result<Vec<SocketAddr>, String>) -> bool,
    ) {
        let now = || *current.lock().unwrap_or_else(PoisonError::into_inner);
        let first = now();
        let mut event = Event::STARTED;
        let mut failures = 0;
        let mut told = None;
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
            let failure = result.as_ref().err().cloned();
            let is_news = failure.is_none() || failure != told;
            told = failure;
            if is_news && !tell(result.map(|reply| reply.peers)) {
                return;
            }
            match stop.recv_timeout(pause) {
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Ok(()) => break,
            }
        }
        // It need not hear the end of what it never heard begin.
        if event == Event::NONE {
            self.farewell(&first, now());
        }
    }

    /// What is said at the end; nobody waits for an answer.
    fn farewell(&self, first: &Announce, last: Announce) {
        // Whoever had everything from the beginning has completed nothing (BEP 3).
        if first.left > 0 && last.left == 0 && last.downloaded > 0 {
            let _ = self.send(last, Event::COMPLETED);
        }
        let _ = self.send(last, Event::STOPPED);
    }

    fn send(&self, announce: Announce, event: Event) -> Result<Reply, String> {
        let request = Request {
            announce,
            event,
            key: self.key,
        };
        match udp_authority(&self.url) {
            Some(rest) => udp::announce(rest, &request),
            None => http::announce(&self.url, &request),
        }
    }
}

/// What follows the scheme of a UDP tracker's address.
fn udp_authority(url: &str) -> Option<&str> {
    scheme(url)
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("udp"))
        .map(|(_, rest)| rest)
}

fn scheme(url: &str) -> Option<(&str, &str)> {
    url.split_once("://")
}

fn is_supported(url: &str) -> bool {
    let known = ["http", "https", "udp"];
    scheme(url).is_some_and(|(scheme, _)| known.iter().any(|k| scheme.eq_ignore_ascii_case(k)))
}

/// A number that nobody else guesses.
fn random() -> u32 {
    let mut bytes = [0; 4];
    // Without a source of random numbers a constant still pairs the answers.
    let _ = getrandom::fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

/// What a tracker says, on one line and not too long.
fn one_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
