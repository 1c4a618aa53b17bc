//! The files of a torrent: created, read and written.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nix::fcntl::OFlag;

use super::error::StorageError;
use super::folder::Folder;
use super::handles::{Handles, Way, expect_regular};
use super::{direct, paths};
use crate::wire::metainfo::Info;

/// The most files that are kept open.
const MAX_OPEN_FILES: usize = 128;

/// Where the files are.
#[derive(Debug)]
enum Place {
    /// Below this folder, into which they are downloaded; opened at the first use.
    Folder(PathBuf, OnceLock<Folder>),
    /// Anywhere: the user's own data, links and all.
    Anywhere,
}

/// The files of one torrent. Usable from several threads at once.
#[derive(Debug)]
pub struct Storage {
    info: Info,
    place: Place,
    /// The path of each file in its place.
    paths: Vec<Option<PathBuf>>,
    open: Mutex<BTreeMap<usize, Arc<Handles>>>,
}

impl Storage {
    /// For a download into `directory`. No link below it is followed.
    pub fn download(directory: &Path, info: &Info) -> Self {
        let place = Place::Folder(directory.to_owned(), OnceLock::new());
        Self::new(place, &paths::root(info), info)
    }

    /// For data that is there: `data` is the file or directory itself, or the
    /// directory in which it lies under the torrent's name.
    pub fn existing(data: &Path, info: &Info) -> Self {
        let inside = data.join(paths::root(info));
        let root = if data.is_dir() && inside.exists() {
            &inside
        } else {
            data
        };
        Self::new(Place::Anywhere, root, info)
    }

    fn new(place: Place, root: &Path, info: &Info) -> Self {
        Self {
            info: info.clone(),
            place,
            paths: paths::below(root, info),
            open: Mutex::default(),
        }
    }

    /// Opens a file.
    fn open(&self, path: &Path, flags: OFlag) -> io::Result<File> {
        match &self.place {
            Place::Folder(folder, opened) => {
                if let Some(opened) = opened.get() {
                    return opened.file(path, flags);
                }
                let opening = Folder::open(folder)?;
                opened.get_or_init(|| opening).file(path, flags)
            }
            Place::Anywhere => {
                expect_regular(path)?;
                File::open(path)
            }
        }
    }

    /// The whole path of a file, for messages.
    fn full(&self, path: &Path) -> PathBuf {
        match &self.place {
            Place::Folder(folder, _) => folder.join(path),
            Place::Anywhere => path.to_owned(),
        }
    }

    /// Creates all files, sparse and in full length, so that it fails before the first byte
    /// is fetched, if it does.
    pub fn create(&self) -> Result<(), StorageError> {
        let Place::Folder(directory, _) = &self.place else {
            return Ok(());
        };
        fs::create_dir_all(directory).map_err(|e| StorageError::new("create", directory, e))?;
        let folder = Folder::open(directory);
        let folder = folder.map_err(|error| StorageError::new("create", directory, error))?;
        let mut parent = None;
        for (file, path) in self.info.files().iter().zip(&self.paths) {
            let Some(path) = path else { continue };
            let failed = |verb| move |error| StorageError::new(verb, &self.full(path), error);
            if parent != path.parent() {
                folder.make_parents(path).map_err(failed("create"))?;
                parent = path.parent();
            }
            let flags = OFlag::O_WRONLY | OFlag::O_CREAT;
            let opened = folder.file(path, flags).map_err(failed("write"))?;
            // A longer file holds something else: it is not cut.
            let length = opened.metadata().map(|m| m.len()).unwrap_or_default();
            if length < file.length {
                opened.set_len(file.length).map_err(failed("grow"))?;
            }
        }
        Ok(())
    }

    /// Fails unless all files exist and are long enough; they are not read.
    pub fn expect_whole(&self) -> Result<(), StorageError> {
        for (file, path) in self.info.files().iter().zip(&self.paths) {
            let Some(path) = path else { continue };
            let failed = |error| StorageError::new("read", &self.full(path), error);
            let there = self.open(path, OFlag::O_RDONLY);
            let there = there.and_then(|file| file.metadata()).map_err(failed)?;
            if there.len() < file.length {
                let reason = format!("it has {} of {} bytes", there.len(), file.length);
                return Err(failed(io::Error::other(reason)));
            }
        }
        Ok(())
    }

