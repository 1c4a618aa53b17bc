//! Checking the data that is there already.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use super::Storage;
use crate::active::check::verify;
use crate::active::pieces::PieceSet;
use crate::active::torrent::{Content, Verdict};

/// How far a check is; shared with whoever watches it, or wants it ended.
#[derive(Debug, Default)]
pub struct CheckProgress {
    checked: AtomicU32,
    stopped: AtomicBool,
}

impl CheckProgress {
    /// Pieces that were looked at so far.
    pub fn checked(&self) -> u32 {
        self.checked.load(Ordering::Relaxed)
    }

    /// Ends the check: the pieces that were not looked at count as missing.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// Hashes all pieces on disk, on `threads` threads; gives those that are right.
pub fn check_existing(
    storage: &Storage,
    content: &Content,
    threads: usize,
    progress: &CheckProgress,
) -> PieceSet {
    let pieces = content.pieces();
    let files = 0..content.info.files().len();
    let worthwhile: Vec<bool> = files.map(|file| storage.may_hold_data(file)).collect();
    let mut have = PieceSet::none(pieces);
    if !worthwhile.contains(&true) {
        return have;
    }
    let next = AtomicU32::new(0);
    let work = || {
        let mut right = Vec::new();
        let mut buffer = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces || progress.stopped.load(Ordering::Relaxed) {
                return right;
            }
            if is_right(storage, content, piece, &worthwhile, &mut buffer) {
                right.push(piece);
            }
            progress.checked.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        for right in workers.into_iter().filter_map(|worker| worker.join().ok()) {
            for piece in right {
                have.insert(piece);
            }
        }
    });
    have
}

fn is_right(
    storage: &Storage,
    content: &Content,
    piece: u32,
    worthwhile: &[bool],
    buffer: &mut Vec<u8>,
) -> bool {
    let (start, size) = (content.piece_start(piece), content.piece_size(piece));
    let mut extents = content.info.extents(start, size.into());
    if !extents.any(|extent| worthwhile[extent.file]) {
        return false;
    }
    let Some(check) = content.check(piece) else {
        return false;
    };
    buffer.resize(size as usize, 0);
    storage.read(start, buffer).is_ok() && verify(buffer, &check) == Verdict::Good
}
