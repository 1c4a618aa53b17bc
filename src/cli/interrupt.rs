//! Ctrl-C while a capture comes through a pipe: what has come so far is told, as `live`
//! tells it.
//!
//! Whoever writes into the pipe is mostly interrupted by the same key and still writes
//! what it has, so that this is read too, if it comes soon. While files are read, and
//! once a pipe has ended, Ctrl-C ends the process as it ends others.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::capture::Pipes;

/// Signals that ask for an end.
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// After a signal, the last packets may take so long: for their writer to write them, and
/// to be looked at.
const LAST_PACKETS: Duration = Duration::from_millis(300);

/// So long the end may go unnoticed: who computes for longer, or writes to somebody who
/// has stopped reading, is ended.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(1);

/// Signals are the process's, and so is this; it is there once a pipe was read.
static INTERRUPT: OnceLock<Option<Interrupt>> = OnceLock::new();

/// Listens to signals.
struct Interrupt {
    /// The signal that came; 0 before one has come.
    came: Arc<AtomicUsize>,
    /// The next signal ends the process at once.
    is_last: Arc<AtomicBool>,
    /// A signal came, and the time for the last packets is over.
    is_due: Arc<AtomicBool>,
    /// Whoever reads knows that nothing more is to be read.
    is_noticed: Arc<AtomicBool>,
    /// Wakes who waits for a pipe.
    wake: UnixStream,
}

impl Interrupt {
    fn listen() -> io::Result<Self> {
        let came = Arc::new(AtomicUsize::new(0));
        let is_last = Arc::new(AtomicBool::new(false));
        let (wake, waker) = UnixStream::pair()?;
        let (started, alarm) = UnixStream::pair()?;
        let [is_due, is_noticed] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        let (due, noticed) = (Arc::clone(&is_due), Arc::clone(&is_noticed));
        thread::Builder::new()
            .name("interrupt".to_owned())
            .spawn(move || watch(started, &due, &noticed))?;
        for signal in SIGNALS {
            flag::register_conditional_default(signal, Arc::clone(&is_last))?;
            flag::register(signal, Arc::clone(&is_last))?;
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_usize(signal, Arc::clone(&came), number)?;
            low_level::pipe::register(signal, waker.try_clone()?)?;
            low_level::pipe::register(signal, alarm.try_clone()?)?;
        }
        Ok(Self {
            came,
            is_last,
            is_due,
            is_noticed,
            wake,
        })
    }

    fn has_come(&self) -> bool {
        self.came.load(Ordering::Relaxed) != 0
    }

    /// A pipe is opened, perhaps after another one has ended: it will be waited for.
    fn begin(&self) {
        if !self.has_come() {
            self.is_last.store(false, Ordering::Relaxed);
        }
    }

    /// A pipe has ended: nothing will be waited for. Where a signal ended it, the
    /// capture is over.
    fn over(&self, capture: &AtomicBool) {
        if self.has_come() {
            self.is_noticed.store(true, Ordering::Relaxed);
            capture.store(true, Ordering::Relaxed);
        } else {
            self.is_last.store(true, Ordering::Relaxed);
        }
    }
}

/// Says some time after a signal that it is time to end, and ends the process if nobody
/// hears.
fn watch(mut started: UnixStream, is_due: &AtomicBool, is_noticed: &AtomicBool) {
    if started.read_exact(&mut [0]).is_ok() {
        thread::sleep(LAST_PACKETS);
        is_due.store(true, Ordering::Relaxed);
        thread::sleep(NOTICE_TIMEOUT.saturating_sub(LAST_PACKETS));
        if !is_noticed.load(Ordering::Relaxed) {
            end();
        }
    }
}

/// How the pipes of one capture are read: until they end, or a signal asks for an end.
#[derive(Debug, Default)]
pub struct UntilInterrupted {
    has_any: AtomicBool,
    /// A signal ended one of them.
    is_over: Arc<AtomicBool>,
}

impl Pipes for UntilInterrupted {
    fn open(&self, pipe: File) -> Box<dyn Read + Send> {
        self.has_any.store(true, Ordering::Relaxed);
        // Without signals it is read as a file is.
        match INTERRUPT.get_or_init(|| Interrupt::listen().ok()) {
            Some(interrupt) => {
                interrupt.begin();
                Box::new(Reading {
                    pipe,
                    interrupt,
                    until: None,
                    is_over: Arc::clone(&self.is_over),
                })
            }
            None => Box::new(pipe),
        }
    }

    fn is_over(&self) -> bool {
        let interrupt = INTERRUPT.get().and_then(Option::as_ref);
        if let Some(interrupt) = interrupt
            && interrupt.is_due.load(Ordering::Relaxed)
            && self.has_any.load(Ordering::Relaxed)
        {
            interrupt.over(&self.is_over);
        }
        self.is_over.load(Ordering::Relaxed)
    }
}

/// A pipe that is read.
struct Reading {
    pipe: File,
    interrupt: &'static Interrupt,
    /// When reading ends, once a signal came.
    until: Option<Instant>,
    is_over: Arc<AtomicBool>,
}

impl Reading {
    /// Waits for bytes; says whether to read them.
    fn wait(&mut self) -> bool {
        loop {
            if self.until.is_none() && self.interrupt.has_come() {
                self.until = Some(Instant::now() + LAST_PACKETS);
            }
            let time = match self.until {
                None => PollTimeout::NONE,
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
                }
            };
            let mut waiting = [
                PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.interrupt.wake.as_fd(), PollFlags::POLLIN),
            ];
            // Whoever was woken need not be woken again.
            let woken = if self.until.is_some() { 1 } else { 2 };
            match poll(&mut waiting[..woken], time) {
                Ok(_) if waiting[0].any() == Some(true) => return true,
                Ok(_) | Err(Errno::EINTR) => {}
                // Then reading tells what is wrong.
                Err(_) => return true,
            }
        }
    }
}

impl Read for Reading {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = loop {
            if !self.wait() {
                break Ok(0);
            }
            match self.pipe.read(into) {
                Err(error) if is_passing(error.kind()) => {}
                read => break read,
            }
        };
        if !matches!(read, Ok(1..)) {
            self.interrupt.over(&self.is_over);
        }
        read
    }
}

/// Whether to read again after an error.
fn is_passing(error: io::ErrorKind) -> bool {
    matches!(
        error,
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// Whether a pipe is waited for, and no signal came yet.
pub fn is_reading() -> bool {
    let interrupt = INTERRUPT.get().and_then(Option::as_ref);
    interrupt.is_some_and(|interrupt| {
        !interrupt.has_come() && !interrupt.is_last.load(Ordering::Relaxed)
    })
}

/// Ends the process by the signal that came while a pipe was read, if one did: a shell
/// tells by that that what it runs is to end too.
pub fn end_if_asked() {
    if INTERRUPT
        .get()
        .and_then(Option::as_ref)
        .is_some_and(Interrupt::has_come)
    {
        end();
    }
}

fn end() {
    let came = INTERRUPT.get().and_then(Option::as_ref);
    let signal = came.map_or(0, |interrupt| interrupt.came.load(Ordering::Relaxed));
    // It comes back from what it does not know.
    let _ = low_level::emulate_default_handler(i32::try_from(signal).unwrap_or_default());
}
