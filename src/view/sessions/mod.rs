//! What `sessions` shows of a connection, and its JSON record.

mod card;
mod json;
mod summary;
#[cfg(test)]
mod tests;
mod utp;
mod values;

pub use json::SessionJson;
pub use summary::{End, SessionSummary};
#[cfg(feature = "cli")]
pub(super) use summary::{LETTERS, close_name};
pub(super) use summary::{NOT_SEEN, close_words};
#[cfg(feature = "cli")]
pub(super) use values::request_counts;
