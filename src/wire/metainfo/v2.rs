//! The v2 half of an info dictionary (BEP 52): `file tree`.

use super::error::MetainfoError;
use super::file::{self, File};
use crate::wire::bencode::{Entries, Node, TokenKind};

/// The files in the order of the tree, each that is not empty at the start of a
/// piece, and whether there is only one, without a directory.
pub(super) fn files(
    info: Node<'_, '_>,
    piece_length: u64,
) -> Result<(Vec<File>, bool), MetainfoError> {
    let tree = info
        .get(b"file tree")
        .ok_or(MetainfoError::Missing("file tree"))?;
    if tree.kind() != TokenKind::Dict {
        return Err(MetainfoError::invalid("file tree", "is not a dictionary"));
    }
    let mut files = walk(tree)?;
    if files.is_empty() {
        return Err(MetainfoError::invalid("file tree", "holds no file"));
    }
    file::lay_out(&mut files, piece_length)?;
    let single = files.len() == 1 && files[0].path.len() == 1;
    Ok((files, single))
}

/// Lists the files of the tree; the depth is bounded by the bencode tape.
fn walk(tree: Node<'_, '_>) -> Result<Vec<File>, MetainfoError> {
    let mut files = Vec::new();
    let mut path: Vec<Vec<u8>> = Vec::new();
    let mut open: Vec<Entries<'_, '_>> = vec![tree.entries()];
    while let Some(entries) = open.last_mut() {
        let Some((name, value)) = entries.next() else {
            open.pop();
            path.pop();
            continue;
        };
        path.push(name.to_vec());
        match leaf(name, value)? {
            Some(leaf) => {
                files.push(entry(leaf, path.clone())?);
                path.pop();
            }
            None => open.push(value.entries()),
        }
    }
    Ok(files)
}

/// What the empty key under a name says of a file; `None` for a directory.
fn leaf<'i, 't>(name: &[u8], value: Node<'i, 't>) -> Result<Option<Node<'i, 't>>, MetainfoError> {
    let invalid = |reason| Err(MetainfoError::invalid("file tree", reason));
    if name.is_empty() {
        return invalid("has a file without a name");
    }
    if value.kind() != TokenKind::Dict {
        return invalid("has an entry that is not a dictionary");
    }
    match value.get(b"") {
        Some(_) if value.entries().nth(1).is_some() => invalid("has a file that is a directory"),
        leaf => Ok(leaf),
    }
}

fn entry(leaf: Node<'_, '_>, path: Vec<Vec<u8>>) -> Result<File, MetainfoError> {
    let mut file = file::read(leaf, path)?;
    if let Some(root) = leaf.get(b"pieces root") {
        let root = root.as_array();
        let length = "is not 32 bytes long";
        file.pieces_root = Some(root.ok_or(MetainfoError::invalid("pieces root", length))?);
    } else if file.length > 0 {
        return Err(MetainfoError::Missing("pieces root"));
    }
    Ok(file)
}
