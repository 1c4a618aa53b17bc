//! One connection to a peer as a machine without I/O: bytes and the time go in,
//! bytes, events and a deadline come out.
//!
//! [`Connection`] speaks the protocol: handshake, framing, choke and interest,
//! requests and their answers, the Fast extension, the extension protocol, the
//! hash messages of BEP 52. It knows nothing of sockets, files or clocks, nor of
//! which piece is wanted: that is the business of its owner, the
//! [torrent](super::torrent). All that it sends is encoded by [`crate::wire`].
//!
//! Choke, interest, pieces and requests are state that `session` keeps of a captured
//! conversation as well. A connection keeps its own, because the two are used
//! differently: `session` follows both sides, takes what a capture may have lost as it
//! comes, notes the time and the packet of every request, and is charged to a budget.
//! A connection knows one side for certain and enforces the rules on the other; and as
//! it does so for every block of a download, an answer takes its request off the front
//! of a short queue, without a map or an allocation.

mod clock;
mod close;
mod connection;
mod event;
mod identity;
mod inbox;
mod incoming;
mod message_budget;
mod misbehaviour;
mod negotiation;
mod outbox;
mod outgoing;
mod peer_pieces;
mod requests;
mod role;
mod stance;
#[cfg(test)]
mod tests;
mod time;

pub use close::Close;
pub use connection::Connection;
pub use event::Event;
pub use identity::Identity;
pub use requests::{LOCAL_REQQ, MAX_REQQ};
pub use role::Role;
pub use time::Time;
