//! The table of connections (`sessions`): two rows a connection, one for each
//! end, so that who sent what reads across.

use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Table, Width,
    presets,
};

use super::number::{push_hex, push_socket};
use super::quantity::{Bytes, Duration};
use super::sessions::{End, SessionSummary, close_name};
use super::text::{Safe, fitting, width};
use crate::capture::Timestamp;
use crate::session::{Certainty, ConnectionEvent};

/// Rows that are laid out at once: a table of a million connections is written
/// in parts that look as one.
const PART: usize = 1000;

/// Columns of the window below which nothing gets narrower.
const MIN_COLUMNS: usize = 80;

const HEADER: [&str; 6] = [
    "#",
    "initiator, acceptor",
    "torrent",
    "msgs",
    "payload",
    "lasted",
];

/// Widths of the columns in a window of 80, the space behind each included.
const WIDTHS: [usize; 6] = [5, 34, 12, 7, 9, 13];

/// Widest that torrent and addresses get.
const MAX_TORRENT: usize = 42;
const MAX_ENDS: usize = 64;

/// Writes the table as connections come in.
#[derive(Debug)]
pub struct SessionTable {
    columns: usize,
    colour: bool,
    widths: [usize; 6],
    part: Table,
    has_header: bool,
}

impl SessionTable {
    /// A table `columns` wide (80 at least).
    pub fn new(columns: usize, colour: bool) -> Self {
        let widths = widths(columns);
        let mut table = Self {
            columns,
            colour,
            widths,
            part: Table::new(),
            has_header: false,
        };
        table.begin_part();
        table
    }

    /// Adds a connection; writes rows when there are enough of them.
    pub fn push(&mut self, out: &mut dyn Write, summary: &SessionSummary<'_>) -> io::Result<()> {
        for row in self.rows(summary) {
            self.part.add_row(row);
        }
        self.flush_full(out)
    }

    fn flush_full(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.part.row_count() >= PART {
            self.flush(out)?;
        }
        Ok(())
    }

    /// Adds an attempt at a connection that failed.
    pub fn attempt(&mut self, out: &mut dyn Write, attempt: &ConnectionEvent) -> io::Result<()> {
        let carrier = super::json::carrier_name(attempt.carrier);
        let address = |index: usize| {
            let mut text = String::new();
            push_socket(&mut text, attempt.ends[index]);
            Cell::new(text).fg(Color::Green)
        };
        let stream = attempt
            .stream
            .map_or(String::new(), |stream| stream.to_string());
        let may_be_mse = attempt.looks_encrypted && attempt.last_message.is_none();
        let none = || Cell::new("");
        self.part.add_row(vec![
            Cell::new(stream),
            address(0),
            Cell::new(if may_be_mse { "may be MSE" } else { "" }).fg(Color::Yellow),
            none(),
            none(),
            none(),
        ]);
        self.part.add_row(vec![
            Cell::new(carrier).add_attribute(Attribute::Dim),
            address(1),
            none(),
            none(),
            none(),
            Cell::new(attempt.change.name()).fg(Color::Red),
        ]);
        self.flush_full(out)
    }

    /// Writes what was not written yet.
    pub fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.flush(out)
    }

    fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.part.row_count() == 0 {
            return Ok(());
        }
        let constraints = self.widths.map(|width| {
            let width = u16::try_from(width).unwrap_or(u16::MAX);
            ColumnConstraint::Absolute(Width::Fixed(width))
        });
        self.part.set_constraints(constraints);
        for (index, column) in self.part.column_iter_mut().enumerate() {
            column.set_padding((0, u16::from(index + 1 < HEADER.len())));
            if matches!(index, 3 | 4) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in self.part.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        self.begin_part();
        Ok(())
    }

    fn begin_part(&mut self) {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(self.columns.max(MIN_COLUMNS)).unwrap_or(u16::MAX));
        if self.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !self.has_header {
            let bold = |name| Cell::new(name).add_attribute(Attribute::Bold);
            table.set_header(HEADER.map(bold));
            self.has_header = true;
        }
        self.part = table;
    }

    fn rows(&self, summary: &SessionSummary<'_>) -> [Vec<Cell>; 2] {
        let [initiator, acceptor] = &summary.ends;
        let torrent = torrent(summary, self.widths[2].saturating_sub(1));
        let carrier = super::json::carrier_name(summary.carrier);
        [
            vec![
                Cell::new(summary.stream),
                Cell::new(end(initiator)).fg(Color::Green),
                Cell::new(torrent).fg(Color::Magenta),
                Cell::new(messages(initiator)),
                Cell::new(Bytes(initiator.payload_bytes)),
                Cell::new(lasted(summary)),
            ],
            vec![
                Cell::new(carrier).add_attribute(Attribute::Dim),
                Cell::new(end(acceptor)).fg(Color::Green),
                Cell::new(encryption(summary)).fg(Color::Yellow),
                Cell::new(messages(acceptor)),
                Cell::new(Bytes(acceptor.payload_bytes)),
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
        text.push_str(&clipped(client, MAX_CLIENT));
    }
    text
}

/// Name of the torrent, else its info-hash.
fn torrent(summary: &SessionSummary<'_>, columns: usize) -> String {
    if let Some(name) = summary.name {
        return clipped(name, columns);
    }
    let mut hash = String::new();
    if let Some(bytes) = summary.info_hash {
        push_hex(&mut hash, &bytes);
    }
    clipped(&hash, columns)
}

/// Sanitised text, clipped to `columns` with an ellipsis.
fn clipped(text: &str, columns: usize) -> String {
    let text = Safe::from(text).to_string();
    if width(&text) <= columns {
        return text;
    }
    format!("{}…", fitting(&text, columns.saturating_sub(1)))
}

fn messages(end: &End<'_>) -> String {
    match end.messages.iter().map(|(_, count)| count).sum::<u64>() {
        count @ 0..1_000_000 => count.to_string(),
        count => format!("{:.2}M", count as f64 / 1e6),
    }
}

fn lasted(summary: &SessionSummary<'_>) -> String {
    if summary.start == Timestamp::UNKNOWN || summary.end == Timestamp::UNKNOWN {
        return String::new();
    }
    Duration(summary.end.since(summary.start)).to_string()
}

fn encryption(summary: &SessionSummary<'_>) -> &'static str {
    match summary.encryption {
        "none" => "",
        _ if summary.certainty == Certainty::Likely => "may be MSE",
        "mse_rc4" => "MSE RC4",
        "mse_plaintext" => "MSE plain",
        _ => "MSE",
    }
}

fn how_it_ended(summary: &SessionSummary<'_>) -> Cell {
    let how = close_name(summary.close);
    match summary.ends.iter().map(|end| end.gaps).sum::<u64>() {
        0 => Cell::new(how),
        1 => Cell::new(format!("{how}, 1 gap")).fg(Color::Red),
        gaps => Cell::new(format!("{how}, {gaps} gaps")).fg(Color::Red),
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
        table.finish(&mut out).unwrap();
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
        utp  10.98.0.1:6881 Transmission 4.1.0 MSE RC4        257 2.01 MiB open, 2 gaps
             \u{202e}\x1b…
        2    [2001:db8:85a3::8a2e:370:7334]:51                258      0 B 3.21 s
             413 libtorrent 2.0.10
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
    fn parts_look_as_one() {
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
