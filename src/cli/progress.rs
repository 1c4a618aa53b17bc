//! Progress on standard error while a long file is read.

use std::io::{IsTerminal, stderr, stdout};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::capture::{CaptureError, FileSource, Packet, Secrets, Source};

/// Packets between two looks at the clock.
const EVERY: u32 = 4096;

/// Shorter runs show nothing.
const AFTER: Duration = Duration::from_secs(1);

/// A source that shows how far it is.
pub struct Progress {
    source: FileSource,
    bar: Option<ProgressBar>,
    began: Instant,
    packets: u32,
    wanted: bool,
}

impl Progress {
    /// Shows the progress of `source` if standard error is a terminal that the
    /// output itself does not fill.
    pub fn new(source: FileSource) -> Self {
        Self {
            source,
            bar: None,
            began: Instant::now(),
            packets: 0,
            wanted: stderr().is_terminal() && !stdout().is_terminal(),
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

    fn show(&mut self) {
        if self.began.elapsed() < AFTER {
            return;
        }
        let position = self.source.position();
        let total = self.source.total_size();
        let bar = self.bar.get_or_insert_with(|| new_bar(total));
        bar.set_position(position);
    }
}

fn new_bar(total: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    let template = match total {
        Some(_) => "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        None => "{spinner} {bytes}, {bytes_per_sec}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

impl Source for Progress {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        self.packets = self.packets.wrapping_add(1);
        if self.wanted && self.packets.is_multiple_of(EVERY) {
            self.show();
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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
