//! What can be wrong with a text.

use super::position::Position;

/// More bytes than this are not taken from one text.
pub const MAX_BYTES: usize = 16 << 20;

/// More of them may not be "the same again", which a dump can say of any length in a
/// few characters.
pub const MAX_REPEATED: usize = 1 << 20;

/// Nor are more written out to see which form a text has: several are tried.
pub const MAX_EXPANDED: usize = 8 * MAX_REPEATED;

/// Why a text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {reason}")]
pub struct Fault {
    /// Where.
    pub at: Position,
    /// What is wrong there.
    pub reason: Reason,
}

/// What can be wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// There is nothing.
    #[error("no input: nothing was pasted")]
    Empty,
    /// There are words only.
    #[error("no bytes found in this text (--help lists the forms that are known)")]
    NoBytes,
    /// Half a byte.
    #[error("odd number of hex digits: half a byte is missing here")]
    OddDigits,
    /// A character that cannot stand in a dump.
    #[error("{0:?} is no hex digit, within a dump of hex")]
    NotHex(char),
    /// An escape that no language has.
    #[error("unfinished or unknown escape in a string of bytes")]
    Escape,
    /// A number that is no byte, in an array of bytes.
    #[error("not a byte, within an array of bytes")]
    NotByte,
    /// A row does not hold the bytes that the offset of the next one says.
    #[error("row of {found} bytes where the offsets say {due}")]
    Row {
        /// Bytes in the row.
        found: usize,
        /// Bytes from its offset to the next.
        due: usize,
    },
    /// Rows that are the same again, of bytes without offsets.
    #[error("rows are the same again, and nothing says how often (od -v prints all)")]
    SameAgain,
    /// More than [`MAX_BYTES`].
    #[error("more than {} MiB of bytes", MAX_BYTES >> 20)]
    TooMany,
    /// More bytes that are "the same again" than are read out of one text (1 MiB).
    #[error("more than {} MiB of bytes that are the same again", MAX_REPEATED >> 20)]
    Repeated,
}
