//! The folder that is written to.
//!
//! Data goes to files of numbers in a folder of its own, below the one that was named,
//! and gets its name when it is known to be worth one: so a file that is not whole is
//! never mistaken for one that is, and no name of a capture is used before that. All
//! is done by the rules of [`Folder`]: no link is followed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::spool::Spool;
use crate::capture::FileIdentity;
use crate::torrent::{Folder, Taken};

/// Files that are kept open.
const MAX_OPEN: usize = 64;

/// Names that are tried for the folder of what is under way.
const TRIES: u32 = 1000;

/// Bytes read at once.
const READ_AT_ONCE: usize = 1 << 20;

/// What went wrong with a file: one line.
#[derive(Debug, Error)]
#[error("cannot write {}: {error}", .path.display())]
pub struct OutputError {
    path: PathBuf,
    error: io::Error,
}

/// The folder.
#[derive(Debug)]
pub struct Output {
    place: PathBuf,
    folder: Folder,
    /// The folder of what is under way, below.
    staging: PathBuf,
    open: HashMap<(u32, u32), File>,
    /// The names that are given away.
    names: Taken,
    /// The folder whose parents were made last.
    parent: PathBuf,
    /// What is read.
    spared: Vec<FileIdentity>,
}

impl Output {
    /// Writes below `place`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// When that cannot be.
    pub fn create(place: &Path) -> Result<Self, OutputError> {
        let failed = |error| OutputError {
            path: place.to_owned(),
            error,
        };
        fs::create_dir_all(place).map_err(failed)?;
        let folder = Folder::open(place).map_err(failed)?;
        let mut staging = Err(io::Error::from(io::ErrorKind::AlreadyExists));
        for number in 0..TRIES {
            let name = format!(".peerscope-{}-{number}.part", std::process::id());
            staging = fs::create_dir(place.join(&name)).map(|()| PathBuf::from(name));
            if staging.is_ok() {
                break;
            }
        }
        Ok(Self {
            place: place.to_owned(),
            folder,
            staging: staging.map_err(failed)?,
            open: HashMap::new(),
            names: Taken::default(),
            parent: PathBuf::new(),
            spared: Vec::new(),
        })
    }

    /// Never writes over these files.
    #[must_use]
    pub fn sparing(mut self, inputs: &[PathBuf]) -> Self {
        let spared = inputs.iter().filter_map(|path| FileIdentity::of(path));
        self.spared = spared.collect();
        self
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        match FileIdentity::of(&self.place.join(path)) {
            Some(file) if self.spared.contains(&file) => {
                Err(io::Error::other("this is what is read"))
            }
            _ => Ok(()),
        }
    }

    /// A file without a name on the same disk.
    pub fn spool(&self) -> Spool {
        Spool::new(self.place.clone())
    }

    /// The folder of what is under way.
    pub fn staging(&self) -> PathBuf {
        self.place.join(&self.staging)
    }

    /// The path, for messages.
    pub fn full(&self, path: &str) -> PathBuf {
        self.place.join(path)
    }

    fn failed(&self, path: &Path) -> impl Fn(io::Error) -> OutputError + use<> {
        let path = self.place.join(path);
        move |error| OutputError {
            path: path.clone(),
            error,
        }
    }

    /// What went wrong with a file below the folder.
    pub fn error(&self, name: &str, error: io::Error) -> OutputError {
        self.failed(Path::new(name))(error)
    }

    /// A name that nothing else has, in the folder itself.
    pub fn claim(&mut self, name: String) -> String {
        self.names.free(name)
    }

    fn staged(&self, torrent: u32, file: u32) -> PathBuf {
        staged(&self.staging, torrent, file)
    }

    /// Writes data of a file of a torrent.
    ///
    /// # Errors
    ///
    /// When the disk is full, or the file grows beyond what a file can be.
    pub fn write(
        &mut self,
        torrent: u32,
        file: u32,
        at: u64,
        data: &[u8],
    ) -> Result<(), OutputError> {
        let written = self.open_staged(torrent, file);
        let written = written.and_then(|file| file.write_all_at(data, at));
        written.map_err(|error| self.failed(&self.staged(torrent, file))(error))
    }

