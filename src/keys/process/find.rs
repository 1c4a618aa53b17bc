//! Processes by number and by name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Refusal;

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
    fn is_called(&self, name: &str) -> bool {
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

/// The process of this number.
pub fn by_number(pid: u32) -> Result<Process, Refusal> {
    let process = Process {
        pid,
        name: String::new(),
    };
    let name = fs::read(process.path("comm")).map_err(|_| Refusal::Absent(pid))?;
    Ok(Process {
        name: String::from_utf8_lossy(&name).trim_end().to_owned(),
        ..process
    })
}

/// The processes of this name, in the order of their numbers; ourselves left
/// out.
pub fn by_name(name: &str) -> io::Result<Vec<Process>> {
    let own = std::process::id();
    let mut numbers: Vec<u32> = fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != own)
        .collect();
    numbers.sort_unstable();
    let processes = numbers.into_iter().filter_map(|pid| by_number(pid).ok());
    let called = processes.filter(|process| process.is_called(name) && !process.is_over());
    Ok(called.collect())
}
