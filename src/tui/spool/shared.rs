//! What the writer and the readers share.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::entry::Entry;
use super::file::Appender;
use super::overview::Overview;
use crate::capture::Timestamp;
use crate::filter::Fates;
use crate::packet::Stamp;

/// The messages of a capture that may still be read.
#[derive(Debug, Clone)]
pub struct Spool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    /// The first packet, from which times are written.
    origin: OnceLock<Stamp>,
    files: [Arc<File>; 2],
    /// Messages that can be read.
    published: AtomicU64,
    /// The capture was read to its end, or as far as it will be.
    is_complete: AtomicBool,
    /// Nobody wants more.
    is_unwanted: AtomicBool,
    /// Bytes of the capture that were read.
    position: AtomicU64,
    /// Its packets.
    packets: AtomicU64,
}

/// What the writer and the readers share behind a lock.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) spool: Appender,
    pub(super) index: Appender,
    pub(super) count: u64,
    pub(super) overview: Overview,
    pub(super) fates: Fates,
    pub(super) trouble: Vec<String>,
    /// What of the trouble is said where there is a line for it.
    in_short: Option<String>,
    notes: Vec<String>,
}

/// How far a capture was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Messages that can be read.
    pub messages: u64,
    /// Packets that were read.
    pub packets: u64,
    /// Bytes of the capture that were read, as it is stored.
    pub position: u64,
    /// It was read to its end.
    pub is_complete: bool,
}

impl Spool {
    /// An empty spool.
    pub fn new() -> io::Result<Self> {
        let (spool, index) = (Appender::new()?, Appender::new()?);
        let files = [spool.file(), index.file()];
        let inner = Inner {
            spool,
            index,
            count: 0,
            overview: Overview::default(),
            fates: Fates::new(),
            trouble: Vec::new(),
            in_short: None,
            notes: Vec::new(),
        };
        Ok(Self(Arc::new(Shared {
            inner: Mutex::new(inner),
            origin: OnceLock::new(),
            files,
            published: AtomicU64::new(0),
            is_complete: AtomicBool::new(false),
            is_unwanted: AtomicBool::new(false),
            position: AtomicU64::new(0),
            packets: AtomicU64::new(0),
        })))
    }

    /// Messages that can be read.
    pub fn len(&self) -> u64 {
        self.0.published.load(Ordering::Acquire)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes everything so far readable; says how far that is.
    pub fn refresh(&self) -> Progress {
        let is_complete = self.0.is_complete.load(Ordering::Acquire);
        self.flush(&mut self.lock());
        Progress {
            messages: self.len(),
            packets: self.0.packets.load(Ordering::Relaxed),
            position: self.0.position.load(Ordering::Relaxed),
            is_complete,
        }
    }

    /// Whether the capture was read to its end.
    pub fn is_complete(&self) -> bool {
        self.0.is_complete.load(Ordering::Acquire)
    }

    /// Nobody wants more: whoever writes stops.
    pub fn stop(&self) {
        self.0.is_unwanted.store(true, Ordering::Relaxed);
    }

    /// Whether nobody wants more.
    pub fn is_unwanted(&self) -> bool {
        self.0.is_unwanted.load(Ordering::Relaxed)
    }

    /// The capture was read so far.
    pub fn note_progress(&self, packets: u64, position: u64) {
        self.0.packets.store(packets, Ordering::Relaxed);
        self.0.position.store(position, Ordering::Relaxed);
    }

    /// Nothing more comes. What went wrong, a line each.
    pub fn complete(&self, trouble: Vec<String>) {
        let mut inner = self.lock();
        inner.trouble.extend(trouble);
        self.flush(&mut inner);
        self.0.is_complete.store(true, Ordering::Release);
    }

    /// Something that is to be said at the end, though nothing went wrong.
    pub fn note(&self, line: String) {
        self.lock().notes.push(line);
    }

    /// What is to be said at the end beside what went wrong.
    pub fn notes(&self) -> Vec<String> {
        self.lock().notes.clone()
    }

    /// Says what went wrong with the capture in one line.
    pub fn tell_in_short(&self, line: String) {
        self.lock().in_short = Some(line);
    }

    /// The first that went wrong, in one line.
    pub fn trouble_in_short(&self) -> Option<String> {
        let inner = self.lock();
        let first = inner.in_short.as_ref().or(inner.trouble.first());
        first.cloned()
    }

    /// What went wrong.
    pub fn trouble(&self) -> Vec<String> {
        self.lock().trouble.clone()
    }

    /// The first packet of the capture.
    pub fn origin(&self) -> Stamp {
        self.0.origin.get().copied().unwrap_or(Stamp {
            frame: 0,
            time: Timestamp::UNKNOWN,
        })
    }

    pub(super) fn begin(&self, first: Stamp) {
        let _ = self.0.origin.set(first);
    }

    /// What became of requests, as far as it is known.
    pub fn fates(&self) -> Fates {
        self.lock().fates.clone()
    }

    /// Looks at the connections and findings. The writer waits meanwhile.
    pub fn overview<R>(&self, look: impl FnOnce(&Overview) -> R) -> R {
        look(&self.lock().overview)
    }

    /// The records, and their index.
    pub(super) fn files(&self) -> [Arc<File>; 2] {
        self.0.files.clone()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was gathered and publishes it. A disk that is full ends the
    /// reading: what was written stays.
    pub(super) fn flush(&self, inner: &mut Inner) {
        if self.0.published.load(Ordering::Relaxed) == inner.count {
            return;
        }
        let written = inner.spool.flush().and_then(|()| inner.index.flush());
        match written {
            Ok(()) => self.0.published.store(inner.count, Ordering::Release),
            Err(error) if !self.is_unwanted() => {
                inner.trouble.push(format!("the temporary file: {error}"));
                self.stop();
            }
            Err(_) => {}
        }
    }

    /// Appends a record, which `write` makes once it knows where it begins.
    pub(super) fn append(&self, inner: &mut Inner, entry: Entry, record: &[u8]) {
        let entry = Entry {
            offset: inner.spool.end(),
            ..entry
        };
        append_record(&mut inner.spool, record);
        inner.index.append(&entry.to_bytes());
        inner.count += 1;
        if inner.spool.is_due() || inner.index.is_due() {
            self.flush(inner);
        }
    }
}

/// Appends a record with its length.
pub(super) fn append_record(spool: &mut Appender, record: &[u8]) {
    let length = record.len() as u32;
    spool.append(&length.to_le_bytes());
    spool.append(record);
}
