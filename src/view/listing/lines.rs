//! A line a message, for a terminal.

use super::introduction::Introductions;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::session::{Actor, Certainty, ConnectionEvent, Transition};
use crate::view::brief::Brief;
use crate::view::clock::{Clock, TimeFormat};
use crate::view::connection::Happening;
use crate::view::document::Document;
use crate::view::line::{self, Run};
use crate::view::number::push_u64;
use crate::view::options::Options;
use crate::view::quantity::Latency;
use crate::view::record::{Captured, Gap, Record};
use crate::view::remarks::push_deviation;
use crate::view::style::Role;
use crate::view::text::{width, wrap, wrap_phrases};
use crate::wire::Tree;
use crate::wire::words::Count;

/// Narrowest terminal that is laid out for.
pub(super) const MIN_COLUMNS: usize = 60;

/// From this width on times have six digits of the second, else four.
const WIDE_COLUMNS: usize = 100;

/// Bytes of words of one message that are looked at: more than a line has.
const MAX_WORDS_BYTES: usize = 1000;

/// Anomalies of one message that are told.
const MAX_ANOMALIES: usize = 3;

/// Columns of the queue, with the space before it.
const QUEUE_COLUMNS: usize = 6;

/// Columns of a latency, with the space before it.
const LATENCY_COLUMNS: usize = 10;

/// Writes lines that fit a terminal.
#[derive(Debug)]
pub struct Listing {
    clock: Clock,
    columns: usize,
    /// Columns of the frame, the time, and the number of the connection: as wide
    /// as the widest so far.
    widths: [usize; 3],
    has_titles: bool,
    introductions: Introductions,
    /// The latest packet that something was told of.
    latest: Option<(u64, Timestamp)>,
    /// The words of a message, before they are made to fit.
    words: Document,
    /// The same where they were made shorter.
    whole: Document,
    scratch: String,
}

/// What a line begins with.
#[derive(Debug, Clone, Copy)]
struct Head {
    time: Timestamp,
    frame: u64,
    stream: Option<u64>,
    /// Who speaks; `None` for somebody else than the two ends.
    from: Option<Side>,
    mark: Mark,
}

/// What is unusual about a line, in a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    /// It is told after something later.
    Late,
    /// Something is wrong.
    Anomaly(Role),
}

/// What stands on the right of a line, if it says something.
#[derive(Debug, Clone, Copy, Default)]
struct Measures {
    /// Requests of the asker that are open after the message.
    queue: Option<u32>,
    /// Time from the request, in nanoseconds.
    latency: Option<i64>,
}

impl Measures {
    fn is_none(self) -> bool {
        self.queue.is_none() && self.latency.is_none()
    }
}

impl Listing {
    /// A listing as `options` say.
    pub fn new(options: Options) -> Self {
        let columns = options.columns.max(MIN_COLUMNS);
        let digits = if columns < WIDE_COLUMNS { 4 } else { 6 };
        let time_width = match options.time {
            TimeFormat::Relative | TimeFormat::Delta => digits + 3,
            TimeFormat::Absolute | TimeFormat::Daytime | TimeFormat::Epoch => 4,
        };
        Self {
            clock: Clock::new(options.time).with_digits(digits),
            columns,
            widths: [5, time_width, 1],
            has_titles: false,
            introductions: Introductions::default(),
            latest: None,
            words: Document::new(options.colour),
            whole: Document::new(options.colour),
            scratch: String::new(),
        }
    }

