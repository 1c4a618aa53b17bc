//! Trackers: telling them of us, learning of peers.
//!
//! Each tracker has a thread of its own, because most of its life it waits.

mod http;
mod udp;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mio::Waker;

/// The least pause between two announces, whatever the tracker says.
const LEAST_INTERVAL: Duration = Duration::from_mins(1);

/// The pause when the tracker names none, and the longest one.
const INTERVAL: Duration = Duration::from_mins(30);

/// The pause after a failure.
const RETRY: Duration = Duration::from_secs(30);

/// How long the end of a session waits for the trackers to hear of it.
const FAREWELL: Duration = Duration::from_secs(2);

/// What a tracker is told.
#[derive(Debug, Clone, Copy)]
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

/// Why a tracker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Started,
    Regular,
    Completed,
    Stopped,
}

/// What a tracker has said.
#[derive(Debug)]
pub struct Answer {
    /// Which tracker.
    pub url: String,
    /// The peers, or what went wrong: one line.
    pub result: Result<Vec<SocketAddr>, String>,
}

/// What a tracker replies to an announce.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reply {
    interval: Option<u64>,
    peers: Vec<SocketAddr>,
}

/// The trackers of a session.
pub struct Trackers {
    threads: Vec<(Sender<Announce>, JoinHandle<()>)>,
    answers: Receiver<Answer>,
}

impl Trackers {
    /// Announces to all of `urls`, and wakes `waker` when one has answered.
    pub fn start(urls: &[String], announce: Announce, waker: &Arc<Waker>) -> Self {
        let (sender, answers) = mpsc::channel();
        let threads = urls.iter().map(|url| {
            let (stop, stopped) = mpsc::channel();
            let (url, sender, waker) = (url.clone(), sender.clone(), waker.clone());
            let thread = thread::spawn(move || {
                let tell = |result| {
                    let answer = Answer {
                        url: url.clone(),
                        result,
                    };
                    sender.send(answer).is_ok() && waker.wake().is_ok()
                };
                run(&url, announce, &stopped, tell);
            });
            (stop, thread)
        });
        Self {
            threads: threads.collect(),
            answers,
        }
    }

    /// The next answer.
    pub fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    /// Tells all trackers that we leave, and waits a little for them.
    pub fn stop(self, last: Announce) {
        for (stop, _) in &self.threads {
            // A thread that is gone has nobody to tell.
            let _ = stop.send(last);
        }
        let pause = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while waited < FAREWELL && self.threads.iter().any(|(_, thread)| !thread.is_finished()) {
            thread::sleep(pause);
            waited += pause;
        }
    }
}

/// The life of one tracker's thread.
fn run(
    url: &str,
    mut announce: Announce,
    stop: &Receiver<Announce>,
    tell: impl Fn(Result<Vec<SocketAddr>, String>) -> bool,
) {
    let mut event = Event::Started;
    loop {
        let result = send(url, &announce, event);
        let pause = match &result {
            Ok(reply) => {
                let asked = reply.interval.map_or(INTERVAL, Duration::from_secs);
                asked.clamp(LEAST_INTERVAL, INTERVAL)
            }
            Err(_) => RETRY,
        };
        if result.is_ok() {
            event = Event::Regular;
        }
        if !tell(result.map(|reply| reply.peers)) {
            return;
        }
        match stop.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
            Ok(last) => {
                if event == Event::Regular {
                    farewell(url, &announce, last);
                }
                return;
            }
        }
        announce.port = announce.port.max(1);
    }
}

/// What is said at the end; nobody waits for an answer.
fn farewell(url: &str, first: &Announce, last: Announce) {
    if first.left > 0 && last.left == 0 {
        let _ = send(url, &last, Event::Completed);
    }
    let _ = send(url, &last, Event::Stopped);
}

fn send(url: &str, announce: &Announce, event: Event) -> Result<Reply, String> {
    match url.split_once("://") {
        Some(("http" | "https", _)) => http::announce(url, announce, event),
        Some(("udp", rest)) => udp::announce(rest, announce, event),
        _ => Err("not an http, https or udp address".to_owned()),
    }
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
