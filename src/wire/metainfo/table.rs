//! The keys of metainfo files.

use crate::wire::bencode::{self, Compact, Document, Key, Limits, Part, Rules, Shape, Table};
use crate::wire::{Field, Kind, Label, Member, MessageType, Protocol, Sink, Topic, Unit, Value};

static INFO: Field = Field::new("info", Kind::Group, "What the info-hash is of.");
static ANNOUNCE: Field = Field::new("announce", Kind::Text, "URL of the tracker.");
static ANNOUNCE_LIST: Field =
    Field::new("announce-list", Kind::List, "Trackers in tiers (BEP 12).");
static TIER: Field = Field::new("tier", Kind::List, "Trackers that stand for one another.");
static NODES: Field = Field::new(
    "nodes",
    Kind::List,
    "Nodes of the DHT to begin with (BEP 5).",
);
static NODE: Field = Field::new("node", Kind::List, "Host and port of a node.");
static URL_LIST: Field = Field::new("url-list", Kind::Text, "Web seeds (BEP 19).");
static HTTPSEEDS: Field = Field::new("httpseeds", Kind::List, "HTTP seeds (BEP 17).");
static URL: Field = Field::new("url", Kind::Text, "A URL.");
static CREATION_DATE: Field = Field::new(
    "creation date",
    Kind::Int,
    "When the file was made, in seconds since 1970.",
);
static CREATED_BY: Field = Field::new("created by", Kind::Text, "Program that made the file.");
static COMMENT: Field = Field::new("comment", Kind::Text, "Words of who made it.");
static ENCODING: Field = Field::new(
    "encoding",
    Kind::Text,
    "Encoding of the text in the info dictionary.",
);
static PIECE_LAYERS: Field = Field::new(
    "piece layers",
    Kind::Group,
    "Root of a file to the hashes of its pieces (BEP 52).",
);
static TRAILING: Field = Field::new("trailing", Kind::Unclaimed, "Bytes after the dictionary.");

static NAME: Field = Field::new("name", Kind::Text, "Name of the file or of the directory.");
static NAME_UTF8: Field = Field::new("name.utf-8", Kind::Text, "The name in UTF-8.");
static PIECE_LENGTH: Field = Field::new(
    "piece length",
    Kind::Uint(Unit::Bytes),
    "Length of a piece.",
);
static PIECES: Field = Field::new("pieces", Kind::List, "SHA-1 of each piece.");
static PIECE: Field = Field::new("piece", Kind::Hash, "SHA-1 of a piece.");
static LENGTH: Field = Field::new("length", Kind::Uint(Unit::Bytes), "Length of the file.");
static FILES: Field = Field::new("files", Kind::List, "The files in their order.");
static FILE: Field = Field::new("file", Kind::Group, "A file.");
static PATH: Field = Field::new("path", Kind::List, "Directories and name of the file.");
static PATH_UTF8: Field = Field::new("path.utf-8", Kind::List, "The path in UTF-8.");
static COMPONENT: Field = Field::new(
    "component",
    Kind::Text,
    "A directory, or the name of the file.",
);
static PRIVATE: Field = Field::new(
    "private",
    Kind::Bool,
    "1 if peers may come from the tracker only (BEP 27).",
);
static SOURCE: Field = Field::new(
    "source",
    Kind::Text,
    "Tells equal torrents of several sites apart.",
);
static ATTR: Field = Field::new(
    "attr",
    Kind::Text,
    "Attributes: p padding, x executable, h hidden, l symbolic link (BEP 47).",
);
static SYMLINK_PATH: Field = Field::new(
    "symlink path",
    Kind::List,
    "What a symbolic link points to (BEP 47).",
);
static MD5SUM: Field = Field::new("md5sum", Kind::Text, "MD5 of the file in hex.");
static SHA1: Field = Field::new("sha1", Kind::Hash, "SHA-1 of the file (BEP 47).");
static ROOT_HASH: Field = Field::new("root hash", Kind::Hash, "Root of the hash tree (BEP 30).");
static META_VERSION: Field = Field::new(
    "meta version",
    Kind::Uint(Unit::None),
    "2 for BitTorrent v2 (BEP 52).",
);
static FILE_TREE: Field = Field::new("file tree", Kind::Group, "Directories and files (BEP 52).");
static LEAF: Field = Field::new("", Kind::Group, "The file itself, under the empty key.");
static PIECES_ROOT: Field = Field::new(
    "pieces root",
    Kind::Hash,
    "Root of the hash tree of the file (BEP 52).",
);

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
/// What can be wrong with a file: its form (MI-01), the types of its values
/// (MI-02), strings of hashes (MI-03).
pub static BENCODE: Rules = Rules::new("MI-01", "MI-02", "MI-03", 3);

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
    rules: &BENCODE,
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
])
.under(&BENCODE);

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
])
.under(&BENCODE);

/// A `.torrent` file.
pub static TORRENT: MessageType = MessageType::new(Protocol::Metainfo, "torrent", Topic::Discovery)
    .bep(3)
    .members(&[Member::Keys(&METAINFO_TABLE)]);

/// An info dictionary.
pub static INFO_TYPE: MessageType = MessageType::new(Protocol::Metainfo, "info", Topic::Discovery)
    .bep(3)
    .members(&[Member::Keys(&INFO_TABLE)]);

/// What is left over of a file.
pub(in crate::wire) static ANYWHERE: &[Member] = &[Member::Field(&TRAILING)];

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
