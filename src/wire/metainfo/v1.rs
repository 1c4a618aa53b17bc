//! The v1 half of an info dictionary (BEP 3): `length` or `files`.

use super::error::MetainfoError;
use super::file::{self, File, components};
use crate::wire::bencode::{Node, TokenKind};

/// The files in their order, laid out without alignment, and whether there is
/// only one, without a directory.
pub(super) fn files(info: Node<'_, '_>, name: &[u8]) -> Result<(Vec<File>, bool), MetainfoError> {
    let (mut files, single) = match (info.get(b"files"), info.get(b"length")) {
        (Some(_), Some(_)) => {
            return Err(MetainfoError::invalid("files", "stands beside `length`"));
        }
        (Some(list), None) => (listed(list)?, false),
        (None, _) => (vec![file::read(info, vec![name.to_vec()])?], true),
    };
    file::lay_out(&mut files, 1)?;
    Ok((files, single))
}

fn listed(list: Node<'_, '_>) -> Result<Vec<File>, MetainfoError> {
    if list.kind() != TokenKind::List {
        return Err(MetainfoError::invalid("files", "is not a list"));
    }
    list.items().map(entry).collect()
}

fn entry(node: Node<'_, '_>) -> Result<File, MetainfoError> {
    let path = node
        .get(b"path.utf-8")
        .or_else(|| node.get(b"path"))
        .ok_or(MetainfoError::Missing("path"))?;
    let path = components(path);
    if path.is_empty() {
        return Err(MetainfoError::invalid("path", "is empty"));
    }
    file::read(node, path)
}
