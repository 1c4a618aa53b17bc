//! `peerscope sessions`: the BitTorrent connections of a capture.

mod requests;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use foldhash::fast::RandomState;

use crate::packet::Stamp;
use crate::pipeline::{AttemptInterest, Interest, Observer};
use crate::report::{Card, Courses};
use crate::session::{ConnectionEvent, Ended, Ends, Heard, Past};
use crate::view::{
    ColorChoice, Document, Medium, SessionJson, SessionList, SessionSummary, SessionTable,
    Terminal, push_attempt, push_details, style,
};
use crate::wire::{MessageSet, Protocol};

use super::args::{Input, SessionsArgs};
use super::files;
use super::maybe::Maybe;
use super::nothing;
use super::output::Output;
use super::progress::Progress;
use super::selection::Selection;
use super::source;
use super::trouble;

/// Ended connections that wait for earlier ones, so that the list is in order.
/// Beyond, the earliest waiting one is listed, so that memory stays bounded.
const MAX_WAITING: usize = 4096;

/// The same of those with all that is known of them.
const MAX_CARDS_WAITING: usize = 256;

/// Messages that no connection between peers tells of: where they are all there is,
/// something of BitTorrent was found.
const DISCOVERY: MessageSet = MessageSet::NONE
    .with(Protocol::Dht)
    .with(Protocol::UdpTracker)
    .with(Protocol::HttpTracker)
    .with(Protocol::Lsd);

/// Runs the command.
pub fn run(args: &SessionsArgs) -> anyhow::Result<()> {
    if args.requests {
        return requests::run(args);
    }
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let selection = Selection::of_files(&args.chosen, &args.input)?;
    let mut list = List::new(args, selection);
    let mut pipeline = source::pipeline(&args.input, &mut list)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let has_found = list.has_found;
    let missing = list.selection.missing(list.is_done());
    list.close(&learned.ends, args.habits.quiet)?;
    trouble::tell_learned(&learned);
    read?;
    opened.all?;
    nothing::tell(&learned.overview, &missing, has_found, args.habits.quiet)
}

enum Shape {
    /// For people who look on: the file is what they go on with.
    List(Box<SessionList>, Option<String>),
    Table(Box<SessionTable>),
    /// All there is to say of each.
    Details(Box<Details>),
    Json(SessionJson),
}

/// Connections in words.
struct Details {
    columns: usize,
    document: Document,
    terminal: Terminal,
}

/// What is kept of a connection until it is listed.
enum Row {
    Past(Box<Past>),
    Card(Box<Card>),
}

impl Row {
    fn past(&self) -> &Past {
        match self {
            Self::Past(past) => past,
            Self::Card(card) => &card.past,
        }
    }

    /// Whether it is a connection between peers, by what `ends` of the whole
    /// capture are.
    fn judge(&mut self, ends: &Ends) -> bool {
        match self {
            Self::Past(past) => past.judge(ends),
            Self::Card(card) => card.past.judge(ends),
        }
    }
}

/// Lists connections in the order in which they began.
struct List {
    shape: Shape,
    waiting: BTreeMap<u64, Row>,
    /// How open connections go, where all is told of them.
    courses: Courses,
    is_verbose: bool,
    /// Attempts that failed, by the number of their connection.
    attempts: Vec<ConnectionEvent>,
    /// How many more are to be listed.
    left: u64,
    maybe: Maybe,
    selection: Selection,
    /// Open connections with a message that was asked for.
    matching: HashSet<u64, RandomState>,
    /// Anything was heard, listed or not.
    has_found: bool,
    out: Output,
}

impl List {
    fn new(args: &SessionsArgs, selection: Selection) -> Self {
        let shape = if args.json {
            Shape::Json(SessionJson::default())
        } else {
            let colour = ColorChoice::from(args.color).for_stdout();
            let columns = style::stdout_columns();
            match Medium::of_stdout() {
                _ if args.verbose => {
                    let terminal = Terminal::new(colour);
                    Shape::Details(Box::new(Details {
                        columns,
                        document: terminal.document(),
                        terminal,
                    }))
                }
                Medium::Terminal => {
                    let list = SessionList::new(columns, colour);
                    Shape::List(Box::new(list), only_file(&args.input))
                }
                Medium::Pipe => Shape::Table(Box::new(SessionTable::new(columns, colour))),
            }
        };
        Self {
            shape,
            waiting: BTreeMap::new(),
            courses: Courses::new(args.verbose),
            is_verbose: args.verbose,
            attempts: Vec::new(),
            left: args.count.unwrap_or(u64::MAX),
            maybe: Maybe::new(args.all),
            selection,
            matching: HashSet::default(),
            has_found: false,
            out: Output::new(),
        }
    }

