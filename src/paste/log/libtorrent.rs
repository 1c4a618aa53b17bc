//! `peer_log` alerts of libtorrent: `... peer 10.0.0.1:6881 <== HAVE [ piece: 12 ]`.
//!
//! Offsets and lengths of blocks are in hex, but for those of `cancel` and
//! `reject` that are sent.

use super::logged::{Direction, Line, Said};
use super::phrase::{block, number, of_bits, value, value_in};
use crate::paste::object;
use crate::paste::text::Text;

/// What stands before a message.
const ARROWS: [(&str, Direction); 2] = [("<== ", Direction::Received), ("==> ", Direction::Sent)];

/// Bits that a handshake reserves.
const RESERVED_BITS: usize = 64;

/// Reads a line.
pub fn read(row: &str) -> Option<Line<'_>> {
    let (before, named, direction) = ARROWS.iter().find_map(|&(arrow, direction)| {
        let (before, named) = row.split_once(arrow)?;
        let begins = before.is_empty() || before.ends_with(' ');
        begins.then_some((before, named, direction))
    })?;
    let (event, words) = match named.split_once(" [ ") {
        Some((event, words)) => (event, words),
        None => (named.trim_end(), ""),
    };
    let words = words.trim_end().trim_end_matches(']').trim();
    let peer = before.trim_end().rsplit(' ').next();
    let peer = peer.filter(|peer| peer.contains(':') && before.contains("peer"));
    let said = said(event, words, direction)?;
    Some(Line {
        direction,
        peer,
        said,
        at: row.len() - named.len(),
    })
}

fn said<'t>(event: &str, words: &'t str, direction: Direction) -> Option<Said<'t>> {
    let bare = |name| Some(Said::whole(name, String::new(), words));
    let piece = |name| {
        let piece = value(words, "piece: ").or_else(|| Some(number(words)?.0));
        let fields = piece.map(|piece| format!("piece={piece}"));
        Some(Said {
            fields,
            ..Said::named(name, words)
        })
    };
    let is_sent = direction == Direction::Sent;
    let blocks = |name, base| {
        let at = |key| value_in(words, key, base);
        let fields = value(words, "piece: ")
            .zip(at("s: ").zip(at("l: ")))
            .map(|(index, (begin, length))| block(index, begin, length));
        Some(Said {
            fields,
            ..Said::named(name, words)
        })
    };
    match event {
        "CHOKE" => bare("choke"),
        "UNCHOKE" => bare("unchoke"),
        "INTERESTED" => bare("interested"),
        "NOT_INTERESTED" => bare("not_interested"),
        "HAVE_ALL" => bare("have_all"),
        "HAVE_NONE" => bare("have_none"),
        "KEEPALIVE" => bare("keep_alive"),
        // Not sent: the other end has it.
        "HAVE" if words.contains("SUPPRESSED") => None,
        "HAVE" => piece("have"),
        "ALLOWED_FAST" => piece("allowed_fast"),
        "SUGGEST_PIECE" => piece("suggest_piece"),
        "DONT_HAVE" => piece("lt_donthave"),
        "REQUEST" => blocks("request", 16),
        "CANCEL" => blocks("cancel", if is_sent { 10 } else { 16 }),
        "REJECT" => blocks("reject_request", if is_sent { 10 } else { 16 }),
        "PIECE" => {
            let at = |key| value_in(words, key, 16);
            let index = value(words, "piece: ")?;
            let (begin, length) = (at("s: ")?, at("l: ")?);
            let fields = block(index, begin, 0);
            Some(Said::without_data("piece", fields, length, words))
        }
        "BITFIELD" => Some(of_bits(words).map_or_else(
            || Said::named("bitfield", words),
            |bits| Said::whole("bitfield", format!("bitfield={bits}"), words),
        )),
        "DHT_PORT" => {
            let port = value(words, "p: ").or_else(|| Some(number(words)?.0))?;
            Some(Said::whole("port", format!("port={port}"), words))
        }
        "EXTENSIONS" => {
            let bits = words.split(' ').next().unwrap_or_default();
            let reserved = of_bits(bits).filter(|_| bits.len() == RESERVED_BITS)?;
            Some(Said::handshake(&reserved, words))
        }
        "EXTENDED_HANDSHAKE" => Some(dictionary(words)),
        "UPLOAD_ONLY" => Some(flag("upload_only", words)),
        "SHARE_MODE" => Some(flag("share_mode", words)),
        "UT_METADATA" => metadata(words),
        "PEX" | "PEX_DIFF" | "PEX_FULL" => Some(Said::named("ut_pex", words)),
        "HOLEPUNCH" if !words.is_empty() => Some(Said::named("ut_holepunch", words)),
        "HASH_REQUEST" => Some(Said::named("hash_request", words)),
        "HASHES" => Some(Said::named("hashes", words)),
        "HASH_REJECT" => Some(Said::named("hash_reject", words)),
        _ => None,
    }
}

fn flag<'t>(name: &'static str, words: &'t str) -> Said<'t> {
    let value = match words {
        "1" | "true" => Some(1),
        "0" | "false" => Some(0),
        _ => None,
    };
    Said {
        fields: value.map(|value| format!("{name}={value}")),
        ..Said::named(name, words)
    }
}

/// The extended handshake as the dictionary that it is.
fn dictionary(words: &str) -> Said<'_> {
    let found = object::whole(&Text::new(words));
    found.map_or_else(
        || Said::named("extended_handshake", words),
        |found| {
            let payload = hex::encode(found.bytes);
            Said::whole(
                "extended",
                format!("extended_id=0 payload=0x{payload}"),
                words,
            )
        },
    )
}

fn metadata(words: &str) -> Option<Said<'_>> {
    let piece = value(words, "piece: ")?;
    let fields = format!("piece={piece}");
    Some(match value(words, "type: ")? {
        0 => Said::whole("ut_metadata_request", fields, words),
        1 => Said::named("ut_metadata_data", words),
        2 => Said::whole("ut_metadata_reject", fields, words),
        _ => return None,
    })
}
