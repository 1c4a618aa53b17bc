//! Values that several records of connections have.

use crate::session::{LatencyFigures, RequestFigures};
use crate::view::json::{push_optional, push_string};
use crate::view::number::{push_hex, push_u64};

/// The keys of the two ends.
pub const SIDES: [&str; 2] = ["initiator", "acceptor"];

/// What became of requests, by the keys of JSON: all that were made first, the most
/// that were open at once last.
pub(in crate::view) fn request_counts(requests: &RequestFigures) -> [(&'static str, u64); 11] {
    let fates = &requests.fates;
    [
        ("asked", fates.asked),
        ("repeated", fates.repeated),
        ("answered", fates.answered),
        ("rejected", fates.rejected),
        ("cancelled", fates.cancelled),
        ("choked_away", fates.choked_away),
        ("unanswered", requests.open),
        ("forgotten", requests.forgotten),
        ("unasked_pieces", fates.unasked_pieces),
        ("unasked_rejects", fates.unasked_rejects),
        ("queue_max", requests.deepest),
    ]
}

/// What became of the requests of a side.
pub fn push_requests(out: &mut String, requests: &RequestFigures) {
    let counts = request_counts(requests);
    push_values_by_key(out, counts.map(|(key, count)| (key, Some(count))));
    push_key(out, "latency_us");
    push_latency(out, requests.latency);
    push_key(out, "unasked_bytes");
    push_u64(out, requests.fates.unasked_bytes);
    out.push('}');
}

/// Times from requests to their pieces, in microseconds.
pub fn push_latency(out: &mut String, latency: Option<LatencyFigures>) {
    let Some(latency) = latency else {
        return out.push_str("null");
    };
    let times = [
        ("min", Some(latency.min)),
        ("median", latency.median),
        ("p95", latency.p95),
        ("max", Some(latency.max)),
    ];
    let micros = |nanos: i64| nanos.unsigned_abs() / 1000;
    push_values_by_key(out, times.map(|(key, nanos)| (key, nanos.map(micros))));
    out.push('}');
}

/// Begins an object with these; the caller may add to it, and closes it.
pub fn push_values_by_key<const N: usize>(out: &mut String, values: [(&str, Option<u64>); N]) {
    for (index, (key, value)) in values.into_iter().enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        push_string(out, key);
        out.push(':');
        push_optional(out, value);
    }
}

/// A key behind others of its object.
pub fn push_key(out: &mut String, key: &str) {
    out.push(',');
    push_string(out, key);
    out.push(':');
}

/// An info-hash or a peer id in hex, or `null`.
pub fn push_id(out: &mut String, id: Option<[u8; 20]>) {
    let Some(id) = id else {
        return out.push_str("null");
    };
    out.push('"');
    push_hex(out, &id);
    out.push('"');
}

/// A string, or `null`.
pub fn push_text(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => push_string(out, text),
        None => out.push_str("null"),
    }
}
