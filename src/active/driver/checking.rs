//! Checks the data that is on disk already, on threads of its own.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::thread;

use super::error::SessionError;
use super::watch::PROGRESS_INTERVAL;
use super::watch::{Note, Watch};
use super::worker::hashing_threads;
use crate::torrent::{CheckProgress, Content, Inconsistent, PieceSet, Storage, check_existing};

/// A check under way, on threads of its own. Dropping it ends it.
pub(super) struct Checking {
    storage: Arc<Storage>,
    pieces: u32,
    progress: Arc<CheckProgress>,
    result: Receiver<Result<PieceSet, Inconsistent>>,
}

impl Checking {
    /// Begins a check; `done` is called at its end.
    pub(super) fn start(
        storage: Arc<Storage>,
        content: Content,
        done: impl FnOnce() + Send + 'static,
    ) -> Self {
        let (sender, result) = mpsc::channel();
        let progress = Arc::new(CheckProgress::default());
        let checking = Self {
            pieces: content.pieces(),
            storage: storage.clone(),
            progress: progress.clone(),
            result,
        };
        thread::spawn(move || {
            let threads = hashing_threads() + 1;
            let have = check_existing(&storage, &content, threads, &progress);
            // If the check was dropped, nobody waits for its result.
            let _ = sender.send(have);
            done();
        });
        checking
    }

    /// The files that are checked.
    pub(super) fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }

    /// The pieces that are right, once it is done.
    pub(super) fn result(&self, watch: &mut dyn Watch) -> Result<Option<PieceSet>, SessionError> {
        match self.result.try_recv() {
            Ok(have) => Ok(Some(self.tell(have?, watch))),
            Err(TryRecvError::Empty) => Ok(None),
            // The thread has panicked: nothing is known to be right.
            Err(TryRecvError::Disconnected) => Ok(Some(PieceSet::none(self.pieces))),
        }
    }

    /// Waits for its end.
    pub(super) fn wait(self, watch: &mut dyn Watch) -> Result<PieceSet, SessionError> {
        loop {
            match self.result.recv_timeout(PROGRESS_INTERVAL) {
                Ok(have) => return Ok(self.tell(have?, watch)),
                Err(RecvTimeoutError::Timeout) => self.report(watch),
                // As above.
                Err(RecvTimeoutError::Disconnected) => return Ok(PieceSet::none(self.pieces)),
            }
            if watch.is_stopped() {
                return Err(SessionError::Interrupted);
            }
        }
    }

    /// Reports how far it is.
    pub(super) fn report(&self, watch: &mut dyn Watch) {
        watch.checking(self.progress.checked(), self.pieces);
    }

    fn tell(&self, have: PieceSet, watch: &mut dyn Watch) -> PieceSet {
        if have.count() > 0 {
            watch.note(&Note::Resumed {
                right: have.count(),
                pieces: self.pieces,
            });
        }
        have
    }
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.progress.stop();
    }
}
