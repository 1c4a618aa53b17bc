//! The `.torrent` file around the info dictionary.

use std::collections::BTreeMap;
use std::ops::Range;

use super::error::MetainfoError;
use super::file::components;
use super::info::Info;
use super::merkle::{Hash256, layer_root};
use crate::wire::bencode::{Document, Limits, Node, TokenKind};

/// A `.torrent` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metainfo {
    /// The info dictionary.
    pub info: Info,
    /// Its place in the file.
    pub info_span: Range<usize>,
    /// URL of the tracker (BEP 3).
    pub announce: Option<Vec<u8>>,
    /// Tiers of trackers (BEP 12); where there are any, they replace `announce`.
    pub announce_list: Vec<Vec<Vec<u8>>>,
    /// DHT nodes to begin with (BEP 5): host and port.
    pub nodes: Vec<(Vec<u8>, u16)>,
    /// Web seeds (BEP 19).
    pub url_list: Vec<Vec<u8>>,
    /// HTTP seeds (BEP 17).
    pub httpseeds: Vec<Vec<u8>>,
    /// Seconds since 1970-01-01 UTC.
    pub creation_date: Option<i64>,
    /// The program that made it.
    pub created_by: Option<Vec<u8>>,
    /// A remark.
    pub comment: Option<Vec<u8>>,
    /// `piece layers` (BEP 52): by the `pieces root` of a file longer than a
    /// piece, the hash of each of its pieces.
    pub piece_layers: BTreeMap<Hash256, Vec<Hash256>>,
}

impl Metainfo {
    /// Reads a `.torrent` file. Bytes after the dictionary are ignored.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetainfoError> {
        let document = Document::parse_within(bytes, Limits::METAINFO);
        if let Some(error) = document.error() {
            return Err(error.into());
        }
        let root = document
            .root()
            .filter(|root| root.kind() == TokenKind::Dict)
            .ok_or(MetainfoError::NotADictionary)?;
        let info = root.get(b"info").ok_or(MetainfoError::Missing("info"))?;
        let string = |key: &str| Some(root.get(key.as_bytes())?.as_bytes()?.to_vec());
        Ok(Self {
            info: Info::from_node(info)?,
            info_span: info.span(),
            announce: string("announce"),
            announce_list: tiers(root),
            nodes: nodes(root),
            url_list: strings(root, "url-list"),
            httpseeds: strings(root, "httpseeds"),
            creation_date: root.get(b"creation date").and_then(|date| date.as_int()),
            created_by: string("created by"),
            comment: string("comment.utf-8").or_else(|| string("comment")),
            piece_layers: piece_layers(root)?,
        })
    }

    /// The trackers in the order of their tiers.
    pub fn trackers(&self) -> impl Iterator<Item = &[u8]> {
        let single = self
            .announce
            .iter()
            .filter(|_| self.announce_list.is_empty());
        let tiers = self.announce_list.iter().flatten();
        tiers.chain(single).map(Vec::as_slice)
    }

    /// Checks that the piece layer of every file longer than a piece is there,
    /// has a hash for each piece, and leads to the file's root.
    pub fn check_piece_layers(&self) -> Result<(), MetainfoError> {
        let length = u64::from(self.info.piece_length());
        for (file, entry) in self.info.files().iter().enumerate() {
            let Some(root) = entry.pieces_root.filter(|_| entry.length > length) else {
                continue;
            };
            let layer = self
                .piece_layers
                .get(&root)
                .ok_or(MetainfoError::Missing("piece layers"))?;
            let complete = layer.len() as u64 == entry.length.div_ceil(length);
            if !complete || layer_root(layer, length) != root {
                return Err(MetainfoError::PieceLayer { file });
            }
        }
        Ok(())
    }
}

/// A string, or the strings of a list.
fn strings(root: Node<'_, '_>, key: &str) -> Vec<Vec<u8>> {
    match root.get(key.as_bytes()) {
        Some(node) => match node.as_bytes() {
            Some(one) if !one.is_empty() => vec![one.to_vec()],
            _ => components(node),
        },
        None => Vec::new(),
    }
}

fn tiers(root: Node<'_, '_>) -> Vec<Vec<Vec<u8>>> {
    let list = root.get(b"announce-list");
    let tiers = list.iter().flat_map(Node::items).map(components);
    tiers.filter(|tier| !tier.is_empty()).collect()
}

fn nodes(root: Node<'_, '_>) -> Vec<(Vec<u8>, u16)> {
    let list = root.get(b"nodes");
    let pairs = list.iter().flat_map(Node::items).filter_map(|pair| {
        let mut parts = pair.items();
        let host = parts.next()?.as_bytes()?.to_vec();
        Some((host, u16::try_from(parts.next()?.lenient_int()?).ok()?))
    });
    pairs.collect()
}

fn piece_layers(root: Node<'_, '_>) -> Result<BTreeMap<Hash256, Vec<Hash256>>, MetainfoError> {
    let invalid = || MetainfoError::invalid("piece layers", "has an entry of the wrong length");
    let layers = root.get(b"piece layers");
    let entries = layers.iter().flat_map(Node::entries);
    entries
        .map(|(key, value)| {
            let root = key.try_into().map_err(|_| invalid())?;
            let (hashes, rest) = value.as_bytes().ok_or_else(invalid)?.as_chunks();
            if rest.is_empty() {
                Ok((root, hashes.to_vec()))
            } else {
                Err(invalid())
            }
        })
        .collect()
}
