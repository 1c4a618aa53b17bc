//! The commands, and what help says of each.

use clap::{Parser, Subcommand};

use super::live::{LIVE_EXAMPLES, LiveArgs};
use super::manual::{COMPLETIONS_EXAMPLES, CompletionsArgs, MAN_EXAMPLES, ManArgs};
use super::read::{READ_EXAMPLES, ReadArgs, SESSIONS_EXAMPLES, SessionsArgs};
use crate::cli::check::{self, CheckArgs};
use crate::cli::diff_args::{DIFF_EXAMPLES, DiffArgs};
use crate::cli::explain::{self, ExplainArgs};
#[cfg(unix)]
use crate::cli::extract;
use crate::cli::fields;
use crate::cli::follow::{self, FollowArgs};
use crate::cli::hex::args as hex;
use crate::cli::keys::args as keys;
#[cfg(all(feature = "active", unix))]
use crate::cli::peer::{GET_EXAMPLES, GetArgs, SEED_EXAMPLES, SeedArgs};
use crate::cli::report::{self, ReportArgs};
use crate::cli::swarm;
#[cfg(all(feature = "tui", unix))]
use crate::cli::tui::{self, TuiArgs};
use crate::cli::version;

/// A BitTorrent protocol analyzer and packet dissector.
#[derive(Debug, Parser)]
#[command(name = "peerscope", version = version::short())]
#[command(about, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  peerscope capture.pcap              what the peers said: short for peerscope read
  peerscope sessions capture.pcap     who spoke with whom
  peerscope help read                 all that a command can do
  peerscope man json                  a page of the manual

Exit status: 0 fine; 1 diff found a difference, or check a fault; 2 trouble (bad
usage, a file that is missing, no capture or damaged: all that could be read of it
and of the others is shown all the same).";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Decode captures: one line a message
    ///
    /// Reads captures, puts the streams of TCP and uTP together again, and shows
    /// every BitTorrent message in the order in which the capture completes them:
    /// a line each, all fields (-V), every byte with its meaning (-x), or JSON.
    /// `peerscope FILE` is the same as `peerscope read FILE`.
    #[command(visible_alias = "r", after_help = READ_EXAMPLES)]
    Read(ReadArgs),
    /// Decode what goes by on an interface
    ///
    /// Does to an interface what read does to a file. It ends with -c, --duration,
    /// Ctrl-C, or when nobody reads its output any more, and then lists the
    /// connections, and the packets received and dropped, on standard error.
    #[command(after_help = LIVE_EXAMPLES)]
    Live(LiveArgs),
    /// List the interfaces that can be sniffed on
    ///
    /// Each with its state, its addresses and what it is.
    #[command(after_help = INTERFACES_EXAMPLES)]
    Interfaces,
    /// List the BitTorrent connections of captures
    ///
    /// Two rows a connection, one for each end: who it is, what it sent, how long
    /// the connection lasted and how it ended.
    #[command(after_help = SESSIONS_EXAMPLES)]
    Sessions(SessionsArgs),
    /// Show one connection as a conversation
    ///
    /// A ladder: the initiator on the left, the acceptor on the right, time going
    /// down. Runs of requests and pieces are folded, answers say how long ago they
    /// were asked for, and beside each rung stands who chokes whom, who is
    /// interested, and how many requests are open.
    #[command(after_help = follow::EXAMPLES)]
    Follow(FollowArgs),
    /// Say what is wrong in captures: who broke which rule, why connections ended
    ///
    /// Holds every message against the rules of the BEPs and of real clients, and
    /// tells what explains most first. Rules that cannot be judged for want of
    /// evidence are silent, and are listed.
    #[command(after_help = check::EXAMPLES)]
    Check(CheckArgs),
    /// Explain a rule of check: what it means, what happens, how to fix it
    #[command(after_help = explain::EXAMPLES)]
    Explain(ExplainArgs),
    /// Compare two sessions, message by message
    ///
    /// Takes one connection of each of two captures, compares the peers by their
    /// role, and names the first message at which the two part.
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Make a page to look at and to pass on: one HTML file
    ///
    /// What is in the capture, what is wrong with its bytes annotated, the
    /// connections that tell most, and how they went over time as pictures. The
    /// page needs no network and no other file.
    #[command(after_help = report::EXAMPLES)]
    Report(ReportArgs),
    /// List everything with an info-hash: torrents that were shared, sought or linked
    ///
    /// From handshakes, the DHT, trackers, local discovery, web seeds, and links in pages:
    /// names, sizes, which pieces the capture holds, how many took part. Captures are
    /// read twice.
    #[cfg(unix)]
    #[command(after_help = swarm::TORRENTS_EXAMPLES)]
    Torrents(swarm::TorrentsArgs),
    /// Say who took part in a torrent, how they met, and who served whom
    ///
    /// Each peer of each torrent: its client, how its address was learned, what came of
    /// dialling it, what it had and sent; what trackers said of the swarm; and where the
    /// peers of a private torrent leaked.
    #[command(after_help = swarm::SWARM_EXAMPLES)]
    Swarm(swarm::SwarmArgs),
    /// Write the files that were transferred, and their .torrent
    ///
    /// Joins the blocks of all connections (TCP, uTP, decrypted ones, web seeds) to
    /// pieces, verifies each by its hash, and writes what is whole. Captures are read
    /// twice.
    #[cfg(unix)]
    #[command(after_help = extract::EXAMPLES)]
    Extract(extract::ExtractArgs),
    /// Look through captures on the whole screen
    ///
    /// Connections, messages, fields and bytes side by side, with the filter of -Y,
    /// a search, the findings of check, and the conversation of two peers. The
    /// capture is read meanwhile. The key ? lists all keys.
    #[cfg(all(feature = "tui", unix))]
    #[command(after_help = tui::EXAMPLES)]
    Tui(TuiArgs),
    /// Download a torrent as a peer of its own
    #[cfg(all(feature = "active", unix))]
    #[command(after_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// Serve a torrent
    #[cfg(all(feature = "active", unix))]
    #[command(after_help = SEED_EXAMPLES)]
    Seed(SeedArgs),
    /// Read the keys of encrypted connections from running clients
    ///
    /// Looks into the memory of clients on this machine, unmodified and running, for
    /// the ciphers of their encrypted connections (MSE), and writes each down as a
    /// line that --keylog takes: it opens the connection from its first byte.
    #[command(after_help = keys::EXAMPLES)]
    Keys(keys::KeysArgs),
    /// Annotate pasted bytes: a hex dump, a buffer, a string of escapes
    #[command(after_help = hex::EXAMPLES)]
    Hex(hex::HexArgs),
    /// List the messages and fields that are decoded, and what they mean
    ///
    /// A heading for each message with its id and BEP, and below it its fields: key,
    /// kind and unit, meaning.
    #[command(after_help = fields::EXAMPLES)]
    Fields(fields::FieldsArgs),
    /// Print a completion script for a shell
    ///
    /// The script goes where the shell looks for such scripts.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Show a page of the manual
    ///
    /// There is a page for each command and for each format: on a terminal it is
    /// shown as man(1) shows it, elsewhere it is printed as roff.
    #[command(after_help = MAN_EXAMPLES)]
    Man(ManArgs),
}

const INTERFACES_EXAMPLES: &str = "\
Examples:
  peerscope interfaces
  peerscope live -i lo                one of them";
