//! Writing on the screen: runs of one role, clipped, in colour or without.

use anstyle::{AnsiColor, Color as AnsiStyleColor, Effects};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use crate::tui::model::Area;
use crate::view::Role;
use crate::view::text::{clipped, width};

/// How roles look.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// Colours say direction and severity, never alone.
    pub colour: bool,
}

impl Palette {
    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let ansi = role.style();
        let effects = ansi.get_effects();
        let mut style = Style::new();
        for (effect, modifier) in [
            (Effects::BOLD, Modifier::BOLD),
            (Effects::DIMMED, Modifier::DIM),
        ] {
            if effects.contains(effect) {
                style = style.add_modifier(modifier);
            }
        }
        match ansi.get_fg_color() {
            Some(AnsiStyleColor::Ansi(colour)) if self.colour => style.fg(ansi_colour(colour)),
            _ => style,
        }
    }
}

fn ansi_colour(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::Red,
        AnsiColor::Green => Color::Green,
        AnsiColor::Yellow => Color::Yellow,
        AnsiColor::Blue => Color::Blue,
        AnsiColor::Magenta => Color::Magenta,
        AnsiColor::Cyan => Color::Cyan,
        AnsiColor::White => Color::Gray,
        AnsiColor::BrightBlack => Color::DarkGray,
        AnsiColor::BrightRed => Color::LightRed,
        AnsiColor::BrightGreen => Color::LightGreen,
        AnsiColor::BrightYellow => Color::LightYellow,
        AnsiColor::BrightBlue => Color::LightBlue,
        AnsiColor::BrightMagenta => Color::LightMagenta,
        AnsiColor::BrightCyan => Color::LightCyan,
        AnsiColor::BrightWhite => Color::White,
    }
}

/// How a line stands out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mark {
    /// It does not.
    #[default]
    None,
    /// It is selected, in a pane that the keys do not go to.
    Selected,
    /// It is selected, and the keys go there.
    Focused,
}

impl Mark {
    /// Of a line that is selected or not.
    pub fn of(is_selected: bool, has_focus: bool) -> Self {
        match (is_selected, has_focus) {
            (false, _) => Self::None,
            (true, false) => Self::Selected,
            (true, true) => Self::Focused,
        }
    }
}

/// One line of the screen, written from left to right.
pub struct Pen<'b> {
    buffer: &'b mut Buffer,
    palette: Palette,
    x: u16,
    y: u16,
    end: u16,
}

impl<'b> Pen<'b> {
    /// At the beginning of a row of an area.
    pub fn new(buffer: &'b mut Buffer, palette: Palette, area: Area, row: u16) -> Self {
        Self {
            x: area.x,
            y: area.y + row,
            end: if row < area.height {
                area.x + area.width
            } else {
                area.x
            },
            buffer,
            palette,
        }
    }

    /// Columns that are left.
    pub fn room(&self) -> usize {
        self.end.saturating_sub(self.x).into()
    }

    /// Writes what fits; longer text ends in `…`.
    pub fn put(&mut self, role: Role, text: &str) {
        self.put_styled(self.palette.style(role), text);
    }

    /// The same in another style.
    pub fn put_styled(&mut self, style: Style, text: &str) {
        let room = self.room();
        if room == 0 {
            return;
        }
        let text = clipped(text, room);
        let used = width(&text).min(room);
        self.buffer.set_stringn(self.x, self.y, &text, room, style);
        self.x += used as u16;
    }

    /// Writes text in a column of `columns`, on the left of it.
    pub fn cell(&mut self, role: Role, text: &str, columns: usize) {
        let text = clipped(text, columns);
        self.put(role, &text);
        self.blanks(columns.saturating_sub(width(&text)));
    }

    /// Writes text in a column of `columns`, on the right of it.
    pub fn number(&mut self, role: Role, text: &str, columns: usize) {
        self.blanks(columns.saturating_sub(width(text)));
        self.put(role, text);
    }

    /// Goes on `count` columns.
    pub fn blanks(&mut self, count: usize) {
        let to = usize::from(self.x) + count;
        self.x = to.min(self.end.into()) as u16;
    }

    /// Goes to a column of the screen.
    pub fn to(&mut self, x: u16) {
        self.x = x.min(self.end);
    }

    /// The column where the next character goes.
    pub fn at(&self) -> u16 {
        self.x
    }

    /// Fills what is left of the line.
    pub fn fill(&mut self, role: Role, symbol: &str) {
        let text = symbol.repeat(self.room());
        self.put(role, &text);
    }

    /// Makes the whole row of `area` stand out.
    pub fn mark(&mut self, area: Area, mark: Mark) {
        let modifier = match mark {
            Mark::None => return,
            Mark::Selected => Modifier::UNDERLINED,
            Mark::Focused => Modifier::REVERSED,
        };
        for x in area.x..area.x + area.width {
            if let Some(cell) = self.buffer.cell_mut((x, self.y)) {
                if mark == Mark::Focused {
                    // One bar: colours that are turned round hide what is written.
                    (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
                    cell.modifier.remove(Modifier::DIM | Modifier::BOLD);
                }
                cell.modifier.insert(modifier);
            }
        }
    }

    /// Makes `columns` of the row from `x` on stand out.
    pub fn highlight(&mut self, x: u16, columns: u16, mark: Mark) {
        let end = (x + columns).min(self.end);
        let area = Area {
            x,
            y: self.y,
            width: end.saturating_sub(x),
            height: 1,
        };
        self.mark(area, mark);
    }
}
