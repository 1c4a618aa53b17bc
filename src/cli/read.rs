//! `peerscope read`: every message of a capture, in one of the views.

use crate::capture;
use crate::packet::Stamp;
use crate::pipeline::{Interest, Observer, Pipeline};
use crate::session::Heard;
use crate::view::{ColorChoice, Format, Options, Printer, style};

use super::args::ReadArgs;
use super::output::Output;
use super::progress::Progress;
use super::torrents;

/// Runs the command.
pub fn run(args: &ReadArgs) -> anyhow::Result<()> {
    let torrents = torrents::load(&args.input.torrent)?;
    let mut source = Progress::new(capture::open(&args.input.files())?);
    let mut show = Show::new(args);
    let mut pipeline = Pipeline::new(&mut show, torrents);
    let read = pipeline.run(&mut source);
    pipeline.finish();
    drop(source);
    show.out.write(|out| show.printer.finish(out));
    show.out.finish()?;
    Ok(read?)
}

/// Prints messages as they come.
struct Show {
    printer: Printer,
    out: Output,
    format: Format,
    left: Option<u64>,
}

impl Show {
    fn new(args: &ReadArgs) -> Self {
        let format = format(args);
        let options = Options {
            colour: ColorChoice::from(args.color).for_stdout(),
            columns: style::stdout_columns(),
            time: args.time.into(),
            clients: args.clients,
            unfold: args.hex > 1,
        };
        Self {
            printer: Printer::new(format, options),
            out: Output::new(),
            format,
            left: args.count,
        }
    }
}

fn format(args: &ReadArgs) -> Format {
    if args.json {
        Format::Json
    } else if args.hex > 0 {
        Format::Hex
    } else if args.tree {
        Format::Tree
    } else {
        Format::Line
    }
}

impl Observer for Show {
    fn interest(&self) -> Interest {
        Interest {
            data: self.format == Format::Hex,
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.printer.start(first.time);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        match &mut self.left {
            Some(0) => return,
            Some(left) => *left -= 1,
            None => {}
        }
        self.out.write(|out| self.printer.heard(out, heard));
    }

    fn is_done(&self) -> bool {
        self.left == Some(0) || self.out.is_closed()
    }
}
