//! How messages are shown.

use clap::{ArgAction, Args, ValueEnum};

use crate::view::{ColorChoice, TimeFormat};

/// How messages are shown, and how many.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct ViewArgs {
    /// Show all fields of every message as a tree (also -v)
    #[arg(
        short = 'V',
        long = "tree",
        short_alias = 'v',
        group = "view",
        overrides_with = "tree"
    )]
    pub tree: bool,

    /// Show every byte with its meaning; twice: long runs in full
    #[arg(short = 'x', long = "hex", group = "view", action = ArgAction::Count)]
    pub hex: u8,

    /// Print one JSON object a message (see peerscope man json)
    #[arg(long, group = "view")]
    pub json: bool,

    /// Show the packets of uTP connections too, whatever they carry
    #[arg(long)]
    pub packets: bool,

    /// Stop after N messages
    #[arg(short = 'c', long = "count", value_name = "N")]
    pub count: Option<u64>,

    /// Write every message at once, also into a pipe or file
    #[arg(short = 'l', long = "line-buffered")]
    pub line_buffered: bool,

    /// How lines show the time
    #[arg(
        short = 't',
        long = "time",
        value_name = "FORMAT",
        default_value = "relative"
    )]
    pub time: Time,

    /// Also show connections that may be encrypted BitTorrent (MSE): they look
    /// like it, but nothing in the capture proves it
    #[arg(long)]
    pub all: bool,

    /// Show the names of the clients beside their addresses
    #[arg(long)]
    pub clients: bool,

    /// On a terminal too, show the whole line that a pipe gets: addresses on each,
    /// and as long as it is
    #[arg(long)]
    pub wide: bool,

    /// With --json: give other names to what tells of people and of what they share
    /// (addresses, peer ids, hashes, names, URLs, tokens), count times from the first
    /// packet, and leave numbers, flags and names of messages as they are
    #[arg(long, requires = "json")]
    pub anonymize: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// `--time`; the letters are those of tshark.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Time {
    /// Seconds since the first packet of the capture (also r)
    #[value(alias = "r")]
    Relative,
    /// Date and time, UTC (also ad)
    #[value(aliases = ["ad", "ud"])]
    Absolute,
    /// Time of day, UTC (also a)
    #[value(aliases = ["a", "u"])]
    Daytime,
    /// Seconds since the message shown before (also d)
    #[value(aliases = ["d", "dd"])]
    Delta,
    /// Seconds since 1970-01-01 UTC (also e)
    #[value(alias = "e")]
    Epoch,
}

impl From<Time> for TimeFormat {
    fn from(time: Time) -> Self {
        match time {
            Time::Relative => Self::Relative,
            Time::Absolute => Self::Absolute,
            Time::Daytime => Self::Daytime,
            Time::Delta => Self::Delta,
            Time::Epoch => Self::Epoch,
        }
    }
}

/// `--color`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Even into a file or pipe
    Always,
    /// Not at all
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}
