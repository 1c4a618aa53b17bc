//! The info dictionary.

use std::borrow::Cow;
use std::ops::Range;

use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::error::MetainfoError;
use super::file::{Extent, File};
use super::merkle::{BLOCK, Hash256};
use super::{v1, v2};
use crate::wire::bencode::{Document, Limits, Node, TokenKind};

/// Which swarms a torrent can be shared in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// BEP 3 only.
    V1,
    /// BEP 52 only.
    V2,
    /// Both, with a hash for each.
    Hybrid,
}

/// An info dictionary: what the pieces of a torrent are, and which files they
/// make up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    bytes: Box<[u8]>,
    protocol: Protocol,
    name: Vec<u8>,
    private: bool,
    single: bool,
    piece_length: u32,
    pieces: u32,
    files: Vec<File>,
    /// Offset behind the last byte of the last file: each request asks for it.
    end: u64,
    /// Where in `bytes` the SHA-1 hashes of the pieces are.
    hashes: Range<usize>,
    merkle_root: Option<[u8; 20]>,
    v1_hash: Option<[u8; 20]>,
    v2_hash: Option<Hash256>,
}

impl Info {
    /// Reads an info dictionary as `ut_metadata` brings it. The info-hash is of
    /// exactly these bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetainfoError> {
        Self::parse_within(bytes, Limits::METADATA)
    }

    /// The same under other limits.
    pub fn parse_within(bytes: &[u8], limits: Limits) -> Result<Self, MetainfoError> {
        let document = Document::parse_within(bytes, limits);
        if let Some(error) = document.error() {
            return Err(error.into());
        }
        match (document.root(), document.trailing().len()) {
            (Some(root), 0) => Self::from_node(root),
            (_, trailing) => Err(MetainfoError::Trailing(trailing)),
        }
    }

    /// Reads the dictionary `info`.
    pub(super) fn from_node(info: Node<'_, '_>) -> Result<Self, MetainfoError> {
        if info.kind() != TokenKind::Dict {
            return Err(MetainfoError::NotADictionary);
        }
        let protocol = protocol(info)?;
        let piece_length = piece_length(info, protocol)?;
        let name = name(info)?;
        let (files, single) = files(info, protocol, name, piece_length)?;
        let end = files.iter().map(File::end).max().unwrap_or_default();
        let pieces = u32::try_from(end.div_ceil(u64::from(piece_length)))
            .map_err(|_| MetainfoError::invalid("piece length", "makes too many pieces"))?;
        let (hashes, merkle_root) = match protocol {
            Protocol::V2 => (0..0, None),
            Protocol::V1 | Protocol::Hybrid => piece_hashes(info, pieces)?,
        };
        let raw = info.raw();
        let v1_hash = (protocol != Protocol::V2).then(|| Sha1::digest(raw).into());
        let v2_hash = (protocol != Protocol::V1).then(|| Sha256::digest(raw).into());
        Ok(Self {
            bytes: raw.into(),
            protocol,
            name: name.to_vec(),
            private: info.get(b"private").and_then(|node| node.lenient_int()) == Some(1),
            single,
            piece_length,
            pieces,
            files,
            end,
            hashes,
            merkle_root,
            v1_hash,
            v2_hash,
        })
    }

    /// Bytes of memory that it takes on the heap, about: an allocation counts
    /// with what the allocator adds.
    pub fn heap_size(&self) -> usize {
        let files: usize = self.files.iter().map(File::heap_size).sum();
        self.bytes.len() + self.name.len() + self.files.capacity() * size_of::<File>() + files
    }

    /// The dictionary itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which versions of the protocol it is for.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The name of its file or directory; what is not UTF-8 is replaced.
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }

    /// The name as it stands in the dictionary.
    pub fn name_bytes(&self) -> &[u8] {
        &self.name
    }

    /// Whether peers may come from its trackers only (BEP 27).
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// Whether it is one file, whose only path component is its name, and not a
    /// directory of that name with files below.
    pub fn is_single_file(&self) -> bool {
        self.single
    }

    /// Its files in the order of their offsets: of a hybrid torrent with the
    /// padding of the v1 half and the roots of the v2 half.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Bytes of all files, without padding.
    pub fn total_size(&self) -> u64 {
        let files = self.files.iter().filter(|file| !file.is_padding());
        files.map(|file| file.length).sum()
    }

    /// Bytes of every piece but the last (of the torrent, or in v2 of a file).
    pub fn piece_length(&self) -> u32 {
        self.piece_length
    }

    /// Number of pieces.
    pub fn piece_count(&self) -> u32 {
        self.pieces
    }

    /// Bytes of piece `index` as peers of the v1 swarm count them, with padding;
    /// of a v2 torrent, those of its file. `None` beyond the last piece.
    pub fn piece_size(&self, index: u32) -> Option<u32> {
        if self.protocol == Protocol::V2 {
            return self.piece_data_size(index);
        }
        let start = self.piece_start(index)?;
        Some((self.end - start).min(self.piece_length.into()) as u32)
    }

    /// Bytes of piece `index` that belong to files: where a v2 half exists, a
    /// piece ends with its file.
    pub fn piece_data_size(&self, index: u32) -> Option<u32> {
        if self.protocol == Protocol::V1 {
            return self.piece_size(index);
        }
        let start = self.piece_start(index)?;
        let file = &self.files[self.file_at(start)];
        Some((file.end() - start).min(self.piece_length.into()) as u32)
    }

    /// The SHA-1 of piece `index`; `None` for v2 and Merkle torrents.
    pub fn piece_hash(&self, index: u32) -> Option<&[u8; 20]> {
        let (hashes, _) = self.bytes[self.hashes.clone()].as_chunks();
        hashes.get(index as usize)
    }

    /// The root of a v1 Merkle torrent (BEP 30), which has no piece hashes.
    pub fn merkle_root(&self) -> Option<&[u8; 20]> {
        self.merkle_root.as_ref()
    }

    /// The v1 info-hash.
    pub fn v1_hash(&self) -> Option<[u8; 20]> {
        self.v1_hash
    }

    /// The v2 info-hash.
    pub fn v2_hash(&self) -> Option<Hash256> {
        self.v2_hash
    }

    /// The hashes that handshakes, trackers and the DHT know it by: v1, then v2
    /// cut to 20 bytes.
    pub fn info_hashes(&self) -> impl Iterator<Item = [u8; 20]> + use<> {
        let short = self.v2_hash.map(|hash| std::array::from_fn(|at| hash[at]));
        self.v1_hash.into_iter().chain(short)
    }

    /// Where in the files the `length` bytes from `start` of the piece space are.
    /// What lies between the files of a v2 torrent, or behind the last one, is
    /// left out.
    pub fn extents(&self, start: u64, length: u64) -> impl Iterator<Item = Extent> {
        let end = start.saturating_add(length);
        let first = self.file_at(start);
        let files = self.files.iter().enumerate().skip(first);
        files
            .take_while(move |(_, file)| file.offset < end)
            .filter_map(move |(index, file)| {
                let from = start.max(file.offset);
                let to = end.min(file.end());
                (from < to).then(|| Extent {
                    file: index,
                    offset: from - file.offset,
                    length: to - from,
                })
            })
    }

    /// Offset of a piece that exists.
    fn piece_start(&self, index: u32) -> Option<u64> {
        (index < self.pieces).then(|| u64::from(index) * u64::from(self.piece_length))
    }

    /// Index of the last file that begins at `offset` or before, and holds bytes.
    fn file_at(&self, offset: u64) -> usize {
        let behind = self.files.partition_point(|file| file.offset <= offset);
        let files = &self.files[..behind];
        files
            .iter()
            .rposition(|file| file.length > 0)
            .unwrap_or_default()
    }
}

