//! What `sessions` shows of a connection, and its JSON record.

mod card;
mod json;
mod summary;
#[cfg(test)]
mod tests;
mod utp;
mod values;

pub use json::SessionJson;
#[cfg(feature = "cli")]
pub(super) use summary::close_name;
pub use summary::{End, SessionSummary};
pub(super) use summary::{LETTERS, NOT_SEEN, close_words};
#[cfg(feature = "cli")]
pub(super) use values::request_counts;
