//! Writing past the page cache.
//!
//! A copy into the page cache costs as much CPU as the check of a piece. Whole
//! pages of a large piece go from our buffer to the disk instead, as long as
//! the disk keeps up: whoever writes decides that.

use nix::fcntl::OFlag;

use crate::torrent::PAGE;

/// Below this many bytes the way to the disk costs more than the copy.
pub(super) const MIN_LENGTH: usize = 256 << 10;

/// Whether `data` can be written to `offset` of a file in this way.
pub(super) fn fits(offset: u64, data: &[u8]) -> bool {
    data.len() >= MIN_LENGTH
        && data.len().is_multiple_of(PAGE)
        && offset.is_multiple_of(PAGE as u64)
        && data.as_ptr().addr().is_multiple_of(PAGE)
}

/// How a file is opened for such writes, where the system knows them. Many file
/// systems refuse.
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
