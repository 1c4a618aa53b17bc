//! Trackers: telling them of us, learning of peers.
//!
//! Each tracker has a thread of its own, because most of its life it waits. All
//! trackers of all tiers are told at once: BEP 12 has a client go through them
//! one by one, which spreads load; whoever looks into a swarm wants to know what
//! each of them says.

mod announcing;
mod http;
mod pace;
#[cfg(test)]
mod tests;
mod udp;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mio::Waker;

use announcing::Tracker;
pub use http::Redirects;
use pace::Pace;

use crate::wire::udp_tracker::Event;

/// Trackers that are told; the others of a longer list are left out.
const MAX_TRACKERS: usize = 50;

/// How long the end of a session waits for the trackers to hear of it.
const FAREWELL: Duration = Duration::from_secs(2);

/// The same for one of which nothing was heard so far: if it answers now, it hears
/// that we leave.
const NO_FAREWELL: Duration = Duration::from_millis(500);

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
struct Request<'t> {
    announce: Announce,
    /// Why it is told.
    event: Event,
    /// By this it knows us again under another address; no peer learns it.
    key: u32,
    /// What an HTTP tracker wants given back (BEP 3).
    tracker_id: Option<&'t [u8]>,
}

impl Request<'_> {
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
    /// What it has said, or why it has not.
    pub news: News,
}

/// News of a tracker. Texts are one line. A warning or a failure that repeats
/// itself is told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It names these peers.
    Peers(Vec<SocketAddr>),
    /// It has something to say to the user.
    Warning(String),
    /// It cannot be reached, or refuses.
    Failure(String),
}

/// What a tracker replies to an announce.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reply {
    /// Seconds to the next announce.
    interval: Option<u64>,
    /// Seconds in which there must be no other.
    min_interval: Option<u64>,
    /// To be given back from now on.
    tracker_id: Option<Vec<u8>>,
    warning: Option<String>,
    peers: Vec<SocketAddr>,
}

/// The trackers of a session.
pub struct Trackers {
    threads: Vec<Thread>,
    answers: Receiver<Answer>,
    /// What is true now.
    current: Arc<Mutex<Announce>>,
}

/// The thread of a tracker.
struct Thread {
    url: String,
    stop: Sender<()>,
    handle: JoinHandle<()>,
    /// Whether anything is known of the tracker yet.
    is_heard: bool,
}

impl Trackers {
    /// Announces to all of `urls`, and wakes `waker` when one has answered.
    /// Redirections are followed as far as `redirects` says. Fails without a source of
    /// random numbers.
    pub fn start(
        urls: &[String],
        announce: Announce,
        redirects: Redirects,
        waker: &Arc<Waker>,
    ) -> io::Result<Self> {
        let (sender, answers) = mpsc::channel();
        let mut trackers = Self {
            threads: Vec::new(),
            answers,
            current: Arc::new(Mutex::new(announce)),
        };
        let mut known = BTreeSet::new();
        let different = urls.iter().filter(|url| known.insert(*url));
        for url in different.take(MAX_TRACKERS) {
            if is_supported(url) {
                trackers.spawn(url, redirects, &sender, waker)?;
            } else {
                let reason = "not an http, https or udp address".to_owned();
                let (url, news) = (url.clone(), News::Failure(reason));
                // We hold the other end.
                let _ = sender.send(Answer { url, news });
            }
        }
        Ok(trackers)
    }

    fn spawn(
        &mut self,
        url: &str,
        redirects: Redirects,
        answers: &Sender<Answer>,
        waker: &Arc<Waker>,
    ) -> io::Result<()> {
        let (stop, stopped) = mpsc::channel();
        let (answers, waker) = (answers.clone(), waker.clone());
        let current = self.current.clone();
        let tracker = Tracker::new(url.to_owned(), redirects, Pace::default())?;
        let name = url.to_owned();
        let tell = move |news| {
            let url = name.clone();
            answers.send(Answer { url, news }).is_ok() && waker.wake().is_ok()
        };
        let handle = thread::spawn(move || tracker.run(&current, &stopped, tell));
        self.threads.push(Thread {
            url: url.to_owned(),
            stop,
            handle,
            is_heard: false,
        });
        Ok(())
    }

    /// Whether there is any that can answer.
    pub fn is_any(&self) -> bool {
        !self.threads.is_empty()
    }

    /// Those that have neither answered nor failed.
    pub fn silent(&self) -> impl Iterator<Item = &str> {
        let silent = self.threads.iter().filter(|thread| !thread.is_heard);
        silent.map(|thread| thread.url.as_str())
    }

    /// The next answer.
    pub fn answer(&mut self) -> Option<Answer> {
        let answer = self.answers.try_recv().ok()?;
        let mut threads = self.threads.iter_mut();
        if let Some(thread) = threads.find(|thread| thread.url == answer.url) {
            thread.is_heard = true;
        }
        Some(answer)
    }

    /// The next announces say this.
    pub fn update(&self, announce: Announce) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = announce;
    }

    /// Tells all trackers that we leave, and waits a little for them.
    pub fn stop(mut self, last: Announce) {
        self.update(last);
        for thread in &self.threads {
            // A thread that is gone has nobody to tell.
            let _ = thread.stop.send(());
        }
        while self.answer().is_some() {}
        let began = Instant::now();
        while self.threads.iter().any(|t| t.is_leaving(began.elapsed())) {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Thread {
    /// Whether it may still be telling its tracker that we leave, after this long.
    fn is_leaving(&self, waited: Duration) -> bool {
        let patience = if self.is_heard { FAREWELL } else { NO_FAREWELL };
        waited < patience && !self.handle.is_finished()
    }
}

fn scheme(url: &str) -> Option<(&str, &str)> {
    url.split_once("://")
}

fn is_supported(url: &str) -> bool {
    let known = ["http", "https", "udp"];
    scheme(url).is_some_and(|(scheme, _)| known.iter().any(|k| scheme.eq_ignore_ascii_case(k)))
}

/// What a tracker says, on one line and not too long.
fn one_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
