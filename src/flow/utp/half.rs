//! What tells one side of a connection from others.

use std::net::SocketAddr;

use crate::flow::table::Pair;

/// What one side of a connection sends with: several connections can share one
/// pair of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Half {
    pair: Pair,
    /// The sender is the lower one of the pair.
    low: bool,
    id: u16,
}

impl Half {
    pub fn new([src, dst]: [SocketAddr; 2], id: u16) -> Self {
        let pair = Pair::new(src, dst);
        let low = pair.begins_with(src);
        Self { pair, low, id }
    }

    /// A half between the same ends that sends with `id`.
    pub fn with_id(self, id: u16) -> Self {
        Self { id, ..self }
    }

    /// The half of the other side, which sends with `id`.
    pub fn other(self, id: u16) -> Self {
        Self {
            low: !self.low,
            id,
            ..self
        }
    }
}
