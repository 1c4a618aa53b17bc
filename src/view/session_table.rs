//! The table of connections (`sessions`) for a pipe: two rows a connection, one for
//! each end, so that who sent what reads across. A row is a line: what is longer than
//! its column moves those behind it.

use std::io::{self, Write};

use super::document::Document;
use super::number::{push_hex, push_socket};
use super::quantity::Bytes;
use super::sessions::{End, SessionSummary, close_name};
use super::style::Role;
use super::table::{Cell, Column};
use super::terminal::Terminal;
use super::text::{Safe, clipped, width};
use crate::session::ConnectionEvent;

/// Columns of the window below which nothing gets narrower.
const MIN_COLUMNS: usize = 80;

const COLUMNS: [Column; 6] = [
    Column::new("#"),
    Column::new("initiator, acceptor"),
    Column::new("torrent"),
    Column::right("msgs"),
    Column::right("payload"),
    Column::new("lasted"),
];

/// Widths of the columns in a window of 80.
const WIDTHS: [usize; 6] = [4, 33, 11, 6, 8, 13];

/// The torrent among them.
const TORRENT: usize = 2;

/// What stands in a line, a cell a column.
type Row = [Cell; 6];

/// Widest that torrent and addresses get.
const MAX_TORRENT: usize = 41;
const MAX_ENDS: usize = 63;

/// Writes the table as connections come in.
#[derive(Debug)]
pub struct SessionTable {
    widths: [usize; 6],
    terminal: Terminal,
    document: Document,
    has_titles: bool,
}

impl SessionTable {
    /// A table `columns` wide (80 at least).
    pub fn new(columns: usize, colour: bool) -> Self {
        let terminal = Terminal::new(colour);
        Self {
            widths: widths(columns),
            document: terminal.document(),
            terminal,
            has_titles: false,
        }
    }

    /// Writes a connection.
    pub fn push(&mut self, out: &mut dyn Write, summary: &SessionSummary<'_>) -> io::Result<()> {
        let rows = self.rows(summary);
        self.write(out, &rows)
    }

    /// Writes an attempt at a connection that failed.
    pub fn attempt(&mut self, out: &mut dyn Write, attempt: &ConnectionEvent) -> io::Result<()> {
        let carrier = attempt.carrier.name();
        let address = |index: usize| {
            let mut text = String::new();
            push_socket(&mut text, attempt.ends[index]);
            Cell::new(Role::Address, text)
        };
        let stream = attempt.stream.map(|stream| stream.to_string());
        let may_be_mse = attempt.looks_encrypted && attempt.last_message.is_none();
        let encryption = if may_be_mse { "may be MSE" } else { "" };
        let first = [
            Cell::plain(stream.unwrap_or_default()),
            address(0),
            Cell::new(Role::Control, encryption),
            Cell::empty(),
            Cell::empty(),
            Cell::empty(),
        ];
        let second = [
            Cell::new(Role::Quiet, carrier),
            address(1),
            Cell::empty(),
            Cell::empty(),
            Cell::empty(),
            Cell::new(Role::Problem, attempt.change.name()),
        ];
        self.write(out, &[first, second])
    }

    fn write(&mut self, out: &mut dyn Write, rows: &[Row; 2]) -> io::Result<()> {
        self.document.clear();
        if !std::mem::replace(&mut self.has_titles, true) {
            let titles = COLUMNS.map(|column| Cell::new(Role::Label, column.title));
            self.line(&titles);
        }
        for row in rows {
            self.line(row);
        }
        self.terminal.write(out, &self.document)
    }

    fn line(&mut self, row: &Row) {
        let (mut at, mut column_at) = (0, 0);
        for ((cell, column), columns) in row.iter().zip(COLUMNS).zip(self.widths) {
            let end = column_at + columns;
            let text = width(&cell.text);
            if text > 0 {
                let start = if column.is_right {
                    end.saturating_sub(text)
                } else {
                    column_at
                };
                let space = start.saturating_sub(at).max(usize::from(at > 0));
                self.document.role(Role::Plain);
                self.document.spaces(space);
                self.document.role(cell.role);
                self.document.push(&cell.text);
                at += space + text;
            }
            column_at = end + 1;
        }
        self.document.end_line();
    }

    fn rows(&self, summary: &SessionSummary<'_>) -> [Row; 2] {
        let [initiator, acceptor] = &summary.ends;
        let torrent = torrent(summary, self.widths[TORRENT]);
        let carrier = summary.carrier.name();
        [
            [
                Cell::plain(summary.stream),
                Cell::new(Role::Address, end(initiator)),
                Cell::new(Role::Hash, torrent),
                Cell::plain(messages(initiator)),
                Cell::plain(Bytes(initiator.payload_bytes)),
                Cell::plain(summary.lasted()),
            ],
            [
                Cell::new(Role::Quiet, carrier),
                Cell::new(Role::Address, end(acceptor)),
                Cell::new(Role::Control, summary.encryption_words()),
                Cell::plain(messages(acceptor)),
                Cell::plain(Bytes(acceptor.payload_bytes)),
                how_it_ended(summary),
            ],
        ]
    }
}

