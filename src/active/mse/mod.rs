//! Message Stream Encryption: the encrypted handshake, and the streams after it.
//!
//! [`Link`] lies between a socket and a [`Connection`](super::machine::Connection)
//! and does no I/O either. There is no BEP; the exchange is what libtorrent,
//! Transmission, aria2, anacrolix and BiglyBT agree on.

mod acceptor;
mod encryption;
mod handshake;
mod initiator;
mod keys;
mod link;
#[cfg(test)]
mod tests;

pub use encryption::Encryption;
pub use handshake::Secrets;
pub use link::Link;
