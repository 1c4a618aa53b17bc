//! Whole files, torrents of the lab, and what must be refused.

use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::*;
use super::{c1, c3, c4, content, layer};
use crate::wire::bencode::{Dict, List, Reason};
use crate::wire::{Label, Tree};

#[test]
fn what_must_be_refused() {
    let refused = |info: &Dict| Info::parse(&info.encode()).unwrap_err();
    assert_eq!(
        Info::parse(b"").unwrap_err().to_string(),
        "bencode at offset 0: ends in the middle of a bencoded value"
    );
    assert!(matches!(
        Info::parse(&b"l".repeat(20_000)),
        Err(MetainfoError::Bencode(error)) if error.reason == Reason::TooDeep
    ));
    assert_eq!(Info::parse(b"le"), Err(MetainfoError::NotADictionary));
    assert_eq!(
        Info::parse(&[&c1().encode()[..], b"x"].concat()),
        Err(MetainfoError::Trailing(1))
    );
    assert_eq!(refused(&Dict::new()), MetainfoError::Missing("pieces"));
    assert_eq!(
        refused(&c1().int("meta version", 3)),
        MetainfoError::UnknownVersion(3)
    );
    assert_eq!(
        refused(&c1().int("length", 70000)),
        MetainfoError::PieceCount {
            found: 4,
            expected: 5
        }
    );
    let cases = [
        (
            c1().int("piece length", 0),
            "`piece length` is not a length",
        ),
        (c1().int("length", -1), "`length` is not a size of a file"),
        (
            c1().list("files", List::new()),
            "`files` stands beside `length`",
        ),
        (
            c1().bytes("pieces", "abc"),
            "`pieces` is not a row of 20-byte hashes",
        ),
        (
            c3().int("piece length", 40000),
            "`piece length` is not a power of two of at least 16 KiB",
        ),
        (
            c3().dict("file tree", &Dict::new()),
            "`file tree` holds no file",
        ),
        (
            c4().bytes("name", "other"),
            "`files` and `file tree` describe different files",
        ),
    ];
    for (info, expected) in cases {
        assert_eq!(refused(&info).to_string(), expected);
    }
    assert_eq!(
        Metainfo::parse(b"de").unwrap_err(),
        MetainfoError::Missing("info")
    );
}

#[test]
fn the_file_around_the_dictionary() {
    let tiers = List::new()
        .raw(&List::new().bytes("http://a/announce").encode())
        .raw(&List::new().bytes("udp://b").bytes("udp://c").encode());
    let node = List::new().bytes("router.example").int(6881).encode();
    let file = Dict::new()
        .bytes("announce", "http://old/announce")
        .list("announce-list", tiers)
        .bytes("comment", "vector")
        .int("creation date", 1_700_000_000)
        .dict("info", &c1())
        .list("nodes", List::new().raw(&node))
        .bytes("url-list", "http://seed/")
        .encode();
    let metainfo = Metainfo::parse(&file).unwrap();
    assert_eq!(file[metainfo.info_span.clone()], *metainfo.info.bytes());
    assert_eq!(metainfo.trackers().count(), 3);
    assert_eq!(metainfo.nodes, [(b"router.example".to_vec(), 6881)]);
    assert_eq!(metainfo.url_list, [b"http://seed/".to_vec()]);
    assert_eq!(metainfo.creation_date, Some(1_700_000_000));
    assert_eq!(metainfo.comment.as_deref(), Some(&b"vector"[..]));
}

#[test]
fn piece_layers_lead_to_the_root() {
    let layer = layer(&content(100_000, 3), 32768);
    let root = layer_root(&layer, 32768);
    let file = |hashes: Vec<u8>| {
        let layers = Dict::new().bytes(root, hashes);
        let file = Dict::new()
            .dict("info", &c3())
            .dict("piece layers", &layers);
        Metainfo::parse(&file.encode())
    };
    let metainfo = file(layer.concat()).unwrap();
    assert_eq!(metainfo.check_piece_layers(), Ok(()));
    let mut wrong = layer.concat();
    wrong[40] ^= 1;
    assert_eq!(
        file(wrong).unwrap().check_piece_layers(),
        Err(MetainfoError::PieceLayer { file: 0 })
    );
    assert!(file(vec![0; 33]).is_err());
}

