//! Transmission's log of messages: the deep log of 2 and 3
//! (`sample.bin - [10.0.0.1]:6881 [libtorrent 2.1.1]: got Have: 12 (peer-msgs.c:1583)`)
//! and the trace of 4.

use super::logged::{Direction, Line, Said};
use super::phrase::{block, number, range, strip, value};
use crate::paste::base64;
use crate::paste::text::Text;

/// Reads a line.
pub fn read(row: &str) -> Option<Line<'_>> {
    let (row, is_source) = match row.rsplit_once(" (peer-msgs.c") {
        Some((row, source)) if source.ends_with(')') => (row, true),
        _ => (row.trim_end(), false),
    };
    // `[ADDRESS]:PORT [CLIENT]: `, in which a client's name may hold anything.
    let (before, named) = match row.rsplit_once("]: ") {
        Some((before, named)) => (before, named),
        None => ("", row),
    };
    let (direction, said) = said(named.trim_end_matches("..."))?;
    // Without anything that says whose words these are, numbers must.
    let is_told = is_source || !before.is_empty() || said.words.bytes().any(|b| b.is_ascii_digit());
    is_told.then_some(Line {
        direction,
        peer: peer(before),
        said,
        at: row.len() - named.len(),
    })
}

/// `10.0.0.1:6881` of `TORRENT - [10.0.0.1]:6881 [CLIENT`
fn peer(before: &str) -> Option<&str> {
    let mut words = before.split(' ');
    words.find(|word| {
        let port = word.rsplit_once(':').map(|(_, port)| port);
        let begins = word.starts_with('[') || word.starts_with(|c: char| c.is_ascii_digit());
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        begins && word.contains('.') | word.contains("::") && port.is_some_and(is_port)
    })
}

/// Messages without fields, in the words of either version.
const BARE: [(&str, &str); 7] = [
    ("choke", "choke"),
    ("unchoke", "unchoke"),
    ("interested", "interested"),
    ("not interested", "not_interested"),
    ("keepalive", "keep_alive"),
    ("have_all", "have_all"),
    ("have_none", "have_none"),
];

/// Names between quotation marks in the trace of what version 4 sends, and the
/// names of their fields.
const QUOTED: [(&str, &str, &[&str]); 16] = [
    ("keepalive", "keep_alive", &[]),
    ("choke", "choke", &[]),
    ("unchoke", "unchoke", &[]),
    ("interested", "interested", &[]),
    ("not-interested", "not_interested", &[]),
    ("fext-have-all", "have_all", &[]),
    ("fext-have-none", "have_none", &[]),
    ("have", "have", &["piece"]),
    ("fext-allow-fast", "allowed_fast", &["piece"]),
    ("fext-suggest", "suggest_piece", &["piece"]),
    ("dht-port", "port", &["port"]),
    ("request", "request", &["index", "begin", "length"]),
    ("cancel", "cancel", &["index", "begin", "length"]),
    (
        "fext-reject",
        "reject_request",
        &["index", "begin", "length"],
    ),
    ("piece", "piece", &["index", "begin", "data"]),
    ("bitfield", "bitfield", &["data"]),
];

fn said(phrase: &str) -> Option<(Direction, Said<'_>)> {
    use Direction::{Received, Sent};
    if let Some(quoted) = phrase.strip_prefix("sending '") {
        return Some((Sent, quoted_message(quoted)?));
    }
    let (direction, words) = match phrase.split_once(' ')? {
        ("got" | "Got", words) => (Received, words),
        ("sending" | "Sending", words) => (Sent, words),
        ("requesting", words) if words.starts_with("metadata piece #") => {
            return Some((Sent, Said::named("ut_metadata_request", words)));
        }
        ("requesting", words) => return Some((Sent, blocks("request", words)?)),
        ("cancelling", words) => return Some((Sent, blocks("cancel", words)?)),
        ("rejecting", words) => return Some((Sent, blocks("reject_request", words)?)),
        _ => return None,
    };
    Some((direction, message(words, direction)?))
}

