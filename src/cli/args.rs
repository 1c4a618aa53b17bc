//! What users type.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::amount;
use super::diff_args::{DIFF_EXAMPLES, DiffArgs};
use super::hex::args as hex;
use crate::capture::Ring;
use crate::view::{ColorChoice, TimeFormat};

#[cfg(all(feature = "active", unix))]
use super::peer_args::{GET_EXAMPLES, GetArgs, SEED_EXAMPLES, SeedArgs};

/// A BitTorrent protocol analyzer and packet dissector.
#[derive(Debug, Parser)]
#[command(name = "peerscope", version, about, max_term_width = 100)]
#[command(after_help = "\
Exit status: 0 fine; 1 diff found a difference; 2 trouble (bad usage, a file
that is missing, no capture or damaged: all that could be read of it and of the
others is shown all the same).")]
pub struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Decode captures: one line a message
    #[command(visible_alias = "r", after_help = READ_EXAMPLES)]
    Read(ReadArgs),
    /// Decode what goes by on an interface
    #[command(after_help = LIVE_EXAMPLES)]
    Live(LiveArgs),
    /// List the interfaces that can be sniffed on
    Interfaces,
    /// List the BitTorrent connections of captures
    #[command(after_help = SESSIONS_EXAMPLES)]
    Sessions(SessionsArgs),
    /// Compare two sessions, message by message
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Download a torrent as a peer of its own
    #[cfg(all(feature = "active", unix))]
    #[command(after_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// Serve a torrent
    #[cfg(all(feature = "active", unix))]
    #[command(after_help = SEED_EXAMPLES)]
    Seed(SeedArgs),
    /// Annotate pasted bytes: a hex dump, a buffer, a string of escapes
    #[command(after_help = hex::EXAMPLES)]
    Hex(hex::HexArgs),
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
  peerscope read --keylog keys.txt capture.pcap
                                               encrypted connections, decrypted
  peerscope read --json capture.pcap | jq -r 'select(.message==\"piece\") | .fields.index'
  tcpdump -i eth0 -w - | peerscope read -      from a pipe";

const LIVE_EXAMPLES: &str = "\
Ends with -c, --duration or Ctrl-C, and then lists the connections, and the
packets received and dropped, on standard error.

Examples:
  peerscope live -i lo -p 6881                 clients on this machine
  peerscope live -f 'host 10.0.0.2' -x         one peer, every byte named
  peerscope live --json -p 6881 | jq .message
  peerscope live -w capture.pcapng             and keep the packets
  peerscope live -w capture.pcapng --ring 10x100MB > /dev/null
                                               for days, in 1 GB at most
  peerscope read capture-*.pcapng              what that kept

Sniffing needs privilege. As root, peerscope drops it once the interface is
open: it goes on as the user who called sudo, or as nobody. Without root:
  sudo setcap cap_net_raw,cap_net_admin=eip $(command -v peerscope)";

const SESSIONS_EXAMPLES: &str = "\
Examples:
  peerscope sessions capture.pcap
  peerscope sessions --json capture.pcap | jq .payload_bytes
  peerscope sessions --torrent file.torrent capture.pcap";

/// What to read.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// Capture files, read one after another as one capture: pcap or pcapng,
    /// plain, gzip or zstd; - is standard input. One that is missing or damaged
    /// does not keep the others from being read: see the exit status
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

    /// Decrypt MSE connections with the keys in this file, lines of the form
    /// MSE <Ya> <S> <SKEY> (see docs/keylog.md). Keys within a capture are used
    /// without this
    #[arg(long, value_name = "FILE")]
    pub keylog: Vec<PathBuf>,
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

/// `peerscope live`
#[derive(Debug, Args)]
pub(super) struct LiveArgs {
    /// Where to sniff: a name of `peerscope interfaces`, or any for all of them
    /// at once (the default where the system has it)
    #[arg(short = 'i', long, value_name = "NAME")]
    pub interface: Option<String>,

    /// Only packets from or to this port; may be given several times
    #[arg(short = 'p', long = "port", value_name = "PORT")]
    pub ports: Vec<u16>,

    /// Only packets that pass this filter, in the language of libpcap (see
    /// pcap-filter(7))
    #[arg(short = 'f', long = "packet-filter", value_name = "BPF")]
    pub packet_filter: Option<String>,

    /// Also write the packets to FILE (pcapng)
    #[arg(short = 'w', long = "write", value_name = "FILE")]
    pub write: Option<PathBuf>,

    /// Write to a ring of files instead: at most COUNT of SIZE each, named
    /// FILE-00001, FILE-00002 and so on, and remove the oldest one
    #[arg(long, value_name = "COUNTxSIZE", requires = "write", value_parser = amount::ring)]
    pub ring: Option<Ring>,

    /// Stop after this time (90s, 10min, 1h30m)
    #[arg(long, value_name = "TIME", value_parser = amount::duration)]
    pub duration: Option<Duration>,

    /// Size of the kernel's buffer, for bursts that come faster than they can
    /// be decoded
    #[arg(short = 'B', long = "buffer", value_name = "SIZE", default_value = "64MiB",
          value_parser = amount::buffer)]
    pub buffer: u32,

    /// Leave out what is not for this machine
    #[arg(long)]
    pub no_promiscuous: bool,

    /// Stay root
    #[arg(long)]
    pub keep_privileges: bool,

    /// A .torrent: piece counts and sizes are known from the start
    #[arg(long, value_name = "FILE")]
    pub torrent: Vec<PathBuf>,

    /// Decrypt MSE connections with the keys in this file (see docs/keylog.md)
    #[arg(long, value_name = "FILE")]
    pub keylog: Vec<PathBuf>,

    #[command(flatten)]
    pub view: ViewArgs,
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
