//! What the screen shows, and what a key or the mouse changes in it.

use std::io;

use super::connections::Connections;
use super::copy::{self, Form};
use super::detail::Detail;
use super::input::{Effect, Input};
use super::layout::{Arrangement, Layout, Pane};
use super::pending::Pending;
use super::prompt::{History, Prompt};
use super::scroll::Scroll;
use super::whence::Whence;
use crate::packet::Stamp;
use crate::tui::line::{Line, Lines};
use crate::tui::listing::{Choice, Listing};
use crate::tui::spool::{Found, Progress, Reader, Spool};
use crate::view::TimeFormat;

/// Ticks between two times that connections are put in order while they change.
const TICKS_PER_SORT: u32 = 10;

/// Lines that the wheel turns.
pub(super) const WHEEL_LINES: i64 = 3;

/// What is being done with the keyboard.
#[derive(Debug, Clone, Default)]
pub enum Mode {
    /// Moving about.
    #[default]
    Browse,
    /// Typing.
    Prompt(Box<Prompt>),
    /// Reading the help, from this line on.
    Help(u64),
    /// Choosing the form of what is copied.
    Copy,
}

/// A word to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// It tells of trouble.
    pub is_trouble: bool,
}

/// The state of the program.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct Model {
    pub(super) spool: Spool,
    pub(super) reader: Reader,
    lines: Lines,
    /// What is read, in words.
    pub source: String,
    /// Its length in bytes, where known.
    pub total: Option<u64>,
    /// It goes on for as long as one lets it.
    pub is_live: bool,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The pane with the cursor.
    pub focus: Pane,
    /// It has the whole screen.
    pub is_zoomed: bool,
    /// The upper pane shows what was found, not the connections.
    pub shows_findings: bool,
    /// Messages are shown as a conversation.
    pub follows: bool,
    /// Long lists of fields are shown whole.
    pub unfold: bool,
    /// How times are shown.
    pub time: TimeFormat,
    /// What the keyboard does.
    pub mode: Mode,
    /// A word to the user.
    pub notice: Option<Notice>,
    /// How far the capture was read.
    pub progress: Progress,
    /// The connections.
    pub connections: Connections,
    /// What was found.
    pub found: Vec<Found>,
    /// The finding that is selected.
    pub findings: Scroll,
    pub(super) has_shown_finding: bool,
    /// The text of the filter in force.
    pub filter: String,
    pub(super) choice: Choice,
    pub(super) listing: Listing,
    /// The message that is selected.
    pub messages: Scroll,
    /// The latest messages stay in sight.
    pub tails: bool,
    /// The message that is selected, in full.
    pub detail: Option<Detail>,
    /// The first line of the fields, and of the bytes, that is shown.
    pub tops: [u64; 2],
    pub(super) sought: Option<(String, bool)>,
    pub(super) pending: Option<Pending>,
    pub(super) jumps: Vec<Whence>,
    pub(super) filters: History,
    pub(super) searches: History,
    ticks: u32,
}

impl Model {
    /// Shows a spool; `source` says of what.
    pub fn new(spool: Spool, source: String, total: Option<u64>) -> Self {
        Self {
            reader: spool.reader(),
            listing: Listing::all(spool.clone()),
            lines: Lines::default(),
            source,
            total,
            is_live: false,
            size: (80, 24),
            focus: Pane::Messages,
            is_zoomed: false,
            shows_findings: false,
            follows: false,
            unfold: false,
            time: TimeFormat::Relative,
            mode: Mode::Browse,
            notice: None,
            progress: spool.refresh(),
            connections: Connections::default(),
            found: Vec::new(),
            findings: Scroll::default(),
            has_shown_finding: false,
            filter: String::new(),
            choice: Choice::default(),
            messages: Scroll::default(),
            tails: false,
            detail: None,
            tops: [0; 2],
            sought: None,
            pending: None,
            jumps: Vec::new(),
            filters: History::default(),
            searches: History::default(),
            ticks: 0,
            spool,
        }
    }

    /// Takes what happened; says what is to be done outside.
    pub fn update(&mut self, input: Input) -> Option<Effect> {
        let effect = match input {
            Input::Key(key) => self.key(key),
            Input::Click(x, y) => {
                self.click(x, y);
                None
            }
            Input::Wheel(x, y, lines) => {
                self.wheel(x, y, lines);
                None
            }
            Input::Resize(width, height) => {
                self.size = (width, height);
                None
            }
            Input::Tick => {
                self.tick();
                None
            }
        };
        self.settle();
        effect
    }

