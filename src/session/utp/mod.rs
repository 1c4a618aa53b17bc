//! How a uTP connection (BEP 29) goes below its stream: round trips, delay, what was sent
//! again and why, what was in flight and what held the sender back.
//!
//! A [`UtpMeters`] reads the packets of connections, for who asks for them
//! (`Interest::packets`). Each packet gives a [`UtpStep`], for who draws how it went over
//! time; a connection that is over gives its [`UtpFigures`].
//!
//! All is as the capture sees it: a round trip is the time from a packet to its
//! acknowledgement as both go by, next to nothing where the receiver was captured.

mod figures;
mod flying;
mod meters;
mod sender;
mod sending;
#[cfg(test)]
mod tests;

pub use figures::{UtpFigures, UtpLimits, UtpSideFigures};
pub use meters::{UtpMeters, UtpStep};
pub use sender::Heard as UtpHeard;
pub use sending::Sending;
