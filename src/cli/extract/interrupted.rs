//! What is under way goes when the user breaks off.

use std::fs;
use std::path::PathBuf;
use std::process::exit;
use std::thread;

use nix::sys::signal::{SigSet, Signal};

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
        // Files may be on their way into it still.
        while fs::remove_dir_all(&folder).is_err() && folder.exists() {
            thread::yield_now();
        }
        exit(BY_SIGNAL + signal as i32);
    });
}
