//! The check of the data that is on disk already.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use super::Storage;
use crate::torrent::{Content, Inconsistent, PieceHasher, PieceSet, Verdict};

/// How many bytes of a piece one read takes: however long a piece is, a check takes no
/// more memory, and can be stopped soon.
const READ_BYTES: usize = 1 << 20;

/// The progress of a check; shared with the thread that shows it, or stops it.
#[derive(Debug, Default)]
pub struct CheckProgress {
    checked: AtomicU32,
    stopped: AtomicBool,
}

impl CheckProgress {
    /// Pieces that were checked so far.
    pub fn checked(&self) -> u32 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Stops the check: the pieces that were not checked count as missing.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// Hashes all pieces on disk, on `threads` threads; gives those that are right.
/// A hybrid torrent may turn out to contradict itself.
pub fn check_existing(
    storage: &Storage,
    content: &Content,
    threads: usize,
    progress: &CheckProgress,
) -> Result<PieceSet, Inconsistent> {
    let files = 0..content.info.files().len();
    let check = Check {
        storage,
        content,
        may_hold_data: files.map(|file| storage.may_hold_data(file)).collect(),
        next: AtomicU32::new(0),
        progress,
    };
    let mut have = PieceSet::none(content.pieces());
    if !check.may_hold_data.contains(&true) {
        return Ok(have);
    }
    let mut inconsistent = Vec::new();
    thread::scope(|scope| {
        let workers = (0..threads.max(1)).map(|_| scope.spawn(|| check.work()));
        let workers: Vec<_> = workers.collect();
        let verdicts = workers.into_iter().filter_map(|worker| worker.join().ok());
        for (piece, verdict) in verdicts.flatten() {
            match verdict {
                Verdict::Good => {
                    have.insert(piece);
                }
                Verdict::Bad => {}
                Verdict::Inconsistent(fits) => inconsistent.push(Inconsistent { piece, fits }),
            }
        }
    });
    match inconsistent.into_iter().min_by_key(|found| found.piece) {
        Some(first) => Err(first),
        None => Ok(have),
    }
}

/// A check that several threads share.
struct Check<'c> {
    storage: &'c Storage,
    content: &'c Content,
    /// Whether each file can contain data.
    may_hold_data: Vec<bool>,
    /// The next piece to be checked.
    next: AtomicU32,
    progress: &'c CheckProgress,
}

impl Check<'_> {
    /// Checks pieces until none is left; gives those that can be judged.
    fn work(&self) -> Vec<(u32, Verdict)> {
        let mut verdicts = Vec::new();
        let mut buffer = Vec::new();
        loop {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            let stopped = self.progress.stopped.load(Ordering::Relaxed);
            if piece >= self.content.pieces() || stopped {
                return verdicts;
            }
            let verdict = self.verdict(piece, &mut buffer);
            verdicts.extend(verdict.map(|verdict| (piece, verdict)));
            self.progress.checked.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn verdict(&self, piece: u32, buffer: &mut Vec<u8>) -> Option<Verdict> {
        let (start, size) = (
            self.content.piece_start(piece),
            self.content.piece_size(piece),
        );
        let mut extents = self.content.info.extents(start, size.into());
        if !extents.any(|extent| self.may_hold_data[extent.file]) {
            return None;
        }
        let check = self.content.check(piece)?;
        let mut hasher = PieceHasher::new(&check);
        let end = start + u64::from(size);
        let mut at = start;
        while at < end {
            if self.progress.stopped.load(Ordering::Relaxed) {
                return None;
            }
            buffer.resize(READ_BYTES.min(usize::try_from(end - at).ok()?), 0);
            self.storage.read(at, buffer).ok()?;
            hasher.update(buffer);
            at += buffer.len() as u64;
        }
        Some(hasher.finish())
    }
}
