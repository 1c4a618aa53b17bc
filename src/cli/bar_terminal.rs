//! The terminal that progress bars are drawn on.

use std::io::{self, Write, stderr};

use indicatif::{ProgressDrawTarget, TermLike};
use terminal_size::{Height, Width, terminal_size_of};

/// Columns that a bar leaves free: for the `^C` that the terminal shows when it is
/// typed. A bar as wide as the terminal would have it wrap to the next line, and what is
/// cleared then is that line and not the bar.
const FREE_COLUMNS: u16 = 3;

/// Columns and lines where the terminal does not say.
const DEFAULT_SIZE: (Width, Height) = (Width(80), Height(24));

/// Where bars are drawn: on standard error, so often a second.
pub fn draw_target(redraws: u8) -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(BarTerminal), redraws)
}

#[derive(Debug)]
struct BarTerminal;

impl BarTerminal {
    fn size() -> (Width, Height) {
        terminal_size_of(stderr()).unwrap_or(DEFAULT_SIZE)
    }

    /// Moves the cursor, as ECMA-48 has it.
    fn move_cursor(count: usize, direction: char) -> io::Result<()> {
        match count {
            0 => Ok(()),
            count => write!(stderr(), "\x1b[{count}{direction}"),
        }
    }
}

impl TermLike for BarTerminal {
    fn width(&self) -> u16 {
        Self::size().0.0.saturating_sub(FREE_COLUMNS)
    }

    fn height(&self) -> u16 {
        Self::size().1.0
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        Self::move_cursor(count, 'A')
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        Self::move_cursor(count, 'B')
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        Self::move_cursor(count, 'C')
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        Self::move_cursor(count, 'D')
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        writeln!(stderr(), "{line}")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        stderr().write_all(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        stderr().flush()
    }
}