    fn open_staged(&mut self, torrent: u32, file: u32) -> io::Result<&File> {
        let key = (torrent, file);
        if self.open.len() >= MAX_OPEN && !self.open.contains_key(&key) {
            self.open.clear();
        }
        match self.open.entry(key) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let path = staged(&self.staging, torrent, file);
                let flags = OFlag::O_RDWR | OFlag::O_CREAT;
                Ok(place.insert(self.folder.file(&path, flags)?))
            }
        }
    }

    /// Gives a file its name, and `length` bytes; gives its SHA-256.
    ///
    /// # Errors
    ///
    /// When something else is in the way.
    pub fn finish(
        &mut self,
        torrent: u32,
        file: u32,
        path: &str,
        length: u64,
    ) -> Result<[u8; 32], OutputError> {
        let (staged, path) = (self.staged(torrent, file), Path::new(path));
        let failed = self.failed(path);
        let open = self.open_staged(torrent, file).map_err(&failed)?;
        if open.metadata().map_err(&failed)?.len() != length {
            open.set_len(length).map_err(&failed)?;
        }
        let sum = sha256(open).map_err(&failed)?;
        self.open.remove(&(torrent, file));
        self.place(&staged, path).map_err(failed)?;
        Ok(sum)
    }

    /// Removes what there is of a file.
    pub fn discard(&mut self, torrent: u32, file: u32) {
        self.open.remove(&(torrent, file));
        // It may never have been made.
        let _ = self.folder.remove(&self.staged(torrent, file));
    }

    fn place(&mut self, staged: &Path, path: &Path) -> io::Result<()> {
        self.check(path)?;
        let parent = path.parent().unwrap_or(Path::new(""));
        if self.parent != parent {
            self.folder.make_parents(path)?;
            parent.clone_into(&mut self.parent);
        }
        self.folder.rename(staged, path)
    }

    /// Writes a whole file, which appears when it is complete.
    ///
    /// # Errors
    ///
    /// When something else is in the way, or the disk is full.
    pub fn put(
        &mut self,
        path: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let failed = self.failed(Path::new(path));
        let staged = self.staging.join("new");
        let flags = OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_TRUNC;
        let file = self.folder.file(&staged, flags).map_err(&failed)?;
        let mut file = io::BufWriter::with_capacity(64 << 10, file);
        write(&mut file)
            .and_then(|()| file.flush())
            .map_err(&failed)?;
        self.place(&staged, Path::new(path)).map_err(failed)
    }

    /// Opens a file that grows, by its name below the folder; `anew` empties it.
    ///
    /// # Errors
    ///
    /// When something else is in the way.
    pub fn append_to(&self, name: &str, anew: bool) -> Result<File, OutputError> {
        let start = if anew {
            OFlag::O_TRUNC
        } else {
            OFlag::O_APPEND
        };
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | start;
        let path = Path::new(name);
        self.check(path)
            .and_then(|()| self.folder.file(path, flags))
            .map_err(self.failed(Path::new(name)))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.open.clear();
        // What is left of files that were not worth a name.
        let left = fs::read_dir(self.place.join(&self.staging))
            .into_iter()
            .flatten()
            .flatten();
        for file in left {
            let _ = self.folder.remove(&self.staging.join(file.file_name()));
        }
        let _ = self.folder.remove(&self.staging);
    }
}

fn staged(staging: &Path, torrent: u32, file: u32) -> PathBuf {
    staging.join(format!("{torrent}-{file}"))
}

fn sha256(file: &File) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; READ_AT_ONCE];
    let mut at = 0;
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => return Ok(hasher.finalize().into()),
            count => {
                hasher.update(&buffer[..count]);
                at += count as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_gets_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/out");
        let mut output = Output::create(&path).unwrap();
        output.write(0, 1, 3, b"def").unwrap();
        output.write(0, 1, 0, b"abc").unwrap();
        output.write(0, 2, 1000, b"x").unwrap();
        let sum = output.finish(0, 1, "name/sub/file", 6).unwrap();
        assert_eq!(sum[..], Sha256::digest(b"abcdef")[..]);
        output.put("m.json", |out| out.write_all(b"{}")).unwrap();
        drop(output);
        assert_eq!(fs::read(path.join("name/sub/file")).unwrap(), b"abcdef");
        assert_eq!(fs::read(path.join("m.json")).unwrap(), b"{}");
        assert_eq!(fs::read_dir(&path).unwrap().count(), 2);
    }

    #[test]
    fn no_link_in_the_way_is_followed() {
        let outside = tempfile::tempdir().unwrap();
        let inside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("victim"), "precious").unwrap();
        symlink(outside.path(), inside.path().join("folder")).unwrap();
        symlink(outside.path().join("victim"), inside.path().join("file")).unwrap();
        symlink(outside.path().join("victim"), inside.path().join("raw")).unwrap();
        let mut output = Output::create(inside.path()).unwrap();
        output.write(0, 0, 0, b"bad").unwrap();
        assert!(output.finish(0, 0, "folder/victim", 3).is_err());
        output.write(0, 0, 0, b"bad").unwrap();
        output.finish(0, 0, "file", 3).unwrap();
        output.append_to("raw", true).unwrap_err();
        drop(output);
        assert_eq!(
            fs::read(outside.path().join("victim")).unwrap(),
            b"precious"
        );
        assert_eq!(fs::read(inside.path().join("file")).unwrap(), b"bad");
    }
}
