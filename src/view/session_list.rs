//! The list of connections on a terminal (`sessions`): a row each, failed attempts
//! among them, as many facts as there is room for, and totals below.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::grid::Grid;
use super::quantity::{Bytes, Duration, Rate};
use super::sessions::{End, LETTERS, NOT_SEEN, SessionSummary, close_words};
use super::style::Role;
use super::table::{Cell, Column, Table};
use super::terminal::Terminal;
use super::text::{Safe, clipped, is_plain, wrap};
use crate::flow::Side;
use crate::session::{Actor, ConnectionEvent};
use crate::wire::words::{Count, ShortId};

/// Rows that are laid out at once: a list of a million connections is written in
/// parts that look as one.
const ROWS_AT_ONCE: usize = 1000;

/// Columns of a name at most, and of a torrent's.
const MAX_CLIENT: usize = 32;
const MAX_TORRENT: usize = 42;

/// A fact about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FactKind {
    Number,
    Carrier,
    /// The client, or the address where it is not known.
    Name(Side),
    Address(Side),
    Torrent,
    Encryption,
    /// Messages that a side sent.
    Messages(Side),
    /// Data that a side sent.
    Data(Side),
    Rate,
    Lasted,
    Ended,
}

/// The facts, each with the width from which on there is room for it.
const FACTS: [(FactKind, Column, usize); 15] = [
    (FactKind::Number, Column::right("#"), 0),
    (FactKind::Carrier, Column::new("via"), 150),
    (
        FactKind::Name(Side::Initiator),
        Column::names("A, initiator", 12),
        0,
    ),
    (
        FactKind::Address(Side::Initiator),
        Column::names("address", 15),
        140,
    ),
    (
        FactKind::Name(Side::Acceptor),
        Column::names("B, acceptor", 12),
        0,
    ),
    (
        FactKind::Address(Side::Acceptor),
        Column::names("address", 15),
        140,
    ),
    (FactKind::Torrent, Column::names("torrent", 7), 0),
    (FactKind::Encryption, Column::new("encryption"), 150),
    (
        FactKind::Messages(Side::Initiator),
        Column::right("A msgs"),
        170,
    ),
    (
        FactKind::Messages(Side::Acceptor),
        Column::right("B msgs"),
        170,
    ),
    (FactKind::Data(Side::Initiator), Column::right("A>B"), 0),
    (FactKind::Data(Side::Acceptor), Column::right("B>A"), 0),
    (FactKind::Rate, Column::right("rate"), 100),
    (FactKind::Lasted, Column::right("lasted"), 0),
    (FactKind::Ended, Column::words("ended", 13), 0),
];

/// Writes the list as connections come in.
#[derive(Debug)]
pub struct SessionList {
    columns: usize,
    facts: Vec<FactKind>,
    colour: bool,
    grid: Grid,
    part: Table,
    totals: Totals,
}

#[derive(Debug, Default)]
struct Totals {
    connections: u64,
    attempts: u64,
    payload_bytes: u64,
    wire_bytes: u64,
    /// The connection with the most data, and how much.
    most: Option<(u64, u64)>,
}

impl SessionList {
    /// A list for a terminal of so many columns.
    pub fn new(columns: usize, colour: bool) -> Self {
        let shown = FACTS.iter().filter(|(_, _, from)| columns >= *from);
        Self {
            columns,
            facts: shown.clone().map(|(fact, _, _)| *fact).collect(),
            colour,
            grid: Grid::new(columns, colour),
            part: Table {
                columns: shown.map(|(_, column, _)| *column).collect(),
                rows: Vec::new(),
            },
            totals: Totals::default(),
        }
    }

    /// Adds a connection; writes rows when there are enough of them.
    pub fn push(&mut self, out: &mut dyn Write, summary: &SessionSummary<'_>) -> io::Result<()> {
        let totals = &mut self.totals;
        let data: u64 = summary.ends.iter().map(|end| end.payload_bytes).sum();
        totals.connections += 1;
        totals.payload_bytes += data;
        if is_opaque(summary) {
            totals.wire_bytes += summary.ends.iter().map(|end| end.wire_bytes).sum::<u64>();
        }
        if totals.most.is_none_or(|(most, _)| data > most) {
            totals.most = Some((data, summary.stream));
        }
        let cells = self.facts.iter().map(|fact| match fact {
            _ if self.is_told_beside(*fact, summary.ends.map(|end| end.client.is_some())) => {
                Cell::empty()
            }
            FactKind::Torrent if self.has(FactKind::Encryption) && is_unnamed(summary) => {
                Cell::empty()
            }
            fact => cell(*fact, summary),
        });
        self.part.rows.push(cells.collect());
        self.flush_full(out)
    }

