//! Message Stream Encryption: what its bytes say, with keys and without.
//!
//! There is no BEP; the exchange is described in protocol documents of the
//! clients. Each side sends a Diffie-Hellman public key and padding; the
//! initiator answers with two hashes and an encrypted offer, the acceptor with
//! an encrypted choice; then the streams go on in RC4 or in the clear. Here is
//! everything but the Diffie-Hellman computation itself, which only a peer needs.

pub mod anomalies;
mod find;
mod keylog;
mod keys;
mod message;
mod negotiation;
mod noise;
mod rc4;
mod state;

pub use find::{Found, NotFound, find_choice, find_choice_by, find_offer, find_offer_by};
pub use keylog::{KeyLine, NotAKey, SECRETS_TYPE};
pub use keys::{Keys, req1, torrent};
pub(super) use message::ANYWHERE;
pub use message::{ENCRYPTED, Message, NEGOTIATION, PUBLIC_KEY_TYPE};
pub use negotiation::{CHOICE, Choice, Method, Methods, OFFER, Offer};
pub use noise::{equal_run, looks_random, run_of};
pub use rc4::Rc4;
pub use state::{Anchor, StateLine};

/// Bytes of a public key, and of the shared secret S.
pub const PUBLIC_KEY: usize = 96;

/// Bytes of PadA, PadB, PadC and PadD, each, at most.
pub const MAX_PAD: usize = 512;

/// The verification constant: 8 zero bytes at the beginning of what is encrypted
/// in each direction.
pub const VC: [u8; 8] = [0; 8];

/// crypto_provide, crypto_select: the stream goes on in plaintext.
pub const PLAINTEXT: u32 = 1;

/// crypto_provide, crypto_select: the stream goes on in RC4.
pub const RC4: u32 = 2;
#[cfg(test)]
pub(crate) mod vectors;
