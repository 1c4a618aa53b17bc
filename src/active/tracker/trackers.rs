//! All trackers of a session, each with its thread.

use std::collections::BTreeSet;
use std::io;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mio::Waker;

use super::announce::Announce;
use super::announcing::Tracker;
use super::http::Redirects;
use super::news::{Answer, News};
use super::pace::Pace;
use super::url::is_supported;

/// The most trackers that are announced to; the rest of a longer list is left out.
const MAX_TRACKERS: usize = 50;

/// How long the end of a session waits for the trackers to be told.
pub(super) const FAREWELL_TIMEOUT: Duration = Duration::from_secs(2);

/// The same for a tracker that has never answered: if it does so within this time, it
/// is told that we leave.
const SILENT_FAREWELL_TIMEOUT: Duration = Duration::from_millis(500);

/// The trackers of a session.
pub struct Trackers {
    threads: Vec<Thread>,
    answers: Receiver<Answer>,
    /// What the next announces say.
    current: Arc<Mutex<Announce>>,
}

/// The thread of a tracker.
struct Thread {
    url: String,
    stop: Sender<()>,
    handle: JoinHandle<()>,
    /// Whether the tracker has answered or failed.
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
                // The receiver is ours and exists.
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

    /// Whether there is any tracker that can answer.
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

    /// Tells all trackers that we leave, and waits a little until they are told.
    pub fn stop(mut self, last: Announce) {
        self.update(last);
        for thread in &self.threads {
            // A thread that has ended has nothing to do.
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
        let patience = if self.is_heard {
            FAREWELL_TIMEOUT
        } else {
            SILENT_FAREWELL_TIMEOUT
        };
        waited < patience && !self.handle.is_finished()
    }
}
