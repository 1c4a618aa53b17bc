//! Message Stream Encryption: what its bytes say, with keys and without.
//!
//! There is no BEP; the exchange is described in protocol documents of the
//! clients. Each side sends a Diffie-Hellman public key and padding; the
//! initiator answers with two hashes and an encrypted offer, the acceptor with
//! an encrypted choice; then the streams go on in RC4 or in the clear. Here is
//! everything but the Diffie-Hellman computation itself, which only a peer needs.

pub mod anomalies;
mod find;
mod flaw;
mod keylog;
mod keys;
mod message;
mod negotiation;
mod noise;
mod rc4;
mod sizes;
mod state;
#[cfg(test)]
pub(crate) mod vectors;

pub use find::{Found, NotFound, find_choice, find_choice_by, find_offer, find_offer_by};
pub use flaw::Flaw;
pub use keylog::{KeyLine, NotAKey, SECRETS_TYPE};
pub use keys::{Keys, req1, torrent};
pub(super) use message::ANYWHERE;
pub use message::{ENCRYPTED, Message, NEGOTIATION, PUBLIC_KEY_TYPE};
pub use negotiation::{CHOICE, Choice, Method, Methods, OFFER, Offer};
pub use noise::{equal_run, looks_random, run_of};
pub use rc4::Rc4;
pub use sizes::{LONGEST_PAD, MAX_PAD, PLAINTEXT, PUBLIC_KEY, RC4, VC};
pub use state::{Anchor, StateLine};
