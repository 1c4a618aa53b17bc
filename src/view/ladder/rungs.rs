//! The ladder of one connection, a rung at a time.

use super::words;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::follow::{Rung, RungContent, SideStances, Stances};
use crate::session::{ConnectionEvent, Heard};
use crate::view::clock::{Clock, TimeFormat};
use crate::view::document::Document;
use crate::view::line;
use crate::view::listing::Introductions;
use crate::view::options::Options;
use crate::view::quantity::Duration;
use crate::view::record::Captured;
use crate::view::style::Role;
use crate::view::text::{clipped, width, wrap};

/// Narrowest terminal that is laid out for.
const MIN_COLUMNS: usize = 60;

/// From this width on times have six digits of the second, and rungs the number of
/// their last packet.
const WIDE_COLUMNS: usize = 100;

/// A silence of this length is shown.
const PAUSE_NANOS: i64 = 100_000_000;

/// Columns of the stances: two letters a side, and the open requests.
const STANCES_COLUMNS: usize = 2 + 2 + 1 + 2 + 1 + 6;

/// The least of an arrow, and the space between it and the words.
const ARROW_COLUMNS: usize = 4;

/// Writes rungs, one below the other.
#[derive(Debug)]
pub struct Ladder {
    clock: Clock,
    columns: usize,
    is_wide: bool,
    /// Columns of packet and time.
    widths: [usize; 2],
    introductions: Introductions,
    has_titles: bool,
    latest: Timestamp,
    /// The latest packet that a rung began with.
    begun: u64,
    words: String,
}

impl Ladder {
    /// A ladder as `options` say.
    pub fn new(options: Options) -> Self {
        let columns = options.columns.max(MIN_COLUMNS);
        let is_wide = columns >= WIDE_COLUMNS;
        let digits = if is_wide { 6 } else { 4 };
        let time_width = match options.time {
            TimeFormat::Relative | TimeFormat::Delta => digits + 3,
            TimeFormat::Absolute | TimeFormat::Daytime | TimeFormat::Epoch => 4,
        };
        Self {
            clock: Clock::new(options.time).with_digits(digits),
            columns,
            is_wide,
            widths: [if is_wide { 11 } else { 5 }, time_width],
            introductions: Introductions::default(),
            has_titles: false,
            latest: Timestamp::UNKNOWN,
            begun: 0,
            words: String::new(),
        }
    }

    /// Relative times count from here.
    pub fn start(&mut self, first: Timestamp) {
        self.clock.start(first);
    }

    /// Introduces the connection, as far as a message tells of it and nothing did
    /// before.
    pub fn introduce(&mut self, document: &mut Document, heard: &Heard<'_>) {
        let captured = Captured::of_heard(heard);
        self.introductions
            .of_message(document, self.columns, &captured);
        self.titles(document);
    }

    /// The same for something that happened to it.
    pub fn introduce_event(&mut self, document: &mut Document, event: &ConnectionEvent) {
        self.introductions.of_event(document, self.columns, event);
        self.titles(document);
    }

    fn titles(&mut self, document: &mut Document) {
        if std::mem::replace(&mut self.has_titles, true) {
            return;
        }
        let [frame, time] = self.widths;
        document.role(Role::Quiet);
        let legend = "each side: c chokes the other, i is interested; open: its requests without an \
                      answer yet, A's/B's";
        for line in wrap(legend, self.columns) {
            document.push(line);
            document.end_line();
            document.role(Role::Quiet);
        }
        document.push_display(format_args!("{:>frame$}  {:>time$}  ", "#", "time"));
        document.role(Role::Initiator);
        document.push("A");
        document.spaces(self.room() - 2);
        document.role(Role::Acceptor);
        document.push("B");
        document.role(Role::Quiet);
        document.push("   A  B   open");
        document.end_line();
    }

    /// Appends a rung.
    pub fn rung(&mut self, document: &mut Document, rung: &Rung) {
        self.pause(document, rung);
        self.words.clear();
        let role = words::push(&mut self.words, rung);
        // What was in a packet can be told behind later ones.
        let is_late = rung.first.frame < self.begun;
        let held = is_late.then(|| format!(", held until #{}", self.begun));
        self.begun = self.begun.max(rung.first.frame);
        let late = is_late.then_some((Role::Quiet, "<"));
        let mark = mark(rung, role).map(|role| (role, "!")).or(late);
        self.head(document, rung, mark);
        let room = self.room() - ARROW_COLUMNS;
        // What does not fit beside the words stands below them.
        let mut below = String::new();
        for detail in words::details(rung, self.is_wide).into_iter().chain(held) {
            if below.is_empty() && width(&self.words) + width(&detail) <= room {
                self.words.push_str(&detail);
            } else {
                below.push_str(&detail);
            }
        }
        let mut lines = wrap(&self.words, room);
        let words = lines.next().unwrap_or_default();
        arrow(document, rung.from, words, role, self.room());
        stances(document, rung.stances);
        document.end_line();
        let rest = lines.next().map(|line| match lines.next() {
            Some(_) => format!("{line} …"),
            None => line.to_owned(),
        });
        if let Some(rest) = rest {
            self.below(document, rung.from, &rest, role);
        }
        let below = below.trim_start_matches([',', ' ']);
        if !below.is_empty() {
            self.below(document, rung.from, below, Role::Quiet);
        }
        for remark in &rung.remarks {
            let role = line::severity_role(remark.severity);
            for line in wrap(&remark.words, self.room()) {
                self.below(document, rung.from, line, role);
            }
        }
    }

