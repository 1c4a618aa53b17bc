//! Creates the files that we write beside what was asked for: captures,
//! recordings, key logs. They hold what passed between others, or the keys to it,
//! and `peerscope live` opens them as root: so they are for their owner's eyes
//! alone, and no link that somebody has planted leads root elsewhere.
//!
//! | who | a link at the end of the path | links on the way |
//! |---|---|---|
//! | root | refused, but for those of the system (`/dev/stdout`) | root's own, where nobody else can replace them |
//! | others | their own, or in a folder that is theirs; else refused | as the system has it |
//!
//! A file that is there already must belong to whoever writes it (for root: or to
//! the user who called sudo), or to the owner of its folder.

#[cfg(all(unix, any(feature = "live", feature = "active", feature = "keys")))]
mod unix;

use std::fs::File;
use std::io;
use std::path::Path;

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
    file: File,
    is_new: bool,
}

/// Opens the file at `path` for writing. One that is made is readable by its owner
/// alone, and so is from then on a regular file of ours that was there.
pub fn create(path: &Path, existing: Existing) -> io::Result<OutputFile> {
    #[cfg(all(unix, any(feature = "live", feature = "active", feature = "keys")))]
    return unix::create(unix::Writer::of_process(), path, existing);
    #[cfg(not(all(unix, any(feature = "live", feature = "active", feature = "keys"))))]
    plain(path, existing)
}

#[cfg(not(all(unix, any(feature = "live", feature = "active", feature = "keys"))))]
fn plain(path: &Path, existing: Existing) -> io::Result<OutputFile> {
    let mut options = File::options();
    match existing {
        Existing::Replace => options.write(true).create(true).truncate(true),
        Existing::Append => options.append(true).create(true),
        Existing::Refuse => options.write(true).create_new(true),
    };
    let is_new = existing == Existing::Refuse;
    let file = options.open(path)?;
    Ok(OutputFile { file, is_new })
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
