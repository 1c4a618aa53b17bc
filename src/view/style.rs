//! Colour: what it says, and when it is used.

use std::fmt::Write as _;
use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

use super::text::{Safe, SafeWriter};

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` says otherwise.
    #[default]
    Auto,
    /// Even into a file or pipe.
    Always,
    /// Not at all.
    Never,
}

impl ColorChoice {
    /// Whether to colour what goes to standard output.
    #[cfg(feature = "cli")]
    pub fn for_stdout(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let stdout = std::io::stdout();
                anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never
            }
        }
    }

    /// Whether to colour what goes to standard error.
    #[cfg(feature = "cli")]
    pub fn for_stderr(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let stderr = std::io::stderr();
                anstream::AutoStream::choice(&stderr) != anstream::ColorChoice::Never
            }
        }
    }
}

/// Whether somebody looks at standard output.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Columns to lay out for: those of the terminal on standard output, else 80,
/// so that what goes into a file does not depend on the window.
#[cfg(feature = "cli")]
pub fn stdout_columns() -> usize {
    const DEFAULT: usize = 80;
    if !std::io::stdout().is_terminal() {
        return DEFAULT;
    }
    terminal_size::terminal_size().map_or(DEFAULT, |(width, _)| usize::from(width.0))
}

/// Columns of the terminal on standard error, else 80.
#[cfg(feature = "cli")]
pub fn stderr_columns() -> usize {
    const DEFAULT: usize = 80;
    terminal_size::terminal_size_of(std::io::stderr())
        .map_or(DEFAULT, |(width, _)| usize::from(width.0))
}

/// What a piece of output is; decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing in particular.
    Plain,
    /// Of no interest by itself: frame numbers, offsets, framing, folds.
    Quiet,
    /// Addresses.
    Address,
    /// Names of fields and columns.
    Label,
    /// Handshakes and what sets a connection up.
    Setup,
    /// Choke, interest: who may ask whom.
    Control,
    /// What is asked for.
    Request,
    /// What is given: pieces, metadata, hashes.
    Delivery,
    /// Who has what.
    Availability,
    /// Extension and discovery messages: peers, nodes, trackers.
    Discovery,
    /// Numbers in a dump.
    Number,
    /// Flags and truth values in a dump.
    Flag,
    /// Hashes and identifiers.
    Hash,
    /// Text.
    Text,
    /// A deviation from the specification that does not stop the decoding.
    Warning,
    /// Malformed, cut, missing.
    Problem,
}

impl Role {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Quiet => Style::new().dimmed(),
            Self::Label => Style::new().bold(),
            Self::Address | Self::Text => AnsiColor::Green.on_default(),
            Self::Setup | Self::Hash => AnsiColor::Magenta.on_default(),
            Self::Control | Self::Flag => AnsiColor::Yellow.on_default(),
            Self::Request | Self::Number => AnsiColor::Cyan.on_default(),
            Self::Delivery => AnsiColor::BrightCyan.on_default(),
            Self::Availability => AnsiColor::BrightBlue.on_default(),
            Self::Discovery => AnsiColor::BrightMagenta.on_default(),
            Self::Warning => AnsiColor::BrightYellow.on_default(),
            Self::Problem => AnsiColor::BrightRed.on_default().bold(),
        }
    }
}

/// A buffer of lines that knows the style in force: an escape sequence is
/// written only where the style changes, and none at all without colour.
#[derive(Debug, Default)]
pub struct Ink {
    text: String,
    colour: bool,
    current: Style,
}

impl Ink {
    /// An empty buffer, with or without colour.
    pub fn new(colour: bool) -> Self {
        Self {
            colour,
            ..Self::default()
        }
    }

    /// What was written.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Forgets what was written and keeps the memory, up to a bound.
    pub fn clear(&mut self) {
        const KEEP: usize = 1 << 20;
        self.text.clear();
        self.text.shrink_to(KEEP);
    }

    /// Everything from here on is of this role.
    pub fn role(&mut self, role: Role) {
        if !self.colour {
            return;
        }
        let style = role.style();
        if style == self.current {
            return;
        }
        if self.current != Style::new() {
            let _ = write!(self.text, "{}", self.current.render_reset());
        }
        let _ = write!(self.text, "{}", style.render());
        self.current = style;
    }

    /// Writes words of our own.
    pub fn push(&mut self, own: &str) {
        self.text.push_str(own);
    }

    /// Writes text of a capture.
    pub fn push_safe(&mut self, text: &str) {
        let _ = write!(self.text, "{}", Safe::from(text));
    }

    /// Writes anything that may hold text of a capture.
    pub fn push_display(&mut self, value: impl std::fmt::Display) {
        let _ = write!(SafeWriter::new(&mut self.text), "{value}");
    }

    /// The same, ended by `…` after about `most` bytes.
    pub fn push_brief(&mut self, value: impl std::fmt::Display, most: usize) {
        let brief = Brief {
            text: &mut self.text,
            left: most,
        };
        if write!(SafeWriter::new(brief), "{value}").is_err() {
            self.text.push('…');
        }
    }

    /// Writes `count` spaces.
    pub fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    /// Ends the line, without style.
    pub fn end_line(&mut self) {
        self.role(Role::Plain);
        self.text.push('\n');
    }

    /// The buffer, for a writer of plain ASCII of our own.
    pub(super) fn buffer(&mut self) -> &mut String {
        &mut self.text
    }
}

/// Refuses what goes beyond a number of bytes, and all that follows.
struct Brief<'t> {
    text: &'t mut String,
    left: usize,
}

impl std::fmt::Write for Brief<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let here = text.floor_char_boundary(self.left);
        self.text.push_str(&text[..here]);
        self.left -= here;
        if here == text.len() {
            return Ok(());
        }
        self.left = 0;
        Err(std::fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_written_only_where_it_changes() {
        let mut ink = Ink::new(true);
        ink.role(Role::Number);
        ink.push("1");
        ink.role(Role::Request);
        ink.push("2");
        ink.end_line();
        ink.role(Role::Plain);
        ink.push("3");
        assert_eq!(ink.text, "\u{1b}[36m12\u{1b}[0m\n3");
    }

    #[test]
    fn no_escape_without_colour() {
        let mut ink = Ink::new(false);
        ink.role(Role::Problem);
        ink.push_safe("\u{1b}[0m");
        ink.end_line();
        assert_eq!(ink.text, "\\x1b[0m\n");
    }

    #[test]
    fn brief_text_ends_at_a_character() {
        let brief = |most| {
            let mut ink = Ink::new(false);
            ink.push_brief("a\u{1b}µb", most);
            ink.text
        };
        assert_eq!(brief(8), "a\\x1bµb");
        assert_eq!(brief(7), "a\\x1bµ…");
        assert_eq!(brief(6), "a\\x1b…");
        assert_eq!(brief(0), "…");
    }
}