fn protocol(info: Node<'_, '_>) -> Result<Protocol, MetainfoError> {
    let v1 = info.get(b"pieces").is_some() || info.get(b"root hash").is_some();
    match info.get(b"meta version").map(|node| node.as_int()) {
        Some(Some(2)) if v1 => Ok(Protocol::Hybrid),
        Some(Some(2)) => Ok(Protocol::V2),
        Some(Some(1)) | None if v1 => Ok(Protocol::V1),
        Some(Some(1)) | None => Err(MetainfoError::Missing("pieces")),
        Some(Some(version)) => Err(MetainfoError::UnknownVersion(version)),
        Some(None) => Err(MetainfoError::invalid("meta version", "is not a number")),
    }
}

fn piece_length(info: Node<'_, '_>, protocol: Protocol) -> Result<u32, MetainfoError> {
    let node = info
        .get(b"piece length")
        .ok_or(MetainfoError::Missing("piece length"))?;
    let length = node
        .as_uint()
        .and_then(|length| u32::try_from(length).ok())
        .filter(|&length| length > 0)
        .ok_or(MetainfoError::invalid("piece length", "is not a length"))?;
    let is_v2 = length.is_power_of_two() && u64::from(length) >= BLOCK;
    if protocol == Protocol::V1 || is_v2 {
        Ok(length)
    } else {
        let reason = "is not a power of two of at least 16 KiB";
        Err(MetainfoError::invalid("piece length", reason))
    }
}