/// Widths for a window: what there is beyond 80 columns goes to names.
fn widths(columns: usize) -> [usize; 6] {
    let mut widths = WIDTHS;
    let extra = columns.saturating_sub(MIN_COLUMNS);
    // Stream numbers have room for a million connections where there is room.
    let stream = extra.min(3);
    widths[0] += stream;
    let ends = ((extra - stream) / 2).min(MAX_ENDS - widths[1]);
    widths[1] += ends;
    widths[2] += (extra - stream - ends).min(MAX_TORRENT - widths[2]);
    widths
}

fn end(end: &End<'_>) -> String {
    let mut text = String::new();
    push_socket(&mut text, end.address);
    if let Some(client) = end.client {
        const MAX_CLIENT: usize = 32;
        text.push(' ');
        text.push_str(&clipped(&Safe::from(client).to_string(), MAX_CLIENT));
    }
    text
}

/// Name of the torrent, else its info-hash.
fn torrent(summary: &SessionSummary<'_>, columns: usize) -> String {
    if let Some(name) = summary.name {
        return clipped(&Safe::from(name).to_string(), columns).into_owned();
    }
    let mut hash = String::new();
    if let Some(bytes) = summary.info_hash {
        push_hex(&mut hash, &bytes);
    }
    clipped(&hash, columns).into_owned()
}

fn messages(end: &End<'_>) -> String {
    match end.messages.iter().map(|(_, count)| count).sum::<u64>() {
        count @ 0..1_000_000 => count.to_string(),
        count => format!("{:.2}M", count as f64 / 1e6),
    }
}

fn how_it_ended(summary: &SessionSummary<'_>) -> Cell {
    let how = close_name(summary.close);
    match summary.ends.iter().map(|end| end.gaps).sum::<u64>() {
        0 => Cell::plain(how),
        1 => Cell::new(Role::Problem, format!("{how}, 1 gap")),
        gaps => Cell::new(Role::Problem, format!("{how}, {gaps} gaps")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Carrier, Close};
    use crate::view::fixture;

    fn table(columns: usize, summaries: &[SessionSummary<'_>]) -> String {
        let mut table = SessionTable::new(columns, false);
        let mut out = Vec::new();
        for summary in summaries {
            table.push(&mut out, summary).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    fn summaries() -> [SessionSummary<'static>; 3] {
        let first = fixture::session();
        let mut second = first;
        second.stream = 1;
        second.carrier = Carrier::Utp;
        second.name = None;
        second.encryption = "mse_rc4";
        second.close = Close::Open;
        second.ends[1].client = Some("Transmission 4.1.0 \u{202e}\u{1b}]0;title\u{7}");
        let mut third = first;
        third.stream = 2;
        third.ends[0].address = fixture::socket("[2001:db8:85a3::8a2e:370:7334]:51413");
        third.info_hash = None;
        third.name = None;
        third.ends[1].gaps = 0;
        [first, second, third]
    }

    #[test]
    fn eighty_columns() {
        insta::assert_snapshot!(table(80, &summaries()), @r"
        #    initiator, acceptor               torrent       msgs  payload lasted
        0    10.98.0.2:40322 libtorrent 2.0.10 a\x1b[31mb     258      0 B 3.21 s
        tcp  10.98.0.1:6881                                   257 2.01 MiB fin, 2 gaps
        1    10.98.0.2:40322 libtorrent 2.0.10 4b63dcd847…    258      0 B 3.21 s
        utp  10.98.0.1:6881 Transmission 4.1.0 \u{202e}\x1b… MSE RC4 257 2.01 MiB open, 2 gaps
        2    [2001:db8:85a3::8a2e:370:7334]:51413 libtorrent 2.0.10 258 0 B 3.21 s
        tcp  10.98.0.1:6881                                   257 2.01 MiB fin
        ");
    }

    #[test]
    fn a_wide_window() {
        insta::assert_snapshot!(table(130, &summaries()), @r"
        #       initiator, acceptor                                      torrent                               msgs  payload lasted
        0       10.98.0.2:40322 libtorrent 2.0.10                        a\x1b[31mb                             258      0 B 3.21 s
        tcp     10.98.0.1:6881                                                                                  257 2.01 MiB fin, 2 gaps
        1       10.98.0.2:40322 libtorrent 2.0.10                        4b63dcd8474b63dcd8474b63dcd8474b63…    258      0 B 3.21 s
        utp     10.98.0.1:6881 Transmission 4.1.0 \u{202e}\x1b…          MSE RC4                                257 2.01 MiB open, 2 gaps
        2       [2001:db8:85a3::8a2e:370:7334]:51413 libtorrent 2.0.10                                          258      0 B 3.21 s
        tcp     10.98.0.1:6881                                                                                  257 2.01 MiB fin
        ");
    }

    #[test]
    fn many_look_as_one() {
        let many = vec![fixture::session(); 1200];
        let text = table(80, &many);
        assert_eq!(text.lines().count(), 1 + 2 * many.len());
        let rows: std::collections::HashSet<&str> = text.lines().skip(1).collect();
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn no_connection_no_table() {
        assert_eq!(table(80, &[]), "");
    }
}