    /// Adds an attempt at a connection that failed.
    pub fn attempt(&mut self, out: &mut dyn Write, attempt: &ConnectionEvent) -> io::Result<()> {
        self.totals.attempts += 1;
        let cells = self.facts.iter().map(|fact| match fact {
            _ if self.is_told_beside(*fact, [false, false]) => Cell::empty(),
            FactKind::Torrent if self.has(FactKind::Encryption) => Cell::empty(),
            fact => attempt_cell(*fact, attempt),
        });
        self.part.rows.push(cells.collect());
        self.flush_full(out)
    }

    fn has(&self, fact: FactKind) -> bool {
        self.facts.contains(&fact)
    }

    /// Whether a fact is the name of an end whose client is not known, and its address
    /// stands in a column of its own.
    fn is_told_beside(&self, fact: FactKind, has_client: [bool; 2]) -> bool {
        match fact {
            FactKind::Name(side) => !has_client[side.index()] && self.has(FactKind::Address(side)),
            _ => false,
        }
    }

    /// Writes what was not written yet, the totals, and how to go on with `file`.
    pub fn finish(mut self, out: &mut dyn Write, file: Option<&str>) -> io::Result<()> {
        self.flush(out)?;
        let totals = &self.totals;
        if totals.connections + totals.attempts == 0 {
            return Ok(());
        }
        let mut terminal = Terminal::new(self.colour);
        let mut document = terminal.document();
        let mut words = Count(totals.connections, "connection").to_string();
        if totals.attempts > 0 {
            let attempts = Count(totals.attempts, "attempt");
            let _ = write!(words, ", {attempts} that failed");
        }
        let data = Bytes(totals.payload_bytes);
        let _ = write!(words, "; {data} of pieces");
        if totals.wire_bytes > 0 {
            let wire = Bytes(totals.wire_bytes);
            let _ = write!(words, "; *{wire} of encrypted streams, as they passed");
        }
        document.end_line();
        for line in wrap(&words, self.columns) {
            document.push(line);
            document.end_line();
        }
        if let (Some((_, stream)), Some(file)) = (totals.most, file) {
            for line in hints(stream, &quoted(file), self.columns) {
                document.role(Role::Quiet);
                document.push(&line);
                document.end_line();
            }
        }
        terminal.write(out, &document)
    }

    fn flush_full(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.part.rows.len() >= ROWS_AT_ONCE {
            self.flush(out)?;
        }
        Ok(())
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let written = self.grid.write(out, &self.part);
        self.part.rows.clear();
        written
    }
}

/// How to go on: the commands, each with what it shows, in lines that fit.
fn hints(stream: u64, file: &str, columns: usize) -> Vec<String> {
    let messages = format!("the messages of connection {stream}");
    let hints = [
        (
            format!("peerscope read --stream {stream} {file}"),
            &messages[..],
        ),
        (
            format!("peerscope follow --stream {stream} {file}"),
            "its course",
        ),
        (
            format!("peerscope sessions -V {file}"),
            "all there is to say of each",
        ),
        (format!("peerscope check {file}"), "what is wrong"),
    ];
    let width = |text: &str| text.chars().count();
    let commands = hints.iter().map(|(command, _)| width(command)).max();
    let words = hints.iter().map(|(_, words)| width(words)).max();
    let (commands, words) = (commands.unwrap_or(0), words.unwrap_or(0));
    // Nothing is put behind a command that fills the line.
    let has_room = commands + 2 + words <= columns;
    let lines = hints.iter().map(|(command, words)| {
        if has_room {
            format!("{command:commands$}  {words}")
        } else {
            command.clone()
        }
    });
    lines.collect()
}

