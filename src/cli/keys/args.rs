//! What users type to have the keys of running clients.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::amount;

pub const EXAMPLES: &str = "\
Examples:
  peerscope keys transmission-daemon -o keys.txt
  peerscope read --keylog keys.txt capture.pcap    what it said, decrypted
  peerscope keys --watch -o keys.txt 4711          until it ends, or Ctrl-C
  peerscope keys -o keys.txt -- aria2c --bt-require-crypto=true x.torrent
  peerscope keys -o keys.txt -r capture.pcap qbittorrent-nox
                                                   and which connections they open

Exit status: 0 fine; 2 trouble: no such process, one that may not be looked into,
a file that cannot be written.

Only processes that you may trace are looked into, to see what your own client
encrypts. Where kernel.yama.ptrace_scope is 1, start it with `-- COMMAND`, or be
root. Nothing is written into the process. Start the capture first, and look while
the connections are open: the keys of one that is closed are soon overwritten.";

/// `peerscope keys`
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// Running clients, by number or by name (of the program, or of the script that
    /// an interpreter runs); of a name all are meant
    #[arg(value_name = "PID|NAME", required_unless_present = "command")]
    pub processes: Vec<String>,

    /// Start this, and look into it until it ends
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "processes")]
    pub command: Vec<OsString>,

    /// Write the lines to FILE, behind those that are there; only you may read it.
    /// Otherwise they go to standard output
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// A capture of what they said meanwhile: list its encrypted connections, and
    /// which of them the keys open
    #[arg(short = 'r', long = "read", value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,

    /// Go on looking for new connections until the clients end, or Ctrl-C
    #[arg(short = 'w', long)]
    pub watch: bool,

    /// Go on looking for this time (90s, 10min, 1h30m)
    #[arg(long, value_name = "TIME", value_parser = amount::duration)]
    pub duration: Option<Duration>,

    /// Say nothing on standard error but what is wrong
    #[arg(short = 'q', long)]
    pub quiet: bool,
}
