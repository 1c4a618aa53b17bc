//! The keys of metainfo files.

use crate::wire::bencode::{self, Compact, Document, Key, Limits, Part, Shape, Table};
use crate::wire::{Field, Kind, Label, Sink, Unit, Value};

static INFO: Field = Field::new("info", Kind::Group);
static ANNOUNCE: Field = Field::new("announce", Kind::Text);
static ANNOUNCE_LIST: Field = Field::new("announce-list", Kind::List);
static TIER: Field = Field::new("tier", Kind::List);
static NODES: Field = Field::new("nodes", Kind::List);
static NODE: Field = Field::new("node", Kind::List);
static URL_LIST: Field = Field::new("url-list", Kind::Text);
static HTTPSEEDS: Field = Field::new("httpseeds", Kind::List);
static URL: Field = Field::new("url", Kind::Text);
static CREATION_DATE: Field = Field::new("creation date", Kind::Int);
static CREATED_BY: Field = Field::new("created by", Kind::Text);
static COMMENT: Field = Field::new("comment", Kind::Text);
static ENCODING: Field = Field::new("encoding", Kind::Text);
static PIECE_LAYERS: Field = Field::new("piece layers", Kind::Group);
static TRAILING: Field = Field::new("trailing", Kind::Unclaimed);

static NAME: Field = Field::new("name", Kind::Text);
static NAME_UTF8: Field = Field::new("name.utf-8", Kind::Text);
static PIECE_LENGTH: Field = Field::new("piece length", Kind::Uint(Unit::Bytes));
static PIECES: Field = Field::new("pieces", Kind::List);
static PIECE: Field = Field::new("piece", Kind::Hash);
static LENGTH: Field = Field::new("length", Kind::Uint(Unit::Bytes));
static FILES: Field = Field::new("files", Kind::List);
static FILE: Field = Field::new("file", Kind::Group);
static PATH: Field = Field::new("path", Kind::List);
static PATH_UTF8: Field = Field::new("path.utf-8", Kind::List);
static COMPONENT: Field = Field::new("component", Kind::Text);
static PRIVATE: Field = Field::new("private", Kind::Bool);
static SOURCE: Field = Field::new("source", Kind::Text);
static ATTR: Field = Field::new("attr", Kind::Text);
static SYMLINK_PATH: Field = Field::new("symlink path", Kind::List);
static MD5SUM: Field = Field::new("md5sum", Kind::Text);
static SHA1: Field = Field::new("sha1", Kind::Hash);
static ROOT_HASH: Field = Field::new("root hash", Kind::Hash);
static META_VERSION: Field = Field::new("meta version", Kind::Uint(Unit::None));
static FILE_TREE: Field = Field::new("file tree", Kind::Group);
static LEAF: Field = Field::new("", Kind::Group);
static PIECES_ROOT: Field = Field::new("pieces root", Kind::Hash);

static SHA1_LIST: Compact = Compact::new(
    &PIECE,
    &[Part {
        field: &PIECE,
        size: 20,
    }],
);
static SHA256_LIST: Compact = Compact::new(
    &PIECE,
    &[Part {
        field: &PIECE,
        size: 32,
    }],
);
static COMPONENTS: Shape = Shape::list(&COMPONENT);
static TIER_SHAPE: Shape = Shape::list(&URL);

/// The keys of a file, in `files` and in `file tree`.
static FILE_TABLE: Table = Table::new(&[
    Key::new(&LENGTH),
    Key::shaped(&PATH, COMPONENTS),
    Key::shaped(&PATH_UTF8, COMPONENTS),
    Key::new(&ATTR),
    Key::shaped(&SYMLINK_PATH, COMPONENTS),
    Key::new(&MD5SUM),
    Key::new(&SHA1),
    Key::new(&PIECES_ROOT),
]);
static FILE_SHAPE: Shape = Shape::dict(&FILE_TABLE);
static TREE_TABLE: Table = Table {
    keys: &[Key::shaped(&LEAF, Shape::dict(&FILE_TABLE))],
    other: Shape::dict(&TREE_TABLE),
};
static LAYERS_TABLE: Table = Table::of(Shape::compact(&SHA256_LIST));

/// The keys of an info dictionary.
pub static INFO_TABLE: Table = Table::new(&[
    Key::new(&NAME),
    Key::new(&NAME_UTF8),
    Key::new(&PIECE_LENGTH),
    Key::shaped(&PIECES, Shape::compact(&SHA1_LIST)),
    Key::new(&LENGTH),
    Key::shaped(&FILES, Shape::list_of(&FILE, &FILE_SHAPE)),
    Key::new(&PRIVATE),
    Key::new(&SOURCE),
    Key::new(&ATTR),
    Key::new(&MD5SUM),
    Key::new(&ROOT_HASH),
    Key::new(&META_VERSION),
    Key::shaped(&FILE_TREE, Shape::dict(&TREE_TABLE)),
]);

/// The keys of a `.torrent` file.
pub static METAINFO_TABLE: Table = Table::new(&[
    Key::shaped(&INFO, Shape::dict(&INFO_TABLE)),
    Key::new(&ANNOUNCE),
    Key::shaped(&ANNOUNCE_LIST, Shape::list_of(&TIER, &TIER_SHAPE)),
    Key::shaped(&NODES, Shape::list(&NODE)),
    Key::shaped(&URL_LIST, Shape::list(&URL)),
    Key::shaped(&HTTPSEEDS, Shape::list(&URL)),
    Key::new(&CREATION_DATE),
    Key::new(&CREATED_BY),
    Key::new(&COMMENT),
    Key::new(&ENCODING),
    Key::shaped(&PIECE_LAYERS, Shape::dict(&LAYERS_TABLE)),
]);

/// Reports the fields of a `.torrent` file; the leaves partition its bytes.
pub fn report<S: Sink>(file: &[u8], sink: &mut S) {
    let document = Document::parse_within(file, Limits::METAINFO);
    bencode::report(&document, sink, 0, &METAINFO_TABLE);
    let (start, end) = (document.end(), file.len());
    if document.error().is_none() && start < end {
        let value = Value::Bytes {
            start: start as u32,
            end: end as u32,
        };
        sink.leaf(Label::Field(&TRAILING), start, end, value);
    }
}
