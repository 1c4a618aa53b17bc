//! The info dictionary: fetched from peers (BEP 9), and served to them.

mod exchange;
mod fetch;
mod serve;

pub(super) use fetch::MetadataFetch;
pub(super) use serve::serve;
