//! Message Stream Encryption as an observer without keys sees it.
//!
//! There is no BEP; the exchange is described in protocol documents of the
//! clients: public key and padding each way, two hashes and an encrypted
//! negotiation, then the stream in RC4 or in the clear.

use std::fmt;

use super::super::field::{Field, Kind};
use super::super::reader::Reader;
use super::super::sink::Sink;
use super::super::words::Count;
use super::PUBLIC_KEY;

static Y: Field = Field::new("public_key", Kind::Hash);
static PAD: Field = Field::new("pad", Kind::Bytes);
static NEGOTIATION: Field = Field::new("negotiation", Kind::Data);
static ENCRYPTED: Field = Field::new("encrypted", Kind::Data);

/// A stretch of an MSE stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Diffie-Hellman public key (96 bytes) and up to 512 bytes of padding.
    PublicKey {
        /// Bytes of padding.
        pad: u64,
    },
    /// Hashes, crypto_provide or crypto_select, padding and initial payload:
    /// encrypted.
    Negotiation {
        /// Bytes.
        bytes: u64,
    },
    /// The encrypted stream.
    Encrypted {
        /// Bytes.
        bytes: u64,
        /// Packets that brought them.
        packets: u64,
    },
}

impl Message {
    /// A public key with its padding, `bytes` in all.
    pub fn public_key(bytes: u64) -> Self {
        Self::PublicKey {
            pad: bytes.saturating_sub(PUBLIC_KEY as u64),
        }
    }

    /// The name, as JSON has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PublicKey { .. } => "public_key",
            Self::Negotiation { .. } => "negotiation",
            Self::Encrypted { .. } => "encrypted",
        }
    }

    /// Reports the fields.
    pub fn dissect<S: Sink>(&self, bytes: &[u8], declared: usize, sink: &mut S) {
        let mut reader = Reader::new(bytes, declared, sink);
        match self {
            Self::PublicKey { .. } => {
                reader.bulk(&Y, PUBLIC_KEY);
                if reader.left() > 0 {
                    reader.remainder(&PAD);
                }
            }
            Self::Negotiation { .. } => {
                reader.remainder(&NEGOTIATION);
            }
            Self::Encrypted { .. } => {
                reader.remainder(&ENCRYPTED);
            }
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublicKey { pad } => write!(f, "public key, {pad} bytes of padding"),
            Self::Negotiation { bytes } => {
                write!(f, "negotiation, {}", Count(*bytes, "byte"))
            }
            Self::Encrypted { bytes, packets } => write!(
                f,
                "encrypted, {} in {}",
                Count(*bytes, "byte"),
                Count(*packets, "packet")
            ),
        }
    }
}
