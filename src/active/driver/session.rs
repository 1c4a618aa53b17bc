//! The loop of a session.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Waker};

use super::announcer::{Announcer, announce};
use super::checking::Checking;
use super::config::{Config, Task};
use super::connections::{Connections, LISTENER, WAKER};
use super::disk::Disk;
use super::error::SessionError;
use super::patience::Patience;
use super::tap::Tap;
use super::watch::PROGRESS_INTERVAL;
use super::watch::{Note, Progress, Watch};
use super::{identity, setup};
use crate::active::machine::Time;
use crate::active::torrent::{Action, Torrent};

/// A torrent being fetched or served.
pub struct Session<'w> {
    config: Config,
    watch: &'w mut dyn Watch,
    poll: Poll,
    waker: Arc<Waker>,
    torrent: Torrent,
    connections: Connections,
    /// The check of the data that is on disk when the info dictionary comes.
    checking: Option<Checking>,
    /// `None` until that is done.
    disk: Option<Disk>,
    announcer: Announcer,
    patience: Patience,
    began: Instant,
    next_report: Time,
    finished: bool,
}

impl<'w> Session<'w> {
    /// Opens files and sockets, and checks the data that is on disk already.
    pub fn new(config: Config, watch: &'w mut dyn Watch) -> Result<Self, SessionError> {
        let tap = Tap::open(&config)?;
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let connections = Connections::new(&config, poll.registry().try_clone()?, tap)?;
        let address = connections.address();
        let identity = identity::identity(&config, address)?;
        let (torrent, storage) = setup::torrent(&config, identity, watch)?;
        if let Some(address) = address {
            watch.note(&Note::Listening(address));
        }
        let first = announce(torrent.identity(), &Progress::of(&torrent));
        Ok(Self {
            announcer: Announcer::start(&config, first, &waker)?,
            checking: None,
            disk: storage.map(|storage| Disk::new(storage, &waker)),
            patience: Patience::new(config.patience),
            config,
            watch,
            poll,
            waker,
            torrent,
            connections,
            began: Instant::now(),
            next_report: Time::ZERO,
            finished: false,
        })
    }

    /// Runs until the download is complete, or the seeder is stopped.
    pub fn run(mut self) -> Result<Progress, SessionError> {
        let result = self.work();
        // The time that trackers take to be told of the end does not count.
        let progress = self.progress();
        self.say_goodbye();
        self.watch.progress(&progress);
        self.connections.tap.finish()?;
        result?;
        match self.connections.read_failure() {
            Some(failure) if !self.is_download() => Err(failure.into()),
            _ => Ok(progress),
        }
    }

    fn is_download(&self) -> bool {
        matches!(self.config.task, Task::Get { .. })
    }

    fn now(&self) -> Time {
        self.began.elapsed()
    }

    fn work(&mut self) -> Result<(), SessionError> {
        let mut events = Events::with_capacity(256);
        loop {
            let more = self.turn()?;
            if self.finished && self.is_download() {
                return Ok(());
            }
            if self.watch.is_stopped() {
                return if self.is_download() {
                    Err(SessionError::Interrupted)
                } else {
                    Ok(())
                };
            }
            let timeout = if more { Duration::ZERO } else { self.timeout() };
            self.wait(&mut events, timeout)?;
        }
    }

