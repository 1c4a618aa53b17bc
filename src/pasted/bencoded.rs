//! Bencoded values: bare ones, payloads of extended messages, metainfo.

use super::meaning::Meaning;
use super::names::Names;
use super::reading::Reading;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use super::value::{ValueKind, is_sound, parse};
use crate::wire::bencode::{Document, Node, Table, TokenKind};
use crate::wire::extension::{self, Body, ExtendedId, Extension};
use crate::wire::metainfo::{INFO_TABLE, METAINFO_TABLE};

/// An id of no meaning, for guesses that must not depend on one.
const NO_ID: ExtendedId = ExtendedId(u8::MAX);

/// Tokens that tell a broken value from any text.
const TOKENS: usize = 3;

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
pub fn extension<'b>(sample: &Sample<'b>, names: &mut Names) -> Stretch<'b> {
    let layout = match split(sample.bytes) {
        Some((None, body)) => {
            let root = parse(body);
            let is_handshake = root.root().is_some_and(is_handshake);
            let guess = || extension::infer(NO_ID, body, body.len());
            let known = if is_handshake { None } else { guess() };
            Layout::BareExtension(known)
        }
        _ => match sample.bytes {
            [id, body @ ..] => {
                Layout::Extension(names.map(ExtendedId(*id), body, sample.length() - 1))
            }
            [] => Layout::BareExtension(Some(Extension::UtMetadata)),
        },
    };
    let stretch = Stretch::of(sample, layout);
    if let Meaning::Extended(extended) = stretch.dissect(&mut ()).message
        && let Body::Handshake(handshake) = &extended.body
    {
        names.hear(handshake);
    }
    stretch
}

/// What metainfo files begin with, and nothing else does.
const BEGINNINGS: [&[u8]; 2] = [b"d8:announce", b"d13:announce-list"];

/// How well bytes fit a metainfo file.
pub fn score_torrent(bytes: &[u8]) -> Option<u8> {
    // However early it was cut.
    if BEGINNINGS.iter().any(|begin| bytes.starts_with(begin)) {
        return Some(96);
    }
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
    // Those of the reply to a scrape are no list.
    let files = root.get(b"files").map(|files| files.kind());
    let known = INFO_KEYS.iter().filter(|key| has(key)).count();
    match known {
        2.. => Some(96),
        1 => Some(85),
        _ if files == Some(TokenKind::List) => Some(70),
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
pub fn value<'b>(sample: &Sample<'b>, reading: Reading) -> Stretch<'b> {
    let layout = match reading {
        Reading::Torrent => Layout::Metainfo(ValueKind::Torrent, &METAINFO_TABLE),
        Reading::Info => Layout::Metainfo(ValueKind::Info, &INFO_TABLE),
        _ => Layout::Metainfo(ValueKind::Value, &Table::EMPTY),
    };
    Stretch::of(sample, layout)
}
