//! A file that is written, and what becomes of one that is there.

use std::fs::File;
use std::io;

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Its contents go.
    Replace,
    /// What is written comes after its contents.
    Append,
    /// That is an error: the file must be new.
    Refuse,
}

/// A file that was opened to be written.
#[derive(Debug)]
pub struct OutputFile {
    pub(super) file: File,
    pub(super) is_new: bool,
}

impl OutputFile {
    /// Whether the file was not there before.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The file.
    pub fn into_file(self) -> File {
        self.file
    }

    /// Makes the file, if it was not there before, one of `user`'s own. Only root
    /// can do that.
    #[cfg(unix)]
    pub fn give_to(&self, user: u32, group: u32) -> io::Result<()> {
        if !self.is_new {
            return Ok(());
        }
        std::os::unix::fs::fchown(&self.file, Some(user), Some(group))
    }
}
