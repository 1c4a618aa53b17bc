//! What is under way goes when the user breaks off.

use std::fs;
use std::path::PathBuf;
use std::process::exit;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal};

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
        let Ok(signal) = signals.wait() else {
            return;
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
