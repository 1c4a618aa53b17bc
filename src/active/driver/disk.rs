//! The torrent's files: pieces are checked and written, blocks are read.

use std::sync::Arc;

use mio::Waker;

use super::ahead::ReadAhead;
use super::worker::{Done, Workers, hashing_threads};
use crate::active::torrent::Job;
use crate::torrent::{Content, Storage, StorageError};
use crate::wire::peer::Block;

/// The files, the threads that write them, and what was read of them last.
pub(super) struct Disk {
    storage: Arc<Storage>,
    workers: Workers,
    ahead: ReadAhead,
}

impl Disk {
    /// `waker` is woken when a piece is done.
    pub(super) fn new(storage: Arc<Storage>, waker: &Arc<Waker>) -> Self {
        Self {
            workers: Workers::start(hashing_threads(), &storage, waker),
            storage,
            ahead: ReadAhead::default(),
        }
    }

    /// Has a piece checked and, if it is right, written.
    pub(super) fn check(&self, job: Job, content: &Content) {
        let start = content.piece_start(job.piece);
        self.workers.push(job, start);
    }

    /// The next piece that is done.
    pub(super) fn done(&self) -> Option<Done> {
        self.workers.done()
    }

    /// Reads a block to be served.
    pub(super) fn block(&mut self, content: &Content, block: Block) -> Result<&[u8], StorageError> {
        let start = content.piece_start(block.index) + u64::from(block.begin);
        let left = content.piece_size(block.index).saturating_sub(block.begin);
        self.ahead.block(&self.storage, start, block, left)
    }
}
