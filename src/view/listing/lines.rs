//! A line a message, for a terminal.

use super::columns::{Columns, Head, Mark};
use super::introduction::Introductions;
use super::measures::Measures;
use super::order::{Late, Order};
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::session::{Actor, Certainty, ConnectionEvent};
use crate::view::brief::Brief;
use crate::view::connection::Happening;
use crate::view::document::Document;
use crate::view::line::{self, Run};
use crate::view::options::Options;
use crate::view::record::{Captured, Gap, Record};
use crate::view::remarks::push_deviation;
use crate::view::style::Role;
use crate::view::text::{width, wrap, wrap_phrases};
use crate::wire::Tree;
use crate::wire::words::Count;

/// Bytes of words of one message that are looked at: more than a line has.
const MAX_WORDS_BYTES: usize = 1000;

/// Anomalies of one message that are told.
const MAX_ANOMALIES: usize = 3;

/// Writes lines that fit a terminal.
#[derive(Debug)]
pub struct Listing {
    columns: Columns,
    has_titles: bool,
    introductions: Introductions,
    order: Order,
    /// The words of a message, before they are made to fit.
    words: Document,
    /// The same where they were made shorter.
    whole: Document,
    scratch: String,
}

impl Listing {
    /// A listing as `options` say.
    pub fn new(options: Options) -> Self {
        Self {
            columns: Columns::new(options.columns, options.time),
            has_titles: false,
            introductions: Introductions::default(),
            order: Order::default(),
            words: Document::new(options.colour),
            whole: Document::new(options.colour),
            scratch: String::new(),
        }
    }

    /// Relative times count from here.
    pub fn start(&mut self, first: Timestamp) {
        self.columns.start(first);
    }

    /// Appends the line of a message of a capture, and before it what it takes to
    /// understand it. The anomalies in `tree` are told.
    pub fn record(
        &mut self,
        document: &mut Document,
        record: &Record<'_>,
        captured: &Captured<'_>,
        tree: &Tree,
    ) {
        let worst = tree.deviations().map(|one| one.anomaly.severity).max();
        let is_broken = record.malformed.is_some() || record.missing > 0;
        let late = self.order.late(captured.frame, captured.time);
        let mark = match worst {
            _ if is_broken => Mark::Anomaly(Role::Problem),
            Some(severity) => Mark::Anomaly(line::severity_role(severity)),
            None if late.is_some() => Mark::Late,
            None => Mark::None,
        };
        let from = self.introduce(document, captured);
        let head = Head {
            time: captured.time,
            frame: captured.frame,
            stream: captured.stream,
            from: Some(from),
            mark,
        };
        self.words.clear();
        self.words_of(record, captured);
        line::push_remarks(&mut self.words, record);
        let measures = Measures::of(captured);
        self.push_late(late, measures);
        let fits = self.push_anomalies(tree, record.bytes, measures);
        self.line(document, head, measures);
        if !fits {
            self.push_anomaly_lines(document, tree, record.bytes);
        }
    }

    /// Appends the line of a gap.
    pub fn gap(&mut self, document: &mut Document, gap: &Gap) {
        let captured = Captured::of_gap(gap);
        let from = self.introduce(document, &captured);
        let late = self.order.late(gap.frame, gap.time);
        self.words.clear();
        self.words.role(Role::Problem);
        self.words.push("gap: ");
        self.words.push_display(gap.hole);
        self.push_late(late, Measures::default());
        let head = Head {
            time: gap.time,
            frame: gap.frame,
            stream: Some(gap.stream),
            from: Some(from),
            mark: Mark::Anomaly(Role::Problem),
        };
        self.line(document, head, Measures::default());
    }

    /// Appends the line of a run of keep-alives.
    pub fn run(&mut self, document: &mut Document, run: &Run) {
        let captured = run.captured();
        let from = self.introduce(document, captured);
        self.words.clear();
        self.words.role(Role::Quiet);
        let more = Count(run.more, "keep-alive");
        self.words
            .push_display(format_args!("{more} more in this packet"));
        let head = Head {
            time: captured.time,
            frame: captured.frame,
            stream: captured.stream,
            from: Some(from),
            mark: Mark::None,
        };
        self.line(document, head, Measures::default());
    }

