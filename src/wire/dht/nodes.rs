//! Compact node lists: `nodes` and `nodes6`.

use std::net::SocketAddr;

use crate::wire::compact::{self, Family};

/// Bytes of a node id.
const ID_BYTES: usize = 20;

/// A string of nodes, each an id and an address (BEP 5, 32).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nodes<'i> {
    /// The string as it stands in the message.
    pub bytes: &'i [u8],
    /// The family of all its addresses.
    pub family: Family,
}

impl<'i> Nodes<'i> {
    /// Bytes of one node.
    pub const fn stride(&self) -> usize {
        ID_BYTES + self.family.size()
    }

    /// How many whole nodes there are.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.stride()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the string holds whole nodes only.
    pub fn is_whole(&self) -> bool {
        self.bytes.len().is_multiple_of(self.stride())
    }

    /// The nodes: id and address.
    pub fn iter(&self) -> impl Iterator<Item = ([u8; ID_BYTES], SocketAddr)> + 'i {
        self.bytes.chunks_exact(self.stride()).filter_map(|node| {
            let (id, address) = node.split_first_chunk::<ID_BYTES>()?;
            Some((*id, compact::address(address)?))
        })
    }
}
