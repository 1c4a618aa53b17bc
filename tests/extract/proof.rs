//! Whether files are those of a torrent, by reading the torrent with another library
//! and hashing by hand.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_bencode::value::Value;
use sha1::{Digest, Sha1};
use sha2::Sha256;

const BLOCK: usize = 16 << 10;

type Dict = HashMap<Vec<u8>, Value>;

fn dict(value: &Value) -> &Dict {
    match value {
        Value::Dict(dict) => dict,
        other => panic!("no dictionary: {other:?}"),
    }
}

fn bytes(value: &Value) -> &[u8] {
    match value {
        Value::Bytes(bytes) => bytes,
        other => panic!("no string: {other:?}"),
    }
}

fn int(value: &Value) -> usize {
    match value {
        Value::Int(int) => usize::try_from(*int).unwrap(),
        other => panic!("no number: {other:?}"),
    }
}

fn text(value: &Value) -> String {
    String::from_utf8(bytes(value).to_vec()).unwrap()
}

/// The dictionary of a `.torrent`.
pub fn read(torrent: &Path) -> Dict {
    let file: Value = serde_bencode::from_bytes(&fs::read(torrent).unwrap()).unwrap();
    dict(&file).clone()
}

/// The files of the torrent are below `folder`, and every hash says so.
pub fn assert_proven(torrent: &Path, folder: &Path) {
    let torrent = read(torrent);
    let info = dict(&torrent[&b"info"[..]]);
    let name = text(&info[&b"name"[..]]);
    let mut hashes = 0;
    if let Some(pieces) = info.get(&b"pieces"[..]) {
        let data = v1_data(info, &folder.join(&name));
        let length = int(&info[&b"piece length"[..]]);
        let expected: Vec<_> = bytes(pieces).chunks(20).collect();
        let found: Vec<_> = data.chunks(length).map(Sha1::digest).collect();
        assert_eq!(found.len(), expected.len(), "{name}");
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(one, other)| one[..] == *other),
            "{name}"
        );
        hashes += found.len();
    }
    if let Some(tree) = info.get(&b"file tree"[..]) {
        hashes += v2_tree(dict(tree), &folder.join(&name));
    }
    assert!(hashes > 0);
}

/// The space of pieces: padding is zeros.
fn v1_data(info: &Dict, root: &Path) -> Vec<u8> {
    let Some(Value::List(files)) = info.get(&b"files"[..]) else {
        let data = fs::read(root).unwrap();
        assert_eq!(data.len(), int(&info[&b"length"[..]]));
        return data;
    };
    let mut data = Vec::new();
    for file in files {
        let file = dict(file);
        let length = int(&file[&b"length"[..]]);
        let is_padding = file
            .get(&b"attr"[..])
            .is_some_and(|attr| bytes(attr).contains(&b'p'));
        if is_padding {
            data.resize(data.len() + length, 0);
            continue;
        }
        let Value::List(path) = &file[&b"path"[..]] else {
            panic!()
        };
        let path = path
            .iter()
            .fold(root.to_owned(), |path, name| path.join(text(name)));
        let content = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(content.len(), length, "{}", path.display());
        data.extend(content);
    }
    data
}

/// Checks the roots of a file tree; says how many.
fn v2_tree(tree: &Dict, folder: &Path) -> usize {
    let mut count = 0;
    for (name, entry) in tree {
        let path = folder.join(std::str::from_utf8(name).unwrap());
        let entry = dict(entry);
        let Some(file) = entry.get(&b""[..]) else {
            count += v2_tree(entry, &path);
            continue;
        };
        let file = dict(file);
        let content = fs::read(&path).unwrap();
        assert_eq!(content.len(), int(&file[&b"length"[..]]));
        if let Some(root) = file.get(&b"pieces root"[..]) {
            assert_eq!(merkle(&content)[..], *bytes(root), "{}", path.display());
            count += 1;
        }
    }
    count
}

fn merkle(content: &[u8]) -> [u8; 32] {
    let mut level: Vec<[u8; 32]> = content
        .chunks(BLOCK)
        .map(|block| Sha256::digest(block).into())
        .collect();
    level.resize(level.len().next_power_of_two(), [0; 32]);
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| Sha256::digest(pair.concat()).into())
            .collect();
    }
    level[0]
}

/// Whether two torrents have the same info dictionary, and the same piece layers.
pub fn assert_same_torrent(one: &Path, other: &Path) {
    let (one, other) = (read(one), read(other));
    for key in [&b"info"[..], b"piece layers"] {
        assert_eq!(one.get(key), other.get(key));
    }
}
