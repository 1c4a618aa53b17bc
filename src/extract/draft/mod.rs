//! A piece that is not verified yet: what has come of it, and from whom.
//!
//! Parts may overlap, and may contradict each other: a piece can be sent twice, by
//! two peers, one of which lies. All of them are kept until the hash says which
//! are right.

mod part;
mod piece;
#[cfg(test)]
mod tests;

pub use piece::{Added, Draft, Preference, Segment};
