//! Piece layers (BEP 52): the hashes of a v2 torrent's pieces, which are not part of the
//! info dictionary. They are fetched from peers, and served to them.

mod exchange;
mod fetch;
mod trees;

pub(super) use fetch::LayerFetch;
pub(super) use trees::Trees;
