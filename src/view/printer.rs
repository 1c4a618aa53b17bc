//! The one entrance: a record in, its view out.

use std::fmt::Display;
use std::io::{self, Write};

use super::describer::Describer;
use super::document::Document;
use super::json::JsonWriter;
use super::options::{Format, Options};
use super::record::{Gap, Record};
use super::style::Role;
use super::terminal::Terminal;
use crate::capture::Timestamp;
use crate::session::ConnectionEvent;

/// Shows messages in one format, in buffers that it reuses.
#[derive(Debug)]
pub struct Printer {
    is_json: bool,
    json: JsonWriter,
    describer: Describer,
    document: Document,
    terminal: Terminal,
}

impl Printer {
    /// A printer of this format.
    pub fn new(format: Format, options: Options) -> Self {
        let terminal = Terminal::new(options.colour);
        Self {
            is_json: format == Format::Json,
            json: if options.anonymous {
                JsonWriter::anonymous()
            } else {
                JsonWriter::default()
            },
            describer: Describer::new(format, options),
            document: terminal.document(),
            terminal,
        }
    }

    /// Relative times count from here: the time of the capture's first packet.
    /// Without this call they count from the first message shown.
    pub fn start(&mut self, first: Timestamp) {
        self.describer.start(first);
        self.json.start(first);
    }

    /// Whether it writes for programs.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// Whether lines name the clients.
    pub fn shows_clients(&self) -> bool {
        self.describer.shows_clients()
    }

    /// Writes a message.
    pub fn record(&mut self, out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
        if self.is_json {
            return out.write_all(self.json.record(record));
        }
        self.describer.record(&mut self.document, record);
        self.render(out)
    }

    /// Writes a gap.
    pub fn gap(&mut self, out: &mut dyn Write, gap: &Gap) -> io::Result<()> {
        if self.is_json {
            return out.write_all(self.json.gap(gap));
        }
        self.describer.gap(&mut self.document, gap);
        self.render(out)
    }

    /// Writes what happened to a connection.
    pub fn event(&mut self, out: &mut dyn Write, event: &ConnectionEvent) -> io::Result<()> {
        if self.is_json {
            return out.write_all(self.json.event(event));
        }
        self.describer.event(&mut self.document, event);
        self.render(out)
    }

    /// Writes a line that is no message: words around pasted bytes, or about
    /// them. A listing of JSON has none.
    pub fn remark(
        &mut self,
        out: &mut dyn Write,
        role: Role,
        words: &dyn Display,
    ) -> io::Result<()> {
        if self.is_json {
            return Ok(());
        }
        self.describer.finish(&mut self.document);
        let mut line = self.terminal.document();
        line.role(role);
        line.push_display(words);
        line.end_line();
        self.describer.push(&mut self.document, &line);
        self.render(out)
    }

    /// Writes what is still to be said after the last message.
    pub fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.describer.finish(&mut self.document);
        self.render(out)
    }

    /// Writes what is in the document.
    fn render(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let written = self.terminal.write(out, &self.document);
        self.document.clear();
        written
    }
}

#[cfg(test)]
mod tests;
