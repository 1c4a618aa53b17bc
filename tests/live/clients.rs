//! Two real clients of the lab (`scripts/lab`): Transmission seeds, aria2 downloads.

use std::path::Path;
use std::process::Command;

use super::program::Program;

const TRANSFER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/lab/transfer");

/// The longest that it may take, in seconds.
const PATIENCE: u64 = 150;

/// The programs that are needed.
pub const PROGRAMS: [&str; 4] = [
    "python3",
    "transmission-daemon",
    "transmission-remote",
    "aria2c",
];

/// Transfers `mebibytes` of content in `folder`, from one client to the other, at the
/// ports 6881 and 6882.
pub fn transfer(folder: &Path, mebibytes: usize) {
    let mut command = Command::new(TRANSFER);
    command.arg(folder).arg(mebibytes.to_string());
    let said = Program::start(&mut command).finish(PATIENCE);
    assert!(said.status.success(), "{}{}", said.out, said.err);
}
