//! Whole conversations with a tracker on loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mio::Waker;

use super::announcing::Tracker;
use super::pace::Pace;
use super::trackers::FAREWELL_TIMEOUT;
use super::{Announce, News, Redirects, Trackers};

pub(super) const ANNOUNCE: Announce = Announce {
    info_hash: [1; 20],
    peer_id: [2; 20],
    port: 6881,
    left: 5,
    uploaded: 0,
    downloaded: 0,
};

const PACE: Pace = Pace {
    least: Duration::from_millis(20),
    usual: Duration::from_millis(20),
    most: Duration::from_millis(20),
    retry: Duration::from_millis(1),
};

/// An HTTP tracker that gives the same answer to all; tells what it was asked.
fn tracker(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/announce", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let line = lines.next().unwrap().unwrap();
            // The rest must be read, or the answer is lost with a reset.
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let length = answer.len();
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length:";
            let _ = write!(stream, "{head} {length}\r\n\r\n{answer}");
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    (url, asked)
}

/// A tracker's thread: to stop it, what it tells, and what is true.
struct Running {
    stop: Sender<()>,
    told: Receiver<News>,
    current: Arc<Mutex<Announce>>,
}

fn start(url: String) -> Running {
    let (stop, stopped) = mpsc::channel();
    let (sender, told) = mpsc::channel();
    let current = Arc::new(Mutex::new(ANNOUNCE));
    let now = current.clone();
    let tracker = Tracker::new(url, Redirects::SameHost, PACE).unwrap();
    thread::spawn(move || tracker.run(&now, &stopped, |news| sender.send(news).is_ok()));
    Running {
        stop,
        told,
        current,
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn each_announce_says_what_is_true_then() {
    let (url, asked) = tracker("d8:intervali1e5:peers6:\n\0\0\x01\x1a\x01e");
    let running = start(url);
    let next = || asked.recv_timeout(PATIENCE).unwrap();
    let first = next();
    assert!(
        first.contains("&downloaded=0&left=5&") && first.contains("&event=started "),
        "{first}"
    );
    let told = running.told.recv_timeout(PATIENCE).unwrap();
    let peer = SocketAddr::from(([10, 0, 0, 1], 0x1a01));
    assert_eq!(told, News::Peers(vec![peer]));
    *running.current.lock().unwrap() = Announce {
        left: 2,
        downloaded: 3,
        ..ANNOUNCE
    };
    let regular = loop {
        let line = next();
        assert!(!line.contains("event="), "{line}");
        if !line.contains("&left=5&") {
            break line;
        }
    };
    assert!(regular.contains("&downloaded=3&left=2&"), "{regular}");
    *running.current.lock().unwrap() = Announce {
        left: 0,
        downloaded: 5,
        ..ANNOUNCE
    };
    running.stop.send(()).unwrap();
    let mut last = Vec::new();
    while last.len() < 2 {
        last.extend(Some(next()).filter(|line| line.contains("event=")));
    }
    assert!(
        last[0].contains("&event=completed ") && last[0].contains("&left=0&"),
        "{last:?}"
    );
    assert!(
        last[1].contains("&numwant=0&") && last[1].contains("&event=stopped "),
        "{last:?}"
    );
}

#[test]
fn whoever_had_everything_completes_nothing() {
    let (url, asked) = tracker("d8:intervali1e5:peers0:e");
    let running = start(url);
    let told = running.told.recv_timeout(PATIENCE).unwrap();
    assert_eq!(told, News::Peers(Vec::new()));
    // Of a magnet link `left` is a guess until the dictionary comes.
    running.current.lock().unwrap().left = 0;
    running.stop.send(()).unwrap();
    let mut lines = std::iter::from_fn(|| asked.recv_timeout(PATIENCE).ok());
    let last = lines.find(|line| line.contains("event=") && !line.contains("=started"));
    assert!(last.unwrap().contains("&event=stopped "));
}

#[test]
fn a_failure_that_repeats_itself_is_told_once() {
    let (url, asked) = tracker("d14:failure reason7:unknowne");
    let running = start(url);
    for _ in 0..4 {
        let line = asked.recv_timeout(PATIENCE).unwrap();
        // It has never begun for this tracker.
        assert!(line.contains("&event=started "), "{line}");
    }
    running.stop.send(()).unwrap();
    let told: Vec<_> = running.told.iter().collect();
    assert_eq!(told, [News::Failure("unknown".to_owned())]);
}

#[test]
fn a_tracker_gets_its_id_back_and_a_warning_is_told_once() {
    let (url, asked) = tracker("d10:tracker id2:x/15:warning message4:slowe");
    let running = start(url);
    let lines: Vec<_> = (0..3)
        .map(|_| asked.recv_timeout(PATIENCE).unwrap())
        .collect();
    assert!(!lines[0].contains("trackerid"), "{lines:?}");
    assert!(
        lines[1..]
            .iter()
            .all(|line| line.contains("&trackerid=x%2F ")),
        "{lines:?}"
    );
    running.stop.send(()).unwrap();
    let told: Vec<_> = running.told.iter().collect();
    let warnings = told
        .iter()
        .filter(|news| **news == News::Warning("slow".to_owned()));
    assert_eq!(warnings.count(), 1, "{told:?}");
}

#[test]
fn nobody_waits_long_for_a_tracker_that_never_answered() {
    let poll = mio::Poll::new().unwrap();
    let waker = Arc::new(Waker::new(poll.registry(), mio::Token(0)).unwrap());
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let url = format!("udp://{}", silent.local_addr().unwrap());
    // Named twice, it is asked once.
    let trackers = Trackers::start(
        &[url.clone(), url.clone()],
        ANNOUNCE,
        Redirects::SameHost,
        &waker,
    )
    .unwrap();
    assert!(trackers.silent().eq([url.as_str()]));
    let began = Instant::now();
    trackers.stop(ANNOUNCE);
    assert!(began.elapsed() < FAREWELL_TIMEOUT);
}

#[test]
fn what_is_no_tracker_is_told_and_nobody_waits_for_it() {
    let poll = mio::Poll::new().unwrap();
    let waker = Arc::new(Waker::new(poll.registry(), mio::Token(0)).unwrap());
    let urls = ["wss://t/announce".to_owned()];
    let mut trackers = Trackers::start(&urls, ANNOUNCE, Redirects::SameHost, &waker).unwrap();
    assert!(!trackers.is_any());
    let answer = trackers.answer().unwrap();
    assert_eq!(answer.url, urls[0]);
    assert!(matches!(answer.news, News::Failure(_)));
}
