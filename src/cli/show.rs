//! Messages on standard output, in one of the views.

use crate::packet::Stamp;
use crate::pipeline::{AttemptInterest, Bodies, Interest, Observer};
use crate::session::{ConnectionEvent, Ended, Heard};
use crate::view::{ColorChoice, Format, Medium, Options, Printer, style};

use super::args::ViewArgs;
use super::maybe::Maybe;
use super::output::Output;
use super::selection::Selection;

/// Prints messages as they come.
pub struct Show {
    printer: Printer,
    out: Output,
    format: Format,
    /// uTP packets are shown.
    packets: bool,
    left: Option<u64>,
    maybe: Maybe,
    selection: Selection,
    /// Anything was heard, shown or not.
    has_found: bool,
}

impl Show {
    /// Shows what is selected on standard output as `args` say.
    pub fn new(args: &ViewArgs, selection: Selection) -> Self {
        let format = format(args);
        let options = Options {
            colour: ColorChoice::from(args.color).for_stdout(),
            columns: style::stdout_columns(),
            time: args.time.into(),
            clients: args.clients,
            unfold: args.hex > 1,
            medium: Medium::of_stdout(),
            wide: args.wide,
            anonymous: args.anonymize,
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
            selection,
            has_found: false,
        }
    }

    /// Whether what is heard is to be shown.
    pub fn selects(&mut self, heard: &Heard<'_>) -> bool {
        self.maybe.shows(heard) && self.selection.passes(heard)
    }

    /// Whether everything is to be shown.
    #[cfg(all(unix, feature = "live"))]
    pub fn shows_everything(&self) -> bool {
        self.selection.is_everything()
    }

    /// Writes what is to be shown.
    pub fn write(&mut self, heard: &Heard<'_>) {
        if !self.printer.shows(heard) {
            return;
        }
        match &mut self.left {
            Some(0) => return,
            Some(left) => *left -= 1,
            None => {}
        }
        self.out.write(|out| self.printer.heard(out, heard));
    }

    /// A connection is over: whether it is one of those that are shown.
    pub fn lists(&mut self, ended: &Ended<'_>) -> bool {
        self.maybe.ended(ended)
    }

    /// Whether there was anything of BitTorrent, shown or not.
    pub fn has_found(&self) -> bool {
        self.has_found
    }

    /// The connections that were asked for and that there are not.
    pub fn missing(&self) -> Vec<u64> {
        self.selection.missing(self.is_done())
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
            bodies: match self.format {
                Format::Hex => Bodies::Whole,
                _ => Bodies::Counted,
            },
            fields: self.format != Format::Line,
            packets: self.packets,
            attempts: AttemptInterest::AsKnown,
            ..Interest::default()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.printer.start(first.time);
        self.selection.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.has_found = true;
        if self.selects(heard) {
            self.write(heard);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.lists(ended);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.has_found = true;
        let is_chosen = self.selection.has_event(event.stream);
        if is_chosen && self.left != Some(0) {
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
