//! What users type.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::view::{ColorChoice, TimeFormat};

/// A BitTorrent protocol analyzer and packet dissector.
#[derive(Debug, Parser)]
#[command(name = "peerscope", version, about, max_term_width = 100)]
#[command(after_help = "\
Exit status: 0 fine; 2 trouble (bad usage, unreadable or damaged capture: all
that could be read is shown first).")]
pub struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Decode captures: one line a message
    #[command(visible_alias = "r", after_help = READ_EXAMPLES)]
    Read(ReadArgs),
    /// List the BitTorrent connections of captures
    #[command(after_help = SESSIONS_EXAMPLES)]
    Sessions(SessionsArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

const READ_EXAMPLES: &str = "\
Examples:
  peerscope read capture.pcap                  one line a message
  peerscope read -V -c 5 capture.pcapng.gz     all fields of the first 5 messages
  peerscope read -x capture.pcap               every byte, named
  peerscope read -f 'host 10.0.0.2' capture.pcap
                                               of these packets only
  peerscope read --json capture.pcap | jq -r 'select(.message==\"piece\") | .fields.index'
  tcpdump -i eth0 -w - | peerscope read -      from a pipe";

const SESSIONS_EXAMPLES: &str = "\
Examples:
  peerscope sessions capture.pcap
  peerscope sessions --json capture.pcap | jq .payload_bytes
  peerscope sessions --torrent file.torrent capture.pcap";

/// What to read.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// Capture files, read one after another as one capture: pcap or pcapng,
    /// plain, gzip or zstd; - is standard input
    #[arg(value_name = "FILE", required_unless_present = "read")]
    files: Vec<PathBuf>,

    /// Another way to name a FILE, as tcpdump and tshark have it
    #[arg(short = 'r', value_name = "FILE")]
    read: Vec<PathBuf>,

    /// Read only the packets that pass this filter, in the language of libpcap
    /// (see pcap-filter(7))
    #[arg(short = 'f', long = "packet-filter", value_name = "BPF")]
    pub packet_filter: Option<String>,

    /// A .torrent of the capture: piece counts and sizes are known from the
    /// start (otherwise they are learned from ut_metadata, if that went by)
    #[arg(long, value_name = "FILE")]
    pub torrent: Vec<PathBuf>,
}

impl Input {
    /// All capture files in the order given.
    pub fn files(&self) -> Vec<PathBuf> {
        self.read.iter().chain(&self.files).cloned().collect()
    }
}

/// `peerscope read`
#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    #[command(flatten)]
    pub input: Input,

    #[command(flatten)]
    pub view: ViewArgs,
}

/// How messages are shown, and how many.
#[derive(Debug, Args)]
pub(super) struct ViewArgs {
    /// Show all fields of every message as a tree
    #[arg(short = 'V', long = "tree", group = "view")]
    pub tree: bool,

    /// Show every byte with its meaning; twice: long runs in full
    #[arg(short = 'x', long = "hex", group = "view", action = ArgAction::Count)]
    pub hex: u8,

    /// Print one JSON object a message (see docs/json.md)
    #[arg(long, group = "view")]
    pub json: bool,

    /// Stop after N messages
    #[arg(short = 'c', long = "count", value_name = "N")]
    pub count: Option<u64>,

    /// How lines show the time
    #[arg(
        short = 't',
        long = "time",
        value_name = "FORMAT",
        default_value = "relative"
    )]
    pub time: Time,

    /// Show the names of the clients beside their addresses
    #[arg(long)]
    pub clients: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// `peerscope sessions`
#[derive(Debug, Args)]
pub(super) struct SessionsArgs {
    #[command(flatten)]
    pub input: Input,

    /// Print one JSON object a connection (see docs/json.md)
    #[arg(long)]
    pub json: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// `--time`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Time {
    /// Seconds since the first packet of the capture
    Relative,
    /// Date and time, UTC
    Absolute,
    /// Seconds since the message shown before
    Delta,
    /// Seconds since 1970-01-01 UTC
    Epoch,
}

impl From<Time> for TimeFormat {
    fn from(time: Time) -> Self {
        match time {
            Time::Relative => Self::Relative,
            Time::Absolute => Self::Absolute,
            Time::Delta => Self::Delta,
            Time::Epoch => Self::Epoch,
        }
    }
}

/// `--color`
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Color {
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
