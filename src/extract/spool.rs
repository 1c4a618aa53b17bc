//! Bytes that wait on disk, in a file without a name: it is gone when the program is.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::fcntl::OFlag;

use crate::torrent::Folder;

/// Names that are tried for the file while it has one.
const TRIES: u32 = 100;

/// The file; made when the first bytes go there.
#[derive(Debug)]
pub struct Spool {
    /// Where it is made.
    place: PathBuf,
    file: Option<File>,
    end: u64,
}

impl Spool {
    /// A spool in the folder `place`.
    pub fn new(place: PathBuf) -> Self {
        Self {
            place,
            file: None,
            end: 0,
        }
    }

    /// Writes bytes; gives where they are.
    ///
    /// # Errors
    ///
    /// When the file cannot be made, or the disk is full.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(nameless(&self.place)?),
        };
        let at = self.end;
        file.write_all_at(bytes, at)?;
        self.end += bytes.len() as u64;
        Ok(at)
    }

    /// Reads bytes that were written.
    ///
    /// # Errors
    ///
    /// When the disk fails.
    pub fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let missing = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let file = self.file.as_ref().ok_or_else(missing)?;
        file.read_exact_at(into, at)
    }

    /// The file itself.
    pub fn into_file(self) -> Option<File> {
        self.file
    }
}

/// Makes a file in `place` and takes its name away.
fn nameless(place: &std::path::Path) -> io::Result<File> {
    let folder = Folder::open(place)?;
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..TRIES {
        let name = format!(".peerscope-{}-{number}.spool", std::process::id());
        let name = std::path::Path::new(&name);
        match folder.file(name, OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_EXCL) {
            Ok(file) => {
                folder.remove(name)?;
                return Ok(file);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spooled_comes_back_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().to_owned());
        assert!(spool.read(0, &mut [0]).is_err());
        assert_eq!(spool.append(b"hello").unwrap(), 0);
        assert_eq!(spool.append(b"world").unwrap(), 5);
        let mut text = [0; 5];
        spool.read(5, &mut text).unwrap();
        assert_eq!(&text, b"world");
        spool.read(6, &mut text).unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
