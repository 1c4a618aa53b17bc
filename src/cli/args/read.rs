//! What users type to read captures: `read` and `sessions`.

use std::path::PathBuf;

use clap::Args;

use super::{Chosen, Color, Habits, Input, ViewArgs};

pub const READ_EXAMPLES: &str = "\
Examples:
  peerscope read capture.pcap                  one line a message
  peerscope read -V -c 5 capture.pcapng.gz     all fields of the first 5 messages
  peerscope read -x capture.pcap               every byte, named
  peerscope read -p 6881 capture.pcap          of this port only
  peerscope read -f 'host 10.0.0.2' capture.pcap
                                               of these packets only
  peerscope read -Y 'request and index == 60' capture.pcap
                                               of these messages only
  peerscope read -Y 'client contains \"Transmission\" and latency > 1s' capture.pcap
                                               what it answered late
  peerscope read --keylog keys.txt capture.pcap
                                               encrypted connections, decrypted
  peerscope read --json capture.pcap | jq -r 'select(.message==\"piece\") | .fields.index'
  peerscope read --keylog keys.txt --write-wireshark out.pcapng capture.pcap
                                               for Wireshark, with findings
  tcpdump -i eth0 -U -w - | peerscope read     from a pipe, as it comes
  ssh host tcpdump -U -w - tcp | peerscope read -p 6881
                                               from another machine

Exit status: 0 fine; 2 trouble: a file or connection that is missing, no capture,
cut or damaged. What could be read of it and of the others is shown all the same.";

pub const SESSIONS_EXAMPLES: &str = "\
Examples:
  peerscope sessions capture.pcap
  peerscope sessions --json capture.pcap | jq .payload_bytes
  peerscope sessions -Y 'info_hash == ef18..' capture.pcap
                                               about one torrent
  peerscope sessions -V --stream 2 capture.pcap
                                               all there is to say of one
  peerscope sessions --requests -Y unanswered capture.pcap
                                               the requests without an answer
  peerscope sessions --torrent file.torrent capture.pcap

Exit status: 0 fine; 2 trouble: a file or connection that is missing, no capture,
cut or damaged. What could be read of it and of the others is shown all the same.";

/// `peerscope read`
#[derive(Debug, Args)]
pub struct ReadArgs {
    #[command(flatten)]
    pub input: Input,

    #[command(flatten)]
    pub chosen: Chosen,

    #[command(flatten)]
    pub view: ViewArgs,

    /// Instead of listing messages, write a pcapng for Wireshark: all packets,
    /// what check finds as comments on them, and after them the messages that
    /// Wireshark cannot see by itself (decrypted, or over uTP), as far as they are
    /// selected; - is standard output
    #[arg(long, value_name = "FILE", group = "view", conflicts_with = "count")]
    pub write_wireshark: Option<PathBuf>,

    /// What users of tcpdump type to keep packets; told how that is done
    #[arg(short = 'w', long = "write", value_name = "FILE", hide = true)]
    pub write: Option<PathBuf>,

    #[command(flatten)]
    pub habits: Habits,
}

/// `peerscope sessions`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct SessionsArgs {
    #[command(flatten)]
    pub input: Input,

    #[command(flatten)]
    pub chosen: Chosen,

    /// Also list connections that may be encrypted BitTorrent (MSE): they look
    /// like it, but nothing in the capture proves it
    #[arg(long)]
    pub all: bool,

    /// Print one JSON object a connection (see peerscope man json)
    #[arg(long)]
    pub json: bool,

    /// Tell all that there is of each connection: what became of its requests,
    /// latencies, the queue and the rate over time, when each side did what for the
    /// first time, what it has, and what it announced and used (also -v)
    #[arg(short = 'V', long = "verbose", short_alias = 'v')]
    pub verbose: bool,

    /// List the requests instead, each with what became of it; with --filter those
    /// for which it is true
    #[arg(long)]
    pub requests: bool,

    /// List the first N connections
    #[arg(short = 'c', long = "count", value_name = "N")]
    pub count: Option<u64>,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    #[command(flatten)]
    pub habits: Habits,
}
