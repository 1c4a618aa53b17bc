//! What users type.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{Chosen, Habits, Input};

pub const EXAMPLES: &str = "\
Examples:
  peerscope report capture.pcap -o report.html
  peerscope report --anonymize capture.pcap -o report.html
                                               to be passed on to strangers
  peerscope report --stream 3 capture.pcap -o report.html
                                               about one connection
  peerscope report mine.pcap reference.pcap -o report.html
                                               two captures compared
  peerscope report all.pcap:stream=3 all.pcap:stream=7 -o report.html
  peerscope report --together dump0.pcap dump1.pcap -o report.html
                                               two files of one capture
  peerscope report -q capture.pcap -o - | gzip > report.html.gz

Two FILEs are compared as peerscope diff does, whatever they are; one FILE, or more
than two, are one capture.

Exit status: 0 fine; 2 trouble: a file or connection that is missing, no capture,
cut or damaged. What could be read of it and of the others is in the page all the
same.";

/// `peerscope report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: Input,

    #[command(flatten)]
    pub chosen: Chosen,

    /// Where the page goes; one that is there is replaced; - is standard output
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: PathBuf,

    /// Read two FILEs as one capture instead of comparing them
    #[arg(long)]
    pub together: bool,

    /// Give other names to what tells of people and of what they share: addresses,
    /// peer ids, info-hashes, names, URLs, tokens. What stays is said in the page
    #[arg(long)]
    pub anonymize: bool,

    #[command(flatten)]
    pub habits: Habits,
}