fn name<'i>(info: Node<'i, '_>) -> Result<&'i [u8], MetainfoError> {
    info.get(b"name.utf-8")
        .or_else(|| info.get(b"name"))
        .ok_or(MetainfoError::Missing("name"))?
        .as_bytes()
        .ok_or(MetainfoError::invalid("name", "is not a string"))
}

/// The files of the half, or the halves, that the dictionary has.
fn files(
    info: Node<'_, '_>,
    protocol: Protocol,
    name: &[u8],
    piece_length: u32,
) -> Result<(Vec<File>, bool), MetainfoError> {
    match protocol {
        Protocol::V1 => v1::files(info, name),
        Protocol::V2 => v2::files(info, piece_length.into()),
        Protocol::Hybrid => {
            let (mut files, single) = v1::files(info, name)?;
            let (tree, _) = v2::files(info, piece_length.into())?;
            join(&mut files, &tree)?;
            Ok((files, single))
        }
    }
}

/// Gives the files of the v1 half the roots of the v2 half, which must describe
/// the same files at the same offsets.
fn join(files: &mut [File], tree: &[File]) -> Result<(), MetainfoError> {
    let mut real = files.iter_mut().filter(|file| !file.is_padding());
    for twin in tree {
        let same = |file: &&mut File| {
            let moved = file.length > 0 && file.offset != twin.offset;
            file.path == twin.path && file.length == twin.length && !moved
        };
        let file = real.next().filter(same);
        file.ok_or(MetainfoError::HalvesDiffer)?.pieces_root = twin.pieces_root;
    }
    match real.next() {
        Some(_) => Err(MetainfoError::HalvesDiffer),
        None => Ok(()),
    }
}

/// Where the piece hashes are, or the root that stands for them (BEP 30).
fn piece_hashes(
    info: Node<'_, '_>,
    pieces: u32,
) -> Result<(Range<usize>, Option<[u8; 20]>), MetainfoError> {
    let Some(node) = info.get(b"pieces") else {
        let root = info.get(b"root hash").and_then(|root| root.as_array());
        let reason = "is not 20 bytes long";
        let root = root.ok_or(MetainfoError::invalid("root hash", reason))?;
        return Ok((0..0, Some(root)));
    };
    let hashes = node
        .as_bytes()
        .filter(|hashes| hashes.len() % 20 == 0)
        .ok_or(MetainfoError::invalid(
            "pieces",
            "is not a row of 20-byte hashes",
        ))?;
    let found = hashes.len() as u64 / 20;
    if found != u64::from(pieces) {
        let expected = pieces.into();
        return Err(MetainfoError::PieceCount { found, expected });
    }
    let (content, base) = (node.content(), info.span().start);
    Ok((content.start - base..content.end - base, None))
}
