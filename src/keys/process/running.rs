//! A running process, as `/proc` shows it.

use std::fs;
use std::path::{Path, PathBuf};

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// What the system calls it: at most 15 bytes.
    pub name: String,
}

impl Process {
    /// Its folder below `/proc`, or a file there.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        Path::new("/proc").join(self.pid.to_string()).join(file)
    }

    /// Whether it runs under this name: the system's, that of its program, or
    /// that of the script that its interpreter was given.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let end = |path: &str| path.rsplit('/').next() == Some(name);
        if self.name == name {
            return true;
        }
        let program = fs::read_link(self.path("exe"));
        if program.is_ok_and(|program| end(&program.to_string_lossy())) {
            return true;
        }
        let words = fs::read(self.path("cmdline")).unwrap_or_default();
        let mut words = words.split(|byte| *byte == 0).take(2);
        words.any(|word| end(&String::from_utf8_lossy(word)))
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        // A process that nobody has waited for has no memory any more.
        let stat = fs::read(self.path("stat")).unwrap_or_default();
        let stat = String::from_utf8_lossy(&stat);
        let state = stat.rsplit(')').next().unwrap_or_default();
        matches!(state.trim_start().chars().next(), None | Some('Z' | 'X'))
    }
}
