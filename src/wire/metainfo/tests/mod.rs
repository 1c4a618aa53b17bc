//! Vectors of sizes and hashes.

mod files;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::*;
use crate::wire::bencode::{Dict, List};

/// The deterministic content of the vectors: SHA-256 of a label, a seed and a
/// counter, one behind the other.
fn content(length: usize, seed: u32) -> Vec<u8> {
    let mut content = Vec::with_capacity(length + 32);
    for counter in 0_u32.. {
        if content.len() >= length {
            break;
        }
        let input = [
            &b"swarmscope"[..],
            &seed.to_be_bytes(),
            &counter.to_be_bytes(),
        ];
        content.extend(Sha256::digest(input.concat()));
    }
    content.truncate(length);
    content
}

fn sha1_pieces(content: &[u8], length: usize) -> Vec<u8> {
    content
        .chunks(length)
        .flat_map(|piece| Sha1::digest(piece).to_vec())
        .collect()
}

fn leaves(content: &[u8]) -> Vec<Hash256> {
    content.chunks(16384).map(block_hash).collect()
}

fn layer(content: &[u8], length: usize) -> Vec<Hash256> {
    let blocks = length / 16384;
    content
        .chunks(length)
        .map(|piece| {
            let mut leaves = leaves(piece);
            leaves.resize(blocks, [0; 32]);
            blocks_root(&leaves)
        })
        .collect()
}

fn c1() -> Dict {
    Dict::new()
        .int("length", 50000)
        .bytes("name", "sample.bin")
        .int("piece length", 16384)
        .bytes("pieces", sha1_pieces(&content(50000, 0), 16384))
}

fn c3() -> Dict {
    let root = layer_root(&layer(&content(100_000, 3), 32768), 32768);
    let leaf = Dict::new()
        .int("length", 100_000)
        .bytes("pieces root", root);
    let file = Dict::new().dict("", &leaf);
    Dict::new()
        .dict("file tree", &Dict::new().dict("v2.bin", &file))
        .int("meta version", 2)
        .bytes("name", "v2.bin")
        .int("piece length", 32768)
}

fn c4() -> Dict {
    c3().int("length", 100_000)
        .bytes("pieces", sha1_pieces(&content(100_000, 3), 32768))
}

fn path(file: &File) -> String {
    let parts: Vec<_> = file
        .path
        .iter()
        .map(|part| String::from_utf8_lossy(part))
        .collect();
    parts.join("/")
}

#[test]
fn the_content_of_the_vectors() {
    assert_eq!(
        hex::encode(content(16, 0)),
        "1d8527f22f65e687463f785cedb0fdbe"
    );
    assert_eq!(
        hex::encode(Sha1::digest(content(50000, 0))),
        "7f959ab289aafb03a97268244381e221ead9a5d4"
    );
}

#[test]
fn c1_single_file() {
    let bytes = c1().encode();
    assert_eq!(bytes.len(), 149);
    let info = Info::parse(&bytes).unwrap();
    assert_eq!(
        hex::encode(info.v1_hash().unwrap()),
        "0b3f6416af6355f2215c7016eda4dc5718c72291"
    );
    assert_eq!((info.protocol(), info.v2_hash()), (Protocol::V1, None));
    assert_eq!(info.name(), "sample.bin");
    assert!(info.is_single_file() && !info.is_private());
    assert_eq!((info.piece_count(), info.total_size()), (4, 50000));
    let sizes: Vec<_> = (0..5).map(|index| info.piece_size(index)).collect();
    assert_eq!(
        sizes,
        [Some(16384), Some(16384), Some(16384), Some(848), None]
    );
    let hash = info.piece_hash(3).map(hex::encode);
    assert_eq!(
        hash.as_deref(),
        Some("34d6f5da414496c451142784204486d11f00415b")
    );
    assert_eq!(info.piece_hash(4), None);
    assert_eq!(info.bytes(), bytes);
}

#[test]
fn c2_several_files() {
    let both = [content(20000, 1), content(30000, 2)].concat();
    let file = |length: i64, path: List| Dict::new().int("length", length).list("path", path);
    let files = List::new()
        .dict(&file(20000, List::new().bytes("a.bin")))
        .dict(&file(30000, List::new().bytes("sub").bytes("b.bin")));
    let bytes = Dict::new()
        .list("files", files)
        .bytes("name", "multi")
        .int("piece length", 16384)
        .bytes("pieces", sha1_pieces(&both, 16384))
        .encode();
    assert_eq!(bytes.len(), 206);
    let info = Info::parse(&bytes).unwrap();
    assert_eq!(
        hex::encode(info.v1_hash().unwrap()),
        "9705fec5cdc15d901dbc0338eb6c7b744cf36781"
    );
    assert!(!info.is_single_file());
    let files: Vec<_> = info
        .files()
        .iter()
        .map(|file| (path(file), file.offset, file.length))
        .collect();
    assert_eq!(
        files,
        [
            ("a.bin".to_owned(), 0, 20000),
            ("sub/b.bin".to_owned(), 20000, 30000)
        ]
    );
    let extents: Vec<_> = info.extents(16384, 16384).collect();
    assert_eq!(
        extents,
        [
            Extent {
                file: 0,
                offset: 16384,
                length: 3616
            },
            Extent {
                file: 1,
                offset: 0,
                length: 12768
            },
        ]
    );
    assert_eq!(info.extents(50000, 10).count(), 0);
}

