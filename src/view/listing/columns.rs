//! The columns of a listing: what stands before the words of a line.

use super::measures::{LATENCY_COLUMNS, Measures, QUEUE_COLUMNS};
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::view::clock::{Clock, TimeFormat};
use crate::view::document::Document;
use crate::view::number::push_u64;
use crate::view::style::Role;

/// Narrowest terminal that is laid out for.
pub(super) const MIN_COLUMNS: usize = 60;

/// From this width on times have six digits of the second, else four.
const WIDE_COLUMNS: usize = 100;

/// What a line begins with.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub time: Timestamp,
    pub frame: u64,
    pub stream: Option<u64>,
    /// Who speaks; `None` for somebody else than the two ends.
    pub from: Option<Side>,
    pub mark: Mark,
}

/// What is unusual about a line, in a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    None,
    /// It is told after something later.
    Late,
    /// Something is wrong.
    Anomaly(Role),
}

/// How wide the columns are.
#[derive(Debug)]
pub struct Columns {
    clock: Clock,
    /// All that the terminal has.
    all: usize,
    /// Columns of the frame, the time, and the number of the connection: as wide
    /// as the widest so far.
    widths: [usize; 3],
    scratch: String,
}

impl Columns {
    /// For a terminal of so many columns, with times in this format.
    pub fn new(all: usize, time: TimeFormat) -> Self {
        let all = all.max(MIN_COLUMNS);
        let digits = if all < WIDE_COLUMNS { 4 } else { 6 };
        let time_width = match time {
            TimeFormat::Relative | TimeFormat::Delta => digits + 3,
            TimeFormat::Absolute | TimeFormat::Daytime | TimeFormat::Epoch => 4,
        };
        Self {
            clock: Clock::new(time).with_digits(digits),
            all,
            widths: [5, time_width, 1],
            scratch: String::new(),
        }
    }

    /// Relative times count from here.
    pub fn start(&mut self, first: Timestamp) {
        self.clock.start(first);
    }

    /// Columns of a whole line.
    pub fn all(&self) -> usize {
        self.all
    }

    /// Columns before the words.
    pub fn head_width(&self) -> usize {
        let [frame, time, stream] = self.widths;
        // Two spaces behind frame and time; a space, the arrow, its mark, a space.
        frame + 2 + time + 2 + stream + 1 + 3 + 1 + 1
    }

    /// Columns for the words.
    pub fn room(&self, measures: Measures) -> usize {
        let taken = self.head_width() + measures.columns();
        self.all.saturating_sub(taken)
    }

    /// Appends what the columns are.
    pub fn titles(&self, document: &mut Document) {
        let [frame, time, stream] = self.widths;
        let stream = stream + 1;
        document.role(Role::Quiet);
        document.push_display(format_args!(
            "{:>frame$}  {:>time$}  {:stream$}->   message",
            "#", "time", ""
        ));
        let measures = Measures {
            queue: Some(0),
            latency: None,
        };
        let words = self.room(measures).saturating_sub("message".len());
        document.spaces(words);
        document.push_display(format_args!(
            "{:>QUEUE_COLUMNS$}{:>LATENCY_COLUMNS$}",
            "queue", "latency"
        ));
        document.end_line();
    }

    /// Appends what stands before the words.
    pub fn push_head(&mut self, document: &mut Document, head: Head) {
        document.role(Role::Quiet);
        self.scratch.clear();
        push_u64(&mut self.scratch, head.frame);
        self.push_right(document, 0);
        document.spaces(2);
        self.scratch.clear();
        self.clock.write(&mut self.scratch, head.time);
        self.push_right(document, 1);
        document.spaces(2);
        document.role(head.from.map_or(Role::Plain, Role::of));
        self.scratch.clear();
        match head.stream {
            Some(stream) => push_u64(&mut self.scratch, stream),
            None => self.scratch.push('-'),
        }
        self.push_right(document, 2);
        document.push(match head.from {
            Some(Side::Initiator) => " A>B",
            Some(Side::Acceptor) => " B>A",
            None => " *>A",
        });
        let (role, mark) = match head.mark {
            Mark::None => (Role::Plain, " "),
            Mark::Late => (Role::Quiet, "<"),
            Mark::Anomaly(role) => (role, "!"),
        };
        document.role(role);
        document.push(mark);
        document.role(Role::Plain);
        document.push(" ");
    }

    /// Appends `scratch` on the right of a column, which gets wider if it must.
    fn push_right(&mut self, document: &mut Document, column: usize) {
        let width = &mut self.widths[column];
        *width = (*width).max(self.scratch.len());
        document.spaces(*width - self.scratch.len());
        document.push(&self.scratch);
    }
}
