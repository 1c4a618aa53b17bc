//! The one entrance: a record in, its view out.

use std::fmt::Display;
use std::io::{self, Write};

use super::clock::{Clock, TimeFormat};
use super::dump::Message;
use super::hexdump::push_dump;
use super::json::JsonWriter;
use super::line::{LineWriter, Run};
use super::record::{Gap, Origin, Record};
use super::style::{Ink, Role};
use super::tree::push_tree;
use crate::capture::Timestamp;
use crate::session::ConnectionEvent;
use crate::wire::Tree;

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
        }
    }
}

/// Shows messages in one format, in buffers that it reuses.
#[derive(Debug)]
pub struct Printer {
    format: Format,
    options: Options,
    line: LineWriter,
    json: JsonWriter,
    ink: Ink,
    tree: Tree,
    run: Option<Run>,
}

impl Printer {
    /// A printer of this format.
    pub fn new(format: Format, options: Options) -> Self {
        Self {
            format,
            options,
            line: LineWriter::new(Clock::new(options.time), options.clients),
            json: JsonWriter::default(),
            ink: Ink::new(options.colour),
            tree: Tree::new(),
            run: None,
        }
    }

    /// Relative times count from here: the time of the capture's first packet.
    /// Without this call they count from the first message shown.
    pub fn start(&mut self, first: Timestamp) {
        self.line.start(first);
    }

    /// Whether it writes for programs.
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether lines name the clients.
    pub fn shows_clients(&self) -> bool {
        self.options.clients
    }

    /// Writes a message.
    pub fn record(&mut self, out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
        if self.format == Format::Json {
            return out.write_all(self.json.record(record));
        }
        if self.continues_run(record) {
            return Ok(());
        }
        self.ink.clear();
        self.end_run();
        self.run = (!self.options.unfold).then(|| Run::begin(record)).flatten();
        let aligned = self.format == Format::Line;
        self.tree.clear();
        let is_terminal = self.options.medium == Medium::Terminal;
        if !aligned || is_terminal {
            (record.dissect)(&mut self.tree);
        }
        // Below the line of a message its fields tell of their anomalies.
        let told = (aligned && is_terminal).then_some(&self.tree);
        self.line.record(&mut self.ink, record, aligned, told);
        if !aligned {
            self.details(record);
        }
        out.write_all(self.ink.as_bytes())
    }

    /// Writes a gap.
    pub fn gap(&mut self, out: &mut dyn Write, gap: &Gap) -> io::Result<()> {
        if self.format == Format::Json {
            return out.write_all(self.json.gap(gap));
        }
        self.ink.clear();
        self.end_run();
        self.line
            .gap(&mut self.ink, gap, self.format == Format::Line);
        out.write_all(self.ink.as_bytes())
    }

    /// Writes what happened to a connection.
    pub fn event(&mut self, out: &mut dyn Write, event: &ConnectionEvent) -> io::Result<()> {
        if self.format == Format::Json {
            return out.write_all(self.json.event(event));
        }
        self.ink.clear();
        self.end_run();
        let aligned = self.format == Format::Line;
        self.line.event(&mut self.ink, event, aligned);
        out.write_all(self.ink.as_bytes())
    }

    /// Writes a line that is no message: words around pasted bytes, or about
    /// them. A listing of JSON has none.
    pub fn remark(
        &mut self,
        out: &mut dyn Write,
        role: Role,
        words: &dyn Display,
    ) -> io::Result<()> {
        if self.format == Format::Json {
            return Ok(());
        }
        self.ink.clear();
        self.end_run();
        self.ink.role(role);
        self.ink.push_display(words);
        self.ink.end_line();
        out.write_all(self.ink.as_bytes())
    }

    /// Writes what is still to be said after the last message.
    pub fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.ink.clear();
        self.end_run();
        out.write_all(self.ink.as_bytes())
    }

    /// Whether the message is one more keep-alive of a packet that was shown to
    /// hold one: a packet can hold hundreds, and they say nothing.
    fn continues_run(&mut self, record: &Record<'_>) -> bool {
        match &mut self.run {
            Some(run) if run.holds(record) => {
                run.more += 1;
                true
            }
            _ => false,
        }
    }

    fn end_run(&mut self) {
        if let Some(run) = self.run.take().filter(|run| run.more > 0) {
            let aligned = self.format == Format::Line;
            self.line.run(&mut self.ink, &run, aligned);
        }
    }

    fn details(&mut self, record: &Record<'_>) {
        let message = Message {
            tree: &self.tree,
            bytes: record.bytes,
            length: record.length,
            missing: record.missing,
            absence: match record.origin {
                Origin::Capture(captured) if captured.unsent == record.missing => "not sent",
                Origin::Capture(_) => "not captured",
                Origin::Text(_) | Origin::Made => "cut here",
            },
            malformed: record.malformed,
            all_anomalies: self.options.medium == Medium::Terminal,
        };
        push_fields(&mut self.ink, &message, self.format, self.options);
        self.tree.clear();
        let Some(bytes) = (record.decoded)(&mut self.tree) else {
            return;
        };
        self.ink.spaces(2);
        self.ink.role(Role::Quiet);
        self.ink.push("the decoded body (offsets are within it)");
        self.ink.end_line();
        let message = Message {
            tree: &self.tree,
            bytes: &bytes,
            length: bytes.len() as u64,
            missing: 0,
            absence: "",
            malformed: None,
            all_anomalies: self.options.medium == Medium::Terminal,
        };
        push_fields(&mut self.ink, &message, self.format, self.options);
    }
}

fn push_fields(ink: &mut Ink, message: &Message<'_>, format: Format, options: Options) {
    let (columns, unfold) = (options.columns, options.unfold);
    match format {
        Format::Hex => push_dump(ink, message, columns, unfold),
        _ => push_tree(ink, message, columns, unfold),
    }
}

#[cfg(test)]
mod tests;
