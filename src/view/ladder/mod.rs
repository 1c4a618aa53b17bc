//! A conversation as a ladder (`follow`): the initiator on the left, the acceptor on
//! the right, time going down, and beside each rung how the two stand.

mod json;
mod remarks;
mod rungs;
mod words;

pub use json::LadderJson;
pub use remarks::remarks;
pub use rungs::Ladder;
