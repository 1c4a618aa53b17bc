//! A bencoded value, by a table of its keys.

use super::meaning::Meaning;
use crate::wire::bencode::{self, Document, Limits, Table, TokenKind};
use crate::wire::metainfo::{self, Info};
use crate::wire::words::{Count, Size};
use crate::wire::{Dissected, Field, Kind, Malformed, Note, Problem, Reader, Sink};

pub static TRAILING: Field =
    Field::new("trailing_bytes", Kind::Unclaimed, "Bytes after the value.");

/// What kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    Torrent,
    Info,
    Value,
}

/// Parses a value.
pub fn parse(bytes: &[u8]) -> Document<'_> {
    Document::parse_within(bytes, Limits::METAINFO)
}

/// Whether a document is whole, or goes on beyond what was pasted.
pub(super) fn is_sound(document: &Document<'_>) -> bool {
    document
        .error()
        .is_none_or(|error| error.reason.is_truncation())
}

/// Whether a value goes on beyond what was pasted.
pub(super) fn is_truncated(bytes: &[u8]) -> bool {
    let document = parse(bytes);
    document
        .error()
        .is_some_and(|error| error.reason.is_truncation())
}

/// Reads a value by a table of keys.
pub(super) fn dissect<'b, S: Sink>(
    what: ValueKind,
    table: &'static Table,
    bytes: &'b [u8],
    length: usize,
    sink: &mut S,
) -> Dissected<Meaning<'b>> {
    let mut reader = Reader::new(bytes, length, sink);
    let document = bencode::dissect(&mut reader, table);
    let error = document.error();
    let mut malformed =
        error.map(|error| Malformed::new(error.at, table.rules.broken(error.reason)));
    let at = reader.at();
    if reader.left() > 0 {
        reader.remainder(&TRAILING);
        reader.note(Note::Malformed(&bencode::TRAILING));
        malformed = Some(Malformed::new(at, &bencode::TRAILING));
    }
    if bytes.len() < length && document.error().is_some_and(|e| e.reason.is_truncation()) {
        malformed = None;
    }
    let (name, summary) = match what {
        ValueKind::Torrent => ("torrent", torrent_words(bytes)),
        ValueKind::Info => (
            "info",
            info_words("info dictionary", Info::parse(bytes).ok().as_ref()),
        ),
        ValueKind::Value => ("value", words(&document)),
    };
    let protocol = match what {
        ValueKind::Value => "bencode",
        ValueKind::Torrent | ValueKind::Info => "metainfo",
    };
    let meaning = Meaning::Other {
        protocol,
        name,
        summary,
    };
    Dissected {
        message: meaning,
        problem: malformed.map(Problem::Malformed),
    }
}

fn torrent_words(bytes: &[u8]) -> String {
    let torrent = metainfo::Metainfo::parse(bytes).ok();
    info_words(".torrent", torrent.as_ref().map(|torrent| &torrent.info))
}

fn info_words(what: &str, info: Option<&Info>) -> String {
    let Some(info) = info else {
        return what.to_owned();
    };
    let hashes: Vec<_> = info.info_hashes().map(hex::encode).collect();
    format!(
        "{what} of {}, {} in {}, {} of {}, info-hash {}",
        info.name(),
        Count(info.total_size(), "byte"),
        Count(info.files().len() as u64, "file"),
        Count(info.piece_count().into(), "piece"),
        Size(info.piece_length().into()),
        hashes.join(" and ")
    )
}

fn words(document: &Document<'_>) -> String {
    let Some(root) = document.root() else {
        return "no bencoded value".to_owned();
    };
    match root.kind() {
        TokenKind::Dict => {
            let keys = Count(root.entries().count() as u64, "key");
            format!("bencoded dictionary of {keys}")
        }
        TokenKind::List => {
            let items = Count(root.items().count() as u64, "item");
            format!("bencoded list of {items}")
        }
        TokenKind::Int => format!("bencoded integer {}", root.digits().unwrap_or_default()),
        TokenKind::Bytes => {
            let length = root.as_bytes().map_or(0, <[u8]>::len);
            format!("bencoded string of {}", Count(length as u64, "byte"))
        }
    }
}
