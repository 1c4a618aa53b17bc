//! `peerscope sessions --requests`: each request, and what became of it.

use std::collections::HashMap;
use std::fmt::Write as _;

use foldhash::fast::RandomState;

use crate::cli::args::SessionsArgs;
use crate::cli::nothing;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::selection::Selection;
use crate::cli::source;
use crate::cli::trouble::{self, tell};
use crate::flow::Side;
use crate::packet::Stamp;
use crate::pipeline::Observer;
use crate::session::{Certainty, Ended, Heard, Transition};
use crate::view::{RequestFate, RequestLine};
use crate::wire::peer::{Block, Message};
use crate::wire::words::Count;

/// Requests that are kept until their connection ends: beyond, they are left out.
const MAX_REQUESTS: usize = 256 << 10;

/// Runs the command.
pub fn run(args: &SessionsArgs) -> anyhow::Result<()> {
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let mut requests = Requests {
        selection: Selection::of_files(&args.chosen, &args.input)?,
        is_json: args.json,
        left: args.count.unwrap_or(u64::MAX),
        connections: HashMap::default(),
        kept: 0,
        left_out: 0,
        out: Output::new(),
    };
    let mut pipeline = source::pipeline(&args.input, &mut requests)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let left_out = requests.left_out;
    let missing = requests.selection.missing(requests.is_done());
    requests.out.finish()?;
    if left_out > 0 {
        let count = Count(left_out, "request");
        tell(format_args!("{count} left out to bound memory"));
    }
    trouble::tell_learned(&learned);
    read?;
    opened.all?;
    nothing::all_there(&learned.overview, &missing)
}

/// The requests of one connection.
#[derive(Default)]
struct Connection {
    /// In the order in which they were made.
    lines: Vec<RequestLine>,
    /// Those without an answer, by side and block: their place among the lines.
    open: HashMap<(usize, Block), usize, RandomState>,
}

struct Requests {
    selection: Selection,
    is_json: bool,
    left: u64,
    connections: HashMap<u64, Connection, RandomState>,
    /// Lines of all connections.
    kept: usize,
    left_out: u64,
    out: Output,
}

impl Requests {
    fn asked(&mut self, heard: &Heard<'_>, block: Block) {
        if let Some(Transition::Asked {
            repeats: Some(_), ..
        }) = heard.transition
        {
            let fate = RequestFate::Repeated;
            self.closed(heard.stream, heard.from, block, fate, heard.last);
        }
        let key = (heard.from.index(), block);
        let connection = self.connections.entry(heard.stream).or_default();
        connection.open.remove(&key);
        if !self.selection.passes(heard) {
            return;
        }
        if self.kept == MAX_REQUESTS {
            self.left_out += 1;
            return;
        }
        self.kept += 1;
        let mut line = RequestLine {
            stream: heard.stream,
            from: heard.from,
            asked: heard.last,
            block,
            fate: RequestFate::Unanswered,
            closed: None,
        };
        // Where the capture lacks a packet, the answer may be told before.
        if let Some(Transition::AskedBefore {
            answer, is_piece, ..
        }) = heard.transition
        {
            line.fate = if is_piece {
                RequestFate::Answered
            } else {
                RequestFate::Rejected
            };
            line.closed = Some(answer);
        } else {
            connection.open.insert(key, connection.lines.len());
        }
        connection.lines.push(line);
    }

    fn closed(&mut self, stream: u64, asker: Side, block: Block, fate: RequestFate, at: Stamp) {
        let Some(connection) = self.connections.get_mut(&stream) else {
            return;
        };
        let key = (asker.index(), block);
        // What was cancelled or choked away may yet be answered.
        let is_final = matches!(fate, RequestFate::Answered | RequestFate::Rejected);
        let place = if is_final {
            connection.open.remove(&key)
        } else {
            connection.open.get(&key).copied()
        };
        if let Some(line) = place.and_then(|place| connection.lines.get_mut(place)) {
            line.fate = fate;
            line.closed = Some(at);
        }
    }

    /// A choke without the Fast extension drops all requests of the other side.
    fn choked(&mut self, stream: u64, asker: Side, at: Stamp) {
        let Some(connection) = self.connections.get_mut(&stream) else {
            return;
        };
        for ((side, _), place) in &connection.open {
            let line = &mut connection.lines[*place];
            if *side == asker.index() && line.fate == RequestFate::Unanswered {
                line.fate = RequestFate::ChokedAway;
                line.closed = Some(at);
            }
        }
    }

    fn write(&mut self, lines: &[RequestLine]) {
        let mut text = String::new();
        for line in lines {
            let Some(left) = self.left.checked_sub(1) else {
                return;
            };
            self.left = left;
            text.clear();
            if self.is_json {
                line.push_json(&mut text);
            } else {
                let _ = writeln!(text, "{line}");
            }
            self.out.write(|out| out.write_all(text.as_bytes()));
        }
    }
}

impl Observer for Requests {
    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        let Some(message) = heard.peer_message() else {
            return;
        };
        let (stream, at) = (heard.stream, heard.last);
        self.selection.meets(stream);
        let other = heard.from.other();
        match message {
            Message::Request(block) => self.asked(heard, *block),
            // Its sender stopped within it.
            Message::Piece(_) if heard.unsent > 0 => {}
            Message::Piece(block) => self.closed(stream, other, *block, RequestFate::Answered, at),
            Message::RejectRequest(block) => {
                self.closed(stream, other, *block, RequestFate::Rejected, at);
            }
            Message::Cancel(block) => {
                self.closed(stream, heard.from, *block, RequestFate::Cancelled, at);
            }
            Message::Choke => {
                if let Some(Transition::DroppedAll { .. }) = heard.transition {
                    self.choked(stream, other, at);
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        let stream = ended.connection.stream;
        let Some(mut connection) = self.connections.remove(&stream) else {
            return;
        };
        for line in &mut connection.lines {
            if line.fate == RequestFate::Unanswered && ended.is_hidden(line.from.other()) {
                line.fate = RequestFate::NotSeen;
            }
        }
        self.kept -= connection.lines.len();
        if ended.conversation.certainty > Certainty::Likely {
            self.write(&connection.lines);
        }
    }

    fn is_done(&self) -> bool {
        self.left == 0 || self.out.is_closed()
    }
}
