//! Torrents: what they hold, and whether data is theirs. Nothing here knows of peers or
//! the network.
//!
//! | | |
//! |---|---|
//! | [`Content`] | an info dictionary and the piece layers beside it; what a piece must hash to |
//! | [`PieceSet`] | a set of pieces, as bitfields carry it |
//! | [`PieceHasher`] | the check of a piece, as its bytes come |
//! | [`Layers`] | piece layers, from the hashes that peers ask each other for |
//! | [`MetadataPieces`] | an info dictionary in pieces, as peers send it |
//! | [`Magnet`], [`Wanted`] | which torrent a link names |
//! | `Storage` | the files of a torrent (Unix) |
//! | `Folder`, `Taken`, `safe_name` | writing below a folder, under names that come from anybody (Unix) |

mod block;
mod buffer;
mod check;
mod content;
mod layers;
mod magnet;
mod metadata;
mod pieces;
#[cfg(unix)]
mod storage;
#[cfg(test)]
pub(crate) mod testing;
mod verdict;
mod wanted;

pub use block::BLOCK;
pub use buffer::{PAGE, PieceBuffer};
pub use check::{PieceHasher, digests, root_of, verify};
pub use content::{Check, Content, Leaf, MerkleCheck};
pub use layers::Layers;
pub use magnet::{Magnet, MagnetError};
pub use metadata::MetadataPieces;
pub use pieces::PieceSet;
#[cfg(unix)]
pub use storage::{
    CheckProgress, Folder, Storage, StorageError, Taken, Way, check_existing, is_any_too_long,
    paths_below, safe_name, short_name,
};
pub use verdict::{Half, Inconsistent, Verdict};
pub use wanted::Wanted;
