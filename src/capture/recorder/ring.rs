//! The files of a ring, by name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A bound on what a recording takes: so many files, each of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// Files kept; when one more is begun, the oldest goes. At least 1.
    pub files: u64,
    /// Bytes of a file. The packet that would pass this goes into the next one.
    pub bytes: u64,
}

/// Names the files of a ring: `NAME-00001.pcapng`, `NAME-00002.pcapng` and so
/// on, in the order in which they are written. Files of an earlier run are left
/// alone: the numbers go on after theirs.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    stem: String,
    extension: String,
    ring: Ring,
    first: u64,
    next: u64,
}

impl Files {
    /// The ring of `path`, which stands for the name without a number.
    pub fn new(path: &Path, ring: Ring) -> io::Result<Self> {
        let name = |part: Option<&std::ffi::OsStr>| {
            part.map(|part| part.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        let extension = name(path.extension());
        let mut files = Self {
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            stem: name(path.file_stem()),
            extension: if extension.is_empty() {
                String::new()
            } else {
                format!(".{extension}")
            },
            ring,
            first: 1,
            next: 1,
        };
        files.first = files.last_used()?.saturating_add(1);
        files.next = files.first;
        Ok(files)
    }

    /// The highest number that is in use; 0 if none is.
    fn last_used(&self) -> io::Result<u64> {
        let folder = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        };
        let mut last = 0;
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            last = last.max(self.number(&name.to_string_lossy()).unwrap_or(0));
        }
        Ok(last)
    }

    /// The number of a file of this ring.
    fn number(&self, name: &str) -> Option<u64> {
        let digits = name
            .strip_prefix(&self.stem)?
            .strip_prefix('-')?
            .strip_suffix(&self.extension)?;
        let all_digits = digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if all_digits {
            digits.parse().ok()
        } else {
            None
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        let (stem, extension) = (&self.stem, &self.extension);
        self.folder.join(format!("{stem}-{number:05}{extension}"))
    }

    /// Bytes of each file.
    pub fn bytes_each(&self) -> u64 {
        self.ring.bytes
    }

    /// The file that has to go before the next one begins.
    pub fn oldest_to_go(&self) -> Option<PathBuf> {
        let kept = self.ring.files.max(1);
        let oldest = self.next.checked_sub(kept)?;
        (oldest >= self.first).then(|| self.path(oldest))
    }

    /// The next file.
    pub fn next(&mut self) -> PathBuf {
        let path = self.path(self.next);
        self.next += 1;
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_the_ring_is_full() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name);
        let ring = Ring { files: 2, bytes: 1 };
        let mut files = Files::new(&at("a.b.pcapng"), ring).expect("folder");
        assert_eq!(files.oldest_to_go(), None);
        assert_eq!(files.next(), at("a.b-00001.pcapng"));
        assert_eq!(files.oldest_to_go(), None);
        assert_eq!(files.next(), at("a.b-00002.pcapng"));
        assert_eq!(files.oldest_to_go(), Some(at("a.b-00001.pcapng")));
    }

    #[test]
    fn files_of_an_earlier_run_are_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name);
        let others = [
            "x-00041.pcapng",
            "x-99999.pcap",
            "x-100.pcapng",
            "x.pcapng",
            "xy-00077.pcapng",
        ];
        for name in others {
            fs::write(at(name), b"").expect("file");
        }
        let ring = Ring { files: 1, bytes: 1 };
        let mut files = Files::new(&at("x.pcapng"), ring).expect("folder");
        assert_eq!(files.next(), at("x-00042.pcapng"));
        assert_eq!(files.oldest_to_go(), Some(at("x-00042.pcapng")));
        let mut bare = Files::new(&at("x"), ring).expect("folder");
        assert_eq!(bare.next(), at("x-00001"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().expect("folder");
        let ring = Ring { files: 1, bytes: 1 };
        assert!(Files::new(&folder.path().join("no/x.pcapng"), ring).is_err());
    }
}
