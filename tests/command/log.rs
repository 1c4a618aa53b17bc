//! libtorrent's own log of what it sent and received.
//!
//! It logs some decisions as if they were messages, and some messages twice, so
//! only the kinds that [`sent`] and [`received`] know are compared.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;

/// A line about a message.
#[derive(Debug, Clone)]
pub struct Line {
    /// Address of the other peer.
    pub remote: String,
    /// Whether the logging peer sent it (or else received it).
    pub sent: bool,
    /// libtorrent's name for it.
    kind: String,
    /// What stands in the brackets.
    detail: String,
}

/// The message lines of a log.
pub fn read(file: &Path) -> Vec<Line> {
    let open = File::open(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let lines = BufReader::new(MultiGzDecoder::new(open)).split(b'\n');
    lines
        .filter_map(|line| parse(&String::from_utf8_lossy(&line.unwrap())))
        .collect()
}

/// `TIME peer_log HASH peer ADDRESS ==> KIND [ DETAIL ]`
fn parse(line: &str) -> Option<Line> {
    let mut words = line.splitn(8, ' ');
    let remote = words.nth(4)?.to_owned();
    let sent = match words.next()? {
        "==>" => true,
        "<==" => false,
        _ => return None,
    };
    let kind = words.next()?.to_owned();
    let detail = words.next().unwrap_or_default().to_owned();
    Some(Line {
        remote,
        sent,
        kind,
        detail,
    })
}

impl Line {
    /// peerscope's name of the message; `None` for what is not compared.
    pub fn message(&self) -> Option<&'static str> {
        if self.sent {
            sent(&self.kind)
        } else {
            received(&self.kind)
        }
    }

    /// Piece, begin and length, for request and piece.
    pub fn block(&self) -> Option<(u64, u64, u64)> {
        let after = |key: &str, radix| {
            let mut words = self.detail.split(' ').skip_while(|word| *word != key);
            u64::from_str_radix(words.nth(1)?, radix).ok()
        };
        Some((after("piece:", 10)?, after("s:", 16)?, after("l:", 16)?))
    }
}

/// Kinds that say the same whoever logs them.
fn either(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "REQUEST" => "request",
        "PIECE" => "piece",
        "ALLOWED_FAST" => "allowed_fast",
        "BITFIELD" => "bitfield",
        "HAVE_ALL" => "have_all",
        "EXTENDED_HANDSHAKE" => "extended_handshake",
        "UT_METADATA" => "ut_metadata",
        "HASH_REQUEST" => "hash_request",
        "HASHES" => "hashes",
        _ => return None,
    })
}

/// Kinds to trust of the sender. Not have, choke, unchoke, interested, not
/// interested, port, upload_only and pex: these are logged when decided, also
/// when the connection closes before they are written, or on other occasions
/// than they are sent.
fn sent(kind: &str) -> Option<&'static str> {
    either(kind).or(match kind {
        "HAVE_NONE" => Some("have_none"),
        _ => None,
    })
}

/// Kinds to trust of the receiver. Not interested and not interested, which are
/// also logged for what follows from other messages.
fn received(kind: &str) -> Option<&'static str> {
    either(kind).or(match kind {
        "HAVE_NONE" => Some("have_none"),
        "HAVE" => Some("have"),
        "CHOKE" => Some("choke"),
        "UNCHOKE" => Some("unchoke"),
        "DHT_PORT" => Some("port"),
        "UPLOAD_ONLY" => Some("upload_only"),
        "PEX" => Some("ut_pex"),
        _ => None,
    })
}
