//! aria2's log: `CUID#12 - To: 10.0.0.1:6881 request index=5, begin=0, length=16384`.

use super::logged::{Direction, Line, Said};
use super::phrase::{behind, block, strip, value};

/// Hex digits of the reserved bytes.
const RESERVED: usize = 16;

/// Reads a line.
pub fn read(row: &str) -> Option<Line<'_>> {
    let (_, after) = row.split_once("CUID#")?;
    let (_, after) = after.split_once(" - ")?;
    let (direction, after) = match after.strip_prefix("To: ") {
        Some(after) => (Direction::Sent, after),
        None => (Direction::Received, after.strip_prefix("From: ")?),
    };
    let (peer, named) = after.split_once(' ')?;
    Some(Line {
        direction,
        peer: Some(peer),
        said: said(named.trim_end())?,
        at: row.len() - named.len(),
    })
}

fn said(phrase: &str) -> Option<Said<'_>> {
    let bare = [
        ("choke", "choke"),
        ("unchoke", "unchoke"),
        ("interested", "interested"),
        ("not interested", "not_interested"),
        ("have all", "have_all"),
        ("have none", "have_none"),
        ("keep alive", "keep_alive"),
    ];
    if let Some((_, name)) = bare.iter().find(|(word, _)| *word == phrase) {
        return Some(Said::whole(name, String::new(), ""));
    }
    let numbered = [
        ("have ", "have", "index=", "piece"),
        ("allowed fast ", "allowed_fast", "index=", "piece"),
        ("suggest piece ", "suggest_piece", "index=", "piece"),
        ("port ", "port", "port=", "port"),
    ];
    for (word, name, key, field) in numbered {
        if let Some(words) = phrase.strip_prefix(word) {
            let fields = format!("{field}={}", value(words, key)?);
            return Some(Said::whole(name, fields, words));
        }
    }
    let blocks = [
        ("request ", "request"),
        ("cancel ", "cancel"),
        ("reject ", "reject_request"),
        ("piece ", "piece"),
    ];
    for (word, name) in blocks {
        if let Some(words) = phrase.strip_prefix(word) {
            let at = |key| value(words, key);
            let (index, begin, length) = (at("index=")?, at("begin=")?, at("length=")?);
            return Some(if name == "piece" {
                Said::without_data(name, block(index, begin, 0), length, words)
            } else {
                Said::whole(name, block(index, begin, length), words)
            });
        }
    }
    let is_hex = |digits: &&str| digits.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(digits) = phrase.strip_prefix("bitfield ").filter(is_hex) {
        return Some(Said::whole(
            "bitfield",
            format!("bitfield=0x{digits}"),
            digits,
        ));
    }
    if let Some(words) = phrase.strip_prefix("handshake ") {
        let reserved = behind(words, "reserved=")?.get(..RESERVED).filter(is_hex)?;
        return Some(Said::handshake(reserved, words));
    }
    let words = strip(phrase, "extended")?.trim_start();
    let name = match words.split(' ').next()? {
        "handshake" => {
            return Some(Said::named(
                "extended_handshake",
                words.strip_prefix("handshake ").unwrap_or_default(),
            ));
        }
        "ut_pex" => "ut_pex",
        "ut_metadata" if words.contains("request") => "ut_metadata_request",
        "ut_metadata" if words.contains("data") => "ut_metadata_data",
        "ut_metadata" if words.contains("reject") => "ut_metadata_reject",
        _ => "extended",
    };
    Some(Said::named(name, words))
}
