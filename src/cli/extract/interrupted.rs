//! What is under way goes when the user breaks off. While a pipe is written down, the
//! first Ctrl-C ends the pipe, and what came is extracted.

use std::fs;
use std::path::PathBuf;
use std::process::exit;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal, raise};

use crate::cli::interrupt;

/// So long removing the folder is tried, and how often.
const MAX_REMOVAL: Duration = Duration::from_secs(1);
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// As a shell says it of a program that a signal ended.
const BY_SIGNAL: i32 = 128;

/// From now on, Ctrl-C and a wish to end remove this folder first. To be called before
/// other threads begin.
pub fn clean_up(folder: PathBuf) {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    if signals.thread_block().is_err() {
        return;
    }
    thread::spawn(move || {
        let signal = loop {
            let Ok(signal) = signals.wait() else {
                return;
            };
            if !interrupt::is_reading() {
                break signal;
            }
            // It is blocked in all threads: who waits for the pipe hears it by this one.
            let is_heard = signals.thread_unblock().is_ok()
                && raise(signal).is_ok()
                && signals.thread_block().is_ok();
            if !is_heard {
                break signal;
            }
        };
        // Files may be on their way into it still. What cannot be removed must not keep
        // the program.
        let end = Instant::now() + MAX_REMOVAL;
        while fs::remove_dir_all(&folder).is_err() && folder.exists() && Instant::now() < end {
            thread::sleep(RETRY_INTERVAL);
        }
        exit(BY_SIGNAL + signal as i32);
    });
}
