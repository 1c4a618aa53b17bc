//! Messages on standard output, in one of the views.

use crate::packet::Stamp;
use crate::pipeline::{AttemptInterest, Interest, Observer};
use crate::session::{ConnectionEvent, Ended, Heard};
use crate::view::{ColorChoice, Format, Medium, Options, Printer, style};

use super::args::ViewArgs;
use super::maybe::Maybe;
use super::output::Output;

/// Prints messages as they come.
pub struct Show {
    printer: Printer,
    out: Output,
    format: Format,
    /// uTP packets are shown.
    packets: bool,
    left: Option<u64>,
    maybe: Maybe,
}

impl Show {
    /// Shows messages on standard output as `args` say.
    pub fn new(args: &ViewArgs) -> Self {
        let format = format(args);
        let options = Options {
            colour: ColorChoice::from(args.color).for_stdout(),
            columns: style::stdout_columns(),
            time: args.time.into(),
            clients: args.clients,
            unfold: args.hex > 1,
            medium: Medium::of_stdout(),
        };
        Self {
            printer: Printer::new(format, options),
            out: if args.line_buffered {
                Output::new().eager()
            } else {
                Output::new()
            },
            format,
            packets: args.packets,
            left: args.count,
            maybe: Maybe::new(args.all),
        }
    }

    /// Whether what is heard is of a connection that is shown.
    #[cfg(all(unix, feature = "live"))]
    pub fn has_connection(&self, heard: &Heard<'_>) -> bool {
        self.maybe.shows(heard)
    }

    /// A connection is over: whether it is one of those that are shown.
    pub fn lists(&mut self, ended: &Ended<'_>) -> bool {
        self.maybe.ended(ended)
    }

    /// Writes what is left; gives what was not shown.
    pub fn close(mut self) -> (anyhow::Result<()>, Maybe) {
        self.out.write(|out| self.printer.finish(out));
        (self.out.finish(), self.maybe)
    }
}

fn format(args: &ViewArgs) -> Format {
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
            packets: self.packets,
            attempts: AttemptInterest::AsKnown,
            ..Interest::default()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.printer.start(first.time);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        if !self.maybe.shows(heard) || !self.printer.shows(heard) {
            return;
        }
        match &mut self.left {
            Some(0) => return,
            Some(left) => *left -= 1,
            None => {}
        }
        self.out.write(|out| self.printer.heard(out, heard));
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.lists(ended);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        if self.left != Some(0) {
            self.out.write(|out| self.printer.event(out, event));
        }
    }

    fn idle(&mut self) {
        self.out.write(|out| self.printer.finish(out));
        self.out.flush();
    }

    fn is_done(&self) -> bool {
        self.left == Some(0) || self.out.is_closed()
    }
}
