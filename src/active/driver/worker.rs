//! The threads that hash and write pieces, so that the network thread never
//! waits for either.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use mio::Waker;

use crate::active::torrent::{Job, Outcome};
use crate::torrent::{Storage, StorageError, Verdict, Way, digests, verify};

/// What a worker gives back.
pub(super) type Done = Result<Outcome, StorageError>;

/// If more pieces than this wait, the disk is slower than the network: they are written
/// through the page cache, which absorbs what it can.
const MAX_WAITING_PIECES: usize = 4;

/// More threads than this do not make a download faster.
const MAX_HASHING_THREADS: usize = 4;

/// A pool of threads; it ends when it is dropped.
pub(super) struct Workers {
    jobs: Sender<(Job, u64)>,
    /// Pieces that wait.
    waiting: Arc<AtomicUsize>,
    done: Receiver<Done>,
}

impl Workers {
    /// Starts threads that write to `storage` and wake `waker` when a piece is
    /// done.
    pub(super) fn start(threads: usize, storage: &Arc<Storage>, waker: &Arc<Waker>) -> Self {
        let (jobs, queue) = mpsc::channel();
        let (results, done) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let waiting = Arc::new(AtomicUsize::new(0));
        for _ in 0..threads.max(1) {
            let (queue, results) = (queue.clone(), results.clone());
            let (storage, waker) = (storage.clone(), waker.clone());
            let waiting = waiting.clone();
            thread::spawn(move || work(&queue, &waiting, &results, &storage, &waker));
        }
        Self {
            jobs,
            waiting,
            done,
        }
    }

    /// Hands over a piece, which begins at offset `start` of the torrent.
    pub(super) fn push(&self, job: Job, start: u64) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // The threads live as long as the channel.
        let _ = self.jobs.send((job, start));
    }

    /// The next piece that is done.
    pub(super) fn done(&self) -> Option<Done> {
        self.done.try_recv().ok()
    }
}

fn work(
    queue: &Mutex<Receiver<(Job, u64)>>,
    waiting: &AtomicUsize,
    results: &Sender<Done>,
    storage: &Storage,
    waker: &Waker,
) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((job, start)) = job else { return };
        let way = if waiting.fetch_sub(1, Ordering::Relaxed) > MAX_WAITING_PIECES {
            Way::Cached
        } else {
            Way::Direct
        };
        let done = check_and_write(job, start, storage, way);
        if results.send(done).is_err() || waker.wake().is_err() {
            return;
        }
    }
}

fn check_and_write(job: Job, start: u64, storage: &Storage, way: Way) -> Done {
    let verdict = verify(&job.data, &job.check);
    if verdict == Verdict::Good {
        storage.write(start, &job.data, way)?;
    }
    let wanted = job.digests || verdict == Verdict::Bad;
    Ok(Outcome {
        piece: job.piece,
        digests: if wanted {
            digests(&job.data)
        } else {
            Vec::new()
        },
        data: job.data,
        verdict,
    })
}

/// How many threads hash and write: one for each core but that of the network thread,
/// and no more than a fast network keeps busy.
pub(super) fn hashing_threads() -> usize {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    cores.saturating_sub(1).clamp(1, MAX_HASHING_THREADS)
}
