//! Keys of the protocol: which tell that an object is one of its dictionaries, and of which
//! the values are bytes.

use super::value::{Entry, Kind, Literal, Value};
use crate::paste::cells;

/// Keys that only dictionaries of the protocol have.
const TELLING: [&str; 11] = [
    "msg_type",
    "metadata_size",
    "piece length",
    "file tree",
    "added",
    "dropped",
    "failure reason",
    "announce",
    "min interval",
    "peers6",
    "reqq",
];

/// Keys of which two tell as much.
const PAIRS: [(&str, &str); 6] = [
    ("interval", "peers"),
    ("complete", "incomplete"),
    ("name", "pieces"),
    ("t", "y"),
    ("y", "q"),
    ("y", "r"),
];

/// Keys with a blank, which a field of a structure cannot have: `piece_length`.
const WITH_BLANKS: [&str; 12] = [
    "piece length",
    "pieces root",
    "piece layers",
    "file tree",
    "meta version",
    "failure reason",
    "warning message",
    "min interval",
    "tracker id",
    "external ip",
    "created by",
    "creation date",
];

/// Keys whose values are binary, and the bytes of which those are multiples: where
/// all of a value is hex digits, it is those bytes.
const BINARY: [(&str, usize); 21] = [
    ("yourip", 4),
    ("ipv4", 4),
    ("ipv6", 16),
    ("ip", 6),
    ("added", 6),
    ("added6", 18),
    ("added.f", 1),
    ("added6.f", 1),
    ("dropped", 6),
    ("dropped6", 18),
    ("peers", 6),
    ("peers6", 18),
    ("nodes", 26),
    ("nodes6", 38),
    ("id", 20),
    ("target", 20),
    ("info_hash", 20),
    ("pieces", 20),
    ("pieces root", 32),
    ("values", 6),
    ("samples", 20),
];

/// Keys of lists of such values.
const LISTS: [&str; 1] = ["values"];

/// Whether a dictionary is one of the protocol's.
pub fn tell(entries: &[Entry]) -> bool {
    let get = |name: &str| entries.iter().find(|(key, _)| key.bytes == name.as_bytes());
    let is_dict =
        |name: &str| get(name).is_some_and(|(_, value)| matches!(value.kind, Kind::Dict(_)));
    TELLING.iter().any(|name| get(name).is_some())
        || PAIRS
            .iter()
            .any(|(a, b)| get(a).is_some() && get(b).is_some())
        || is_dict("m")
        || is_dict("info")
        || get("files").is_some_and(|(_, files)| is_scraped(files))
}

/// Whether these are the torrents of which a tracker tells how many peers they have.
fn is_scraped(files: &Value) -> bool {
    match &files.kind {
        Kind::Dict(entries) => match entries.first().map(|(_, torrent)| &torrent.kind) {
            Some(Kind::Dict(counts)) => tell(counts),
            _ => false,
        },
        _ => false,
    }
}

/// The key that a text begins with, if it is one with a blank.
pub fn with_blank(rest: &str) -> Option<&'static str> {
    WITH_BLANKS.into_iter().find(|key| rest.starts_with(key))
}

/// Gives the field of a structure the name of the key that it stands for: `PieceLength`,
/// `piece_length`, `MsgType`.
pub fn restore(key: &mut Literal) {
    let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric();
    let squeezed = |text: &[u8]| {
        let letters = text.iter().filter(is_letter);
        letters.map(u8::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let field = squeezed(&key.bytes);
    let binary = BINARY.iter().map(|(name, _)| name);
    let pairs = PAIRS.iter().flat_map(|(a, b)| [a, b]);
    let mut known = TELLING
        .iter()
        .chain(&WITH_BLANKS)
        .chain(pairs)
        .chain(binary);
    let known = known.find(|known| squeezed(known.as_bytes()) == field);
    let name = match known {
        Some(known) => known.as_bytes().to_vec(),
        None if key.bytes.first().is_some_and(u8::is_ascii_uppercase) => {
            in_small_letters(&key.bytes)
        }
        None => return,
    };
    let at = key.offsets.first().copied().unwrap_or_default();
    key.offsets = vec![at; name.len()];
    key.bytes = name;
}

/// `TotalSize` as `total_size`.
fn in_small_letters(field: &[u8]) -> Vec<u8> {
    let mut name = Vec::new();
    for (index, letter) in field.iter().enumerate() {
        if index > 0 && letter.is_ascii_uppercase() {
            name.push(b'_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Takes digits of hex, or numbers, for the bytes that they are, where the key says that its
/// value is binary.
pub fn settle(key: &[u8], value: &mut Value) {
    let unit = BINARY.iter().find(|(name, _)| name.as_bytes() == key);
    let Some((name, unit)) = unit else {
        return;
    };
    match &mut value.kind {
        Kind::Bytes(literal) => decode(literal, *unit),
        Kind::List(list) => {
            let numbers = Literal::of_numbers(&list.items);
            let fits = |bytes: &Literal| {
                !bytes.bytes.is_empty() && bytes.bytes.len().is_multiple_of(*unit)
            };
            if let Some(bytes) = numbers.filter(fits) {
                value.kind = Kind::Bytes(bytes);
            } else if LISTS.contains(name) {
                for item in &mut list.items {
                    if let Kind::Bytes(literal) = &mut item.kind {
                        decode(literal, *unit);
                    }
                }
            }
        }
        _ => {}
    }
}

fn decode(literal: &mut Literal, unit: usize) {
    let sign = if literal.bytes.starts_with(b"0x") {
        2
    } else {
        0
    };
    let digits = &literal.bytes[sign..];
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit) && !digits.is_empty();
    if !is_hex || !digits.len().is_multiple_of(2 * unit) {
        return;
    }
    literal.bytes = digits.chunks_exact(2).map(cells::byte).collect();
    let offsets = literal.offsets[sign..].iter().copied();
    literal.offsets = offsets.step_by(2).collect();
}
