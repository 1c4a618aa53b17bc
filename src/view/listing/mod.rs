//! Messages on a terminal: a line each that fits its width.
//!
//! A connection is introduced once, with its addresses, clients and torrent; from
//! then on its number and an arrow stand for both ends. What pipes and files get
//! is in [`line`](super::line).

mod columns;
mod introduction;
mod lines;
mod measures;
mod order;
#[cfg(test)]
mod tests;

pub(super) use introduction::Introductions;
pub use lines::Listing;
