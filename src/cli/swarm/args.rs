//! What users type to see torrents and swarms.

use clap::Args;

use crate::cli::args::{Color, Habits, Input};

#[cfg(unix)]
pub const TORRENTS_EXAMPLES: &str = "\
Examples:
  peerscope torrents capture.pcap
  peerscope torrents --json capture.pcap | jq -r 'select(.verified_pieces > 0) | .name'
  peerscope torrents --torrent x.torrent capture.pcap
                                               where the capture holds no metadata
  peerscope swarm capture.pcap                 who took part in them

Pieces are those that the capture holds whole, as their hashes prove, of all; peers
those that sent or got data, of all that are named. Seen in: handshake, dht, tracker,
lsd (local discovery), web_seed, magnet (a link in a page), torrent_file (fetched
over HTTP).

Exit status: 0 fine; 2 trouble: a file that is missing, no capture, cut or damaged.";

pub const SWARM_EXAMPLES: &str = "\
Examples:
  peerscope swarm capture.pcap
  peerscope swarm --hash ef18 capture.pcap     of one torrent
  peerscope swarm --json capture.pcap | jq '.peers[] | {address, learned}'
  peerscope swarm --dht capture.pcap           nodes, lookups, tokens, items
  peerscope swarm --dot capture.pcap | dot -Tsvg > swarm.svg
                                               who served whom, as a picture

Exit status: 0 fine; 2 trouble: a file that is missing, no capture, cut or damaged.";

/// `peerscope torrents`
#[cfg(unix)]
#[derive(Debug, Args)]
pub struct TorrentsArgs {
    #[command(flatten)]
    pub input: Input,

    /// Also list info-hashes that were only asked for in the DHT
    #[arg(long)]
    pub all: bool,

    /// Print one JSON object a torrent, whatever names it (see peerscope man json)
    #[arg(long)]
    pub json: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    #[command(flatten)]
    pub habits: Habits,
}

/// `peerscope swarm`
#[derive(Debug, Args)]
pub struct SwarmArgs {
    #[command(flatten)]
    pub input: Input,

    /// Only torrents whose info-hash begins with these hex digits
    #[arg(long, value_name = "HEX", value_parser = digits)]
    pub hash: Option<String>,

    /// Print one JSON object a torrent (see peerscope man json)
    #[arg(long)]
    pub json: bool,

    /// Print who served whom as a graph, in the language of Graphviz
    #[arg(long, conflicts_with = "json")]
    pub dot: bool,

    /// Show the DHT instead: nodes and how they answer, lookups step by step, stored
    /// items and whether they are signed, tokens
    #[arg(long, conflicts_with_all = ["hash", "dot"])]
    pub dht: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    #[command(flatten)]
    pub habits: Habits,
}

impl SwarmArgs {
    /// Whether the torrent of this hash is asked for.
    pub fn is_meant(&self, hash: &[u8; 20]) -> bool {
        let digits = self.hash.as_deref().unwrap_or_default();
        hex::encode(hash).starts_with(digits)
    }
}

fn digits(text: &str) -> Result<String, String> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit()) && text.len() <= 40;
    is_hex
        .then(|| text.to_ascii_lowercase())
        .ok_or_else(|| "not the hex digits of an info-hash".to_owned())
}
