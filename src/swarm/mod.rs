//! Who took part in what: the torrents that a capture names, and their swarms.
//!
//! A [`Census`] listens to everything that names a torrent or a peer of it:
//! handshakes, peer exchange, the DHT, trackers, local discovery, magnet links in pages of
//! the web. What comes of it is a list of [`Swarm`]s, one a torrent: which peers claimed
//! to have a part in it and which transferred, how their addresses were learned, what came
//! of dialling them, who served whom how much, what trackers said.
//!
//! All of it is bounded, and what was left out is counted ([`LeftOut`]).

mod asked;
mod census;
pub mod dht;
mod growth;
mod mark;
mod peer;
mod torrent;

pub use census::{Census, LeftOut};
pub use growth::{Growth, Had};
pub use mark::Source;
pub use peer::{Agreement, Announced, Dialled, How, Learned, Outcome, Peer};
pub use torrent::{Claims, Leak, Swarm};
