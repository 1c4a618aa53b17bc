//! `peerscope torrents` and `peerscope swarm`: which torrents, and who took part.

mod args;
mod dht;
#[cfg(unix)]
mod list;
mod run;

pub(super) use args::{SWARM_EXAMPLES, SwarmArgs};
#[cfg(unix)]
pub(super) use args::{TORRENTS_EXAMPLES, TorrentsArgs};
#[cfg(unix)]
pub(super) use list::run as list;
pub use run::run;
