//! Writing past the page cache.
//!
//! A copy into the page cache costs as much CPU as the check of a piece. Whole
//! pages of a large piece go from our buffer to the disk instead, as long as
//! the disk keeps up: whoever writes decides that.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::active::buffer::PAGE;

/// Below this many bytes the way to the disk costs more than the copy.
pub(super) const MIN_LENGTH: usize = 256 << 10;

/// Whether `data` can be written to `offset` of a file in this way.
pub(super) fn fits(offset: u64, data: &[u8]) -> bool {
    data.len() >= MIN_LENGTH
        && data.len().is_multiple_of(PAGE)
        && offset.is_multiple_of(PAGE as u64)
        && data.as_ptr().addr().is_multiple_of(PAGE)
}

/// Opens a file for such writes; many file systems refuse.
#[cfg(target_os = "linux")]
pub(super) fn open(path: &Path) -> io::Result<File> {
    use nix::fcntl::OFlag;
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = File::options();
    options.write(true).custom_flags(OFlag::O_DIRECT.bits());
    options.open(path)
}

/// Opens a file for such writes: not known here.
#[cfg(not(target_os = "linux"))]
pub(super) fn open(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
