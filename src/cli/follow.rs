//! `peerscope follow`: one connection as a conversation.

mod raw;
mod survey;

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::args::{Chosen, Color, Habits, Input, Time};
use super::nothing;
use super::output::Output;
use super::progress::Progress;
use super::source;
use super::trouble;
use crate::flow::Side;
use crate::follow::Follower;
use crate::packet::Stamp;
use crate::pipeline::{AttemptInterest, Interest, Observer, StreamSet};
use crate::session::{ConnectionEvent, Ended, Heard, setbacks};
use crate::view::{
    ColorChoice, Document, Ladder, LadderJson, Medium, Options, Terminal, brief, ladder_remarks,
    style,
};

/// Bytes of the words of a message.
const MAX_WORDS_BYTES: usize = 1000;

pub(super) const EXAMPLES: &str = "\
Examples:
  peerscope follow capture.pcap                the connection with the most piece data
  peerscope follow --stream 2 capture.pcap     the one that sessions lists as 2
  peerscope follow -Y 'client contains \"aria2\"' capture.pcap
                                               of those with such a message
  peerscope follow --stream 2 --raw a capture.pcap > initiator.bin
                                               what the initiator sent, byte for byte

A is the initiator and B the acceptor. Messages of one name that follow each other,
but for others of the transfer between them, are one rung. Beside each stands whether
either side chokes (c) the other or is interested (i), and how many requests are open.

Exit status: 0 fine; 2 trouble: no such connection, a file that is missing, no
capture, cut or damaged.";

/// `peerscope follow`
#[derive(Debug, Args)]
pub struct FollowArgs {
    #[command(flatten)]
    pub input: Input,

    #[command(flatten)]
    pub chosen: Chosen,

    /// Write the bytes that one side sent instead, as they passed: a is the
    /// initiator, b the acceptor. What is encrypted stays so
    #[arg(long, value_name = "SIDE", conflicts_with = "json")]
    pub raw: Option<RawSide>,

    /// Where --raw writes to, instead of standard output
    #[arg(short = 'o', long = "output", value_name = "FILE", requires = "raw")]
    pub output: Option<PathBuf>,

    /// Print one JSON object a rung (see peerscope man json)
    #[arg(long)]
    pub json: bool,

    /// How rungs show the time
    #[arg(
        short = 't',
        long = "time",
        value_name = "FORMAT",
        default_value = "relative"
    )]
    pub time: Time,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    #[command(flatten)]
    pub habits: Habits,
}

/// One of the two ends.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RawSide {
    /// The initiator of the connection
    A,
    /// Its acceptor
    B,
}

impl From<RawSide> for Side {
    fn from(side: RawSide) -> Self {
        match side {
            RawSide::A => Self::Initiator,
            RawSide::B => Self::Acceptor,
        }
    }
}

/// Runs the command.
pub fn run(args: &FollowArgs) -> anyhow::Result<()> {
    if args.raw.is_some() {
        raw::check_output(args)?;
    }
    let stream = match args.chosen.stream[..] {
        [] => survey::most_data(args)?,
        [stream] => stream,
        _ => bail!("one connection at a time can be followed"),
    };
    match args.raw {
        Some(side) => raw::write(args, stream, side.into()),
        None => show(args, stream),
    }
}

fn show(args: &FollowArgs, stream: u64) -> anyhow::Result<()> {
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source).unless(args.habits.quiet);
    let mut view = View::new(args, stream);
    let mut pipeline = source::pipeline(&args.input, &mut view)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let has_shown = view.close()?;
    trouble::tell_learned(&learned);
    read?;
    opened.all?;
    let missing = if has_shown { &[][..] } else { &[stream] };
    nothing::all_there(&learned.overview, missing)
}

/// Shows the rungs of one connection.
struct View {
    follower: Follower,
    shape: Shape,
    has_shown: bool,
    out: Output,
}

enum Shape {
    Ladder(Box<Drawing>),
    Json(LadderJson),
}

/// A ladder that is being drawn.
struct Drawing {
    ladder: Ladder,
    document: Document,
    terminal: Terminal,
    /// Why bytes did not get through: said behind the last rung.
    setbacks: Vec<String>,
}

impl View {
    fn new(args: &FollowArgs, stream: u64) -> Self {
        let shape = if args.json {
            Shape::Json(LadderJson::default())
        } else {
            let options = Options {
                colour: ColorChoice::from(args.color).for_stdout(),
                columns: style::stdout_columns(),
                time: args.time.into(),
                medium: Medium::of_stdout(),
                ..Options::default()
            };
            let terminal = Terminal::new(options.colour);
            Shape::Ladder(Box::new(Drawing {
                ladder: Ladder::new(options),
                document: terminal.document(),
                terminal,
                setbacks: Vec::new(),
            }))
        };
        let words = Box::new(|heard: &Heard<'_>| brief(heard, MAX_WORDS_BYTES));
        Self {
            follower: Follower::new(stream, words, ladder_remarks()),
            shape,
            has_shown: false,
            out: Output::new(),
        }
    }

    fn write_rungs(&mut self) {
        for rung in self.follower.take() {
            match &mut self.shape {
                Shape::Ladder(drawing) => drawing.ladder.rung(&mut drawing.document, &rung),
                Shape::Json(json) => {
                    let stream = self.follower.stream();
                    self.out
                        .write(|out| out.write_all(json.rung(stream, &rung)));
                }
            }
        }
        if let Shape::Ladder(drawing) = &mut self.shape
            && !drawing.document.text().is_empty()
        {
            let Drawing {
                document, terminal, ..
            } = &mut **drawing;
            self.out.write(|out| terminal.write(out, document));
            document.clear();
        }
    }

    /// Writes what is left; says whether there was anything.
    fn close(mut self) -> anyhow::Result<bool> {
        self.follower.finish();
        self.write_rungs();
        if let Shape::Ladder(drawing) = &mut self.shape {
            for words in std::mem::take(&mut drawing.setbacks) {
                drawing.ladder.remark(&mut drawing.document, &words);
            }
        }
        self.write_rungs();
        self.out.finish()?;
        Ok(self.has_shown)
    }
}

impl Observer for View {
    fn interest(&self) -> Interest {
        Interest {
            streams: StreamSet::only(vec![self.follower.stream()]),
            attempts: AttemptInterest::Whole,
            ..Interest::default()
        }
    }

    fn begin(&mut self, first: Stamp) {
        if let Shape::Ladder(drawing) = &mut self.shape {
            drawing.ladder.start(first.time);
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        if heard.stream != self.follower.stream() {
            return;
        }
        self.has_shown = true;
        if let Shape::Ladder(drawing) = &mut self.shape {
            drawing.ladder.introduce(&mut drawing.document, heard);
        }
        self.follower.hear(heard);
        self.write_rungs();
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        if event.stream != Some(self.follower.stream()) {
            return;
        }
        self.has_shown = true;
        if let Shape::Ladder(drawing) = &mut self.shape {
            drawing.ladder.introduce_event(&mut drawing.document, event);
        }
        self.follower.connection(event);
        self.write_rungs();
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        let Shape::Ladder(drawing) = &mut self.shape else {
            return;
        };
        if ended.connection.stream == self.follower.stream() {
            let letter = |side: Side| ["A", "B"][side.index()].to_owned();
            let end = ended.first_finish().map(|(_, finish)| finish.stamp);
            let words = setbacks(ended.connection, end, letter).map(|setback| setback.words);
            drawing.setbacks.extend(words);
        }
    }

    fn idle(&mut self) {
        self.out.flush();
    }

    fn is_done(&self) -> bool {
        self.out.is_closed()
    }
}
