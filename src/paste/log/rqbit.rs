//! rqbit's trace: `received: Request(Request { index: 4, begin: 0, length: 16384 })`,
//! the messages in the debug form of Rust.

use super::logged::{Direction, Line, Said};
use super::phrase::{block, value};
use super::rust;

/// What stands before a message.
const PHRASES: [(&str, Direction); 4] = [
    ("sending extended handshake: ", Direction::Sent),
    ("received: ", Direction::Received),
    ("about to send: ", Direction::Sent),
    ("sending: ", Direction::Sent),
];

/// Reads a line.
pub fn read(row: &str) -> Option<Line<'_>> {
    let (before, named, direction) = PHRASES.iter().find_map(|&(phrase, direction)| {
        let (before, named) = row.split_once(phrase)?;
        (before.is_empty() || before.ends_with(' ')).then_some((before, named, direction))
    })?;
    let is_told = before.contains("TRACE") || before.contains("rqbit");
    let said = said(named.trim_end(), is_told)?;
    Some(Line {
        direction,
        peer: peer(before),
        said,
        at: row.len() - named.len(),
    })
}

/// `10.0.0.1:6881` of `manage_peer{peer=10.0.0.1:6881}: `
fn peer(before: &str) -> Option<&str> {
    let keys = ["peer=", "addr="];
    let at = keys.iter().find_map(|key| before.split_once(key))?.1;
    let at = at.trim_start_matches('"');
    let end = at.find(|c: char| !(c.is_ascii_hexdigit() || ":.[]".contains(c)))?;
    Some(&at[..end])
}

fn said(printed: &str, is_told: bool) -> Option<Said<'_>> {
    // What waits to be sent is wrapped.
    let printed = rust::within(printed, "Message").unwrap_or(printed);
    let bare = [
        ("KeepAlive", "keep_alive"),
        ("Choke", "choke"),
        ("Unchoke", "unchoke"),
        ("Interested", "interested"),
        ("NotInterested", "not_interested"),
    ];
    let word = printed.split(',').next().unwrap_or_default();
    if let Some((_, name)) = bare.iter().find(|(known, _)| *known == word) {
        return is_told.then(|| Said::whole(name, String::new(), ""));
    }
    let blocks = [("Request", "request"), ("Cancel", "cancel")];
    for (variant, name) in blocks {
        if let Some(words) = rust::within(printed, variant) {
            let at = |key| value(words, key);
            let fields = block(at("index: ")?, at("begin: ")?, at("length: ")?);
            return Some(Said::whole(name, fields, words));
        }
    }
    if let Some(words) = rust::within(printed, "Have") {
        let piece: u32 = words.parse().ok()?;
        return Some(Said::whole("have", format!("piece={piece}"), words));
    }
    if let Some(words) = rust::within(printed, "Piece") {
        let at = |key| value(words, key);
        let fields = block(at("index: ")?, at("begin: ")?, 0);
        return Some(Said::without_data("piece", fields, at("len: ")?, words));
    }
    if let Some(words) = rust::within(printed, "ReadChunkRequest") {
        return Some(Said::named("piece", words));
    }
    if let Some(words) = rust::within(printed, "Bitfield") {
        return Some(bitfield(words));
    }
    let extended = rust::within(printed, "Extended").unwrap_or(printed);
    if let Some(words) = rust::within(extended, "UtMetadata") {
        return metadata(words);
    }
    if extended.starts_with("UtPex") {
        return Some(Said::named("ut_pex", extended));
    }
    let handshake = rust::within(extended, "Handshake").unwrap_or(extended);
    handshake
        .starts_with("ExtendedHandshake {")
        .then(|| extended_handshake(handshake))
}

/// `<2 bytes, 0xff80>`, `<40 bytes>`, or the text that they happen to be.
fn bitfield(words: &str) -> Said<'_> {
    let unprinted = words
        .strip_prefix('<')
        .and_then(|words| words.strip_suffix(" bytes>"));
    if let Some(count) = unprinted.and_then(|count| count.parse().ok()) {
        return Said::without_data("bitfield", "bitfield=\"\"".to_owned(), count, words);
    }
    let digits = words
        .split_once("0x")
        .and_then(|(_, digits)| digits.strip_suffix('>'));
    let is_text = words.starts_with('"') && !words.contains("\\u") && !words.contains("\\0");
    let fields = match digits {
        Some(digits) => Some(format!("bitfield=0x{digits}")),
        None => is_text.then(|| format!("bitfield={words}")),
    };
    Said {
        fields,
        ..Said::named("bitfield", words)
    }
}

fn metadata(words: &str) -> Option<Said<'_>> {
    let asked = [
        ("Request", "ut_metadata_request"),
        ("Reject", "ut_metadata_reject"),
    ];
    for (variant, name) in asked {
        if let Some(piece) = rust::within(words, variant) {
            let piece: u32 = piece.parse().ok()?;
            return Some(Said::whole(name, format!("piece={piece}"), words));
        }
    }
    words
        .starts_with("Data")
        .then(|| Said::named("ut_metadata_data", words))
}

/// Its keys that are there, as words.
fn extended_handshake(words: &str) -> Said<'_> {
    let mut fields = Vec::new();
    for key in ["p", "reqq", "metadata_size", "complete_ago", "upload_only"] {
        let some = rust::some(words, key).filter(|value| value.parse::<i64>().is_ok());
        fields.extend(some.map(|value| format!("{key}={value}")));
    }
    for key in ["v", "yourip", "ipv4", "ipv6"] {
        let is_plain = |value: &&str| !value.contains(['\\', '<', ' ']) || key == "v";
        let some = rust::some(words, key).filter(is_plain);
        fields.extend(some.map(|value| format!("{key}={value}")));
    }
    let names = ["ut_metadata", "ut_pex"];
    let ids = names
        .iter()
        .filter_map(|name| Some(format!("{name}={}", rust::some(words, name)?)));
    let ids: Vec<_> = ids.collect();
    fields.push(format!("m={{{}}}", ids.join(", ")));
    Said::whole("extended_handshake", fields.join(" "), words)
}