    /// Appends what there is to say of the connection as a whole, below its last rung.
    pub fn remark(&mut self, document: &mut Document, words: &str) {
        for line in wrap(words, self.room()) {
            self.below(document, Side::Initiator, line, Role::Warning);
        }
    }

    /// Appends that nothing was said for a while.
    fn pause(&mut self, document: &mut Document, rung: &Rung) {
        let silence = rung.first.time.since(self.latest);
        let is_first = self.latest == Timestamp::UNKNOWN;
        self.latest = self.latest.max(rung.last.time);
        if is_first || silence < PAUSE_NANOS {
            return;
        }
        let [frame, time] = self.widths;
        document.role(Role::Quiet);
        document.spaces(frame + 2 + time + 2);
        document.push_display(format_args!("  ... {} of silence", Duration(silence)));
        document.end_line();
    }

    /// Columns between the two sides, arrow heads included.
    fn room(&self) -> usize {
        let [frame, time] = self.widths;
        self.columns
            .saturating_sub(frame + 2 + time + 2 + STANCES_COLUMNS)
    }

    fn head(&mut self, document: &mut Document, rung: &Rung, mark: Option<(Role, &str)>) {
        let [frame_width, time_width] = &mut self.widths;
        let (first, last) = (rung.first.frame, rung.last.frame);
        let mut frame = first.to_string();
        if self.is_wide && last > first && matches!(rung.what, RungContent::Run(_)) {
            frame = format!("{first}-{last}");
        }
        *frame_width = (*frame_width).max(frame.len());
        document.role(Role::Quiet);
        document.push_display(format_args!("{frame:>width$}  ", width = *frame_width));
        let mut time = String::new();
        self.clock.write(&mut time, rung.first.time);
        *time_width = (*time_width).max(time.len());
        document.push_display(format_args!("{time:>width$} ", width = *time_width));
        let (role, mark) = mark.unwrap_or((Role::Quiet, " "));
        document.role(role);
        document.push(mark);
    }

    /// Appends what does not fit beside the words, below them.
    fn below(&self, document: &mut Document, from: Side, text: &str, role: Role) {
        let [frame, time] = self.widths;
        let text = clipped(text, self.room());
        document.spaces(frame + 2 + time + 2);
        if from == Side::Acceptor {
            document.spaces(self.room() - width(&text));
        }
        document.role(role);
        document.push(&text);
        document.end_line();
    }
}

/// How bad a rung is, where something is wrong.
fn mark(rung: &Rung, role: Role) -> Option<Role> {
    let worst = rung.remarks.iter().map(|remark| remark.severity).max();
    match rung.what {
        RungContent::Gap(_) => Some(Role::Problem),
        RungContent::Event(_) if role == Role::Warning => Some(role),
        _ => worst.map(line::severity_role),
    }
}

/// Appends the words and an arrow from one side to the other, `columns` wide
/// together.
fn arrow(document: &mut Document, from: Side, words: &str, role: Role, columns: usize) {
    let line = "─".repeat(columns - width(words) - 2);
    match from {
        Side::Initiator => {
            document.role(role);
            document.push(words);
            document.role(Role::Initiator);
            document.push(" ");
            document.push(&line);
            document.push(">");
        }
        Side::Acceptor => {
            document.role(Role::Acceptor);
            document.push("<");
            document.push(&line);
            document.push(" ");
            document.role(role);
            document.push(words);
        }
    }
}

/// Appends how both stand, as far as that is known.
fn stances(document: &mut Document, stances: Stances) {
    if stances == Stances::default() {
        return;
    }
    let [initiator, acceptor] = stances.sides;
    document.role(Role::Quiet);
    let (a, b) = (letters(initiator), letters(acceptor));
    document.push_display(format_args!("  {a} {b}"));
    match [initiator.open, acceptor.open] {
        [0, 0] => {}
        [own, 0] => document.push_display(format_args!(" {own:>6}")),
        [own, other] => {
            let both = format!("{own}/{other}");
            document.push_display(format_args!(" {both:>6}"));
        }
    }
}

/// `ci`: it chokes, and is interested.
fn letters(side: SideStances) -> String {
    let letter = |is_on: Option<bool>, letter: char| match is_on {
        Some(true) => letter,
        Some(false) => '-',
        None => '?',
    };
    String::from_iter([letter(side.choking, 'c'), letter(side.interested, 'i')])
}
