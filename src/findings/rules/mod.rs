//! The rules, a file a theme: what they say, and the checks that need the
//! conversation.

mod answers;
mod asked;
mod attempts;
mod availability;
mod dht;
mod encryption;
mod ending;
mod extension;
mod fast;
mod framing;
mod handshake;
mod hashes;
mod items;
mod meant;
mod metadata;
mod network;
mod peers;
mod pieces;
mod requests;
mod servers;
mod stances;
mod stray;
mod trackers;
mod utp;

pub use asked::{all, get, listed};
pub(super) use asked::{
    attempted, conclude, contradicted, hear, hear_gap, hear_loose, is_turned_away, leave,
    negotiate, of_conversations, turned_away, untie,
};
pub(super) use dht::is_of_own_network;
pub(super) use handshake::{HS_01, HS_03, HS_09, HS_10};
pub(super) use hashes::{V2_02, V2_04};
pub(super) use pieces::PC_04;
