//! Message Stream Encryption: the encrypted handshake, and the streams after it.
//!
//! [`Link`] lies between a socket and a [`Connection`](super::machine::Connection)
//! and does no I/O either. There is no BEP; the exchange is what libtorrent,
//! Transmission, aria2, anacrolix and BiglyBT agree on.

mod acceptor;
mod initiator;
mod keys;
mod link;
#[cfg(test)]
mod tests;

pub use link::Link;

use crate::wire::mse::Rc4;

/// How encryption is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    /// Encrypted where the peer can, else plain; RC4 where there is a choice.
    Prefer,
    /// RC4 or nothing.
    Require,
    /// Plain only.
    #[default]
    Off,
}

/// What makes a handshake unpredictable.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The private exponent.
    pub exponent: [u8; 20],
    /// The padding after the public key: at most 512 bytes.
    pub pad: Vec<u8>,
}

/// How a finished handshake leaves the streams.
#[derive(Debug)]
struct Finished {
    /// Ciphers for what we send and what we receive; `None` for plain text.
    ciphers: Option<(Rc4, Rc4)>,
    /// What came after the handshake, decrypted.
    plain: Vec<u8>,
}

/// What came of more bytes in a handshake.
#[derive(Debug)]
enum Step {
    /// More are needed.
    More,
    /// It is over.
    Finished(Box<Finished>),
}
