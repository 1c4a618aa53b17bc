//! Metainfo: `.torrent` files and the info dictionary in them (BEP 3, BEP 52).
//!
//! [`Info`] is what peers exchange with `ut_metadata` and what the info-hash is
//! taken of; [`Metainfo`] is the whole file around it. Both are read from a
//! bencode tape, and [`report`] gives a file's field tree from the same one.

mod error;
mod file;
mod info;
mod merkle;
mod root;
mod table;
#[cfg(test)]
mod tests;
mod v1;
mod v2;

pub use error::MetainfoError;
pub use file::{Attributes, Extent, File};
pub use info::{Info, Protocol};
pub use merkle::{
    BLOCK, Hash256, block_hash, blocks_root, climb, layer_height, layer_root, parent,
};
pub use root::Metainfo;
pub(super) use table::ANYWHERE;
pub use table::{BENCODE, INFO_TABLE, INFO_TYPE, METAINFO_TABLE, TORRENT, report};
