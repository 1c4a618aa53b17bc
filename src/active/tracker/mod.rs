//! Trackers: telling them of us, learning of peers.
//!
//! Each tracker has a thread of its own, because most of its life it waits. All
//! trackers of all tiers are told at once: BEP 12 has a client go through them
//! one by one, which spreads load; whoever looks into a swarm wants to know what
//! each of them says.

mod announce;
mod announcing;
mod http;
mod news;
mod pace;
mod reply;
#[cfg(test)]
mod tests;
mod trackers;
mod udp;
mod url;

pub use announce::Announce;
pub use http::Redirects;
pub use news::{Answer, News};
pub use trackers::Trackers;
