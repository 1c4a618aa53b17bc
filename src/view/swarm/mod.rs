//! Torrents and their swarms: in words, as JSON, and as a graph.

mod dht;
mod graph;
mod json;
mod table;
mod text;

pub use dht::{push_dht, write_dht_json};
pub use graph::write_swarms_dot;
pub use json::{write_swarm_json, write_torrent_json};
pub use table::torrent_table;
pub use text::push_swarm;

use crate::swarm::Swarm;

/// What is known of a torrent beside its swarm.
#[derive(Debug, Clone, Copy)]
pub struct Verified {
    /// Pieces that the capture holds whole, and that their hashes prove; `None` where no
    /// info dictionary says what they are.
    pub pieces: Option<u32>,
}

/// A torrent's hash in hex digits.
fn hash(swarm: &Swarm) -> String {
    hex::encode(swarm.hash)
}
