//! Files that are to be served and cannot be read.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::active::driver::watch::{Note, Watch};
use crate::torrent::StorageError;

/// The most files that are reported: if more fail, it is the disk.
const MAX_REPORTED_FILES: usize = 16;

/// What has failed so far: reported once for each file, not for each block.
#[derive(Debug, Default)]
pub(super) struct Unreadable {
    first: Option<StorageError>,
    files: BTreeSet<PathBuf>,
}

impl Unreadable {
    /// A block could not be read.
    pub(super) fn note(&mut self, error: StorageError, watch: &mut dyn Watch) {
        let is_reported = self.files.contains(error.path());
        if !is_reported && self.files.len() < MAX_REPORTED_FILES {
            self.files.insert(error.path().to_owned());
            watch.note(&Note::Unreadable(error.to_string()));
        }
        self.first.get_or_insert(error);
    }

    /// The first failure.
    pub(super) fn first(&mut self) -> Option<StorageError> {
        self.first.take()
    }
}
