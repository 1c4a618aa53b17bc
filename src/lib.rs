//! peerscope: a BitTorrent protocol analyzer and packet dissector.

#[cfg(all(feature = "active", unix))]
pub mod active;
pub mod capture;
pub mod cli;
pub mod compare;
pub mod flow;
pub mod identify;
pub mod keys;
pub mod notation;
pub mod packet;
pub mod paste;
pub mod pasted;
pub mod pipeline;
pub mod session;
pub mod view;
pub mod wire;
