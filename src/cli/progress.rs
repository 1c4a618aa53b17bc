//! Progress on standard error while a long file is read.

use std::io::{IsTerminal, stderr, stdout};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::bar_terminal::draw_target;
#[cfg(unix)]
use super::interrupt::UntilInterrupted;
use super::rate::Rate;
use crate::capture::{CaptureError, FileSource, Packet, Secrets, Source};
use crate::view::quantity::Bytes;

/// Packets between two notes of how far the source is.
const PACKETS_PER_NOTE: u32 = 256;

/// Shorter runs show nothing.
const FIRST_SHOWN: Duration = Duration::from_secs(1);

/// Redrawn at most so often a second.
const REDRAWS: u8 = 20;

/// Between two looks at the position.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// A source that shows how far it is. What comes through a pipe may be interrupted.
pub struct Progress {
    source: FileSource,
    packets: u32,
    wanted: bool,
    display: Option<Display>,
}

impl Progress {
    /// Shows the progress of `source` if standard error is a terminal that the
    /// output itself does not fill.
    pub fn new(source: FileSource) -> Self {
        #[cfg(unix)]
        let source = source.with_pipes(UntilInterrupted::default());
        Self {
            source,
            packets: 0,
            wanted: stderr().is_terminal() && !stdout().is_terminal(),
            display: None,
        }
    }

    /// Shows it even when the output goes to the same terminal: for commands
    /// that print at the end.
    pub fn beside_output(mut self) -> Self {
        self.wanted = stderr().is_terminal();
        self
    }

    /// Shows none if the user wants none.
    pub fn unless(mut self, quiet: bool) -> Self {
        self.wanted &= !quiet;
        self
    }

    /// The files that were read so far, each with the number of its first packet.
    pub fn begun(&self) -> Vec<(u64, PathBuf)> {
        let begun = self.source.begun();
        begun
            .map(|(frame, path)| (frame, path.to_owned()))
            .collect()
    }

    fn note(&mut self) {
        let total = self.source.total_size();
        let display = self.display.get_or_insert_with(|| Display::start(total));
        let position = self.source.position();
        display.position.store(position, Ordering::Relaxed);
    }
}

/// The thread that draws, also while the source waits for a pipe. It ends when this is
/// dropped.
struct Display {
    position: Arc<AtomicU64>,
    /// Nothing is sent; its end is the sign.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    fn start(total: Option<u64>) -> Self {
        let position = Arc::new(AtomicU64::new(0));
        let (end, ended) = mpsc::channel();
        let watched = position.clone();
        let thread = thread::spawn(move || {
            let began = Instant::now();
            let mut rate = Rate::from(Duration::ZERO, 0);
            let mut bar = None;
            while ended.recv_timeout(LOOK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let (now, position) = (began.elapsed(), watched.load(Ordering::Relaxed));
                rate.note(now, position);
                if now >= FIRST_SHOWN {
                    let bar = bar.get_or_insert_with(|| new_bar(total));
                    bar.set_position(position);
                    bar.set_message(words(position, total, &rate));
                    bar.tick();
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        Self {
            position,
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn words(position: u64, total: Option<u64>, rate: &Rate) -> String {
    let (read, speed) = (Bytes(position), rate.words());
    let Some(total) = total else {
        return format!("{read}, {speed}");
    };
    let left = rate.time_for(total.saturating_sub(position));
    let left = left
        .map(|time| format!(", {time} left"))
        .unwrap_or_default();
    format!("{read} of {}, {speed}{left}", Bytes(total))
}

fn new_bar(total: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, draw_target(REDRAWS));
    let template = match total {
        Some(_) => "{wide_bar} {msg}",
        None => "{spinner} {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

impl Source for Progress {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        self.packets = self.packets.wrapping_add(1);
        if self.wanted && self.packets.is_multiple_of(PACKETS_PER_NOTE) {
            self.note();
        }
        self.source.next_packet()
    }

    fn is_at_hand(&self) -> bool {
        self.source.is_at_hand()
    }

    fn secrets(&self) -> Secrets {
        self.source.secrets()
    }

    fn position(&self) -> u64 {
        self.source.position()
    }
}
