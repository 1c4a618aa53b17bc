//! Tables on a terminal: columns side by side in the width that there is.

use std::io::{self, Write};

use anstyle::{AnsiColor, Color as AnyColor, Effects};
use comfy_table::{
    Attribute, Cell as Laid, CellAlignment, Color, ColumnConstraint, ContentArrangement,
    Table as Layout, Width, presets,
};

use super::style::Role;
use super::table::{Cell, Column, Table};
use super::text::{clipped_before, width, wrap_phrases};

/// Columns of the terminal between two columns of a table; where it is narrow, one
/// less.
const SPACE_COLUMNS: usize = 2;

/// From here on a terminal is not narrow.
const WIDE_COLUMNS: usize = 100;

/// Writes tables that look as one: the first decides how wide the columns are, and
/// has the titles.
#[derive(Debug)]
pub struct Grid {
    columns: usize,
    colour: bool,
    /// Of each column, the space behind it not included.
    widths: Option<Vec<usize>>,
    space: usize,
    has_titles: bool,
}

impl Grid {
    /// For a terminal of this many columns.
    pub fn new(columns: usize, colour: bool) -> Self {
        Self {
            columns,
            colour,
            widths: None,
            space: if columns < WIDE_COLUMNS {
                SPACE_COLUMNS - 1
            } else {
                SPACE_COLUMNS
            },
            has_titles: false,
        }
    }

    /// Writes a table, or the next rows of it.
    pub fn write(&mut self, out: &mut dyn Write, table: &Table) -> io::Result<()> {
        if table.rows.is_empty() {
            return Ok(());
        }
        let (columns, space) = (self.columns, self.space);
        let widths = self
            .widths
            .get_or_insert_with(|| widths(table, columns, space));
        let mut layout = Layout::new();
        layout
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(narrow(columns));
        if self.colour {
            layout.enforce_styling();
        } else {
            layout.force_no_tty();
        }
        if !std::mem::replace(&mut self.has_titles, true) {
            let titles = table.columns.iter();
            layout.set_header(titles.map(|column| laid(&Cell::new(Role::Label, column.title))));
        }
        for row in &table.rows {
            layout.add_row(row.iter().zip(&table.columns).zip(&*widths).map(
                |((cell, column), width)| match column.narrowest {
                    Some(_) if column.wraps => {
                        let lines = wrap_phrases(&cell.text, *width).join("\n");
                        laid(&Cell::new(cell.role, lines))
                    }
                    Some(_) => laid(&Cell::new(
                        cell.role,
                        clipped_before(&cell.text, *width, cell.end),
                    )),
                    None => laid(cell),
                },
            ));
        }
        let last = table.columns.len().saturating_sub(1);
        let space = |index: usize| if index < last { self.space } else { 0 };
        layout.set_constraints(widths.iter().enumerate().map(|(index, width)| {
            let width = narrow(width + space(index));
            ColumnConstraint::Absolute(Width::Fixed(width))
        }));
        for ((index, laid), column) in layout.column_iter_mut().enumerate().zip(&table.columns) {
            laid.set_padding((0, narrow(space(index))));
            if column.is_right {
                laid.set_cell_alignment(CellAlignment::Right);
            }
        }
        layout
            .lines()
            .try_for_each(|line| writeln!(out, "{}", line.trim_end()))
    }
}

