//! Signals that end the program: the terminal is given back first.
//!
//! A signal is only noted where it comes; the loop sees to the rest. So those that come
//! of a fault of the program itself have no place here: it cannot go on to the loop.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use nix::sys::signal::Signal;
use signal_hook::flag;

/// What a shell's `$?` says of a program that a signal ended, less its number.
const ENDED_BY_SIGNAL: i32 = 128;

/// What becomes of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It ends the program, the terminal first.
    Ends,
    /// What made it come fails, and that is told: a file that may not grow.
    Fails,
    /// It is left as it is.
    Left,
}

fn fate(signal: Signal) -> Fate {
    match signal {
        Signal::SIGXFSZ => Fate::Fails,
        // Nobody can catch these,
        Signal::SIGKILL | Signal::SIGSTOP
        // behind these nothing can go on,
        | Signal::SIGSEGV | Signal::SIGBUS | Signal::SIGILL | Signal::SIGFPE
        // crossterm wants this,
        | Signal::SIGWINCH
        // and these end nothing: what is written to a pipe that broke fails.
        | Signal::SIGCHLD | Signal::SIGCONT | Signal::SIGURG | Signal::SIGPIPE
        | Signal::SIGTSTP | Signal::SIGTTIN | Signal::SIGTTOU => Fate::Left,
        // Other systems have one more that comes of a fault, and one that ends nothing.
        #[cfg(any(
            target_vendor = "apple",
            target_os = "dragonfly",
            target_os = "freebsd",
            target_os = "netbsd",
            target_os = "openbsd"
        ))]
        Signal::SIGEMT | Signal::SIGINFO => Fate::Left,
        _ => Fate::Ends,
    }
}

/// From here on a file that may not grow is an error, and no end of the program. To be
/// called before the first thread writes.
pub fn let_writes_fail() -> io::Result<()> {
    for signal in Signal::iterator().filter(|signal| fate(*signal) == Fate::Fails) {
        flag::register(signal as i32, Arc::default())?;
    }
    Ok(())
}

/// Watches for signals: what this gives holds the number of the one that came last, 0
/// before one has come.
pub fn watch() -> io::Result<Arc<AtomicUsize>> {
    let came = Arc::new(AtomicUsize::new(0));
    let stuck = Arc::new(AtomicBool::new(false));
    for signal in Signal::iterator() {
        let number = signal as i32;
        let value = usize::try_from(number).unwrap_or(0);
        match fate(signal) {
            Fate::Ends => {
                // A second one ends the program at once, should the first find it stuck.
                let status = ENDED_BY_SIGNAL + number;
                flag::register_conditional_shutdown(number, status, Arc::clone(&stuck))?;
                flag::register(number, Arc::clone(&stuck))?;
                flag::register_usize(number, Arc::clone(&came), value)?;
            }
            Fate::Fails | Fate::Left => {}
        }
    }
    Ok(came)
}

/// Ends the program as this signal does by default; gives a status to end with where
/// there is no such way.
pub fn end_by(signal: i32) -> ExitCode {
    // It comes back from what it does not know.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    ExitCode::from(u8::try_from(ENDED_BY_SIGNAL + signal).unwrap_or(1))
}
