//! Bencoded values: bare ones, payloads of extended messages, metainfo.

use super::names::Names;
use super::part::{Dissected, How, Part, Said, is_sound};
use super::{Reading, Sample};
use crate::wire::bencode::{self, Document, Limits, Node, Table, TokenKind};
use crate::wire::extension::{self, Body, ExtendedId, Extension};
use crate::wire::metainfo::{self, INFO_TABLE, Info, METAINFO_TABLE};
use crate::wire::words::{Count, Size};
use crate::wire::{Field, Kind, Malformed, Note, Reader, Sink};

static TRAILING: Field = Field::new("trailing_bytes", Kind::Unclaimed);

/// An id of no meaning, for guesses that must not depend on one.
const NO_ID: ExtendedId = ExtendedId(u8::MAX);

/// Tokens that tell a broken value from any text.
const TOKENS: usize = 3;

/// What kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metainfo {
    Torrent,
    Info,
    Value,
}

fn parse(bytes: &[u8]) -> Document<'_> {
    Document::parse_within(bytes, Limits::METAINFO)
}

/// How well bytes fit a bencoded value.
pub fn score(sample: &Sample<'_>) -> Option<u8> {
    if !matches!(sample.bytes.first(), Some(b'd' | b'l' | b'i' | b'0'..=b'9')) {
        return None;
    }
    let document = parse(sample.bytes);
    let kind = document.root()?.kind();
    let tokens = document.tape().tokens().len();
    if document.error().is_some() {
        let some = tokens >= TOKENS && is_sound(&document);
        return some.then_some(if sample.is_cut { 60 } else { 45 });
    }
    let trails = !document.trailing().is_empty();
    Some(match kind {
        _ if trails && tokens < TOKENS => 5,
        _ if trails => 45,
        TokenKind::Dict if tokens > 1 => 75,
        TokenKind::Int => 60,
        _ => 50,
    })
}

/// How well bytes fit the payload of an extended message.
pub fn score_extension(sample: &Sample<'_>) -> Option<u8> {
    let (id, body) = split(sample.bytes)?;
    let document = parse(body);
    if !is_sound(&document) || document.tape().tokens().len() < TOKENS {
        return None;
    }
    let root = document.root()?;
    let is_handshake = is_handshake(root);
    let known = extension::infer(NO_ID, body, body.len()).is_some();
    match id {
        Some(ExtendedId::HANDSHAKE) => is_handshake.then_some(90),
        Some(_) => Some(if known { 90 } else { 40 }),
        None if is_handshake || known => Some(90),
        None => None,
    }
}

fn is_handshake(root: Node<'_, '_>) -> bool {
    let has = |key: &str| root.get(key.as_bytes()).is_some();
    let names = root.get(b"m").map(|m| m.kind());
    names == Some(TokenKind::Dict) || (has("reqq") && has("p")) || (has("e") && has("reqq"))
}

/// The extended id, if there is one, and what follows it.
fn split(bytes: &[u8]) -> Option<(Option<ExtendedId>, &[u8])> {
    let begins = |bytes: &[u8]| matches!(bytes, [b'd', b'0'..=b'9' | b'e', ..]);
    match bytes {
        _ if begins(bytes) => Some((None, bytes)),
        [id, body @ ..] if begins(body) => Some((Some(ExtendedId(*id)), body)),
        _ => None,
    }
}

/// The payload of an extended message.
pub fn extension<'b>(sample: &Sample<'b>, names: &mut Names) -> Part<'b> {
    let how = match split(sample.bytes) {
        Some((None, body)) => {
            let root = parse(body);
            let is_handshake = root.root().is_some_and(is_handshake);
            let guess = || extension::infer(NO_ID, body, body.len());
            let known = if is_handshake { None } else { guess() };
            How::BareExtension(known)
        }
        _ => match sample.bytes {
            [id, body @ ..] => {
                How::Extension(names.map(ExtendedId(*id), body, sample.length() - 1))
            }
            [] => How::BareExtension(Some(Extension::UtMetadata)),
        },
    };
    let part = Part::of(sample, how);
    if let Said::Extended(extended) = part.dissect(&mut ()).said
        && let Body::Handshake(handshake) = &extended.body
    {
        names.hear(handshake);
    }
    part
}

/// How well bytes fit a metainfo file.
pub fn score_torrent(bytes: &[u8]) -> Option<u8> {
    let document = dictionary(bytes)?;
    let root = document.root()?;
    let info = root.get(b"info")?;
    let begins = [
        "announce",
        "created by",
        "creation date",
        "url-list",
        "announce-list",
    ];
    let has = |node: Node<'_, '_>, key: &str| node.get(key.as_bytes()).is_some();
    let is_info = INFO_KEYS.iter().any(|key| has(info, key));
    (is_info || begins.iter().any(|key| has(root, key))).then_some(96)
}

const INFO_KEYS: [&str; 3] = ["piece length", "pieces", "file tree"];

/// How well bytes fit an info dictionary.
pub fn score_info(bytes: &[u8]) -> Option<u8> {
    let document = dictionary(bytes)?;
    let root = document.root()?;
    let has = |key: &&str| root.get(key.as_bytes()).is_some();
    let known = INFO_KEYS.iter().filter(|key| has(key)).count();
    match known {
        2.. => Some(96),
        1 => Some(85),
        _ if has(&"files") && !bytes.is_empty() => Some(70),
        _ => None,
    }
}

fn dictionary(bytes: &[u8]) -> Option<Document<'_>> {
    if bytes.first() != Some(&b'd') {
        return None;
    }
    Some(parse(bytes)).filter(is_sound)
}

/// A value, read as what it is for.
pub fn value<'b>(sample: &Sample<'b>, reading: Reading) -> Part<'b> {
    let how = match reading {
        Reading::Torrent => How::Metainfo(Metainfo::Torrent, &METAINFO_TABLE),
        Reading::Info => How::Metainfo(Metainfo::Info, &INFO_TABLE),
        _ => How::Metainfo(Metainfo::Value, &Table::EMPTY),
    };
    Part::of(sample, how)
}

/// Reads a value by a table of keys.
pub(super) fn dissect<'b, S: Sink>(
    what: Metainfo,
    table: &'static Table,
    bytes: &'b [u8],
    length: usize,
    sink: &mut S,
) -> Dissected<'b> {
    let mut reader = Reader::new(bytes, length, sink);
    let document = bencode::dissect(&mut reader, table);
    let mut malformed = document.error().map(|error| Malformed {
        at: error.at,
        reason: error.reason.text(),
    });
    let at = reader.at();
    if reader.left() > 0 {
        let reason = "bytes after the end of the value";
        reader.remainder(&TRAILING);
        reader.note(Note::Malformed(reason));
        malformed = Some(Malformed { at, reason });
    }
    if bytes.len() < length && document.error().is_some_and(|e| e.reason.is_truncation()) {
        malformed = None;
    }
    let (name, summary) = match what {
        Metainfo::Torrent => ("torrent", torrent_words(bytes)),
        Metainfo::Info => (
            "info",
            info_words("info dictionary", Info::parse(bytes).ok().as_ref()),
        ),
        Metainfo::Value => ("value", words(&document)),
    };
    let protocol = match what {
        Metainfo::Value => "bencode",
        Metainfo::Torrent | Metainfo::Info => "metainfo",
    };
    let said = Said::Other {
        protocol,
        name,
        summary,
    };
    Dissected { said, malformed }
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