#[test]
fn c3_v2_only() {
    let data = content(100_000, 3);
    let leaves = leaves(&data);
    assert_eq!(
        hex::encode(leaves[6]),
        "ab6b73ab2163a5b63d4c5fa46050ade2e5ae10e93712ffcd285476e74d5edc6a"
    );
    let layer = layer(&data, 32768);
    let hashes: Vec<_> = layer.iter().map(hex::encode).collect();
    assert_eq!(
        hashes,
        [
            "26110da2cdfc42d6223cc42bb2d0b8dca52d269772dcb08a9dea8a5f008e146d",
            "4f62f576830c789d58ef62f2da35174abe36769fd065317a70cd67b9f9bfc056",
            "8994b58683559f650ebe2688b7bfec1c76cb9d70881c64466483c028f80ccad5",
            "b1cf7782adfdead3d135cc34851a434fc17bd29b7470334901100237319a0ce7",
        ]
    );
    let root = "4dffc4b724e74308266adeb41142f4b0c2b0c43a26c10f320ab723eb5d9f870f";
    assert_eq!(hex::encode(layer_root(&layer, 32768)), root);
    assert_eq!(hex::encode(blocks_root(&leaves)), root);

    let bytes = c3().encode();
    assert_eq!(bytes.len(), 148);
    let info = Info::parse(&bytes).unwrap();
    assert_eq!(
        hex::encode(info.v2_hash().unwrap()),
        "1de319b26dad07d41b2e4e7fd385568cab2712b071177d432df25c863a15c28f"
    );
    assert_eq!((info.protocol(), info.v1_hash()), (Protocol::V2, None));
    let short: Vec<_> = info.info_hashes().map(hex::encode).collect();
    assert_eq!(short, ["1de319b26dad07d41b2e4e7fd385568cab2712b0"]);
    assert_eq!(info.piece_count(), 4);
    assert_eq!(info.piece_size(3), Some(1696));
    assert!(info.is_single_file());
}

#[test]
fn c4_hybrid() {
    let bytes = c4().encode();
    assert_eq!(bytes.len(), 255);
    let info = Info::parse(&bytes).unwrap();
    let hashes: Vec<_> = info.info_hashes().map(hex::encode).collect();
    assert_eq!(
        hashes,
        [
            "9552a5040e6199206fe91924e34e4c66b64ddcc6",
            "2be4321de8f6dba12e9c15ba30284dec7b57c09b"
        ]
    );
    assert_eq!(
        hex::encode(info.v2_hash().unwrap()),
        "2be4321de8f6dba12e9c15ba30284dec7b57c09bdfb4cb0e802ea070a44a6b69"
    );
    assert_eq!(info.protocol(), Protocol::Hybrid);
    assert!(info.files()[0].pieces_root.is_some());
    assert_eq!(
        info.piece_hash(0).map(hex::encode).as_deref(),
        Some("bf3bbfe55389deceb38dee58e31a3d77edbda714")
    );
}

#[test]
fn c5_and_c6_small_files() {
    assert_eq!(
        hex::encode(blocks_root(&leaves(&content(40000, 4)))),
        "2e10648adef4d3693f23f0152e4fe101a2bdee6e249c4ae3f73d132f2346b8b3"
    );
    let small = content(100, 5);
    let root = blocks_root(&leaves(&small));
    assert_eq!(
        hex::encode(root),
        "044f06de221ddb0ef130baa1e42da789ec1f1d5e774b4999aab7609687b0f3b3"
    );
    assert_eq!(root, <[u8; 32]>::from(Sha256::digest(&small)));
    // A subtree of eight zero leaves.
    assert_eq!(
        hex::encode(layer_root(&[], 8 * 16384)),
        "c78009fdf07fc56a11f122370658a353aaa542ed63e44c4bc15ff4cd105ab33c"
    );
}

/// In v2 every file that is not empty begins at the start of a piece.
#[test]
fn v2_files_are_aligned() {
    let leaf = |length: i64, root: Option<u8>| {
        let root = root.map(|byte| [byte; 32]);
        let leaf = Dict::new()
            .int("length", length)
            .maybe_bytes("pieces root", root);
        Dict::new().dict("", &leaf)
    };
    let tree = Dict::new()
        .dict("a", &leaf(1, Some(1)))
        .dict(
            "b",
            &Dict::new()
                .dict("c", &leaf(40000, Some(2)))
                .dict("d", &leaf(0, None)),
        )
        .dict("e", &leaf(16384, Some(3)));
    let info = Dict::new()
        .dict("file tree", &tree)
        .int("meta version", 2)
        .bytes("name", "dir")
        .int("piece length", 16384);
    let info = Info::parse(&info.encode()).unwrap();
    let files: Vec<_> = info
        .files()
        .iter()
        .map(|file| (path(file), file.offset))
        .collect();
    let at = |path: &str, offset: u64| (path.to_owned(), offset);
    assert_eq!(
        files,
        [
            at("a", 0),
            at("b/c", 16384),
            at("b/d", 56384),
            at("e", 65536)
        ]
    );
    let sizes: Vec<_> = (0..6).map(|index| info.piece_size(index)).collect();
    assert_eq!(
        sizes,
        [
            Some(1),
            Some(16384),
            Some(16384),
            Some(7232),
            Some(16384),
            None
        ]
    );
    assert_eq!(info.total_size(), 56385);
    let extents: Vec<_> = info.extents(0, 1 << 40).map(|extent| extent.file).collect();
    assert_eq!(extents, [0, 1, 3]);
    assert_eq!(info.extents(1, 16383).count(), 0);
}