    /// Appends the line of something that happened to a connection.
    pub fn event(&mut self, document: &mut Document, event: &ConnectionEvent) {
        let captured = Captured::of_event(event);
        self.introductions
            .of_event(document, self.columns.all(), event);
        let late = self.order.late(captured.frame, captured.time);
        let is_bad = event.change.is_failure() || event.open_requests != [0, 0];
        let role = if is_bad { Role::Warning } else { Role::Setup };
        self.words.clear();
        self.words.role(role);
        self.words.push_display(Happening(event));
        let words = self.words.text().to_owned();
        let lines = wrap_phrases(&words, self.columns.room(Measures::default()));
        if let [first, _, ..] = lines[..] {
            self.words.clear();
            self.words.role(role);
            self.words.push(first);
        }
        self.push_late(late, Measures::default());
        let head = Head {
            time: captured.time,
            frame: captured.frame,
            stream: event.stream,
            from: match event.by {
                Some(Actor::Router(_)) => None,
                Some(Actor::End(side)) => Some(side),
                None => Some(Side::Initiator),
            },
            mark: match (is_bad, late) {
                (true, _) => Mark::Anomaly(role),
                (false, Some(_)) => Mark::Late,
                (false, None) => Mark::None,
            },
        };
        self.line(document, head, Measures::default());
        for line in lines.iter().skip(1) {
            document.spaces(self.columns.head_width());
            document.role(role);
            document.push(line);
            document.end_line();
        }
    }

    /// Appends to the words why they stand here, for which they give way.
    fn push_late(&mut self, late: Option<Late>, measures: Measures) {
        let Some(late) = late else { return };
        let late = late.to_string();
        let room = self.columns.room(measures).saturating_sub(width(&late));
        if width(self.words.text()) > room {
            std::mem::swap(&mut self.words, &mut self.whole);
            self.words.clear();
            if let Some(line) = self.whole.lines().next() {
                self.words.push_line(line, room);
            }
        }
        self.words.role(Role::Quiet);
        self.words.push(&late);
    }

    /// Introduces the connection of a message, unless that was done; says who
    /// speaks.
    fn introduce(&mut self, document: &mut Document, captured: &Captured<'_>) -> Side {
        let columns = self.columns.all();
        self.introductions.of_message(document, columns, captured)
    }

    /// The message in words, a handshake without what its introduction says.
    fn words_of(&mut self, record: &Record<'_>, captured: &Captured<'_>) {
        let words = &mut self.words;
        if record.protocol != "peer" {
            let is_sure = record.certainty != Certainty::Likely;
            let may = if record.protocol == "mse" && !is_sure {
                "may be "
            } else {
                ""
            };
            words.push_display(format_args!("{may}{} ", record.protocol));
        }
        words.role(line::role(record.protocol, record.message));
        match captured.heard {
            Some(heard) => words.push_brief(Brief(heard), MAX_WORDS_BYTES),
            None => words.push_brief(record.summary, MAX_WORDS_BYTES),
        }
    }

    /// Appends the anomalies to the words, if all of that fits the line; says
    /// whether it does.
    fn push_anomalies(&mut self, tree: &Tree, bytes: &[u8], measures: Measures) -> bool {
        let mut deviations = tree.deviations();
        let (Some(only), None) = (deviations.next(), deviations.next()) else {
            return tree.deviations().next().is_none();
        };
        self.scratch.clear();
        push_deviation(&mut self.scratch, only, bytes);
        let words = width(self.words.text());
        if words + 2 + width(&self.scratch) > self.columns.room(measures) {
            return false;
        }
        self.words.push("  ");
        self.words.role(line::severity_role(only.anomaly.severity));
        self.words.push(&self.scratch);
        true
    }

    /// Appends the anomalies on lines of their own.
    fn push_anomaly_lines(&mut self, document: &mut Document, tree: &Tree, bytes: &[u8]) {
        let indent = self.columns.head_width();
        let room = self.columns.all().saturating_sub(indent + 2);
        let all = tree.deviations().count();
        for deviation in tree.deviations().take(MAX_ANOMALIES) {
            self.scratch.clear();
            push_deviation(&mut self.scratch, deviation, bytes);
            let role = line::severity_role(deviation.anomaly.severity);
            for (index, line) in wrap(&self.scratch, room).enumerate() {
                document.spaces(indent);
                document.role(role);
                document.push(if index == 0 { "! " } else { "  " });
                document.push(line);
                document.end_line();
            }
        }
        if all > MAX_ANOMALIES {
            document.spaces(indent);
            document.role(Role::Quiet);
            document.push_display(format_args!("! and {} more", all - MAX_ANOMALIES));
            document.end_line();
        }
    }

    /// Appends what the columns are, once.
    pub fn titles(&mut self, document: &mut Document) {
        if !std::mem::replace(&mut self.has_titles, true) {
            self.columns.titles(document);
        }
    }

    /// Appends a line: its head, the words, and what was measured.
    fn line(&mut self, document: &mut Document, head: Head, measures: Measures) {
        self.columns.push_head(document, head);
        let room = self.columns.room(measures);
        if let Some(line) = self.words.lines().next() {
            let used = document.push_line(line, room);
            if !measures.is_none() {
                document.spaces(room.saturating_sub(used));
            }
        }
        measures.push(document);
        document.end_line();
    }
}