/// A file name as a shell takes it, harmless to look at.
fn quoted(file: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_./-+:@,".contains(c);
    if file.chars().all(is_word) {
        return file.to_owned();
    }
    let text: String = file.chars().filter(|c| is_plain(*c)).collect();
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// What it says cannot be read: only its bytes are counted.
fn is_opaque(summary: &SessionSummary<'_>) -> bool {
    let is_silent = |end: &End<'_>| end.messages.iter().all(|(name, _)| *name != "handshake");
    summary.encryption != "none" && summary.ends.iter().all(is_silent)
}

fn cell(fact: FactKind, summary: &SessionSummary<'_>) -> Cell {
    let end = |side: Side| &summary.ends[side.index()];
    match fact {
        FactKind::Number => Cell::plain(summary.stream),
        FactKind::Carrier => Cell::new(Role::Quiet, summary.carrier.name()),
        FactKind::Name(side) => match end(side).client {
            Some(client) => {
                let client = Safe::from(client).to_string();
                Cell::new(Role::of(side), clipped(&client, MAX_CLIENT))
            }
            None => Cell::address(Role::of(side), end(side).address),
        },
        FactKind::Address(side) => Cell::address(Role::Address, end(side).address),
        FactKind::Torrent => torrent(summary),
        FactKind::Encryption => Cell::new(Role::Control, summary.encryption_words()),
        FactKind::Messages(side) | FactKind::Data(side) if end(side).is_unseen => {
            Cell::new(Role::Quiet, NOT_SEEN)
        }
        FactKind::Messages(side) => {
            let messages = end(side).messages.iter();
            Cell::plain(messages.map(|(_, count)| count).sum::<u64>())
        }
        FactKind::Data(side) if is_opaque(summary) => {
            Cell::new(Role::Quiet, format!("*{}", Bytes(end(side).wire_bytes)))
        }
        FactKind::Data(side) => Cell::plain(Bytes(end(side).payload_bytes)),
        FactKind::Rate => Cell::plain(rate(summary)),
        FactKind::Lasted => Cell::plain(summary.lasted()),
        FactKind::Ended => ended(summary),
    }
}

fn attempt_cell(fact: FactKind, attempt: &ConnectionEvent) -> Cell {
    let end = |side: Side| attempt.ends[side.index()];
    match fact {
        FactKind::Number => {
            let number = attempt.stream.map(|stream| stream.to_string());
            Cell::plain(number.unwrap_or_default())
        }
        FactKind::Carrier => Cell::new(Role::Quiet, attempt.carrier.name()),
        FactKind::Name(side) => Cell::address(Role::of(side), end(side)),
        FactKind::Address(side) => Cell::address(Role::Address, end(side)),
        FactKind::Torrent | FactKind::Encryption => {
            let may_be = attempt.looks_encrypted && attempt.last_message.is_none();
            Cell::new(Role::Control, if may_be { "may be MSE" } else { "" })
        }
        FactKind::Data(side) => {
            let bytes = attempt.bytes[side.index()];
            match bytes {
                0 => Cell::empty(),
                bytes => Cell::new(Role::Quiet, format!("*{}", Bytes(bytes))),
            }
        }
        FactKind::Messages(_) | FactKind::Rate => Cell::empty(),
        FactKind::Lasted => {
            let lasted = attempt.stamp.time.since(attempt.first.time);
            Cell::plain(Duration(lasted))
        }
        FactKind::Ended => {
            let by = match attempt.by {
                Some(Actor::End(side)) => format!(" by {}", LETTERS[side.index()]),
                Some(Actor::Router(_)) | None => String::new(),
            };
            let then = attempt.then.map(|then| format!(", next #{}", then.frame));
            let then = then.unwrap_or_default();
            Cell::new(
                Role::Problem,
                format!("{}{by}{then}", attempt.change.name()),
            )
        }
    }
}

/// Name of the torrent, else its info-hash, else why neither is known.
fn torrent(summary: &SessionSummary<'_>) -> Cell {
    if let Some(name) = summary.name {
        let name = Safe::from(name).to_string();
        return Cell::new(Role::Hash, clipped(&name, MAX_TORRENT));
    }
    match summary.info_hash {
        Some(hash) => Cell::new(Role::Hash, ShortId(&hash)),
        None => Cell::new(Role::Control, summary.encryption_words()),
    }
}

/// Neither the name nor the info-hash of its torrent is known.
fn is_unnamed(summary: &SessionSummary<'_>) -> bool {
    summary.name.is_none() && summary.info_hash.is_none()
}

/// Data a second, both ways together, over the whole connection.
fn rate(summary: &SessionSummary<'_>) -> String {
    let data: u64 = summary.ends.iter().map(|end| end.payload_bytes).sum();
    let nanos = summary.end.since(summary.start);
    if data == 0 || nanos <= 0 {
        return String::new();
    }
    format!("{}", Rate(data, nanos))
}

/// How it ended, by whom, and what was open then.
fn ended(summary: &SessionSummary<'_>) -> Cell {
    let mut words = close_words(summary.close, summary.closed_by.map(|(side, _)| side));
    let unanswered = Side::BOTH.map(|side| summary.unanswered(side).unwrap_or(0));
    let open: u64 = unanswered.iter().sum();
    if open > 0 {
        let _ = write!(words, ", {open} unanswered");
    }
    let gaps: u64 = summary.ends.iter().map(|end| end.gaps).sum();
    if gaps > 0 {
        let _ = write!(words, ", {}", Count(gaps, "gap"));
    }
    let is_bad = gaps > 0 || open > 0;
    Cell::new(if is_bad { Role::Problem } else { Role::Plain }, words)
}

#[cfg(test)]
#[path = "session_list_tests.rs"]
mod tests;
