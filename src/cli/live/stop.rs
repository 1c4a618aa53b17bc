//! What ends a run from outside: Ctrl-C and its like, and waiting for packets
//! and for that at once.

use std::io::{Read, stdout};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// Signals that ask for an end. The second of them ends the process at once, in
/// case it hangs (its reader has stopped reading). Not SIGHUP: nohup has it
/// ignored, and that has to stay so.
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// The exit status of a process that a signal has ended, without the signal.
const SIGNALLED: i32 = 128;

/// What a run that was asked to end may still take for its last words: whoever
/// reads them may have stopped reading.
const GRACE: Duration = Duration::from_secs(1);

/// Whether a signal has asked for an end.
pub struct Stop {
    asked: Arc<AtomicBool>,
    wake: UnixStream,
}

/// Ends the process some time after a signal, if it has not ended by itself.
fn end_after_grace(
    mut started: UnixStream,
    which: Arc<AtomicUsize>,
    rescue: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    let wait = move || {
        if started.read_exact(&mut [0]).is_ok() {
            thread::sleep(GRACE);
            rescue();
            let signal = i32::try_from(which.load(Ordering::Relaxed)).unwrap_or_default();
            low_level::exit(SIGNALLED + signal);
        }
    };
    thread::Builder::new()
        .name("grace".to_owned())
        .spawn(wait)?;
    Ok(())
}

/// What waiting has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Packets or a signal may be there, or the time is over.
    GoOn,
    /// Nobody reads standard output any more.
    Unread,
}

impl Stop {
    /// Listens to signals from now on. A run that a signal has asked to end, and
    /// that does not, is ended soon after, with `rescue` before it.
    pub fn on_signals(rescue: impl FnOnce() + Send + 'static) -> anyhow::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        let register = |rescue| -> std::io::Result<UnixStream> {
            let (wake, waker) = UnixStream::pair()?;
            let (started, alarm) = UnixStream::pair()?;
            let which = Arc::new(AtomicUsize::new(0));
            wake.set_nonblocking(true)?;
            for signal in SIGNALS {
                let status = SIGNALLED + signal;
                flag::register_conditional_shutdown(signal, status, Arc::clone(&asked))?;
                flag::register(signal, Arc::clone(&asked))?;
                let number = usize::try_from(signal).unwrap_or_default();
                flag::register_usize(signal, Arc::clone(&which), number)?;
                low_level::pipe::register(signal, waker.try_clone()?)?;
                low_level::pipe::register(signal, alarm.try_clone()?)?;
            }
            end_after_grace(started, which, rescue)?;
            Ok(wake)
        };
        let wake = register(rescue).context("cannot listen to signals")?;
        Ok(Self { asked, wake })
    }

    /// Whether an end was asked for.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Waits until `packets` are at hand, a signal comes, nobody reads standard
    /// output any more, or `time` has gone by.
    pub fn wait(&mut self, packets: &impl AsFd, time: Duration) -> anyhow::Result<Woken> {
        let out = stdout();
        let mut waiting = [
            PollFd::new(packets.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.wake.as_fd(), PollFlags::POLLIN),
            // Errors are always told.
            PollFd::new(out.as_fd(), PollFlags::empty()),
        ];
        let time = PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX);
        match poll(&mut waiting, time) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error).context("cannot wait for packets"),
        }
        let unread = waiting[2]
            .revents()
            .is_some_and(|events| events.intersects(PollFlags::POLLERR | PollFlags::POLLHUP));
        // So that the next call waits again.
        while matches!(self.wake.read(&mut [0; 64]), Ok(1..)) {}
        Ok(if unread { Woken::Unread } else { Woken::GoOn })
    }
}
