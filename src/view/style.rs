//! Colour: what it says, and when it is used.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

use crate::flow::Side;

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    /// Nothing in particular.
    #[default]
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
    /// The initiator of a connection speaks.
    Initiator,
    /// The acceptor of a connection speaks.
    Acceptor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 18] = [
        Self::Plain,
        Self::Quiet,
        Self::Address,
        Self::Label,
        Self::Setup,
        Self::Control,
        Self::Request,
        Self::Delivery,
        Self::Availability,
        Self::Discovery,
        Self::Number,
        Self::Flag,
        Self::Hash,
        Self::Text,
        Self::Warning,
        Self::Problem,
        Self::Initiator,
        Self::Acceptor,
    ];

    /// What a side of a connection says.
    pub const fn of(side: Side) -> Self {
        match side {
            Side::Initiator => Self::Initiator,
            Side::Acceptor => Self::Acceptor,
        }
    }

    /// Its name, for style sheets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Quiet => "quiet",
            Self::Address => "address",
            Self::Label => "label",
            Self::Setup => "setup",
            Self::Control => "control",
            Self::Request => "request",
            Self::Delivery => "delivery",
            Self::Availability => "availability",
            Self::Discovery => "discovery",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Hash => "hash",
            Self::Text => "text",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Initiator => "initiator",
            Self::Acceptor => "acceptor",
        }
    }

    /// How a terminal shows it.
    pub const fn style(self) -> Style {
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
            Self::Initiator => AnsiColor::Cyan.on_default().bold(),
            Self::Acceptor => AnsiColor::Yellow.on_default().bold(),
        }
    }
}
