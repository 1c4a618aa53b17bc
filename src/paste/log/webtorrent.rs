//! `DEBUG=bittorrent-protocol` of WebTorrent:
//! `bittorrent-protocol [efbf1cd3] got request index=0 offset=0 length=16384`.

use super::logged::{Direction, Line, Said};
use super::phrase::{behind, block, number, strip, value};

/// Hex digits of a hash or an id.
const HASH: usize = 40;

/// Reads a line.
pub fn read(row: &str) -> Option<Line<'_>> {
    let tagged = behind(row, "bittorrent-protocol ")?;
    let (_, named) = tagged.trim_start().strip_prefix('[')?.split_once("] ")?;
    let (direction, phrase) = match named.strip_prefix("got ") {
        Some(phrase) => (Direction::Received, phrase),
        None => (Direction::Sent, named),
    };
    // The milliseconds since the line before.
    let phrase = match phrase.rsplit_once(" +") {
        Some((phrase, since)) if since.ends_with(['s', 'm', 'h', 'd']) => phrase,
        _ => phrase,
    };
    Some(Line {
        direction,
        peer: None,
        said: said(phrase.trim_end(), direction)?,
        at: row.len() - named.len(),
    })
}

fn said(phrase: &str, direction: Direction) -> Option<Said<'_>> {
    let bare = [
        ("keep-alive", "keep_alive"),
        ("choke", "choke"),
        ("unchoke", "unchoke"),
        ("interested", "interested"),
        ("uninterested", "not_interested"),
        ("have-all", "have_all"),
        ("have-none", "have_none"),
    ];
    if let Some((_, name)) = bare.iter().find(|(word, _)| *word == phrase) {
        return Some(Said::whole(name, String::new(), ""));
    }
    if phrase == "bitfield" {
        return Some(Said::named("bitfield", ""));
    }
    let numbered = [
        ("have ", "have", "piece"),
        ("port ", "port", "port"),
        ("suggest ", "suggest_piece", "piece"),
        ("allowed-fast ", "allowed_fast", "piece"),
    ];
    for (word, name, field) in numbered {
        if let Some(words) = phrase.strip_prefix(word) {
            let (number, rest) = number(words)?;
            let fields = format!("{field}={number}");
            return rest.is_empty().then(|| Said::whole(name, fields, words));
        }
    }
    let blocks = [
        ("request ", "request"),
        ("cancel ", "cancel"),
        ("reject ", "reject_request"),
    ];
    for (word, name) in blocks {
        if let Some(words) = phrase.strip_prefix(word) {
            let at = |key| value(words, key);
            let fields = block(at("index=")?, at("offset=")?, at("length=")?);
            return Some(Said::whole(name, fields, words));
        }
    }
    if let Some(words) = phrase.strip_prefix("piece ") {
        value(words, "index=")?;
        return Some(Said::named("piece", words));
    }
    if let Some(words) = phrase.strip_prefix("handshake ") {
        return handshake(words, direction);
    }
    extended(phrase)
}

/// `i=HASH p=ID exts={ dht: true, fast: true }`
fn handshake(words: &str, direction: Direction) -> Option<Said<'_>> {
    let at = |key| {
        let digits = behind(words, key)?.get(..HASH)?;
        digits
            .bytes()
            .all(|digit| digit.is_ascii_hexdigit())
            .then_some(digits)
    };
    let (info_hash, peer_id) = (at("i=")?, at("p=")?);
    let has = |name| behind(words, name).is_some_and(|value| value.starts_with("true"));
    // It always announces the extension protocol.
    let extended = has("extended: ") || direction == Direction::Sent;
    let fifth = if extended { 0x10 } else { 0 };
    let last = u8::from(has("dht: ")) | if has("fast: ") { 0x04 } else { 0 };
    let fields = format!(
        "reserved=0000000000{fifth:02x}00{last:02x} info_hash={info_hash} peer_id={peer_id}"
    );
    Some(Said::whole("handshake", fields, words))
}

/// `extended handshake`, `extended ext=0`, `extended message ext=ut_pex`
fn extended(phrase: &str) -> Option<Said<'_>> {
    let words = strip(phrase, "extended")?.trim_start();
    if words == "handshake" {
        return Some(Said::named("extended_handshake", ""));
    }
    let name = match behind(words, "ext=")? {
        "0" | "handshake" => "extended_handshake",
        "ut_pex" => "ut_pex",
        "lt_donthave" => "lt_donthave",
        _ => "extended",
    };
    Some(Said::named(name, words))
}
