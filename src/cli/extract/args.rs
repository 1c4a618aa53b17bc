//! What users type to have what was transferred.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Color, Habits, Input};

pub const EXAMPLES: &str = "\
Examples:
  peerscope extract capture.pcap -o out        all files that are whole
  peerscope extract --list capture.pcap        what there is, and how much of it
  peerscope extract --torrent x.torrent capture.pcap -o out
                                               where the capture holds no metadata
  peerscope extract --keylog keys.txt capture.pcap -o out
                                               from encrypted connections too
  peerscope extract --partial capture.pcap -o out
                                               what is verified of other files too
  peerscope extract --raw capture.pcap -o out  blocks that no hash proves, apart
  tcpdump -U -w - | peerscope extract -o out   from a pipe

Exit status: 0 fine; 2 trouble: a file or connection that is missing, no capture,
cut or damaged, a folder that cannot be written to. What could be written is written
all the same.

Nothing is written that its hash does not prove, but with --raw. The info
dictionary (BEP 9), or the .torrent, is taken from the capture where it holds it,
else from --torrent. Files are written below DIR only, under names made harmless;
one that is there already is replaced. manifest.json says what was written, its
SHA-256, and which packets of whom each piece came from.";

/// `peerscope extract`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct ExtractArgs {
    #[command(flatten)]
    pub input: Input,

    /// The folder to write to; it is made if it is not there
    #[arg(short = 'o', long, value_name = "DIR")]
    pub output: Option<PathBuf>,

    /// Only list what there is; write nothing
    #[arg(long, conflicts_with_all = ["output", "partial", "raw"])]
    pub list: bool,

    /// Also write what is verified of files that are not whole, with holes where the
    /// rest would be, and a map of it (NAME.pieces.json)
    #[arg(long)]
    pub partial: bool,

    /// Also write the blocks that could not be verified, to files of their own
    /// (HASH.blocks, and HASH.blocks.json that says what each is)
    #[arg(long)]
    pub raw: bool,

    /// Only what went over connections of these numbers
    #[arg(long, value_name = "N,..", value_delimiter = ',')]
    pub stream: Vec<u64>,

    /// Print one JSON object a file (see peerscope man json)
    #[arg(long)]
    pub json: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    #[command(flatten)]
    pub habits: Habits,
}
