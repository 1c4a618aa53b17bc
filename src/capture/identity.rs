//! Whether two names lead to one file.

use std::path::Path;

/// A regular file, by whatever name it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileIdentity(imp::Number);

impl FileIdentity {
    /// The file at a path, or where the links there lead; none where that is no
    /// regular file.
    pub fn of(path: &Path) -> Option<Self> {
        imp::of(path).map(Self)
    }

    /// The file that standard input is read from, where it is one and the system
    /// tells which.
    pub fn of_stdin() -> Option<Self> {
        imp::of_stdin().map(Self)
    }

    /// The same of standard output.
    pub fn of_stdout() -> Option<Self> {
        imp::of_stdout().map(Self)
    }
}

#[cfg(unix)]
mod imp {
    use std::fs::{File, Metadata, metadata};
    use std::io::{stdin, stdout};
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// The device and the number there.
    pub type Number = (u64, u64);

    fn number(metadata: &Metadata) -> Option<Number> {
        let number = (metadata.dev(), metadata.ino());
        metadata.is_file().then_some(number)
    }

    pub fn of(path: &Path) -> Option<Number> {
        number(&metadata(path).ok()?)
    }

    fn of_open(stream: &impl AsFd) -> Option<Number> {
        let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
        number(&file.metadata().ok()?)
    }

    pub fn of_stdin() -> Option<Number> {
        of_open(&stdin())
    }

    pub fn of_stdout() -> Option<Number> {
        of_open(&stdout())
    }
}

#[cfg(not(unix))]
mod imp {
    use std::path::{Path, PathBuf};

    /// The path without links.
    pub type Number = PathBuf;

    pub fn of(path: &Path) -> Option<Number> {
        path.canonicalize().ok().filter(|path| path.is_file())
    }

    pub fn of_stdin() -> Option<Number> {
        None
    }

    pub fn of_stdout() -> Option<Number> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_the_same_by_each_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("one"), "same").unwrap();
        fs::write(at("other"), "same").unwrap();
        fs::hard_link(at("one"), at("hard")).unwrap();
        std::os::unix::fs::symlink("one", at("soft")).unwrap();
        let one = FileIdentity::of(&at("one"));
        assert!(one.is_some());
        for (name, is_same) in [("hard", true), ("./soft", true), ("other", false)] {
            assert_eq!(FileIdentity::of(&at(name)) == one, is_same, "{name}");
        }
        for none in [at("missing"), "/dev/null".into(), folder.path().to_owned()] {
            assert_eq!(FileIdentity::of(&none), None);
        }
    }
}
