//! Errors of files.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What went wrong with a file: one line.
#[derive(Debug, Error)]
#[error("cannot {verb} {}: {error}", .path.display())]
pub struct StorageError {
    verb: &'static str,
    path: PathBuf,
    error: io::Error,
}

impl StorageError {
    pub(super) fn new(verb: &'static str, path: &Path, error: io::Error) -> Self {
        Self {
            verb,
            path: path.to_owned(),
            error,
        }
    }

    /// The file or directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