    /// Where the panes are.
    pub fn layout(&self) -> Layout {
        Layout::new(Arrangement {
            size: self.size,
            focus: self.focus,
            is_zoomed: self.is_zoomed,
            follows: self.follows,
            meaning_rows: self.meaning_rows(),
        })
    }

    /// The spool.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// Messages that are listed.
    pub fn count(&self) -> u64 {
        self.listing.len()
    }

    /// Messages that a filter still has to look at.
    pub fn left(&self) -> u64 {
        self.listing.left()
    }

    /// The connection whose messages alone are listed.
    pub fn stream(&self) -> Option<u64> {
        self.choice.stream
    }

    /// Whether a search goes on.
    pub fn is_searching(&self) -> bool {
        self.pending.is_some()
    }

    /// The number and the line of the message at a place of the list.
    pub fn line(&mut self, place: u64) -> Option<(u64, Line)> {
        let number = self.listing.number(place)?;
        let lines = &mut self.lines;
        let line = self.reader.with(number, |item| lines.line(item)).ok()?;
        Some((number, line))
    }

    /// The first packet of the capture.
    pub fn origin(&self) -> Stamp {
        self.spool.origin()
    }

    /// Everything agrees with everything else.
    fn settle(&mut self) {
        let layout = self.layout();
        let count = self.count();
        if self.tails {
            self.messages.selected = count.saturating_sub(1);
        }
        self.messages.show(count, layout.rows(Pane::Messages));
        let count = self.connections.len();
        self.connections
            .scroll
            .show(count, layout.rows(Pane::Connections));
        let count = self.found.len() as u64;
        self.findings.show(count, layout.rows(Pane::Findings));
        let number = self.listing.number(self.messages.selected);
        let is_shown = self.detail.as_ref().map(|detail| detail.number) == number;
        if !is_shown {
            self.tops = [0; 2];
            self.detail = number
                .and_then(|number| Detail::read(&mut self.reader, &mut self.lines, number).ok());
            self.select_connection();
        }
    }

    /// Time has passed: what is new is taken in.
    fn tick(&mut self) {
        let before = self.progress;
        self.progress = self.spool.refresh();
        self.ticks = self.ticks.wrapping_add(1);
        let height = self.layout().rows(Pane::Connections);
        let is_new = before != self.progress || self.ticks == 1;
        // A short capture has been read before one first looks.
        let has_ended = self.progress.is_complete && (!before.is_complete || self.ticks == 1);
        if has_ended || self.ticks == 1 || (is_new && self.ticks.is_multiple_of(TICKS_PER_SORT)) {
            self.refresh_overview(height);
        }
        if has_ended {
            if let Some(trouble) = self.spool.trouble_in_short() {
                self.complain(trouble);
            } else if let Some(note) = self.spool.notes().first() {
                self.tell(note.clone());
            }
        }
        self.take_result();
    }

    pub(super) fn refresh_overview(&mut self, height: u64) {
        let spool = self.spool.clone();
        spool.overview(|overview| {
            self.connections.sort(overview, height);
            let found = overview.found();
            if found.len() != self.found.len() || self.progress.is_complete {
                self.found = found.to_vec();
            }
        });
    }

    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_trouble: false,
        });
    }

    /// Tells the user of trouble.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            is_trouble: true,
        });
    }

    pub(super) fn copy(&mut self, form: Form) -> Option<Effect> {
        let number = self.detail.as_ref()?.number;
        let text = copy::text(&mut self.reader, number, form);
        match text.unwrap_or_else(|error: io::Error| Err(error.to_string())) {
            Ok(text) => {
                let characters = text.chars().count();
                self.tell(format!("copied {characters} characters"));
                Some(Effect::Copy(text))
            }
            Err(reason) => {
                self.complain(format!("not copied: {reason}"));
                None
            }
        }
    }

    pub(super) fn cycle_time(&mut self) {
        self.time = match self.time {
            TimeFormat::Relative => TimeFormat::Absolute,
            TimeFormat::Absolute => TimeFormat::Delta,
            _ => TimeFormat::Relative,
        };
        self.tell(match self.time {
            TimeFormat::Relative => "time since the first packet",
            TimeFormat::Absolute => "date and time, UTC",
            _ => "time since the line above",
        });
    }
}
