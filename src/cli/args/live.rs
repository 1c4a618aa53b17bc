//! What users type to sniff.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Chosen, Habits, ViewArgs};
use crate::capture::Ring;
use crate::cli::amount;

pub const LIVE_EXAMPLES: &str = "\
Examples:
  peerscope live -i lo -p 6881                 clients on this machine
  peerscope live -f 'host 10.0.0.2' -x         one peer, every byte named
  peerscope live -Y 'request or piece' -p 6881  these messages only
  peerscope live --json -p 6881 | jq .message
  peerscope live -w capture.pcapng             and keep the packets
  peerscope live -w capture.pcapng --ring 10x100MB > /dev/null
                                               for days, in 1 GB at most
  peerscope read capture-*.pcapng              what that kept
  peerscope live -i any --keys-of aria2c       a client on this machine, decrypted

Exit status: 0 fine, also when it was interrupted; 2 trouble.

Sniffing needs privilege. As root, peerscope drops it once the interface is
open: it goes on as the user who called sudo, or as nobody. Without root:
  sudo setcap cap_net_raw,cap_net_admin=eip $(command -v peerscope)";

/// `peerscope live`
#[derive(Debug, Args)]
pub struct LiveArgs {
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

    /// Decrypt MSE connections with the keys in this file (see peerscope man keylog)
    #[arg(long, value_name = "FILE")]
    pub keylog: Vec<PathBuf>,

    /// Decrypt what this running client encrypts, by its memory (see peerscope man
    /// keylog); may be given several times. What -w writes then holds the keys
    #[arg(long, value_name = "PID|NAME")]
    pub keys_of: Vec<String>,

    #[command(flatten)]
    pub chosen: Chosen,

    #[command(flatten)]
    pub view: ViewArgs,

    #[command(flatten)]
    pub habits: Habits,
}