fn message(words: &str, direction: Direction) -> Option<Said<'_>> {
    let words = strip(words, "a").map_or(words, str::trim_start);
    let lower = words.to_ascii_lowercase();
    let name = lower.trim_end_matches(" message");
    if let Some((_, name)) = BARE.iter().find(|(word, _)| *word == name) {
        return Some(Said::whole(name, String::new(), ""));
    }
    let numbered = [
        ("have: ", "have", "piece"),
        ("have ", "have", "piece"),
        ("port ", "port", "port"),
        ("allowed fast ", "allowed_fast", "piece"),
    ];
    for (word, name, field) in numbered {
        if lower.starts_with(word) {
            let words = &words[word.len()..];
            let (number, rest) = number(words)?;
            let fields = format!("{field}={number}");
            return rest.is_empty().then(|| Said::whole(name, fields, words));
        }
    }
    let is_received = direction == Direction::Received;
    match lower.as_str() {
        "bitfield" => return Some(Said::named("bitfield", "")),
        "an ltep handshake" | "ltep handshake" => {
            return Some(Said::named("extended_handshake", ""));
        }
        "ut pex" if is_received => return Some(Said::named("ut_pex", "")),
        // The number is not printed.
        "bt_port" | "btpeermsgs::dhtport" => return Some(Said::named("port", "")),
        "bt_fext_suggest" | "btpeermsgs::fextsuggest" => {
            return Some(Said::named("suggest_piece", ""));
        }
        "bt_fext_allowed_fast" | "btpeermsgs::fextallowedfast" => {
            return Some(Said::named("allowed_fast", ""));
        }
        "bt_fext_reject" | "btpeermsgs::fextreject" => {
            return Some(Said::named("reject_request", ""));
        }
        "bt_fext_have_all" | "btpeermsgs::fexthaveall" => {
            return Some(Said::whole("have_all", String::new(), ""));
        }
        "bt_fext_have_none" | "btpeermsgs::fexthavenone" => {
            return Some(Said::whole("have_none", String::new(), ""));
        }
        _ => {}
    }
    if lower.starts_with("bitfield") || lower.starts_with("pex message") {
        let name = if lower.starts_with('b') {
            "bitfield"
        } else {
            "ut_pex"
        };
        return (!is_received).then(|| Said::named(name, ""));
    }
    if let Some(body) = words.strip_prefix("ltep handshake, base64-encoded body: [") {
        return Some(handshake(body.strip_suffix(']')?));
    }
    if lower.starts_with("ut_metadata msg: ") {
        return metadata(words);
    }
    if let Some(words) = words.strip_prefix("Request: ") {
        return blocks("request", words);
    }
    if let Some(words) = words.strip_prefix("Cancel ") {
        return blocks("cancel", words);
    }
    let block_words = words.strip_prefix("block ");
    block_words.or_else(|| bytes_for(words)).and_then(piece)
}

/// The dictionary of an extended handshake in base64.
fn handshake(body: &str) -> Said<'_> {
    base64::whole(&Text::new(body)).map_or_else(
        || Said::named("extended_handshake", ""),
        |found| {
            let payload = hex::encode(found.bytes);
            Said::whole("extended", format!("extended_id=0 payload=0x{payload}"), "")
        },
    )
}

/// `16384 bytes for req 4:0->16384`, which version 4 says of a whole message.
fn bytes_for(words: &str) -> Option<&str> {
    number(words)?.1.strip_prefix(" bytes for req ")
}

fn piece(words: &str) -> Option<Said<'_>> {
    let ([index, begin, length], rest) = range(words)?;
    let fields = block(index, begin, 0);
    rest.is_empty()
        .then(|| Said::without_data("piece", fields, length, words))
}

fn blocks<'t>(name: &'static str, words: &'t str) -> Option<Said<'t>> {
    let ([index, begin, length], rest) = range(words)?;
    let fields = block(index, begin, length);
    rest.is_empty().then(|| Said::whole(name, fields, words))
}

/// `ut_metadata msg: type 0, piece 3, total_size 0`
fn metadata(words: &str) -> Option<Said<'_>> {
    let fields = format!("piece={}", value(words, "piece ")?);
    Some(match value(words, "type ")? {
        0 => Said::whole("ut_metadata_request", fields, words),
        1 => Said::named("ut_metadata_data", words),
        2 => Said::whole("ut_metadata_reject", fields, words),
        _ => return None,
    })
}

/// `request' 4 0 16384`; data is `[]`.
fn quoted_message(quoted: &str) -> Option<Said<'_>> {
    let (quoted_name, words) = quoted.split_once('\'')?;
    let words = words.trim();
    let (_, name, keys) = QUOTED.iter().find(|(word, ..)| *word == quoted_name)?;
    let values: Vec<_> = words.split_whitespace().collect();
    if keys.contains(&"data") {
        return Some(Said::named(name, words));
    }
    let is_number = |value: &&str| value.bytes().all(|b| b.is_ascii_digit());
    if values.len() != keys.len() || !values.iter().all(is_number) {
        return None;
    }
    let fields = keys
        .iter()
        .zip(&values)
        .map(|(key, value)| format!("{key}={value}"));
    let fields: Vec<_> = fields.collect();
    Some(Said::whole(name, fields.join(" "), words))
}
