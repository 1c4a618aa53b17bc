//! Trackers: announces to them, and the peers that they name.
//!
//! Each tracker has a thread of its own, which waits most of the time. We announce to
//! all trackers of all tiers, although BEP 12 wants one after the other, to spread the
//! load: a user who looks into a swarm wants to know what each of them says.

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
