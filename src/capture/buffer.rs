//! The window over a capture stream that packets are borrowed from.

use std::io::{ErrorKind, Read};

/// Bytes asked of the input at once: large enough that the read call costs
/// nothing, small enough to stay in the second-level cache.
const CAPACITY: usize = 1 << 20;

/// How the input ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// At its end.
    Clean,
    /// With an error, in words.
    Failed(String),
}

/// A growing window over an input.
///
/// Bytes are copied once, by the read into the window, and a second time only
/// when a record lies across the end of the window.
pub(super) struct Buffer {
    input: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Stream offset of `bytes[0]`.
    base: u64,
    ending: Option<Ending>,
}

impl Buffer {
    /// An empty window over `input`.
    pub(super) fn new(input: Box<dyn Read + Send>) -> Self {
        Self {
            input,
            bytes: vec![0; CAPACITY],
            start: 0,
            end: 0,
            base: 0,
            ending: None,
        }
    }

    /// Stream offset of the next byte.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The bytes read and not taken.
    pub(super) fn available(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Bytes `start..start + length` as [`Buffer::take`] numbered them; valid
    /// until the next [`Buffer::fill`].
    pub(super) fn slice(&self, start: usize, length: usize) -> &[u8] {
        &self.bytes[start..start + length]
    }

    /// Takes `count` bytes off the front, at most what is available, and tells
    /// where they are for [`Buffer::slice`].
    pub(super) fn take(&mut self, count: usize) -> usize {
        let start = self.start;
        self.start = (start + count).min(self.end);
        start
    }

    /// How the input ended, once it has.
    pub(super) fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Makes `wanted` bytes available; false when the input ends before.
    ///
    /// The caller caps `wanted`. The window grows only after it is full of
    /// bytes that did arrive: a claimed length by itself allocates nothing.
    #[inline]
    pub(super) fn fill(&mut self, wanted: usize) -> bool {
        self.end - self.start >= wanted || self.refill(wanted)
    }

    #[cold]
    fn refill(&mut self, wanted: usize) -> bool {
        while self.end - self.start < wanted {
            if self.ending.is_some() {
                return false;
            }
            self.make_room();
            match self.input.read(&mut self.bytes[self.end..]) {
                Ok(0) => self.ending = Some(Ending::Clean),
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.ending = Some(Ending::Failed(error.to_string())),
            }
        }
        true
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            self.base += self.start as u64;
            (self.start, self.end) = (0, 0);
        } else if self.end == self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
            if self.end == self.bytes.len() {
                self.bytes.resize(self.end * 2, 0);
            }
        }
    }

    /// Takes `count` bytes without keeping them; returns how many there were.
    pub(super) fn skip(&mut self, count: u64) -> u64 {
        let mut left = count;
        while left > 0 && self.fill(1) {
            let step = (self.available().len() as u64).min(left);
            self.take(step as usize);
            left -= step;
        }
        count - left
    }
}
