//! Sockets, threads, files and the clock around a [`Torrent`](super::torrent::Torrent).
//!
//! One thread waits for the network and runs the machines; others hash and
//! write pieces, and announce to trackers. There is no async runtime: a session has
//! one thing to wait for, the poll.

mod ahead;
mod announcer;
mod checking;
mod config;
mod connections;
mod dialer;
mod disk;
mod error;
mod identity;
mod patience;
mod session;
mod setup;
mod socket;
mod tap;
mod watch;
mod worker;

pub use config::{Config, Target, Task};
pub use error::SessionError;
pub use session::Session;
pub use watch::{Note, Progress, Watch};
