//! `peerscope torrents` and `peerscope swarm`: which torrents, and who took part.

mod args;
mod command;
mod dht;
#[cfg(unix)]
mod list;

pub(super) use args::{SWARM_EXAMPLES, SwarmArgs};
#[cfg(unix)]
pub(super) use args::{TORRENTS_EXAMPLES, TorrentsArgs};
pub use command::run;
#[cfg(unix)]
pub(super) use list::run as list;
