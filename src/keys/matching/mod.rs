//! Which state of RC4 belongs to which captured direction, and where in it.
//!
//! A state says nothing of its place, but it can be stepped back. Two things
//! prove a place:
//!
//! * The negotiation. MSE throws away 1024 bytes of keystream and then encrypts
//!   the verification constant, 8 zero bytes: so 8 bytes of ciphertext are
//!   keystream. Wherever i = j = 0 on the way back (about once in 65,536 bytes, so
//!   that it proves nothing by itself), the keystream 1024 bytes further on is
//!   looked for in the first bytes of every direction. What follows the constant
//!   has to make sense: paddings of zeros would do for less.
//! * Where the capture lacks the negotiation, the heads of messages that every
//!   transfer repeats. The true place collects many, a false one none; two are
//!   asked for.

mod heads;
mod lock;
mod matcher;
mod search;
#[cfg(test)]
mod tests;

pub use lock::{Keystream, Kind, Lock};
pub use matcher::{MAX_STATES, Matcher, Tally, Work};