/// A torrent of the lab: from the repository, or from the collection beside it
/// that is not part of it.
fn lab(name: &str) -> Option<Vec<u8>> {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    ["captures", "../shared/captures"]
        .iter()
        .find_map(|folder| std::fs::read(home.join(folder).join("lab/torrents").join(name)).ok())
}

#[test]
fn torrents_of_the_lab() {
    use Protocol::{Hybrid, V1, V2};
    // Name, protocol, hash, piece length, pieces, size, bytes of info, files.
    #[rustfmt::skip]
    let truth = [
        ("s16k.torrent", V1, "4b63dcd8472c5eb95c677520e16f8660a014edd7", 16384, 129, 2_109_497, 2650, 1),
        ("s32k.torrent", V1, "ef183ba16ac49df63eee59c1a27985dbcca9eb05", 32768, 97, 3_145_729, 2010, 1),
        ("multi.torrent", V1, "ce87d665cb6ee056df822784480bef997caeac0d", 65536, 34, 2_200_134, 916, 5),
        ("metafiles.torrent", V1, "9cd168f448ae957b48fce60760ea911ad8b44f99", 32768, 64, 2_079_800, 62543, 400),
        ("hybrid.torrent", Hybrid, "ebe1c78bd50b531d18f2188f6bf1c1607bb3ebc8", 65536, 57, 3_645_851, 1549, 2),
        ("v2only.torrent", V2, "8fe81914298272f2d8982871f0e78cbbc645b759", 65536, 57, 3_645_851, 226, 2),
    ];
    for (name, protocol, hash, length, pieces, size, bytes, files) in truth {
        let Some(file) = lab(name) else {
            println!("skipped: {name} is not here");
            continue;
        };
        let metainfo = Metainfo::parse(&file).unwrap();
        let info = &metainfo.info;
        assert_eq!(info.protocol(), protocol, "{name}");
        assert_eq!(
            info.info_hashes().next().map(hex::encode).as_deref(),
            Some(hash)
        );
        assert_eq!(info.piece_length(), length);
        assert_eq!(info.piece_count(), pieces);
        assert_eq!(info.total_size(), size);
        assert_eq!(info.bytes().len(), bytes);
        let real = info.files().iter().filter(|file| !file.is_padding());
        assert_eq!(real.count(), files);
        assert_eq!(metainfo.check_piece_layers(), Ok(()));
        let counted: u64 = (0..pieces)
            .map(|index| u64::from(info.piece_data_size(index).unwrap()))
            .sum();
        assert_eq!(counted, size);

        let mut tree = Tree::new();
        report(&file, &mut tree);
        let mut at = 0;
        for (_, leaf) in tree.leaves() {
            assert_eq!(leaf.start, at);
            at = leaf.end;
        }
        assert_eq!(at as usize, file.len());
        let hashes = tree.leaves().filter(
            |(_, leaf)| matches!(leaf.label, Label::Item(_, field) if field.name == "piece"),
        );
        assert!(hashes.count() >= pieces as usize);
    }
}

/// The vectors, hashed once: hashing is slow without optimisation.
static ENCODED: LazyLock<[Vec<u8>; 3]> =
    LazyLock::new(|| [c1().encode(), c3().encode(), c4().encode()]);

proptest! {
    /// No bytes make it panic: neither noise nor a torrent with damage.
    #[test]
    fn any_bytes(
        noise in proptest::collection::vec(any::<u8>(), 0..60),
        at in 0_usize..260,
        byte in any::<u8>(),
    ) {
        let _ = Metainfo::parse(&noise);
        for mut info in ENCODED.clone() {
            let at = at % info.len();
            let _ = Info::parse(&info[..at]);
            info[at] = byte;
            if let Ok(info) = Info::parse(&info) {
                let _ = info.piece_size(info.piece_count().saturating_sub(1));
                let _ = info.extents(0, u64::MAX).count();
            }
        }
    }
}
