//! What a torrent holds, and how its pieces are checked.

use std::collections::{BTreeMap, BTreeSet};

use crate::torrent::BLOCK;
use crate::wire::metainfo::{Hash256, Info, Metainfo, Protocol, layer_height, layer_root};
use crate::wire::peer::Block;

/// The info dictionary, and the piece layers beside it (BEP 52).
#[derive(Debug, Clone)]
pub struct Content {
    /// The info dictionary.
    pub info: Info,
    /// By the root of a file longer than a piece, the hash of each piece of it.
    pub layers: BTreeMap<Hash256, Vec<Hash256>>,
    /// The roots of files, each with the number of its file's pieces: a torrent can have as
    /// many layers as files, so that they are looked up rather than searched.
    widths: BTreeSet<(Hash256, u64)>,
}

/// What a piece must hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// SHA-1 over the piece (v1).
    Sha1([u8; 20]),
    /// The Merkle tree over its blocks (v2).
    Merkle(MerkleCheck),
    /// Both, of a hybrid torrent.
    Both([u8; 20], MerkleCheck),
}

/// The Merkle tree over the blocks of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MerkleCheck {
    /// Its root.
    pub root: Hash256,
    /// Leaves of the tree: those without a block are zeros. 0 for the power of
    /// two that the blocks need.
    pub width: usize,
    /// Bytes of the piece that belong to its file. What follows in a hybrid
    /// torrent is padding.
    pub length: u32,
}

impl Content {
    /// Of a whole `.torrent`. Piece layers that do not lead to the root of their file are
    /// left out: they are requested from peers.
    pub fn from_metainfo(metainfo: Metainfo) -> Self {
        let mut content = Self::from_info(metainfo.info);
        for (root, layer) in metainfo.piece_layers {
            content.add_layer(root, layer);
        }
        content
    }

    /// How many layers of a file's hash tree are below its piece layer: the base layer of
    /// hash messages that are about piece layers (BEP 52).
    pub fn piece_layer_height(&self) -> u32 {
        layer_height(self.info.piece_length().into())
    }

    /// Of an info dictionary alone, as a magnet link leads to.
    pub fn from_info(info: Info) -> Self {
        let length = u64::from(info.piece_length());
        let files = info.files().iter();
        let files = files.filter_map(|f| Some((f.pieces_root?, f.length.div_ceil(length))));
        let widths = files.collect();
        Self {
            info,
            layers: BTreeMap::new(),
            widths,
        }
    }

    /// Adds a piece layer if it leads to its root; says whether it does.
    pub fn add_layer(&mut self, root: Hash256, layer: Vec<Hash256>) -> bool {
        let length = u64::from(self.info.piece_length());
        let fits = self.widths.contains(&(root, layer.len() as u64));
        let right = fits && layer_root(&layer, length) == root;
        if right {
            self.layers.insert(root, layer);
        }
        right
    }

    /// The files whose piece layer is not known: root and pieces.
    pub fn missing_layers(&self) -> Vec<(Hash256, u32)> {
        if self.info.protocol() != Protocol::V2 {
            return Vec::new();
        }
        let length = u64::from(self.info.piece_length());
        let long = self.info.files().iter().filter(|f| f.length > length);
        let mut missing: Vec<_> = long
            .filter_map(|file| Some((file.pieces_root?, file.length.div_ceil(length) as u32)))
            .filter(|(root, _)| !self.layers.contains_key(root))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// Number of pieces.
    pub fn pieces(&self) -> u32 {
        self.info.piece_count()
    }

    /// Bytes of a piece as its peers count them; 0 beyond the last.
    pub fn piece_size(&self, piece: u32) -> u32 {
        self.info.piece_size(piece).unwrap_or(0)
    }

    /// Bytes of a piece that belong to files, without padding.
    pub fn data_size(&self, piece: u32) -> u64 {
        let (start, size) = (self.piece_start(piece), self.piece_size(piece));
        let extents = self.info.extents(start, size.into());
        let files = self.info.files();
        let data = extents.filter(|extent| !files[extent.file].is_padding());
        data.map(|extent| extent.length).sum()
    }

    /// Offset of a piece in the space of pieces.
    pub fn piece_start(&self, piece: u32) -> u64 {
        u64::from(piece) * u64::from(self.info.piece_length())
    }

    /// Blocks of a piece that must be requested. Those of a hybrid torrent that are all
    /// padding are known to be zeros.
    pub fn blocks(&self, piece: u32) -> u32 {
        let data = match self.info.protocol() {
            Protocol::Hybrid => self.info.piece_data_size(piece).unwrap_or(0),
            Protocol::V1 | Protocol::V2 => self.piece_size(piece),
        };
        data.div_ceil(BLOCK)
    }

    /// Block `number` of a piece.
    pub fn block(&self, piece: u32, number: u32) -> Block {
        let begin = number * BLOCK;
        Block {
            index: piece,
            begin,
            length: BLOCK.min(self.piece_size(piece).saturating_sub(begin)),
        }
    }

    /// Whether `block` lies within its piece.
    pub fn contains(&self, block: Block) -> bool {
        let end = block.begin.checked_add(block.length);
        block.length > 0
            && block.index < self.pieces()
            && end.is_some_and(|end| end <= self.piece_size(block.index))
    }

    /// What a piece must hash to, if that is known.
    pub fn check(&self, piece: u32) -> Option<Check> {
        match (self.info.piece_hash(piece), self.merkle(piece)) {
            (Some(hash), Some(merkle)) => Some(Check::Both(*hash, merkle)),
            (Some(hash), None) => Some(Check::Sha1(*hash)),
            (None, merkle) => merkle.map(Check::Merkle),
        }
    }

    /// The tree of a piece, if the piece layer of its file is known.
    fn merkle(&self, piece: u32) -> Option<MerkleCheck> {
        let leaf = self.leaf(piece)?;
        let root = match leaf.at {
            None => leaf.root,
            Some(at) => *self.layers.get(&leaf.root)?.get(at as usize)?,
        };
        Some(leaf.check(root))
    }

    /// Where the hash of a piece stands in the tree of its file (BEP 52).
    pub fn leaf(&self, piece: u32) -> Option<Leaf> {
        let piece_length = u64::from(self.info.piece_length());
        let extent = self.info.extents(self.piece_start(piece), 1).next()?;
        let file = &self.info.files()[extent.file];
        let (at, width) = if file.length <= piece_length {
            (None, 0)
        } else {
            let at = u32::try_from(extent.offset / piece_length).ok()?;
            (Some(at), (piece_length / u64::from(BLOCK)) as usize)
        };
        Some(Leaf {
            root: file.pieces_root?,
            at,
            width,
            length: self.info.piece_data_size(piece)?,
        })
    }

    /// Layers from the hashes of blocks to the root of a file that has a piece layer;
    /// `None` for other files, and for what is no root of the torrent's files.
    pub fn tree_height(&self, root: &Hash256) -> Option<u32> {
        let (found, pieces) = self.widths.range((*root, 2)..).next()?;
        let layers = pieces.next_power_of_two().ilog2();
        (found == root).then(|| self.piece_layer_height() + layers)
    }
}

/// Where the hash of a piece stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// The root of its file.
    pub root: Hash256,
    /// Its place in the piece layer; `None` where it is the root.
    pub at: Option<u32>,
    width: usize,
    length: u32,
}

impl Leaf {
    /// What the piece must hash to, where its hash is this.
    pub fn check(&self, hash: Hash256) -> MerkleCheck {
        MerkleCheck {
            root: hash,
            width: self.width,
            length: self.length,
        }
    }
}
