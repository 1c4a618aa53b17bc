//! The state of a conversation between two peers: what they announced, what is
//! asked for and has not come, which torrent it is about; and the cutting of
//! their streams into messages. Beside it, what is remembered of conversations
//! with the DHT and with trackers.

pub mod budget;
pub mod certainty;
pub mod content;
pub mod conversation;
pub mod dht;
pub mod ends;
pub mod event;
mod evidence;
pub mod framer;
mod greetings;
pub mod http;
pub mod keylog;
pub mod metadata;
pub mod recent;
pub mod resync;
pub mod torrents;
pub mod udp_tracker;

pub use budget::Budget;
pub use certainty::Certainty;
pub use content::Content;
pub use conversation::{Conversation, Counts, Speaker};
pub use dht::DhtQueries;
pub use ends::{Ends, NamedBy, Naming, Standing};
pub use event::{Encryption, Ended, Finish, Heard, Hole};
pub use framer::{Frame, Framer, Frames, Lost};
pub use http::HttpTracker;
pub use keylog::{KeyLog, Opened};
pub use resync::{Expectations, Resync};
pub use torrents::{Torrent, Torrents};
pub use udp_tracker::UdpTrackers;
