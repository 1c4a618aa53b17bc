//! Writing past the page cache.
//!
//! A copy into the page cache costs as much CPU as the check of a piece. A large piece
//! goes from our buffer to the disk instead, as long as the disk keeps up, which the
//! caller decides.

use nix::fcntl::OFlag;

use crate::torrent::PAGE;

/// A direct write of fewer bytes costs more than the copy.
pub(super) const MIN_DIRECT_BYTES: usize = 256 << 10;

/// Whether `data` can be written past the page cache at `offset` of a file.
pub(super) fn fits(offset: u64, data: &[u8]) -> bool {
    data.len() >= MIN_DIRECT_BYTES
        && data.len().is_multiple_of(PAGE)
        && offset.is_multiple_of(PAGE as u64)
        && data.as_ptr().addr().is_multiple_of(PAGE)
}

/// How a file is opened for such writes, if the system has them. Many file systems
/// refuse.
#[cfg(target_os = "linux")]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
pub(super) fn flags() -> Option<OFlag> {
    Some(OFlag::O_WRONLY | OFlag::O_DIRECT)
}

/// Not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn flags() -> Option<OFlag> {
    None
}
