//! What makes a metainfo file unusable.

use crate::wire::bencode;

/// Why bytes are not a metainfo file or info dictionary that one can work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetainfoError {
    /// The bencoding is broken.
    #[error(transparent)]
    Bencode(#[from] bencode::Error),
    /// The bencoded value is no dictionary.
    #[error("not a bencoded dictionary")]
    NotADictionary,
    /// Bytes follow an info dictionary.
    #[error("{0} bytes after the info dictionary")]
    Trailing(usize),
    /// A key that must be there is not.
    #[error("no `{0}`")]
    Missing(&'static str),
    /// The value of a key is not what the BEPs ask for.
    #[error("`{key}` {reason}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// What is wrong with its value.
        reason: &'static str,
    },
    /// A `meta version` that is not 2.
    #[error("`meta version` {0} is not known")]
    UnknownVersion(i64),
    /// `pieces` does not hold one hash for each piece.
    #[error("{found} piece hashes for {expected} pieces")]
    PieceCount {
        /// Hashes in `pieces`.
        found: u64,
        /// Pieces by the sizes.
        expected: u64,
    },
    /// The v1 and v2 halves of a hybrid torrent do not describe the same files in
    /// the same places.
    #[error("`files` and `file tree` describe different files")]
    HalvesDiffer,
    /// A `piece layers` entry does not hash to its `pieces root`.
    #[error("`piece layers` of file {file} does not match its `pieces root`")]
    PieceLayer {
        /// Index of the file.
        file: usize,
    },
}

impl MetainfoError {
    pub(super) const fn invalid(key: &'static str, reason: &'static str) -> Self {
        Self::Invalid { key, reason }
    }
}
