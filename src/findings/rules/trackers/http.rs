//! Requests to HTTP trackers and their replies (BEP 3, 21, 48).

use super::announces::{Why, announced};
use super::themes::{TK_01, TK_15, US_02};
use crate::findings::discovery::{Announcing, Loose};
use crate::findings::rules::answers;
use crate::wire::http_tracker::{Purpose, Request, Response};

/// Bytes of an info-hash, and of one as `%xx` each.
const HASH_BYTES: usize = 20;
const ESCAPED_HASH_BYTES: usize = 3 * HASH_BYTES;

/// A request to an HTTP tracker.
pub fn request(loose: &mut Loose<'_>, request: &Request<'_>) {
    let (client, tracker, at) = (loose.heard.src, loose.heard.dst, loose.heard.last);
    loose.discovery.sources.ask(client, tracker, at);
    if request.purpose == Purpose::Scrape {
        loose.discovery.sources.scrape(client.ip(), tracker, at);
    }
    let is_announce = request.purpose == Purpose::Announce;
    if is_announce {
        listens(loose, request);
    }
    mangled(loose, request);
    if is_announce {
        announces(loose, request);
    }
}

/// The port that an announce names.
fn listens(loose: &mut Loose<'_>, request: &Request<'_>) {
    let parameters = &request.parameters;
    let (client, tracker, at) = (loose.heard.src.ip(), loose.heard.dst, loose.heard.last);
    let is_stopping = why(request) == Why::Stopped;
    let what = (port_of(parameters.port), is_stopping);
    let sources = &mut loose.discovery.sources;
    sources.announce(client, tracker, what, at);
    if parameters.port == Some(0) && !is_stopping {
        loose.find(&TK_15, "announces port 0".to_owned());
    }
}

/// An announce that says of which torrent and by which peer id it is.
fn announces(loose: &mut Loose<'_>, request: &Request<'_>) {
    let parameters = &request.parameters;
    let hash = parameters.info_hashes.first();
    let hash = hash.and_then(|hash| <[u8; 20]>::try_from(&hash[..]).ok());
    let id = parameters.peer_id.as_ref();
    let id = id.and_then(|id| <[u8; 20]>::try_from(&id[..]).ok());
    let (Some(info_hash), Some(peer_id)) = (hash, id) else {
        return;
    };
    let heard = loose.heard;
    let client = heard.src.ip();
    let why = why(request);
    let is_partial = loose
        .discovery
        .is_partial_seed(client, &info_hash, heard.last.time);
    let left = parameters.left.filter(|left| *left > 0);
    if let Some(left) = left
        && is_partial
        && matches!(why, Why::Interval | Why::Started)
    {
        loose.find(&US_02, format!("left={left} without event=paused"));
    }
    let who = Announcing {
        client,
        tracker: heard.dst,
        info_hash,
        peer_id,
    };
    announced(loose, who, why);
}

fn why(request: &Request<'_>) -> Why {
    match request.parameters.event.as_deref().unwrap_or_default() {
        b"" => Why::Interval,
        b"started" => Why::Started,
        b"stopped" => Why::Stopped,
        _ => Why::Other,
    }
}

/// A port of a request, where it is one.
fn port_of(port: Option<u64>) -> u16 {
    port.and_then(|port| u16::try_from(port).ok()).unwrap_or(0)
}

/// Whether a hash is written in hex digits, as no hash is by chance.
pub fn is_hex(hash: &[u8]) -> bool {
    hash.iter().all(u8::is_ascii_hexdigit)
}

/// Says what was made of an info-hash that has not 20 bytes.
fn mangled(loose: &mut Loose<'_>, request: &Request<'_>) {
    let hash = request.parameters.info_hashes.first();
    let Some(hash) = hash.filter(|hash| hash.len() != HASH_BYTES) else {
        return;
    };
    let line = loose.heard.bytes.split(|byte| *byte == b'\n').next();
    let is_raw = |line: &[u8]| line.iter().any(|byte| !matches!(byte, b' '..=b'~' | b'\r'));
    let what = if hash.len() == 2 * HASH_BYTES && is_hex(hash) {
        "is 40 hex digits, not 20 bytes that are percent-encoded"
    } else if hash.len() == ESCAPED_HASH_BYTES && hash.iter().step_by(3).all(|c| *c == b'%') {
        "is percent-encoded twice"
    } else if line.is_some_and(is_raw) {
        "stands there as raw bytes, not percent-encoded"
    } else {
        return;
    };
    let words = format!("the info-hash {what}");
    loose.explain(&TK_01, words);
}

/// A reply of an HTTP tracker.
pub fn response(loose: &mut Loose<'_>, response: &Response<'_>) {
    let reply = &response.reply;
    let heard = loose.heard;
    let (client, tracker, at) = (heard.dst, heard.src, heard.last);
    if answers::takes(response) {
        let wait = reply.min_interval.or(reply.interval);
        loose.discovery.answered(client, tracker, wait, at);
    } else {
        loose.discovery.refused(client, tracker, at);
    }
    answers::http(loose, response);
}
