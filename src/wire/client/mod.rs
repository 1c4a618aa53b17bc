//! Who a peer says it is: peer ids (BEP 20 and older habits) and the `v` of DHT
//! messages to client names and versions.
//!
//! All of it is a claim: ids are copied by other clients and set by users. A
//! look-up allocates nothing.

mod azureus;
mod claim;
mod decode;
mod mainline;
mod prefix;
mod shadow;
#[cfg(test)]
mod tests;
mod user_agent;
mod version;

pub use claim::Client;
pub use user_agent::of_user_agent;
