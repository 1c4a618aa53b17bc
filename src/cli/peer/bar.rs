//! The progress bar of a download, and the spinner of a seeder.

use indicatif::{ProgressBar, ProgressStyle};

use crate::active::driver::Progress;
use crate::cli::bar_terminal::draw_target;
use crate::cli::rate::Rate;
use crate::view::quantity::Bytes;
use crate::wire::words::Count;

/// How often it is drawn, at most.
const DRAWS_PER_SECOND: u8 = 5;

/// The line on a terminal that shows how a session goes.
pub(super) struct Bar {
    line: ProgressBar,
    is_download: bool,
    rate: Option<Rate>,
}

impl Bar {
    pub(super) fn new(is_download: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, draw_target(DRAWS_PER_SECOND));
        let template = if is_download {
            "{wide_bar} {msg}"
        } else {
            "{spinner} {msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            line: bar,
            is_download,
            rate: None,
        }
    }

    /// Prints a line above it.
    pub(super) fn say(&self, line: &str) {
        self.line.println(line);
    }

    /// Shows the progress. Data that was there before the session began moves the bar, and
    /// does not count for the rate.
    pub(super) fn show(&mut self, progress: &Progress) {
        let moved = if self.is_download {
            progress.downloaded
        } else {
            progress.uploaded
        };
        let rate = self
            .rate
            .get_or_insert_with(|| Rate::from(progress.elapsed, moved));
        rate.note(progress.elapsed, moved);
        let peers = Count(progress.peers as u64, "peer");
        let rate_words = rate.words();
        if !self.is_download {
            let sent = Bytes(progress.uploaded);
            self.line.tick();
            self.line
                .set_message(format!("{sent} sent, {rate_words}, {peers}"));
            return;
        }
        let (done, total) = (Bytes(progress.done), Bytes(progress.total));
        let left = rate.time_for(progress.total.saturating_sub(progress.done));
        let left = left
            .map(|time| format!(", {time} left"))
            .unwrap_or_default();
        self.line.set_length(progress.total);
        self.line.set_position(progress.done);
        self.line
            .set_message(format!("{done} of {total}, {rate_words}, {peers}{left}"));
    }

    /// Shows how far the check of the data on disk is.
    pub(super) fn show_check(&self, checked: u32, pieces: u32) {
        if self.is_download {
            self.line.set_length(pieces.into());
            self.line.set_position(checked.into());
        } else {
            self.line.tick();
        }
        self.line
            .set_message(format!("checking: {checked} of {pieces} pieces"));
    }

    /// Takes it off the terminal.
    pub(super) fn clear(&self) {
        self.line.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}
