//! Open files.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::OnceLock;

/// An open file.
#[derive(Debug)]
pub(super) struct Handles {
    pub(super) file: File,
    /// For writes past the page cache; opened at the first of them, `None` if
    /// the file system refuses.
    pub(super) direct: OnceLock<Option<File>>,
}

/// How data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through the page cache: the disk follows later.
    Cached,
    /// Past the page cache, if the file system can do that: it needs less CPU.
    Direct,
}

impl Handles {
    /// Reads all of `part`, or fails and says how long the file is.
    pub(super) fn read(&self, part: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(part, offset).map_err(|error| {
            let length = self.file.metadata().map(|metadata| metadata.len());
            match length {
                Ok(length) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    let wanted = offset + part.len() as u64;
                    let reason = format!("it ends after {length} bytes, {wanted} are wanted");
                    io::Error::new(error.kind(), reason)
                }
                _ => error,
            }
        })
    }
}

/// Refuses what is neither a regular file nor a directory (opening one fails by itself):
/// opening a pipe would block until the other end is opened.
pub(super) fn expect_regular(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() && !there.is_dir() => {
            Err(io::Error::other("not a regular file"))
        }
        _ => Ok(()),
    }
}
