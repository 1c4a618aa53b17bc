//! Standard output: buffered, and no error when its reader goes away.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};

use anyhow::Context;

/// Standard output of one run.
pub struct Output {
    out: BufWriter<StdoutLock<'static>>,
    /// Flush after each message: somebody is looking.
    eager: bool,
    failed: Option<io::Error>,
}

impl Output {
    /// Locks standard output.
    pub fn new() -> Self {
        let stdout = io::stdout().lock();
        let eager = stdout.is_terminal();
        Self {
            out: BufWriter::with_capacity(64 << 10, stdout),
            eager,
            failed: None,
        }
    }

    /// Whether nothing more can be written.
    pub fn is_closed(&self) -> bool {
        self.failed.is_some()
    }

    /// Writes one message; the first error is remembered and ends the run.
    pub fn write(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.is_closed() {
            return;
        }
        let mut result = write(&mut self.out);
        if self.eager && result.is_ok() {
            result = self.out.flush();
        }
        self.failed = result.err();
    }

    /// Writes each message at once, wherever standard output goes.
    pub fn eager(mut self) -> Self {
        self.eager = true;
        self
    }

    /// Makes what is written so far seen: nothing follows for a while.
    pub fn flush(&mut self) {
        if !self.is_closed() {
            self.failed = self.out.flush().err();
        }
    }

    /// Flushes. A closed pipe is no error: the reader has seen enough.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let result = match self.failed.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        };
        // What is left in the buffer cannot be written either.
        let (_, _) = self.out.into_parts();
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result.context("cannot write to standard output"),
        }
    }
}
