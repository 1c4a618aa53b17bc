//! One torrent and all connections about it, as a machine without I/O: what is
//! requested from whom, who is served, who has sent wrong data.
//!
//! The [driver](super::driver) brings bytes, the time and the outcome of hash
//! checks; it carries away bytes and [`Action`]s. Tests do the same without a
//! network.
//!
//! [`Torrent`] is put together from parts that each own their state: the connected
//! peers, the pieces that are there, the downloader with those that are not, the
//! upload slots, the judgement of senders.

mod action;
mod availability;
mod backlog;
mod bans;
mod checking;
mod choker;
mod connections;
mod coordinator;
mod downloader;
mod end_game;
#[cfg(test)]
mod hostile;
mod incomplete;
mod layers;
mod metadata;
mod options;
mod pace;
mod partial;
mod peer;
mod peer_key;
mod peers;
mod picker;
mod pieces;
mod receive;
mod refusals;
mod requests;
mod smart_ban;
mod source;
mod spare_buffers;
mod stage;
#[cfg(test)]
mod tests;
mod totals;
mod uploads;

pub use action::{Action, Job, Outcome, Report};
pub use coordinator::Torrent;
pub use options::{DEFAULT_DEPTH, Options};
pub use peer_key::PeerKey;
pub use source::Source;
pub use totals::Totals;
