//! The files of a torrent.

use super::error::MetainfoError;
use super::merkle::Hash256;
use crate::wire::bencode::Node;

/// A file of a torrent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The components of its path below the torrent's directory, as they are in
    /// the torrent: any bytes, `..` too. Who writes files must check them.
    pub path: Vec<Vec<u8>>,
    /// Bytes.
    pub length: u64,
    /// Offset of its first byte in the space of pieces: byte 0 of piece `n` is at
    /// `n` times the piece length.
    pub offset: u64,
    /// What kind of file it is (BEP 47).
    pub attributes: Attributes,
    /// Where a symbolic link points, below the torrent's directory.
    pub symlink: Option<Vec<Vec<u8>>>,
    /// Root of its Merkle tree (v2); none for an empty file.
    pub pieces_root: Option<Hash256>,
}

impl File {
    /// Offset behind its last byte in the space of pieces.
    pub fn end(&self) -> u64 {
        self.offset + self.length
    }

    /// Bytes of memory that it takes beside itself.
    pub(super) fn heap_size(&self) -> usize {
        /// What an allocation costs beside its bytes.
        const ALLOCATION: usize = 16;
        let list = |parts: &Vec<Vec<u8>>| {
            let texts: usize = parts.iter().map(|part| part.capacity() + ALLOCATION).sum();
            parts.capacity() * size_of::<Vec<u8>>() + ALLOCATION + texts
        };
        list(&self.path) + self.symlink.as_ref().map_or(0, list)
    }

    /// Whether it only fills the space up to a piece boundary: zeros that need
    /// not be stored.
    pub fn is_padding(&self) -> bool {
        self.attributes.padding
    }
}

/// The `attr` of a file (BEP 47). Unknown letters mean nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // they are the letters of the BEP
pub struct Attributes {
    /// `p`: padding.
    pub padding: bool,
    /// `x`: executable.
    pub executable: bool,
    /// `h`: hidden.
    pub hidden: bool,
    /// `l`: a symbolic link.
    pub symlink: bool,
}

impl Attributes {
    fn new(letters: &[u8]) -> Self {
        Self {
            padding: letters.contains(&b'p'),
            executable: letters.contains(&b'x'),
            hidden: letters.contains(&b'h'),
            symlink: letters.contains(&b'l'),
        }
    }
}

/// A stretch of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Index of the file.
    pub file: usize,
    /// Offset in the file.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

/// Reads what v1 and v2 say of a file in the same words; `offset` is still 0.
pub(super) fn read(node: Node<'_, '_>, path: Vec<Vec<u8>>) -> Result<File, MetainfoError> {
    let attributes = node
        .get(b"attr")
        .and_then(|attr| attr.as_bytes())
        .map(Attributes::new)
        .unwrap_or_default();
    let length = match node.get(b"length") {
        Some(length) => length.as_uint().filter(|&length| length <= MAX_LENGTH),
        None if attributes.symlink => Some(0),
        None => return Err(MetainfoError::Missing("length")),
    };
    let length = length.ok_or(MetainfoError::invalid("length", "is not a size of a file"))?;
    let symlink = node.get(b"symlink path").map(components);
    Ok(File {
        path,
        length,
        offset: 0,
        attributes,
        symlink: symlink.filter(|_| attributes.symlink),
        pieces_root: None,
    })
}

/// Longer than any file; keeps sums of offsets within 64 bits.
const MAX_LENGTH: u64 = 1 << 60;

/// The strings of a list.
pub(super) fn components(list: Node<'_, '_>) -> Vec<Vec<u8>> {
    list.items()
        .filter_map(|item| item.as_bytes())
        .map(<[u8]>::to_vec)
        .collect()
}

/// Puts the files one behind the other, each file that is not empty at a
/// multiple of `alignment`. Gives the end of the last one.
pub(super) fn lay_out(files: &mut [File], alignment: u64) -> Result<u64, MetainfoError> {
    let too_large = MetainfoError::invalid("length", "makes the torrent too large");
    let mut at = 0_u64;
    for file in files {
        if file.length > 0 {
            at = at
                .checked_next_multiple_of(alignment)
                .ok_or_else(|| too_large.clone())?;
        }
        file.offset = at;
        at = at
            .checked_add(file.length)
            .filter(|&end| end <= MAX_LENGTH)
            .ok_or_else(|| too_large.clone())?;
    }
    Ok(at)
}
