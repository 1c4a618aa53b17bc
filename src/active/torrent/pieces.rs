//! The pieces that are there.

use crate::torrent::{Content, PieceSet};
use crate::wire::metainfo::Hash256;
use crate::wire::peer::Block;

/// Longer requests are rejected. Blocks have 16 KiB; some old clients request 32.
const MAX_REQUEST_BYTES: u32 = 128 << 10;

/// What the torrent consists of, once that is known, and which pieces are there.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    content: Option<Content>,
    have: PieceSet,
    /// Pieces of `have` that peers have not been told of.
    unannounced: Vec<u32>,
    /// Bytes of the pieces in `have`, without padding.
    have_bytes: u64,
}

impl Pieces {
    /// The info dictionary is known.
    pub(super) fn learn_content(&mut self, content: Content) {
        self.content = Some(content);
    }

    /// Piece layers have been fetched.
    pub(super) fn add_layers(&mut self, layers: Vec<(Hash256, Vec<Hash256>)>) {
        if let Some(content) = &mut self.content {
            for (root, layer) in layers {
                content.add_layer(root, layer);
            }
        }
    }

    pub(super) fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    /// Bytes of the info dictionary.
    pub(super) fn metadata_size(&self) -> Option<u64> {
        let content = self.content.as_ref()?;
        Some(content.info.bytes().len() as u64)
    }

    /// These pieces are on disk already. Nothing happens before the content is known.
    pub(super) fn resume(&mut self, have: PieceSet) -> Option<&Content> {
        let content = self.content.as_ref()?;
        self.have_bytes = have.iter().map(|piece| content.data_size(piece)).sum();
        self.have = have;
        Some(content)
    }

    /// A piece is right. Peers will be told of it.
    pub(super) fn add(&mut self, piece: u32) {
        if self.have.insert(piece) {
            let content = self.content.as_ref();
            self.have_bytes += content.map_or(0, |content| content.data_size(piece));
        }
        self.unannounced.push(piece);
    }

    pub(super) fn have(&self) -> &PieceSet {
        &self.have
    }

    pub(super) fn have_bytes(&self) -> u64 {
        self.have_bytes
    }

    /// The pieces that all peers have been told of.
    pub(super) fn announced(&self) -> PieceSet {
        let mut announced = self.have.clone();
        for piece in &self.unannounced {
            announced.remove(*piece);
        }
        announced
    }

    /// The pieces that peers are to be told of, which are now taken as announced.
    pub(super) fn announce(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.unannounced)
    }

    /// Whether a peer may be served this block.
    pub(super) fn can_serve(&self, block: Block) -> bool {
        let content = self.content.as_ref();
        content.is_some_and(|content| content.contains(block))
            && self.have.has(block.index)
            && block.length <= MAX_REQUEST_BYTES
    }
}
