//! What stays, by the kind of its field.

use super::aliases::Sort;
use crate::wire::{Field, Kind};

/// What becomes of the value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is shown as it is.
    Shown,
    /// A name stands for it.
    Renamed(Sort),
    /// Its addresses get names.
    Address,
}

/// Numbers that tell who somebody is, by the names of their fields: ports, and the
/// key by which a tracker knows a client again.
const TELLING_NUMBERS: [&str; 5] = ["port", "p", "cryptoport", "rport", "key"];

/// Words of text fields that are of the protocols: they stay.
const PROTOCOL_WORDS: [&str; 23] = [
    "q",
    "r",
    "e",
    "ping",
    "find_node",
    "get_peers",
    "announce_peer",
    "get",
    "put",
    "sample_infohashes",
    "n4",
    "n6",
    "started",
    "stopped",
    "completed",
    "paused",
    "GET",
    "HTTP/1.0",
    "HTTP/1.1",
    "gzip",
    "deflate",
    "chunked",
    "OK",
];

/// Whether text is a word of the protocols, which tells of nobody.
pub fn is_protocol_word(text: &[u8]) -> bool {
    PROTOCOL_WORDS.iter().any(|word| word.as_bytes() == text)
}

/// What becomes of the value of a field; `None` where it is in no table.
pub fn fate(field: Option<&Field>) -> Fate {
    let Some(field) = field else {
        return Fate::Renamed(Sort::Text);
    };
    of_kind(field.kind, field.name)
}

fn of_kind(kind: Kind, name: &str) -> Fate {
    match kind {
        Kind::Uint(_) | Kind::Int | Kind::Enum(_) | Kind::Bool
            if TELLING_NUMBERS.contains(&name) =>
        {
            Fate::Renamed(Sort::Port)
        }
        // Of data only the length is told.
        Kind::Uint(_)
        | Kind::Int
        | Kind::Enum(_)
        | Kind::Bool
        | Kind::Flags(_)
        | Kind::Group
        | Kind::List
        | Kind::Data => Fate::Shown,
        Kind::Address => Fate::Address,
        Kind::Hash => Fate::Renamed(Sort::Hash),
        Kind::PeerId => Fate::Renamed(Sort::PeerId),
        Kind::Text => Fate::Renamed(Sort::Text),
        Kind::Bytes | Kind::Bitfield | Kind::Unclaimed | Kind::Framing => {
            Fate::Renamed(Sort::Bytes)
        }
        Kind::Escaped(kind) => of_kind(*kind, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::catalogue;

    #[test]
    fn what_names_people_or_content_does_not_stay() {
        let telling = [
            "info_hash",
            "peer_id",
            "port",
            "p",
            "key",
            "token",
            "name",
            "yourip",
            "ip",
            "trackerid",
            "v",
            "bits",
        ];
        let mut seen = Vec::new();
        let entries = catalogue::messages().flat_map(catalogue::fields);
        for entry in entries.filter(|entry| !entry.is_fact) {
            let field = entry.field;
            if telling.contains(&field.name) {
                assert_ne!(fate(Some(field)), Fate::Shown, "{}", field.name);
                seen.push(field.name);
            }
        }
        for name in telling {
            assert!(seen.contains(&name) || name == "bits", "no field {name}");
        }
        assert_ne!(fate(None), Fate::Shown);
    }
}