    /// Waits for the network, and notes what is ready.
    fn wait(&mut self, events: &mut Events, timeout: Duration) -> Result<(), SessionError> {
        match self.poll.poll(events, Some(timeout)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &*events {
            match event.token() {
                WAKER => {}
                LISTENER => {
                    let now = self.now();
                    self.connections
                        .accept(&mut self.torrent, self.watch, now)?;
                }
                _ => self.connections.ready(event),
            }
        }
        Ok(())
    }

    /// How long nothing has to be done.
    fn timeout(&self) -> Duration {
        let now = self.now();
        let due = self.torrent.deadline().min(self.next_report);
        let dial = self.connections.dialer.due();
        let due = dial.map_or(due, |dial| due.min(dial));
        due.saturating_sub(now).min(PROGRESS_INTERVAL)
    }

    /// Does everything that can be done now. Says whether there is more.
    fn turn(&mut self) -> Result<bool, SessionError> {
        let now = self.now();
        self.hear_trackers(now);
        self.connections.dial(&mut self.torrent, self.watch, now)?;
        if now >= self.torrent.deadline() {
            self.torrent.tick(now);
        }
        let mut more = self.connections.read(&mut self.torrent, self.watch, now);
        self.resume()?;
        self.collect()?;
        self.act(now)?;
        self.torrent.refill(now);
        more |= self.write(now);
        if now >= self.next_report {
            self.next_report = now + PROGRESS_INTERVAL;
            self.connections
                .accept_again(&mut self.torrent, self.watch, now)?;
            self.report(now)?;
        }
        Ok(more)
    }

    /// Takes in the peers that trackers name. A seeder does not dial them.
    fn hear_trackers(&mut self, now: Time) {
        let answers = self.announcer.peers(self.watch);
        if self.is_download() {
            for peers in answers {
                self.connections.dialer.add_all(&peers, now);
            }
        }
    }

    /// Takes in the pieces that have been checked.
    fn collect(&mut self) -> Result<(), SessionError> {
        while let Some(done) = self.disk.as_ref().and_then(Disk::done) {
            self.torrent.checked(done?);
        }
        Ok(())
    }

    fn write(&mut self, now: Time) -> bool {
        let disk = self.disk.as_mut();
        let (torrent, watch) = (&mut self.torrent, &mut *self.watch);
        self.connections.write(torrent, disk, watch, now)
    }

    /// Does what the torrent wants done.
    fn act(&mut self, now: Time) -> Result<(), SessionError> {
        while let Some(action) = self.torrent.action() {
            match action {
                Action::Close(key, reason) => {
                    self.connections.end(key, &reason, self.watch, now);
                }
                Action::Metadata => self.metadata()?,
                Action::Check(job) => {
                    if let (Some(disk), Some(content)) = (&self.disk, self.torrent.content()) {
                        disk.check(job, content);
                    }
                }
                Action::Unusable(error) => return Err(error.into()),
                Action::Inconsistent(inconsistent) => return Err(inconsistent.into()),
                Action::Finished => self.finished = true,
                Action::Report(report) => self.watch.note(&Note::Report(report)),
            }
        }
        Ok(())
    }

    /// The info dictionary has come: now the files can be created. What is on disk
    /// already is checked on other threads, because that may take minutes.
    fn metadata(&mut self) -> Result<(), SessionError> {
        let Some(content) = self.torrent.content() else {
            return Ok(());
        };
        setup::tell_torrent(content, self.watch);
        let storage = setup::storage(&self.config.task, &content.info)?;
        let waker = self.waker.clone();
        let wake = move || {
            // The loop comes round before long in any case.
            let _ = waker.wake();
        };
        self.checking = Some(Checking::start(storage, content.clone(), wake));
        Ok(())
    }

    /// Goes on once the data that is there has been checked.
    fn resume(&mut self) -> Result<(), SessionError> {
        if let Some(checking) = &self.checking
            && let Some(have) = checking.result(self.watch)?
        {
            self.disk = Some(Disk::new(checking.storage().clone(), &self.waker));
            self.checking = None;
            self.torrent.resume(have);
        }
        Ok(())
    }

    /// Reports how far it is. A download that no peer can complete fails with the
    /// reason.
    fn report(&mut self, now: Time) -> Result<(), SessionError> {
        let progress = self.progress();
        self.watch.progress(&progress);
        self.announcer
            .update(announce(self.torrent.identity(), &progress));
        if let Some(checking) = &self.checking {
            checking.report(self.watch);
            self.patience.renew(now);
            return Ok(());
        }
        self.patience.note(progress.downloaded, now);
        if !self.is_download() {
            return Ok(());
        }
        // A tracker may still name peers, or peers may dial us.
        let hope = self.announcer.is_hopeful() || self.config.listen.is_some();
        let alone = self.connections.is_alone(&self.torrent) && !hope;
        self.patience.judge(alone, now, || self.trouble())
    }

    /// The most likely reason why no data comes.
    fn trouble(&self) -> String {
        // A peer that is connected and sends nothing explains more than one that is not
        // any more.
        let silence = self.connections.silence(&self.torrent);
        let failure = self.connections.last_close();
        let failure = failure.or(self.announcer.failure()).map(str::to_owned);
        silence
            .or(failure)
            .or_else(|| self.announcer.silence())
            .unwrap_or_else(|| "no peer is known".to_owned())
    }

    fn progress(&self) -> Progress {
        Progress {
            elapsed: self.now(),
            peers: self.connections.count(),
            ..Progress::of(&self.torrent)
        }
    }

    /// Ends all connections, and tells the trackers.
    fn say_goodbye(&mut self) {
        self.write(self.now());
        let last = announce(self.torrent.identity(), &self.progress());
        self.connections.close(&mut self.torrent);
        self.announcer.stop(last);
    }
}
