//! Which messages and connections a command is about.

use clap::Args;

use crate::filter::Filter;

/// What is shown of what is decoded.
#[derive(Debug, Clone, Args)]
pub struct Chosen {
    /// Only messages for which this is true, such as 'request and index == 60';
    /// where connections are listed, those with such a message. What there is to
    /// ask for: peerscope fields; how: peerscope man filter
    #[arg(short = 'Y', long, value_name = "EXPR", value_parser = parse)]
    pub filter: Option<Filter>,

    /// Only connections of these numbers
    #[arg(long, value_name = "N,..", value_delimiter = ',')]
    pub stream: Vec<u64>,
}

fn parse(text: &str) -> Result<Filter, String> {
    Filter::parse(text).map_err(|fault| fault.to_string())
}
