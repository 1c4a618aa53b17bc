//! The files of a ring, by name.

use std::collections::VecDeque;
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

/// Digits that a number of ours can have; a longer one is no number of a ring, but
/// what somebody has put there for it to go on after.
const MAX_DIGITS: usize = 9;

/// Names the files of a ring: `NAME-00001.pcapng`, `NAME-00002.pcapng` and so
/// on, in the order in which they are written. Files of an earlier run are left
/// alone: the numbers go on after theirs.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    stem: String,
    extension: String,
    ring: Ring,
    next: u64,
    /// The files that are there and ours, the oldest first.
    kept: VecDeque<u64>,
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
            next: 1,
            kept: VecDeque::new(),
        };
        files.next = files.last_used()?.saturating_add(1);
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
        let all_digits = (5..=MAX_DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
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

    /// The file that has to go before the next one begins; it counts as gone.
    pub fn take_oldest(&mut self) -> Option<PathBuf> {
        if (self.kept.len() as u64) < self.ring.files.max(1) {
            return None;
        }
        let oldest = self.kept.pop_front()?;
        Some(self.path(oldest))
    }

    /// The name of the next file.
    pub fn next(&mut self) -> PathBuf {
        let path = self.path(self.next);
        self.next = self.next.saturating_add(1);
        path
    }

    /// The file of that name was made.
    pub fn keep(&mut self) {
        self.kept.push_back(self.next.saturating_sub(1));
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
        assert_eq!(files.take_oldest(), None);
        assert_eq!(files.next(), at("a.b-00001.pcapng"));
        files.keep();
        assert_eq!(files.take_oldest(), None);
        // A name that somebody else has taken.
        assert_eq!(files.next(), at("a.b-00002.pcapng"));
        assert_eq!(files.next(), at("a.b-00003.pcapng"));
        files.keep();
        assert_eq!(files.take_oldest(), Some(at("a.b-00001.pcapng")));
        assert_eq!(files.next(), at("a.b-00004.pcapng"));
        files.keep();
        assert_eq!(files.take_oldest(), Some(at("a.b-00003.pcapng")));
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
            "x-18446744073709551615.pcapng",
        ];
        for name in others {
            fs::write(at(name), b"").expect("file");
        }
        let ring = Ring { files: 1, bytes: 1 };
        let mut files = Files::new(&at("x.pcapng"), ring).expect("folder");
        assert_eq!(files.next(), at("x-00042.pcapng"));
        files.keep();
        assert_eq!(files.take_oldest(), Some(at("x-00042.pcapng")));
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
