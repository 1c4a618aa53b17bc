//! How messages are shown, by what users ask for.

use super::args::HexArgs;
use crate::view::{ColorChoice, Format, Medium, Options, style};

/// Columns of text that is to be pasted elsewhere.
const PLAIN_COLUMNS: usize = 80;

/// The format of messages whose bytes were pasted.
pub fn format(args: &HexArgs) -> Format {
    if args.json {
        Format::Json
    } else if args.tree {
        Format::Tree
    } else if args.line {
        Format::Line
    } else {
        Format::Hex
    }
}

/// The format of messages of which a log tells in words: their bytes are made, and shown
/// only on demand.
pub fn log_format(args: &HexArgs) -> Format {
    match format(args) {
        Format::Hex if args.hex == 0 => Format::Line,
        format => format,
    }
}

/// The rest of what a printer has to know.
pub fn options(args: &HexArgs) -> Options {
    let choice = ColorChoice::from(args.color);
    Options {
        colour: !args.plain && choice.for_stdout(),
        columns: if args.plain {
            PLAIN_COLUMNS
        } else {
            style::stdout_columns()
        },
        unfold: args.hex > 1,
        medium: if args.plain {
            Medium::Pipe
        } else {
            Medium::of_stdout()
        },
        ..Options::default()
    }
}
