//! Finds processes by number and by name.

use std::fs;
use std::io;

use super::refusal::Refusal;
use super::running::Process;

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
