//! The memory of running processes, on Linux. It is read and never written; a
//! process is stopped only while addresses that are known already are read again.

mod find;
mod follow;
mod memory;
mod pages;
mod refusal;
mod running;
mod sightings;
mod stop;
mod traffic;
mod watch;

pub use find::{by_name, by_number};
pub use refusal::Refusal;
pub use running::Process;
pub use watch::{Report, Watch};
