//! Torrents in memory.

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::torrent::Content;
#[cfg(feature = "active")]
use crate::torrent::Wanted;
use crate::wire::bencode::{Dict, List};
use crate::wire::metainfo::{Metainfo, block_hash, blocks_root, layer_root};

/// Deterministic bytes that do not repeat.
pub fn bytes(length: usize, seed: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 32);
    for counter in 0_u32.. {
        if out.len() >= length {
            break;
        }
        out.extend_from_slice(&Sha256::digest(
            [seed.to_be_bytes(), counter.to_be_bytes()].concat(),
        ));
    }
    out.truncate(length);
    out
}

fn int(size: usize) -> i64 {
    i64::try_from(size).unwrap()
}

/// A torrent and its bytes in the space of pieces.
pub struct Sample {
    content: Content,
    pub data: Vec<u8>,
}

impl Sample {
    fn new(metainfo: &[u8], data: Vec<u8>) -> Self {
        let content = Content::from_metainfo(Metainfo::parse(metainfo).unwrap());
        Self { content, data }
    }

    pub fn content(&self) -> Content {
        self.content.clone()
    }

    #[cfg(feature = "active")]
    pub fn wanted(&self) -> Wanted {
        let info = self.content().info;
        Wanted {
            v1: info.v1_hash(),
            v2: info.v2_hash(),
        }
    }

    pub fn piece(&self, piece: u32) -> &[u8] {
        let start = self.content.piece_start(piece) as usize;
        &self.data[start..start + self.content.piece_size(piece) as usize]
    }
}

fn torrent_file(info: &Dict, layers: &Dict) -> Vec<u8> {
    Dict::new()
        .dict("info", info)
        .dict("piece layers", layers)
        .encode()
}

/// A v1 torrent of one file.
pub fn v1(length: usize, piece_length: usize, seed: u32) -> Sample {
    let data = bytes(length, seed);
    let info = Dict::new()
        .int("length", int(length))
        .bytes("name", "sample")
        .int("piece length", int(piece_length))
        .bytes("pieces", sha1_pieces(&data, piece_length));
    Sample::new(&Dict::new().dict("info", &info).encode(), data)
}

fn sha1_pieces(data: &[u8], piece_length: usize) -> Vec<u8> {
    let pieces = data.chunks(piece_length);
    pieces
        .flat_map(|piece| Sha1::digest(piece).to_vec())
        .collect()
}

/// A v2 torrent of several files, with a v1 half if `hybrid`.
pub fn v2(lengths: &[usize], piece_length: usize, hybrid: bool) -> Sample {
    v2_and(lengths, piece_length, |data| {
        hybrid.then(|| sha1_pieces(data, piece_length))
    })
}

/// A hybrid torrent whose halves want other data in `piece`.
pub fn contradiction(lengths: &[usize], piece_length: usize, piece: usize) -> Sample {
    v2_and(lengths, piece_length, |data| {
        let mut hashes = sha1_pieces(data, piece_length);
        hashes[20 * piece] ^= 1;
        Some(hashes)
    })
}

/// A v2 torrent and, if `pieces` gives SHA-1 hashes for its data, a v1 half.
fn v2_and(
    lengths: &[usize],
    piece_length: usize,
    pieces: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Sample {
    let (mut tree, mut layers, mut data, mut files) =
        (Dict::new(), Dict::new(), Vec::new(), List::new());
    for (number, &length) in lengths.iter().enumerate() {
        let name = format!("file{number}");
        let pad = data.len().next_multiple_of(piece_length) - data.len();
        if pad > 0 {
            data.resize(data.len() + pad, 0);
            let path = List::new().bytes(".pad").bytes(pad.to_string());
            let entry = Dict::new().int("length", int(pad)).bytes("attr", "p");
            files = files.dict(&entry.list("path", path));
        }
        let content = bytes(length, number as u32);
        let root = tree_root(&content, piece_length, &mut layers);
        let leaf = Dict::new()
            .int("length", int(length))
            .bytes("pieces root", root);
        tree = tree.dict(&name, &Dict::new().dict("", &leaf));
        let entry = Dict::new().int("length", int(length));
        files = files.dict(&entry.list("path", List::new().bytes(&name)));
        data.extend_from_slice(&content);
    }
    let mut info = Dict::new()
        .dict("file tree", &tree)
        .int("meta version", 2)
        .bytes("name", "several")
        .int("piece length", int(piece_length));
    if let Some(hashes) = pieces(&data) {
        info = info.bytes("pieces", hashes).list("files", files);
    }
    Sample::new(&torrent_file(&info, &layers), data)
}

fn tree_root(content: &[u8], piece_length: usize, layers: &mut Dict) -> [u8; 32] {
    let leaves: Vec<_> = content.chunks(16384).map(block_hash).collect();
    if content.len() <= piece_length {
        return blocks_root(&leaves);
    }
    let width = piece_length / 16384;
    let layer: Vec<_> = leaves
        .chunks(width)
        .map(|leaves| {
            let mut leaves = leaves.to_vec();
            leaves.resize(width, [0; 32]);
            blocks_root(&leaves)
        })
        .collect();
    let root = layer_root(&layer, piece_length as u64);
    *layers = std::mem::take(layers).bytes(root, layer.concat());
    root
}
