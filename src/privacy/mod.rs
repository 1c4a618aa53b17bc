//! What may be shown of a capture to strangers: what tells of a protocol stays, what
//! tells of people and their content gets another name.
//!
//! It is an allowlist, by the kinds of the fields of the catalogue: [`fate`] says of
//! a field whether it stays. Whatever does not is given a name by [`Aliases`], the
//! same one each time, numbered in the order in which they are met.

mod aliases;
mod allowed;
mod stand_in;

pub use aliases::{Alias, Aliases, Sort};
pub use allowed::{Fate, fate, is_protocol_word};
pub use stand_in::words_of;
