//! What is selected, listed, searched: a machine that takes what users do and knows
//! no terminal. Everything that is drawn is asked of it.

mod bytes;
mod connections;
mod copy;
mod detail;
mod editor;
mod input;
mod keys;
mod layout;
mod prompt;
mod scroll;
#[cfg(test)]
mod tests;

use std::io;
use std::thread;
use std::time::{Duration, Instant};

pub use bytes::Rows;
pub use connections::{Connections, SortBy};
pub use copy::Form;
pub use detail::{Detail, DocumentLine};
pub use editor::Editor;
pub use input::{Effect, Input, Key};
pub use layout::{Area, Arrangement, FIELD_INDENT, Layout, Pane, field_columns};
pub use prompt::{Prompt, Purpose};
pub use scroll::{Scroll, Step};

use super::find::{Search, Wanted};
use super::line::{Line, Lines};
use super::listing::{Choice, Listing};
use super::spool::{Found, Progress, Reader, Sort, Spool};
use crate::filter::Filter;
use crate::packet::Stamp;
use crate::view::TimeFormat;
use prompt::{History, Outcome};

/// Ticks between two times that connections are put in order while they change.
const TICKS_PER_SORT: u32 = 10;

/// Places that one can come back to.
const MAX_JUMPS: usize = 100;

/// A search that takes no longer is waited for.
const SOON: Duration = Duration::from_millis(15);

/// Lines that the wheel turns.
const WHEEL_LINES: i64 = 3;

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

/// A search that goes on, and what becomes of its result.
#[derive(Debug)]
struct Pending {
    search: Search,
    /// What is said when nothing is found.
    otherwise: &'static str,
    then: Then,
}

/// What becomes of a message that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It is selected.
    Select,
    /// It is selected, and one can come back to where one was.
    Jump,
    /// It is selected if it is listed, else what is listed next to it.
    Stay,
}

