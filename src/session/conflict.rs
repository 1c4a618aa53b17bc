//! Retransmissions that differ.

use crate::flow::{Connection, Side};
use crate::packet::Stamp;

/// A retransmission brought other bytes than the first copy, which counts.
#[derive(Debug, Clone, Copy)]
pub struct Conflict<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// Who sent it.
    pub from: Side,
    /// The first byte that differs, as an offset in the sender's stream.
    pub offset: u64,
    /// The packet with the other bytes.
    pub stamp: Stamp,
}
