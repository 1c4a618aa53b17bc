//! Stops a process for a moment.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::Process;

/// A process is stopped for this long at most, the way there included.
const LONGEST: Duration = Duration::from_millis(20);

/// Of which this much is left for letting it go on.
const LEAVE: Duration = Duration::from_millis(8);

/// When not all threads have stopped by then, they are let go.
const PATIENCE: Duration = Duration::from_millis(6);

/// Between two looks whether a thread has stopped.
const PAUSE: Duration = Duration::from_micros(50);

/// The threads of a process, stopped until this is dropped. Should we be killed
/// meanwhile, the kernel lets them go on.
#[derive(Debug)]
pub(super) struct Stopped {
    threads: Vec<Thread>,
    since: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Thread {
    id: Pid,
    state: State,
}

/// How far a thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It was asked to stop.
    Running,
    /// It has stopped, with a signal that it is to get when it goes on.
    Stopped(Option<Signal>),
}

impl Stopped {
    /// Stops all threads; `None` if that is not allowed or takes too long.
    pub fn new(process: &Process) -> Option<Self> {
        let mut stopped = Self {
            threads: Vec::new(),
            since: Instant::now(),
        };
        // A thread that still runs may begin others.
        while stopped.seize_new(process)? {
            stopped.wait(PATIENCE);
            if !stopped.is_complete() {
                return None;
            }
        }
        Some(stopped)
    }

    /// Whether it has to go on now.
    pub fn is_over(&self) -> bool {
        self.time() + LEAVE > LONGEST
    }

    /// How long it takes by now.
    pub fn time(&self) -> Duration {
        self.since.elapsed()
    }

    fn is_complete(&self) -> bool {
        let mut threads = self.threads.iter();
        threads.all(|thread| thread.state != State::Running)
    }

    /// Takes hold of the threads that are new, and says whether there were any.
    fn seize_new(&mut self, process: &Process) -> Option<bool> {
        let before = self.threads.len();
        for entry in fs::read_dir(process.path("task")).ok()? {
            let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let id = Pid::from_raw(id);
            if self.threads.iter().any(|thread| thread.id == id) {
                continue;
            }
            match ptrace::seize(id, ptrace::Options::empty()) {
                Ok(()) => {}
                // It has just ended.
                Err(Errno::ESRCH) => continue,
                Err(_) => return None,
            }
            self.threads.push(Thread {
                id,
                state: State::Running,
            });
            let _ = ptrace::interrupt(id);
        }
        Some(self.threads.len() > before)
    }

    /// Waits until all threads have stopped, but no longer than this.
    fn wait(&mut self, patience: Duration) {
        let since = Instant::now();
        loop {
            self.threads.retain_mut(Thread::is_there);
            if self.is_complete() || since.elapsed() > patience {
                return;
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Thread {
    /// Looks whether a running thread has stopped; false if it has ended.
    fn is_there(&mut self) -> bool {
        if self.state != State::Running {
            return true;
        }
        let flags = WaitPidFlag::WNOHANG | WaitPidFlag::__WALL;
        match waitpid(self.id, Some(flags)) {
            Ok(WaitStatus::Stopped(_, signal)) => self.state = State::Stopped(Some(signal)),
            Ok(WaitStatus::PtraceEvent(..)) => self.state = State::Stopped(None),
            Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) | Err(_) => return false,
            Ok(_) => {}
        }
        true
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let mut patience = Duration::ZERO;
        // What is asleep in the kernel runs on, and is let go once it has noticed.
        while !self.threads.is_empty() && patience <= Duration::from_secs(1) {
            self.wait(patience);
            self.threads.retain(|thread| match thread.state {
                State::Running => true,
                State::Stopped(signal) => {
                    let _ = ptrace::detach(thread.id, signal);
                    false
                }
            });
            patience = patience * 2 + Duration::from_millis(1);
        }
    }
}
