//! One connection to a peer as a machine without I/O: bytes and the time go in,
//! bytes, events and a deadline come out.
//!
//! [`Connection`] speaks the protocol: handshake, framing, choke and interest,
//! requests and their answers, the Fast extension, the extension protocol, the
//! hash messages of BEP 52. It knows nothing of sockets, files or clocks, nor of
//! which piece is wanted: that is the business of its owner, the
//! [torrent](super::torrent). All that it sends is encoded by [`crate::wire`].

mod chatter;
mod close;
mod connection;
mod event;
mod inbox;
mod incoming;
mod outgoing;
mod requests;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use close::Close;
pub use connection::{Connection, Identity, MAX_REQQ, Role};
pub use event::Event;
pub use outgoing::LOCAL_REQQ;

/// Time since the session began. Machines never look at a clock.
pub type Time = Duration;
