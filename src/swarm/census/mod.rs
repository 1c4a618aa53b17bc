//! Listens to whatever names a torrent, or a peer of one.

mod counted;
mod discovery;
mod links;
mod meeting;

pub use counted::{Census, LeftOut};
