//! What users type to compare two sessions.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::args::{Color, Habits};
use crate::compare::Category;

pub const DIFF_EXAMPLES: &str = "\
Examples:
  peerscope diff mine.pcapng reference.pcapng    the connections with the most data
  peerscope diff all.pcap:stream=3 all.pcap:stream=7
  peerscope diff --ignore timing,queue mine.pcapng reference.pcapng
  peerscope diff --json A B | jq .first_divergence

The peers are compared by role: the one that downloads and the one that uploads.
What counts as a difference: peerscope man diff.

Exit status: 0 equal, 1 they differ in a category that is not ignored, 2 trouble.";

/// `peerscope diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A capture or recording; with :stream=N behind it the connection of that
    /// number, else the one with the most piece data; - is standard input
    #[arg(value_name = "A")]
    pub a: String,

    /// What to compare it with
    #[arg(value_name = "B")]
    pub b: String,

    /// Differences that do not count; they are shown all the same
    #[arg(
        long,
        value_name = "CATEGORY",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Category::ALL.map(Category::name))
    )]
    pub ignore: Vec<String>,

    /// Take the roles of B the other way round
    #[arg(long)]
    pub swap: bool,

    /// Times less than this apart are equal; longer ones differ if one is more
    /// than twice the other
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = seconds)]
    pub tolerance: i64,

    /// A .torrent of either capture, for the number of its pieces
    #[arg(long, value_name = "FILE")]
    pub torrent: Vec<PathBuf>,

    /// Keys of MSE connections (see peerscope man keylog)
    #[arg(long, value_name = "FILE")]
    pub keylog: Vec<PathBuf>,

    /// Also show the facts that are equal, and those that are not compared
    #[arg(long)]
    pub all: bool,

    /// Print one JSON object (see peerscope man json)
    #[arg(long)]
    pub json: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    #[command(flatten)]
    pub habits: Habits,
}

/// Seconds on the command line, as nanoseconds.
fn seconds(text: &str) -> Result<i64, String> {
    const YEAR: f64 = 31_536_000.0;
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=YEAR).contains(&seconds) => Ok((seconds * 1e9) as i64),
        _ => Err("not a number of seconds from 0 to a year".to_owned()),
    }
}
