//! What users type.

use clap::Args;

use crate::cli::args::{Chosen, Color, Input, Time};

pub const EXAMPLES: &str = "\
Examples:
  peerscope tui capture.pcap                   all of it; ? lists the keys
  peerscope tui -Y 'request and unanswered' capture.pcap
                                               these messages to begin with
  peerscope tui --torrent x.torrent --keylog keys.txt capture.pcap.gz
  ssh host tcpdump -U -w - tcp | peerscope tui from a pipe, as it comes
  sudo peerscope tui -i lo -p 6881             what goes by on an interface, from now on

Exit status: 0 fine; 2 trouble: a file that is missing, no capture, cut or
damaged. What could be read of it and of the others is shown all the same.";

/// `peerscope tui`
#[derive(Debug, Clone, Args)]
pub struct TuiArgs {
    #[command(flatten)]
    pub input: Input,

    /// Sniff here instead: a name of `peerscope interfaces`, or any. Root is given up
    /// once it listens; packets are not kept (see peerscope live -w)
    #[arg(short = 'i', long, value_name = "NAME", conflicts_with_all = ["files", "read"])]
    pub interface: Option<String>,

    #[command(flatten)]
    pub chosen: Chosen,

    /// How times are shown to begin with
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

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}