    /// Relative times count from here.
    pub fn start(&mut self, first: Timestamp) {
        self.clock.start(first);
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
        let late = self.late(captured.frame, captured.time);
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
        let measures = measures(captured);
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
        let late = self.late(gap.frame, gap.time);
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
        self.introductions.of_event(document, self.columns, event);
        let late = self.late(captured.frame, captured.time);
        let is_bad = event.change.is_failure() || event.open_requests != [0, 0];
        let role = if is_bad { Role::Warning } else { Role::Setup };
        self.words.clear();
        self.words.role(role);
        self.words.push_display(Happening(event));
        let words = self.words.text().to_owned();
        let lines = wrap_phrases(&words, self.room(Measures::default()));
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
            document.spaces(self.head_width());
            document.role(role);
            document.push(line);
            document.end_line();
        }
    }

    /// Appends to the words why they stand here, for which they give way.
    fn push_late(&mut self, late: Option<Late>, measures: Measures) {
        let Some(late) = late else { return };
        let late = late.to_string();
        let room = self.room(measures).saturating_sub(width(&late));
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
        let columns = self.columns;
        self.introductions.of_message(document, columns, captured)
    }

    /// Whether a packet is told of after a later one; from now on it is the latest,
    /// if it is.
    fn late(&mut self, frame: u64, time: Timestamp) -> Option<Late> {
        let (latest_frame, latest_time) = *self.latest.get_or_insert((frame, time));
        if frame < latest_frame {
            return Some(Late::Held(latest_frame));
        }
        self.latest = Some((frame, time.max(latest_time)));
        (time < latest_time && time != Timestamp::UNKNOWN).then_some(Late::Clock)
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
        if words + 2 + width(&self.scratch) > self.room(measures) {
            return false;
        }
        self.words.push("  ");
        self.words.role(line::severity_role(only.anomaly.severity));
        self.words.push(&self.scratch);
        true
    }

    /// Appends the anomalies on lines of their own.
    fn push_anomaly_lines(&mut self, document: &mut Document, tree: &Tree, bytes: &[u8]) {
        let indent = self.head_width();
        let room = self.columns.saturating_sub(indent + 2);
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

    /// Columns before the words.
    fn head_width(&self) -> usize {
        let [frame, time, stream] = self.widths;
        // Two spaces behind frame and time; a space, the arrow, its mark, a space.
        frame + 2 + time + 2 + stream + 1 + 3 + 1 + 1
    }

    /// Columns for the words.
    fn room(&self, measures: Measures) -> usize {
        let right = match (measures.queue, measures.latency) {
            (Some(_), _) => QUEUE_COLUMNS + LATENCY_COLUMNS,
            (None, Some(_)) => LATENCY_COLUMNS,
            (None, None) => 0,
        };
        self.columns.saturating_sub(self.head_width() + right)
    }

    /// Appends what the columns are, once.
    pub fn titles(&mut self, document: &mut Document) {
        if std::mem::replace(&mut self.has_titles, true) {
            return;
        }
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

    /// Appends a line: its head, the words, and what was measured.
    fn line(&mut self, document: &mut Document, head: Head, measures: Measures) {
        self.push_head(document, head);
        let room = self.room(measures);
        if let Some(line) = self.words.lines().next() {
            let used = document.push_line(line, room);
            if !measures.is_none() {
                document.spaces(room.saturating_sub(used));
            }
        }
        document.role(Role::Quiet);
        if let Some(queue) = measures.queue {
            document.push_display(format_args!("{queue:>QUEUE_COLUMNS$}"));
        }
        if let Some(latency) = measures.latency {
            let latency = Latency(latency).to_string();
            document.push_display(format_args!("{latency:>LATENCY_COLUMNS$}"));
        }
        document.end_line();
    }

    fn push_head(&mut self, document: &mut Document, head: Head) {
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

/// Why a packet is told of after a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Late {
    /// What was in it could not be told before this packet.
    Held(u64),
    /// The clock of the capture says so.
    Clock,
}

impl std::fmt::Display for Late {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Held(frame) => write!(f, "  held until #{frame}"),
            Self::Clock => f.write_str("  earlier by the clock"),
        }
    }
}

fn measures(captured: &Captured<'_>) -> Measures {
    let transition = captured.heard.and_then(|heard| heard.transition);
    let latency = captured.answers.map(|asked| asked.time);
    let is_known = |asked: &Timestamp| *asked != Timestamp::UNKNOWN;
    Measures {
        queue: transition.and_then(Transition::queue),
        latency: latency
            .filter(is_known)
            .filter(|_| is_known(&captured.time))
            .map(|asked| captured.time.since(asked)),
    }
}
