//! What decides how messages look.

use super::clock::TimeFormat;

/// How messages are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// One line a message.
    #[default]
    Line,
    /// The line, and under it every field (`-V`).
    Tree,
    /// The line, and under it every byte with its meaning (`-x`).
    Hex,
    /// One JSON object a line (`--json`).
    Json,
}

/// What else decides how messages look.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct Options {
    /// Whether to colour: see [`ColorChoice`](super::ColorChoice).
    pub colour: bool,
    /// Columns to lay out for.
    pub columns: usize,
    /// How lines show the time.
    pub time: TimeFormat,
    /// Whether lines name the clients.
    pub clients: bool,
    /// Whether to show long runs whole.
    pub unfold: bool,
    /// Where the text goes.
    pub medium: Medium,
    /// Whether lines are whole on a terminal too, however long they get.
    pub wide: bool,
    /// Whether names stand for what tells of people: JSON alone can.
    pub anonymous: bool,
}

impl Options {
    /// Whether lines are made to fit the terminal.
    pub(super) fn fits_lines(&self) -> bool {
        self.medium == Medium::Terminal && !self.wide
    }
}

/// Where text goes. What a file or a pipe gets does not change from version to
/// version; people who look on are told more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Medium {
    /// A file or a pipe.
    #[default]
    Pipe,
    /// A terminal: every anomaly is shown, on the line of its message too.
    Terminal,
}

impl Medium {
    /// That of standard output.
    pub fn of_stdout() -> Self {
        if super::style::is_terminal() {
            Self::Terminal
        } else {
            Self::Pipe
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            colour: false,
            columns: 80,
            time: TimeFormat::default(),
            clients: false,
            unfold: false,
            medium: Medium::default(),
            wide: false,
            anonymous: false,
        }
    }
}
