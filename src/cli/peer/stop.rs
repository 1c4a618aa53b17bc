//! Ctrl-C and SIGTERM, which end a session in good order, or at once if it does not
//! react.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::active::driver::SessionError;
use crate::cli::trouble::{Told, tell};

/// How long a session may take to notice a signal. One that is still busy with something
/// long, such as the layout of a million files, does not notice it: no peer and no tracker
/// knows of it, and it is ended where it is.
const NOTICE_TIMEOUT: Duration = Duration::from_millis(500);

/// Whether a signal has asked for the end, and which.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    /// Whether the session knows.
    noticed: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Stop {
    /// Listens to signals from now on. A second one ends the program at once.
    pub(super) fn on_signals() -> io::Result<Self> {
        let stop = Self {
            asked: Arc::default(),
            noticed: Arc::default(),
            signal: Arc::default(),
        };
        let (mut alarm, waker) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_default(signal, stop.asked.clone())?;
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_usize(signal, stop.signal.clone(), number)?;
            flag::register(signal, stop.asked.clone())?;
            low_level::pipe::register(signal, waker.try_clone()?)?;
        }
        let guard = stop.clone();
        thread::spawn(move || {
            if alarm.read_exact(&mut [0]).is_ok() {
                thread::sleep(NOTICE_TIMEOUT);
                if !guard.noticed.load(Ordering::Relaxed) {
                    guard.give_in();
                }
            }
        });
        Ok(stop)
    }

    /// Whether the session is to end; it is taken to know from now on.
    pub(super) fn is_asked(&self) -> bool {
        let asked = self.asked.load(Ordering::Relaxed);
        if asked {
            self.noticed.store(true, Ordering::Relaxed);
        }
        asked
    }

    /// Ends the program as the signal would have done at once: a shell ends its loop
    /// then, and shows status 130 after Ctrl-C. Returns if that cannot be done.
    pub(super) fn give_in(&self) -> Told {
        let told = tell(SessionError::Interrupted);
        if let Ok(signal) = i32::try_from(self.signal.load(Ordering::Relaxed)) {
            let _ = low_level::emulate_default_handler(signal);
        }
        told
    }
}
