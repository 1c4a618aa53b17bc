//! Keys that nobody wrote down: states of RC4 found in the memory of a running
//! process, and the captured directions that they open.
//!
//! `scan` and `matching` are pure functions over bytes; `process` (Linux only)
//! reads the memory of processes that the user may trace, and writes nothing into
//! them.

pub mod matching;
#[cfg(all(feature = "keys", target_os = "linux"))]
pub mod process;
pub mod scan;
