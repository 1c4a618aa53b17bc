//! What both sides of the encrypted handshake share.

use crate::wire::mse::Rc4;

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
pub(super) struct Finished {
    /// Ciphers for what we send and what we receive; `None` for plain text.
    pub(super) ciphers: Option<(Rc4, Rc4)>,
    /// What came after the handshake, decrypted.
    pub(super) plain: Vec<u8>,
}

/// Where a handshake is after more bytes have come.
#[derive(Debug)]
pub(super) enum Step {
    /// More are needed.
    More,
    /// It is complete.
    Finished(Box<Finished>),
}