    fn list(&mut self, row: &Row) {
        let past = row.past();
        if !self.maybe.lists(past.certainty) {
            return;
        }
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        let name = past.torrent_name();
        let summary = SessionSummary::of(past, name.as_deref());
        match &mut self.shape {
            Shape::List(list, _) => self.out.write(|out| list.push(out, &summary)),
            Shape::Table(table) => self.out.write(|out| table.push(out, &summary)),
            Shape::Details(details) => {
                if let Row::Card(card) = row {
                    push_details(&mut details.document, card, details.columns);
                }
                self.out.write(|out| details.write(out));
            }
            Shape::Json(json) => {
                let line = match row {
                    Row::Card(card) => json.card(card),
                    Row::Past(_) => json.record(&summary),
                };
                self.out.write(|out| out.write_all(line));
            }
        }
    }

    fn list_attempt(&mut self, attempt: &ConnectionEvent) {
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        match &mut self.shape {
            Shape::List(list, _) => self.out.write(|out| list.attempt(out, attempt)),
            Shape::Table(table) => self.out.write(|out| table.attempt(out, attempt)),
            Shape::Details(details) => {
                push_attempt(&mut details.document, attempt, details.columns);
                self.out.write(|out| details.write(out));
            }
            Shape::Json(json) => self.out.write(|out| out.write_all(json.attempt(attempt))),
        }
    }

    /// Whether all that is known of connections is asked for.
    fn keeps_cards(&self) -> bool {
        self.is_verbose || matches!(self.shape, Shape::Json(_))
    }

    fn close(mut self, ends: &Ends, quiet: bool) -> anyhow::Result<()> {
        self.attempts.sort_by_key(|attempt| attempt.stream);
        let mut attempts = std::mem::take(&mut self.attempts).into_iter().peekable();
        while let Some((stream, mut row)) = self.waiting.pop_first() {
            while let Some(attempt) = attempts.next_if(|attempt| attempt.stream < Some(stream)) {
                self.list_attempt(&attempt);
            }
            // What is listed as a connection, though it failed, is listed once.
            let _ = attempts.next_if(|attempt| attempt.stream == Some(stream));
            if row.judge(ends) {
                self.list(&row);
            }
        }
        attempts.for_each(|attempt| self.list_attempt(&attempt));
        match self.shape {
            Shape::List(list, file) => self.out.write(|out| list.finish(out, file.as_deref())),
            Shape::Table(_) | Shape::Details(_) | Shape::Json(_) => {}
        }
        self.out.finish()?;
        self.maybe.tell(quiet);
        Ok(())
    }
}

impl Details {
    /// Writes what is in the document.
    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let written = self.terminal.write(out, &self.document);
        self.document.clear();
        written
    }
}

/// The file that is read, if it is one and no pipe.
fn only_file(input: &Input) -> Option<String> {
    match &input.files()[..] {
        [file] if !files::is_stdin(file) => Some(file.display().to_string()),
        _ => None,
    }
}

impl Observer for List {
    fn interest(&self) -> Interest {
        Interest {
            messages: if self.is_verbose {
                MessageSet::ALL
            } else {
                let packets = if self.keeps_cards() {
                    MessageSet::NONE.with(Protocol::Utp)
                } else {
                    MessageSet::NONE
                };
                self.selection.needs().union(DISCOVERY).union(packets)
            },
            streams: self.selection.streams(),
            packets: self.keeps_cards(),
            attempts: AttemptInterest::Whole,
            ..Interest::default()
        }
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.has_found = true;
        // A connection that was dropped after it was proven is a row of its own;
        // the pipeline bounds how many others there are.
        let is_attempt = event.change.is_failure() && event.named.is_some();
        if is_attempt && self.selection.has_event(event.stream) {
            self.attempts.push(event.clone());
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.has_found = true;
        self.courses.hear(heard, heard.last.time, String::new);
        if heard.is_packet() {
            return;
        }
        let is_news = !self.selection.is_everything()
            && heard.conversation.is_some()
            && !self.matching.contains(&heard.stream);
        if is_news && self.selection.passes(heard) {
            self.matching.insert(heard.stream);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.has_found = true;
        let stream = ended.connection.stream;
        let gone = self.courses.ended(ended);
        if !self.matching.remove(&stream) && !self.selection.has_stream(stream) {
            return;
        }
        let (row, most) = if self.keeps_cards() {
            let card = Card::new(ended, gone);
            (Row::Card(Box::new(card)), MAX_CARDS_WAITING)
        } else {
            (Row::Past(Box::new(Past::of(ended))), MAX_WAITING)
        };
        self.waiting.insert(stream, row);
        if self.waiting.len() > most
            && let Some((_, row)) = self.waiting.pop_first()
        {
            self.list(&row);
        }
    }

    fn is_done(&self) -> bool {
        self.left == 0 || self.out.is_closed()
    }
}
