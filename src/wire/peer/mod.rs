//! The peer wire protocol: handshake and messages (BEP 3, 5, 6, 10, 52, AZMP).

pub mod anomalies;
mod azmp;
mod before;
mod block;
mod fields;
mod handshake;
mod hashes;
mod id;
mod message;
mod near;
mod style;
#[cfg(test)]
mod tests;
pub mod types;

pub use azmp::{Azmp, AzmpStart, azmp_start};
pub use before::Before;
pub use block::{Bitfield, Block, MAX_BLOCK};
pub use handshake::{
    FLAGS, Handshake, HandshakeStart, LENGTH as HANDSHAKE_LENGTH, PREFIX, Reserved,
};
pub use hashes::{HashRange, Hashes};
pub use id::MessageId;
pub use message::{Context, Framing, Message, PIECE_HEADER, dissect, dissect_bare, encode};
pub use near::{NearHandshake, handshake_length};
