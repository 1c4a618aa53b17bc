//! Joins the stages: packets go in, observers are told of messages.
//!
//! An observer is how a command takes part: it says what it needs, and is told
//! of messages, gaps and ended connections in the order in which the capture
//! completes them.

mod analysis;
mod attempts;
mod audience;
mod backlog;
mod connection;
mod datagram;
mod decryption;
mod early;
mod ending;
mod http;
mod icmp;
mod interest;
mod keyed;
#[cfg(test)]
mod keyed_tests;
mod listener;
mod locked;
mod locks;
mod near_misses;
mod negotiation;
mod observer;
mod opening;
mod overview;
mod packets;
mod peering;
mod reading;
mod selection;
mod streams;
mod survey;
mod tell;
#[cfg(test)]
mod tests;
mod together;
#[cfg(test)]
mod together_tests;

pub use analysis::{Learned, Pipeline};
pub use connection::Ahead;
pub use interest::{AttemptInterest, Bodies, Interest, StreamSet};
pub use near_misses::{CountedNearMiss, NearMiss, NearMisses};
pub use observer::{BodyChunk, Observer, StreamBytes};
pub use overview::{Forgotten, Overview};
pub use survey::{Locked, Surveyed, survey};