fn narrow(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// How wide the columns of a table are: as their longest cells, and where that is
/// too much, the widest of those that may be shortened give way first.
fn widths(table: &Table, columns: usize, space: usize) -> Vec<usize> {
    let longest = |(index, column): (usize, &Column)| {
        let cells = table.rows.iter().filter_map(|row| row.get(index));
        let longest = cells.map(|cell| width(&cell.text)).max().unwrap_or(0);
        longest.max(width(column.title))
    };
    let mut widths: Vec<usize> = table.columns.iter().enumerate().map(longest).collect();
    let spaces = space * widths.len().saturating_sub(1);
    let mut excess = (widths.iter().sum::<usize>() + spaces).saturating_sub(columns);
    while excess > 0 {
        let can_shrink = |index: &usize| {
            let narrowest = table.columns[*index].narrowest;
            narrowest.is_some_and(|narrowest| widths[*index] > narrowest)
        };
        let widest = (0..widths.len())
            .filter(can_shrink)
            .max_by_key(|index| widths[*index]);
        let Some(widest) = widest else { break };
        widths[widest] -= 1;
        excess -= 1;
    }
    widths
}

/// A cell in the style of its role.
fn laid(cell: &Cell) -> Laid {
    let style = cell.role.style();
    let mut laid = Laid::new(&cell.text);
    if let Some(AnyColor::Ansi(colour)) = style.get_fg_color() {
        laid = laid.fg(colour_of(colour));
    }
    let attributes = [
        (Effects::BOLD, Attribute::Bold),
        (Effects::DIMMED, Attribute::Dim),
    ];
    for (effect, attribute) in attributes {
        if style.get_effects().contains(effect) {
            laid = laid.add_attribute(attribute);
        }
    }
    laid
}

/// The same colour in the words of comfy-table.
fn colour_of(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::DarkRed,
        AnsiColor::Green => Color::DarkGreen,
        AnsiColor::Yellow => Color::DarkYellow,
        AnsiColor::Blue => Color::DarkBlue,
        AnsiColor::Magenta => Color::DarkMagenta,
        AnsiColor::Cyan => Color::DarkCyan,
        AnsiColor::White => Color::Grey,
        AnsiColor::BrightBlack => Color::DarkGrey,
        AnsiColor::BrightRed => Color::Red,
        AnsiColor::BrightGreen => Color::Green,
        AnsiColor::BrightYellow => Color::Yellow,
        AnsiColor::BrightBlue => Color::Blue,
        AnsiColor::BrightMagenta => Color::Magenta,
        AnsiColor::BrightCyan => Color::Cyan,
        AnsiColor::BrightWhite => Color::White,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            columns: vec![
                Column::new("#"),
                Column::names("client", 6),
                Column::names("torrent", 8),
                Column::right("payload"),
            ],
            rows: vec![
                vec![
                    Cell::plain(0),
                    Cell::plain("Transmission 4.1.0"),
                    Cell::plain("日本語の名前"),
                    Cell::plain("2.01 MiB"),
                ],
                vec![
                    Cell::plain(12),
                    Cell::plain("aria2"),
                    Cell::empty(),
                    Cell::plain("0 B"),
                ],
            ],
        }
    }

    fn shown(columns: usize) -> String {
        let mut grid = Grid::new(columns, false);
        let mut out = Vec::new();
        grid.write(&mut out, &table()).unwrap();
        grid.write(&mut out, &table()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn there_is_room() {
        insta::assert_snapshot!(shown(80), @r"
        #  client             torrent       payload
        0  Transmission 4.1.0 日本語の名前 2.01 MiB
        12 aria2                                0 B
        0  Transmission 4.1.0 日本語の名前 2.01 MiB
        12 aria2                                0 B
        ");
    }

    #[test]
    fn names_give_way() {
        insta::assert_snapshot!(shown(36), @r"
        #  client       torrent      payload
        0  Transmissio… 日本語の名… 2.01 MiB
        12 aria2                         0 B
        0  Transmissio… 日本語の名… 2.01 MiB
        12 aria2                         0 B
        ");
    }

    #[test]
    fn ports_are_never_cut() {
        let mut table = Table {
            columns: vec![Column::names("end", 12), Column::right("payload")],
            rows: Vec::new(),
        };
        for end in ["10.98.100.200:54711", "[2001:db8::7334]:6881", "10.0.0.1:1"] {
            let cell = Cell::address(Role::Address, end.parse().unwrap());
            table.rows.push(vec![cell, Cell::plain("2.01 MiB")]);
        }
        let mut out = Vec::new();
        Grid::new(21, false).write(&mut out, &table).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        end           payload
        10.98…:54711 2.01 MiB
        [2001:…:6881 2.01 MiB
        10.0.0.1:1   2.01 MiB
        ");
    }

    #[test]
    fn colours_are_those_of_the_roles() {
        let mut grid = Grid::new(80, true);
        let table = Table {
            columns: vec![Column::new("name")],
            rows: vec![vec![Cell::new(Role::Request, "x")]],
        };
        let mut out = Vec::new();
        grid.write(&mut out, &table).unwrap();
        let text = String::from_utf8(out).unwrap();
        let expected = "\u{1b}[1mname\u{1b}[0m\n\u{1b}[38;5;6mx   \u{1b}[39m\n";
        assert_eq!(text, expected);
    }
}
