//! `peerscope sessions`: the BitTorrent connections of a capture.

use std::collections::{BTreeMap, HashSet};

use foldhash::fast::RandomState;

use crate::packet::Stamp;
use crate::pipeline::Observer;
use crate::session::{Ended, Ends, Heard};
use crate::view::{ColorChoice, SessionJson, SessionTable, style};

use super::args::SessionsArgs;
use super::maybe::Maybe;
use super::output::Output;
use super::progress::Progress;
use super::row::Row;
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
    list.close(&learned.ends, args.habits.quiet)?;
    trouble::tell_left_out(&learned.torrents);
    read?;
    Ok(opened.all?)
}

enum Shape {
    Table(Box<SessionTable>),
    Json(SessionJson),
}

/// Lists connections in the order in which they began.
struct List {
    shape: Shape,
    waiting: BTreeMap<u64, Row>,
    /// How many more are to be listed.
    left: u64,
    maybe: Maybe,
    selection: Selection,
    /// Open connections with a message that was asked for.
    matching: HashSet<u64, RandomState>,
    out: Output,
}

impl List {
    fn new(args: &SessionsArgs, selection: Selection) -> Self {
        let shape = if args.json {
            Shape::Json(SessionJson::default())
        } else {
            let colour = ColorChoice::from(args.color).for_stdout();
            Shape::Table(Box::new(SessionTable::new(style::stdout_columns(), colour)))
        };
        Self {
            shape,
            waiting: BTreeMap::new(),
            left: args.count.unwrap_or(u64::MAX),
            maybe: Maybe::new(args.all),
            selection,
            matching: HashSet::default(),
            out: Output::new(),
        }
    }

    fn list(&mut self, row: &Row) {
        if !self.maybe.lists(row.certainty()) {
            return;
        }
        let Some(left) = self.left.checked_sub(1) else {
            return;
        };
        self.left = left;
        row.show(|summary| match &mut self.shape {
            Shape::Table(table) => self.out.write(|out| table.push(out, summary)),
            Shape::Json(json) => self.out.write(|out| out.write_all(json.record(summary))),
        });
    }

    fn close(mut self, ends: &Ends, quiet: bool) -> anyhow::Result<()> {
        while let Some((_, mut row)) = self.waiting.pop_first() {
            if row.judge(ends) {
                self.list(&row);
            }
        }
        if let Shape::Table(table) = self.shape {
            self.out.write(|out| table.finish(out));
        }
        self.out.finish()?;
        self.maybe.tell(quiet);
        Ok(())
    }
}

impl Observer for List {
    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
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
        let row = Row::new(ended);
        self.waiting.insert(row.stream(), row);
        if self.waiting.len() > MAX_WAITING
            && let Some((_, row)) = self.waiting.pop_first()
        {
            self.list(&row);
        }
    }

    fn is_done(&self) -> bool {
        self.left == 0 || self.out.is_closed()
    }
}
