//! Captures that are no files.

use std::fs::File;
use std::io::Read;

/// How what is no file is read: standard input and pipes, whose bytes may be long in
/// coming.
pub trait Pipes {
    /// What `pipe` is read through.
    fn open(&self, pipe: File) -> Box<dyn Read + Send>;

    /// Whether nothing more is to be read, though there may be more: that a pipe ends
    /// where it does is nobody's fault.
    fn is_over(&self) -> bool;
}