    /// Whether a file can contain data: one that does not exist, or consists of a hole,
    /// need not be read. (A small file may be stored in its inode and take no block.)
    pub(super) fn may_hold_data(&self, file: usize) -> bool {
        let path = self.paths.get(file).and_then(Option::as_ref);
        let file = path.and_then(|path| self.open(path, OFlag::O_RDONLY).ok());
        file.and_then(|file| file.metadata().ok())
            .is_some_and(|metadata| metadata.blocks() > 0 || metadata.len() < 4096)
    }

    /// Reads from offset `start` of the space of pieces. Padding reads as zeros.
    pub fn read(&self, start: u64, buffer: &mut [u8]) -> Result<(), StorageError> {
        self.each(start, buffer.len() as u64, |file, at, offset, length| {
            let part = &mut buffer[at..at + length];
            if let Some((_, handles)) = file {
                return handles.read(part, offset);
            }
            part.fill(0);
            Ok(())
        })
        .map_err(|(path, error)| StorageError::new("read", &self.full(&path), error))
    }

    /// Writes at offset `start` of the space of pieces. Padding is not written.
    pub fn write(&self, start: u64, data: &[u8], way: Way) -> Result<(), StorageError> {
        let size = data.len() as u64;
        self.each(start, size, |file, at, offset, length| match file {
            Some((path, handles)) => {
                self.write_part(path, handles, &data[at..at + length], offset, way)
            }
            None => Ok(()),
        })
        .map_err(|(path, error)| StorageError::new("write", &self.full(&path), error))
    }

    fn write_part(
        &self,
        path: &Path,
        handles: &Handles,
        data: &[u8],
        offset: u64,
        way: Way,
    ) -> io::Result<()> {
        if way == Way::Direct && direct::fits(offset, data) {
            let open = || self.open(path, direct::flags()?).ok();
            let file = handles.direct.get_or_init(open);
            let written = file.as_ref().map(|file| file.write_all_at(data, offset));
            if let Some(Ok(())) = written {
                return Ok(());
            }
            // Whatever the reason is: the ordinary way works, or gives an error.
        }
        handles.file.write_all_at(data, offset)
    }

    /// Calls `act` for each part of the range that lies in one file: with the file, the
    /// offset in the buffer, the offset in the file, and the length.
    fn each(
        &self,
        start: u64,
        length: u64,
        mut act: impl FnMut(Option<(&Path, &Handles)>, usize, u64, usize) -> io::Result<()>,
    ) -> Result<(), (PathBuf, io::Error)> {
        for extent in self.info.extents(start, length) {
            let file = &self.info.files()[extent.file];
            let at = (file.offset + extent.offset - start) as usize;
            let length = extent.length as usize;
            match &self.paths[extent.file] {
                Some(path) => {
                    let result = self.file(extent.file, path);
                    let result =
                        result.and_then(|f| act(Some((path, &f)), at, extent.offset, length));
                    result.map_err(|error| (path.clone(), error))?;
                }
                None => {
                    act(None, at, extent.offset, length)
                        .map_err(|error| (PathBuf::new(), error))?;
                }
            }
        }
        Ok(())
    }

    fn file(&self, index: usize, path: &Path) -> io::Result<Arc<Handles>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&index) {
            return Ok(file.clone());
        }
        if open.len() >= MAX_OPEN_FILES {
            open.clear();
        }
        let file = self.open(path, OFlag::O_RDWR)?;
        let handles = Arc::new(Handles {
            file,
            direct: OnceLock::new(),
        });
        open.insert(index, handles.clone());
        Ok(handles)
    }

    /// Where the torrent is, for messages: its first file.
    pub fn path(&self) -> PathBuf {
        let first = self.paths.iter().flatten().next();
        first.map_or(PathBuf::from("."), |path| self.full(path))
    }
}
