//! Shows how a session goes: lines and a bar for people, or events for programs.

use std::io::{self, ErrorKind, IsTerminal, Write, stderr, stdout};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::active::driver::{Note, Progress, Watch};
use crate::cli::rate;
use crate::view::json::push_guarded;
use crate::view::quantity::Bytes;
use crate::view::text::Safe;
use crate::wire::words::Count;

use super::bar::Bar;
use super::events;
use super::stop::Stop;

/// The time between two events of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

/// Shows how a session goes.
pub(super) struct Watcher {
    json: bool,
    is_download: bool,
    stop: Stop,
    bar: Option<Bar>,
    name: String,
    last_event: Duration,
    upload_time: UploadTime,
    /// Why events are no longer printed; the transfer goes on.
    output_error: Option<io::Error>,
}

/// How long data was sent: a seeder is idle most of the time.
#[derive(Debug, Default)]
struct UploadTime {
    total: Duration,
    /// When the progress was reported last, and the bytes sent by then.
    last: (Duration, u64),
}

impl UploadTime {
    fn note(&mut self, progress: &Progress) {
        let (then, sent) = self.last;
        if progress.uploaded > sent {
            self.total += progress.elapsed.saturating_sub(then);
        }
        self.last = (progress.elapsed, progress.uploaded);
    }
}

impl Watcher {
    pub(super) fn new(json: bool, is_download: bool) -> anyhow::Result<Self> {
        let wanted = stderr().is_terminal() && !json;
        Ok(Self {
            json,
            is_download,
            stop: Stop::on_signals().context("cannot listen to signals")?,
            bar: wanted.then(|| Bar::new(is_download)),
            name: String::new(),
            last_event: Duration::ZERO,
            upload_time: UploadTime::default(),
            output_error: None,
        })
    }

    /// A line for people, beside the progress bar.
    fn say(&self, line: &str) {
        if self.json {
            return;
        }
        let line = Safe(line.as_bytes()).to_string();
        match &self.bar {
            Some(bar) => bar.say(&line),
            None => {
                // If standard error cannot be written to, there is nobody to tell.
                let _ = writeln!(stderr(), "{line}");
            }
        }
    }

    fn event(&mut self, event: &Value) {
        if self.json && self.output_error.is_none() {
            let mut line = String::new();
            push_guarded(&mut line, &event.to_string());
            self.output_error = writeln!(stdout(), "{line}").err();
        }
    }

    /// Ends the program as the signal would have done at once.
    pub(super) fn give_in(&self) -> anyhow::Result<()> {
        Err(self.stop.give_in().into())
    }

    /// Fails if events could not be printed. A closed pipe is no error: the reader has
    /// seen enough.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self.output_error {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(error).context("cannot write to standard output")
            }
            _ => Ok(()),
        }
    }

    /// Prints the summary.
    pub(super) fn end(&mut self, progress: Option<&Progress>) {
        self.bar = None;
        let Some(progress) = progress else { return };
        self.event(&events::done(progress));
        let line = if self.is_download {
            moved(progress.downloaded, "fetched", progress.elapsed)
        } else {
            let served = moved(progress.uploaded, "served", self.upload_time.total);
            let up = rate::whole_seconds(progress.elapsed.as_secs());
            format!("{served}, up for {up}")
        };
        self.say(&format!("{}: {line}", self.name));
    }
}

/// How much was transferred in a time, and how fast.
fn moved(bytes: u64, verb: &str, time: Duration) -> String {
    let size = Bytes(bytes);
    if bytes == 0 {
        return format!("nothing {verb}");
    }
    let seconds = time.as_secs_f64();
    let rate = Bytes(rate::per_second(bytes, time));
    format!("{size} {verb} in {seconds:.2} s, {rate}/s")
}

impl Watch for Watcher {
    fn progress(&mut self, progress: &Progress) {
        self.upload_time.note(progress);
        if let Some(bar) = &mut self.bar {
            bar.show(progress);
        }
        if self.json && progress.elapsed >= self.last_event + PROGRESS_INTERVAL {
            self.last_event = progress.elapsed;
            self.event(&events::progress(progress));
        }
    }

    fn note(&mut self, note: &Note) {
        self.event(&events::note(note));
        match note {
            Note::Torrent { name, size, pieces } => {
                self.name.clone_from(name);
                let pieces = Count(u64::from(*pieces), "piece");
                self.say(&format!("{name}: {}, {pieces}", Bytes(*size)));
            }
            Note::Resumed { right, pieces } => {
                self.say(&format!("{right} of {pieces} pieces are here already"));
            }
            Note::Listening(address) => self.say(&format!("listening on {address}")),
            Note::Connected(_) | Note::Closed(..) | Note::Tracker(..) => {}
            Note::Retrying(address, reason) => {
                self.say(&format!("{address}: {reason}; it is tried again"));
            }
            Note::Unreadable(error) => self.say(&format!("cannot serve: {error}")),
            Note::Report(report) => self.say(&report.to_string()),
            Note::TrackerWarned(url, text) | Note::TrackerFailed(url, text) => {
                self.say(&format!("tracker {url}: {text}"));
            }
        }
    }

    fn checking(&mut self, checked: u32, pieces: u32) {
        if let Some(bar) = &self.bar {
            bar.show_check(checked, pieces);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }
}
