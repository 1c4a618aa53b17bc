//! `peerscope sessions`: the BitTorrent connections of a capture.

use std::collections::{BTreeMap, HashSet};

use foldhash::fast::RandomState;

use crate::packet::Stamp;
use crate::pipeline::{AttemptInterest, Interest, Observer};
use crate::session::{ConnectionEvent, Ended, Ends, Heard, Past};
use crate::view::{
    ColorChoice, Medium, SessionJson, SessionList, SessionSummary, SessionTable, style,
};

use super::args::{Input, SessionsArgs};
use super::files;
use super::maybe::Maybe;
use super::nothing::Nothing;
use super::output::Output;
use super::progress::Progress;
use super::selection::Selection;
use super::source;
use super::trouble;

/// Ended connections that wait for earlier ones, so that the list is in order.
/// Beyond, the earliest waiting one is listed, so that memory stays bounded.
const MAX_WAITING: usize = 4096;

/// Runs the command.
pub fn run(args: &SessionsArgs) -> anyhow::Result<()> {
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
    list.close(&learned.ends, args.habits.quiet)?;
    trouble::tell_left_out(&learned.torrents);
    read?;
    opened.all?;
    Nothing(&learned.overview).tell(has_found, args.habits.quiet);
    Ok(())
}

enum Shape {
    /// For people who look on: the file is what they go on with.
    List(Box<SessionList>, Option<String>),
    Table(Box<SessionTable>),
    Json(SessionJson),
}

/// Lists connections in the order in which they began.
struct List {
    shape: Shape,
    waiting: BTreeMap<u64, Past>,
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
            attempts: Vec::new(),
            left: args.count.unwrap_or(u64::MAX),
            maybe: Maybe::new(args.all),
            selection,
            matching: HashSet::default(),
            has_found: false,
            out: Output::new(),
        }
    }

    fn list(&mut self, past: &Past) {
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
            Shape::Json(json) => self.out.write(|out| out.write_all(json.record(&summary))),
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
            Shape::Json(json) => self.out.write(|out| out.write_all(json.attempt(attempt))),
        }
    }

    fn close(mut self, ends: &Ends, quiet: bool) -> anyhow::Result<()> {
        self.attempts.sort_by_key(|attempt| attempt.stream);
        let mut attempts = std::mem::take(&mut self.attempts).into_iter().peekable();
        while let Some((stream, mut past)) = self.waiting.pop_first() {
            while let Some(attempt) = attempts.next_if(|attempt| attempt.stream < Some(stream)) {
                self.list_attempt(&attempt);
            }
            // What is listed as a connection, though it failed, is listed once.
            let _ = attempts.next_if(|attempt| attempt.stream == Some(stream));
            if past.judge(ends) {
                self.list(&past);
            }
        }
        attempts.for_each(|attempt| self.list_attempt(&attempt));
        match self.shape {
            Shape::List(list, file) => self.out.write(|out| list.finish(out, file.as_deref())),
            Shape::Table(table) => self.out.write(|out| table.finish(out)),
            Shape::Json(_) => {}
        }
        self.out.finish()?;
        self.maybe.tell(quiet);
        Ok(())
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
            messages: self.selection.needs(),
            streams: self.selection.streams(),
            attempts: AttemptInterest::Whole,
            ..Interest::default()
        }
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.has_found = true;
        // A connection that was dropped after it was proven is a row of its own;
        // the pipeline bounds how many others there are.
        let is_attempt = event.change.is_failure() && event.named.is_some();
        if is_attempt && self.selection.is_everything() {
            self.attempts.push(event.clone());
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.has_found = true;
        let is_news = !self.selection.is_everything()
            && heard.conversation.is_some()
            && !self.matching.contains(&heard.stream);
        if is_news && self.selection.passes(heard) {
            self.matching.insert(heard.stream);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        let stream = ended.connection.stream;
        if !self.matching.remove(&stream) && !self.selection.has_stream(stream) {
            return;
        }
        self.waiting.insert(stream, Past::of(ended));
        if self.waiting.len() > MAX_WAITING
            && let Some((_, past)) = self.waiting.pop_first()
        {
            self.list(&past);
        }
    }

    fn is_done(&self) -> bool {
        self.left == 0 || self.out.is_closed()
    }
}
