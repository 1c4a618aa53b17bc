//! Torrents and their swarms: in words, as JSON, and as a graph.

mod dht;
mod graph;
mod json;
mod table;
mod text;
mod verified;

pub use dht::{push_dht, write_dht_json};
pub use graph::write_swarms_dot;
pub use json::{write_swarm_json, write_torrent_json};
pub use table::torrent_table;
pub use text::push_swarm;
pub use verified::Verified;
