//! The heart: what BitTorrent bytes mean.
//!
//! Pure dissectors and encoders: no I/O, no state between messages, nothing of
//! ours outside this module. The layout of a message is written once, as a
//! function generic over a [`Sink`]; what the sink keeps decides what it costs:
//!
//! * `()` keeps nothing and leaves the plain parser,
//! * [`Tree`] keeps the span, name and value of every field, which is what the
//!   field tree, the annotated hex dump and the JSON records are made from.
//!
//! A file here holds the field table, the dissector, the encoder and the
//! one-line summary of its messages side by side.

pub mod anomaly;
pub mod base32;
pub mod bencode;
pub mod catalogue;
pub mod client;
pub mod compact;
pub mod dht;
pub mod dissected;
pub mod extension;
pub mod field;
pub(crate) mod headers;
pub mod http_tracker;
pub mod lsd;
pub mod magnet;
pub mod message;
pub mod message_set;
pub mod message_type;
pub mod metainfo;
pub mod mse;
pub mod peer;
pub mod percent;
pub mod protocol;
pub mod reader;
pub mod sink;
pub(crate) mod span;
#[cfg(test)]
pub(crate) mod testing;
pub mod udp_tracker;
pub mod utp;
pub mod words;

pub use anomaly::{Anomaly, Argument, Breach, Deviation, Severity};
pub use dissected::Dissected;
pub use field::{Field, Flag, Kind, Unit};
pub use message::{Layout, Message};
pub use message_set::MessageSet;
pub use message_type::{Lengths, Member, MessageType, Topic};
pub use protocol::Protocol;
pub use reader::{Limit, Malformed, Problem, Reader, Shortage};
pub use sink::{Deviations, Fact, Group, Label, Node, Note, Sink, Tree, Value};