/// The state of the program.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct Model {
    spool: Spool,
    reader: Reader,
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
    has_shown_finding: bool,
    /// The text of the filter in force.
    pub filter: String,
    choice: Choice,
    listing: Listing,
    /// The message that is selected.
    pub messages: Scroll,
    /// The latest messages stay in sight.
    pub tails: bool,
    /// The message that is selected, in full.
    pub detail: Option<Detail>,
    /// The first line of the fields, and of the bytes, that is shown.
    pub tops: [u64; 2],
    sought: Option<(String, bool)>,
    pending: Option<Pending>,
    jumps: Vec<u64>,
    filters: History,
    searches: History,
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

    /// Lists only these messages from the beginning; `text` is that of the filter.
    pub fn list(&mut self, choice: Choice, text: String) {
        self.choose(choice, text);
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
        }
    }

    /// Time has passed: what is new is taken in.
    fn tick(&mut self) {
        let before = self.progress;
        self.progress = self.spool.refresh();
        self.ticks = self.ticks.wrapping_add(1);
        let height = self.layout().rows(Pane::Connections);
        let is_new = before != self.progress || self.ticks == 1;
        let has_ended = self.progress.is_complete && !before.is_complete;
        if has_ended || self.ticks == 1 || (is_new && self.ticks.is_multiple_of(TICKS_PER_SORT)) {
            self.refresh_overview(height);
        }
        if has_ended && let Some(trouble) = self.spool.trouble().first() {
            self.complain(trouble.clone());
        }
        self.take_result();
    }

    fn refresh_overview(&mut self, height: u64) {
        let spool = self.spool.clone();
        spool.overview(|overview| {
            self.connections.sort(overview, height);
            let found = overview.found();
            if found.len() != self.found.len() || self.progress.is_complete {
                self.found = found.to_vec();
            }
        });
    }

    /// What a search has found.
    fn take_result(&mut self) {
        let Some(result) = self
            .pending
            .as_mut()
            .and_then(|pending| pending.search.result())
        else {
            return;
        };
        let Some(pending) = self.pending.take() else {
            return;
        };
        match result {
            Some(number) => self.go_to(number, pending.then),
            None => self.complain(pending.otherwise),
        }
    }

    /// What is near is found before anybody looks: it need not wait for a tick.
    fn take_soon(&mut self) {
        let until = Instant::now() + SOON;
        while self.pending.is_some() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
            self.take_result();
        }
    }

    /// Selects a message; where it is not listed, the list is widened.
    fn go_to(&mut self, number: u64, then: Then) {
        let here = self.listing.number(self.messages.selected);
        if then == Then::Jump
            && let Some(here) = here
        {
            self.jumps.push(here);
            if self.jumps.len() > MAX_JUMPS {
                self.jumps.remove(0);
            }
        }
        self.tails = false;
        let place = self.listing.place(number).or_else(|near| {
            if then == Then::Stay {
                return Ok(near);
            }
            self.tell("all messages again: that one was not listed");
            self.choose(Choice::default(), String::new());
            self.listing.place(number)
        });
        if let Ok::<u64, u64>(place) = place {
            let height = self.layout().rows(Pane::Messages);
            self.messages.select(place, self.listing.len(), height);
            self.notice = self.notice.take().filter(|notice| !notice.is_trouble);
        }
    }

    /// Lists other messages.
    fn choose(&mut self, choice: Choice, text: String) {
        match Listing::chosen(self.spool.clone(), choice.clone()) {
            Ok(listing) => {
                let here = self.listing.number(self.messages.selected);
                self.listing = listing;
                self.choice = choice;
                self.filter = text;
                self.messages = Scroll::default();
                // One stays where one was, or near; the list may take a moment.
                if self.choice.is_everything() {
                    if let Some(here) = here {
                        self.go_to(here, Then::Stay);
                    }
                } else if let Some(here) = here {
                    self.search(Wanted::Listed(here), "no message is listed", Then::Stay);
                }
            }
            Err(error) => self.complain(format!("cannot list that: {error}")),
        }
    }

    fn search(&mut self, wanted: Wanted, otherwise: &'static str, then: Then) {
        let listing = self.listing.again();
        match Search::start(self.spool.reader(), listing, wanted) {
            Ok(search) => {
                self.notice = None;
                self.pending = Some(Pending {
                    search,
                    otherwise,
                    then,
                });
                self.take_soon();
            }
            Err(error) => self.complain(format!("cannot search: {error}")),
        }
    }

    fn tell(&mut self, text: impl Into<String>) {
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

    /// A line was typed.
    fn entered(&mut self, purpose: Purpose, text: String) {
        match purpose {
            Purpose::Filter => {
                self.filters.add(&text);
                let filter = (!text.is_empty()).then(|| Filter::parse(&text));
                let Ok(filter) = filter.transpose() else {
                    return;
                };
                let waits = filter.as_ref().is_some_and(Filter::needs_fates);
                let choice = Choice {
                    stream: self.choice.stream,
                    filter,
                };
                self.choose(choice, text);
                if waits && !self.progress.is_complete {
                    self.tell("what is unanswered shows at the end of the capture");
                }
                self.focus = Pane::Messages;
            }
            Purpose::Search { backwards } => {
                let text = match (text.is_empty(), &self.sought) {
                    (true, Some((before, _))) => before.clone(),
                    _ => text,
                };
                if text.is_empty() {
                    return;
                }
                self.searches.add(&text);
                self.sought = Some((text, backwards));
                self.search_again(false);
            }
            Purpose::Packet => {
                if let Ok(frame) = text.parse() {
                    let wanted = Wanted::Frame {
                        frame,
                        stream: None,
                        message: "",
                    };
                    self.search(
                        wanted,
                        "no message was completed by that packet",
                        Then::Jump,
                    );
                }
            }
        }
    }

    fn search_again(&mut self, other_way: bool) {
        let Some((text, backwards)) = self.sought.clone() else {
            return self.complain("nothing was searched for yet: / asks for a text");
        };
        let wanted = Wanted::Text {
            text,
            from: self.messages.selected,
            backwards: backwards != other_way,
        };
        self.search(wanted, "not found", Then::Select);
    }

    /// To the answer of a request, or back.
    fn jump(&mut self) {
        let Some(detail) = &self.detail else { return };
        let number = detail.number;
        let sort = self.reader.entry(number).map(|entry| entry.sort);
        match sort {
            Ok(Sort::Request) => {
                self.search(Wanted::AnswerOf(number), "no answer to it", Then::Jump);
            }
            Ok(Sort::Answer) => {
                self.search(
                    Wanted::RequestOf(number),
                    "its request is not there",
                    Then::Jump,
                );
            }
            _ => self.complain("neither a request nor an answer"),
        }
    }

    fn jump_back(&mut self) {
        match self.jumps.pop() {
            Some(number) => self.go_to(number, Then::Select),
            None => self.complain("nowhere to go back to"),
        }
    }

    /// To the message of the finding that is selected.
    fn show_finding(&mut self) {
        let place = usize::try_from(self.findings.selected).unwrap_or(usize::MAX);
        let Some(found) = self.found.get(place) else {
            return self.complain("nothing was found");
        };
        let words = format!("{}: {}", found.rule.id, found.words);
        let wanted = Wanted::Frame {
            frame: found.stamp.frame,
            stream: found.stream,
            message: found.message,
        };
        let words = crate::view::text::Safe::from(words.as_str()).to_string();
        self.search(wanted, "no message was completed by its packet", Then::Jump);
        self.has_shown_finding = true;
        self.tell(words);
    }

    fn next_finding(&mut self, by: i64) {
        if self.found.is_empty() {
            return self.complain("nothing was found");
        }
        let count = self.found.len() as u64;
        let height = self.layout().rows(Pane::Findings);
        // The first time it is the one that is selected.
        if self.has_shown_finding {
            self.findings.step(Step::By(by), count, height);
        }
        self.shows_findings = true;
        self.show_finding();
    }

    /// The messages of the connection that is selected alone, or all again.
    fn choose_connection(&mut self) {
        let spool = self.spool.clone();
        let stream = spool.overview(|overview| {
            let row = self.connections.selected(overview);
            row.map(|row| row.stream)
        });
        let stream = stream.filter(|stream| self.choice.stream != Some(*stream));
        self.list_stream(stream);
        if stream.is_some() {
            self.focus = Pane::Messages;
        }
    }

    fn list_stream(&mut self, stream: Option<u64>) {
        let choice = Choice {
            stream,
            filter: self.choice.filter.clone(),
        };
        let text = self.filter.clone();
        self.choose(choice, text);
    }

    /// The conversation that the message belongs to, or the list again.
    fn follow(&mut self) {
        if self.follows {
            self.follows = false;
            return self.list_stream(None);
        }
        let detail = self.detail.as_ref();
        let Some(stream) = detail.and_then(|detail| detail.line.stream) else {
            return self.complain("it belongs to no connection");
        };
        self.follows = true;
        self.focus = Pane::Messages;
        self.list_stream(Some(stream));
    }

    fn copy(&mut self, form: Form) -> Option<Effect> {
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

    fn cycle_time(&mut self) {
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
