//! The state of a conversation between two peers: what they announced, what is
//! asked for and has not come, which torrent it is about; and the cutting of
//! their streams into messages.

pub mod budget;
pub mod conversation;
pub mod event;
mod evidence;
pub mod framer;
pub mod metadata;
pub mod resync;
pub mod torrents;

pub use budget::Budget;
pub use conversation::{Conversation, Counts, Speaker};
pub use event::{Content, Encryption, Ended, Heard, Hole};
pub use framer::{Frame, Framer, Frames, Lost};
pub use resync::{Expectations, Resync};
pub use torrents::{Torrent, Torrents};
