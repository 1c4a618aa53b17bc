//! What `sessions` shows of a connection, and its JSON record.

mod utp;

use std::net::SocketAddr;

use super::clock::Calendar;
use super::json::{push_optional, push_string, push_time};
use super::number::{push_hex, push_socket, push_u64};
#[cfg(feature = "cli")]
use super::quantity::Duration;
use crate::capture::Timestamp;
use crate::flow::{Carrier, Close, Side};
use crate::packet::Stamp;
use crate::report::{Bins, Capability, Card, Merge, capabilities};
use crate::session::{Actor, Certainty, ConnectionEvent, LatencyFigures, Past, RequestFigures};

/// A connection that is over.
#[derive(Debug, Clone, Copy)]
pub struct SessionSummary<'a> {
    /// Number of the connection, from 0 in order of appearance.
    pub stream: u64,
    /// TCP or uTP.
    pub carrier: Carrier,
    /// Initiator and acceptor.
    pub ends: [End<'a>; 2],
    /// Info-hash of the handshake (20 bytes; the initiator's where they differ).
    pub info_hash: Option<[u8; 20]>,
    /// Name of the torrent, where its info dictionary was seen.
    pub name: Option<&'a str>,
    /// First packet.
    pub start: Timestamp,
    /// Last packet.
    pub end: Timestamp,
    /// `none`, `mse_rc4`, `mse_plaintext` or `mse_unknown`.
    pub encryption: &'static str,
    /// How sure it is that it is a connection between peers.
    pub certainty: Certainty,
    /// How it ended.
    pub close: Close,
    /// Who sent the first FIN or RST, and in which packet; `None` where the capture
    /// shows neither.
    pub closed_by: Option<(Side, u64)>,
}

/// One end of a connection, and what it sent.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// Its address.
    pub address: SocketAddr,
    /// From its handshake.
    pub peer_id: Option<[u8; 20]>,
    /// Name and version of the client, where known.
    pub client: Option<&'a str>,
    /// How many messages of each name it sent, in the order to be shown.
    pub messages: &'a [(&'static str, u64)],
    /// Data of piece messages that it sent, in bytes on the wire.
    pub payload_bytes: u64,
    /// Bytes of these that the capture does not hold.
    pub payload_missing: u64,
    /// Bytes of its stream, as they passed: encrypted ones too.
    pub wire_bytes: u64,
    /// Holes in what the capture has of its stream.
    pub gaps: u64,
    /// It sent what the capture lacks.
    pub is_hidden: bool,
    /// Nothing of what it sent is in the capture: that nothing was counted says nothing.
    pub is_unseen: bool,
    /// What became of its requests.
    pub requests: RequestFigures,
}

impl<'a> SessionSummary<'a> {
    /// What there is to show of `past`, whose torrent is called `name`.
    pub fn of(past: &'a Past, name: Option<&'a str>) -> Self {
        Self {
            stream: past.connection.stream,
            carrier: past.connection.carrier,
            ends: Side::BOTH.map(|side| {
                let end = past.end(side);
                End {
                    address: past.connection.address(side),
                    peer_id: end.peer_id,
                    client: end.client.as_deref(),
                    messages: &end.messages,
                    payload_bytes: end.payload_bytes,
                    payload_missing: end.payload_missing,
                    wire_bytes: end.wire_bytes,
                    gaps: end.gaps,
                    is_hidden: end.is_hidden,
                    is_unseen: end.is_unseen(),
                    requests: end.requests,
                }
            }),
            info_hash: past.info_hash,
            name,
            start: past.connection.first.time,
            end: past.connection.last.time,
            encryption: past.encryption.said(past.certainty).name(),
            certainty: past.certainty,
            close: past.close,
            closed_by: past
                .first_finish
                .map(|(side, finish)| (side, finish.stamp.frame)),
        }
    }
}

/// Words of the tables.
impl SessionSummary<'_> {
    /// How it was encrypted, in a word or two; empty where it was not.
    #[cfg(feature = "cli")]
    pub(super) fn encryption_words(&self) -> &'static str {
        match self.encryption {
            "none" => "",
            _ if self.certainty == Certainty::Likely => "may be MSE",
            "mse_rc4" => "MSE RC4",
            "mse_plaintext" => "MSE plain",
            _ => "MSE",
        }
    }

    /// The requests of a side that were not answered; `None` where the capture lacks
    /// what the other side said, so that nobody knows.
    pub(super) fn unanswered(&self, side: Side) -> Option<u64> {
        let is_seen = !self.ends[side.other().index()].is_hidden;
        is_seen.then_some(self.ends[side.index()].requests.open)
    }

    /// How long it lasted; empty where a time is unknown.
    #[cfg(feature = "cli")]
    pub(super) fn lasted(&self) -> String {
        if self.start == Timestamp::UNKNOWN || self.end == Timestamp::UNKNOWN {
            return String::new();
        }
        Duration(self.end.since(self.start)).to_string()
    }
}

/// How a connection ended, and who stopped sending first.
pub(super) fn close_words(close: Close, by: Option<Side>) -> String {
    match (close, by.map(|side| LETTERS[side.index()])) {
        (Close::Open, Some(letter)) => format!("half closed by {letter}"),
        (close, Some(letter)) => format!("{} by {letter}", close_name(close)),
        (close, None) => close_name(close).to_owned(),
    }
}

/// What is said of a side that is not in the capture.
pub(super) const NOT_SEEN: &str = "not seen";

/// The letters of the two ends, for people.
pub(super) const LETTERS: [&str; 2] = ["A", "B"];

/// The keys of the two ends.
const SIDES: [&str; 2] = ["initiator", "acceptor"];

/// Writes connections as JSON, one object a line (`docs/json.md`), into a buffer
/// that it reuses.
#[derive(Debug, Default)]
pub struct SessionJson {
    out: String,
    calendar: Calendar,
}

impl SessionJson {
    /// The line of a connection, line feed included.
    pub fn record(&mut self, summary: &SessionSummary<'_>) -> &[u8] {
        self.connection(summary);
        self.out.push_str("}\n");
        self.out.as_bytes()
    }

    /// The same with all that is known of it.
    pub fn card(&mut self, card: &Card) -> &[u8] {
        let name = card.past.torrent_name();
        self.connection(&SessionSummary::of(&card.past, name.as_deref()));
        push_card(&mut self.out, card);
        self.out.push_str("}\n");
        self.out.as_bytes()
    }

    /// The object of a connection, still open.
    fn connection(&mut self, summary: &SessionSummary<'_>) {
        let out = &mut self.out;
        out.clear();
        out.push_str("{\"stream\":");
        push_u64(out, summary.stream);
        out.push_str(",\"transport\":");
        push_string(out, summary.carrier.name());
        for (side, end) in SIDES.into_iter().zip(&summary.ends) {
            push_key(out, side);
            push_end(out, end);
        }
        push_key(out, "info_hash");
        push_id(out, summary.info_hash);
        push_key(out, "name");
        push_text(out, summary.name);
        push_key(out, "start");
        push_time(out, &mut self.calendar, summary.start);
        push_key(out, "end");
        push_time(out, &mut self.calendar, summary.end);
        push_key(out, "encryption");
        push_string(out, summary.encryption);
        push_key(out, "messages");
        push_sides(out, summary, push_counts);
        push_key(out, "payload_bytes");
        push_sides(out, summary, |out, end| push_u64(out, end.payload_bytes));
        push_key(out, "payload_missing");
        push_sides(out, summary, |out, end| push_u64(out, end.payload_missing));
        push_key(out, "gaps");
        push_u64(out, summary.ends.iter().map(|end| end.gaps).sum());
        push_key(out, "close");
        push_string(out, close_name(summary.close));
        push_key(out, "certainty");
        push_string(out, summary.certainty.name());
        push_key(out, "closed_by");
        push_text(out, summary.closed_by.map(|(side, _)| SIDES[side.index()]));
        push_key(out, "closed_in");
        push_optional(out, summary.closed_by.map(|(_, frame)| frame));
        push_key(out, "requests");
        push_sides(out, summary, |out, end| push_requests(out, &end.requests));
        push_key(out, "wire_bytes");
        push_sides(out, summary, |out, end| push_u64(out, end.wire_bytes));
        push_key(out, "not_seen");
        push_sides(out, summary, |out, end| {
            out.push_str(if end.is_unseen { "true" } else { "false" });
        });
    }
}

impl SessionJson {
    /// The line of an attempt at a connection that failed, line feed included.
    pub fn attempt(&mut self, attempt: &ConnectionEvent) -> &[u8] {
        let out = &mut self.out;
        out.clear();
        out.push_str("{\"kind\":\"attempt\",\"stream\":");
        push_optional(out, attempt.stream);
        push_key(out, "transport");
        push_string(out, attempt.carrier.name());
        for (side, address) in SIDES.into_iter().zip(attempt.ends) {
            push_key(out, side);
            out.push_str("{\"address\":\"");
            push_socket(out, address);
            out.push_str("\"}");
        }
        push_key(out, "outcome");
        push_string(out, attempt.change.name());
        push_key(out, "by");
        push_text(out, attempt.by.map(Actor::name));
        push_key(out, "frame");
        push_u64(out, attempt.stamp.frame);
        push_key(out, "start");
        push_time(out, &mut self.calendar, attempt.first.time);
        push_key(out, "end");
        push_time(out, &mut self.calendar, attempt.stamp.time);
        push_key(out, "bytes");
        push_u64(out, attempt.bytes.iter().sum());
        push_key(out, "may_be_mse");
        let may_be = attempt.looks_encrypted && attempt.last_message.is_none();
        out.push_str(if may_be { "true" } else { "false" });
        push_key(out, "then");
        push_optional(out, attempt.then.map(|then| then.frame));
        out.push_str("}\n");
        out.as_bytes()
    }
}

/// How a connection ended, the key `close`.
pub(super) fn close_name(close: Close) -> &'static str {
    match close {
        Close::Fin => "fin",
        Close::Reset => "reset",
        Close::Replaced => "replaced",
        Close::Evicted => "evicted",
        Close::Open => "open",
    }
}

/// What became of requests, by the keys of JSON: all that were made first, the most
/// that were open at once last.
pub(super) fn request_counts(requests: &RequestFigures) -> [(&'static str, u64); 11] {
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

fn push_requests(out: &mut String, requests: &RequestFigures) {
    let counts = request_counts(requests);
    push_values_by_key(out, counts.map(|(key, count)| (key, Some(count))));
    push_key(out, "latency_us");
    push_latency(out, requests.latency);
    push_key(out, "unasked_bytes");
    push_u64(out, requests.fates.unasked_bytes);
    out.push('}');
}

fn push_latency(out: &mut String, latency: Option<LatencyFigures>) {
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

/// The keys that only a card has.
fn push_card(out: &mut String, card: &Card) {
    push_key(out, "pieces");
    push_optional(out, card.pieces.map(u64::from));
    push_key(out, "have");
    push_both(out, |out, side| {
        push_optional(out, card.profiles[side.index()].pieces.map(u64::from));
    });
    push_key(out, "reqq");
    push_both(out, |out, side| {
        let reqq = card.profiles[side.index()].limits.reqq;
        push_optional(out, reqq.and_then(|reqq| u64::try_from(reqq).ok()));
    });
    push_key(out, "milestones_us");
    push_both(out, |out, side| {
        let own = card.profiles[side.index()].milestones;
        let start = card.past.connection.first.time;
        let stamps = [
            ("handshake", own.handshake),
            ("interested", own.interested),
            ("unchoke", own.unchoke),
            ("request", own.request),
            ("piece", own.piece),
        ];
        let micros = |stamp: Stamp| stamp.time.since(start).max(0).unsigned_abs() / 1000;
        push_values_by_key(out, stamps.map(|(key, stamp)| (key, stamp.map(micros))));
        out.push('}');
    });
    push_key(out, "capabilities");
    let all = capabilities(card);
    push_both(out, |out, side| push_capabilities(out, &all, side));
    if let Some(utp) = &card.utp {
        push_key(out, "utp");
        push_both(out, |out, side| {
            utp::push_side(out, &utp.sides[side.index()], utp.is_partial);
        });
    }
    if let Some(course) = &card.course {
        push_key(out, "data_over_time");
        push_both(out, |out, side| {
            let data = &course.sides[side.index()].data;
            push_series(out, data, |bytes| *bytes);
        });
        push_key(out, "queue_over_time");
        push_both(out, |out, side| {
            let queue = &course.sides[side.index()].queue;
            push_series(out, queue, |queue| {
                u64::from(queue.most.unwrap_or(queue.last))
            });
        });
        if course.sides.iter().any(|side| side.utp.is_some()) {
            push_key(out, "utp_over_time");
            push_both(out, |out, side| match &course.sides[side.index()].utp {
                Some(utp) => utp::push_course(out, utp),
                None => out.push_str("null"),
            });
        }
    }
}

fn push_both(out: &mut String, push: impl Fn(&mut String, Side)) {
    for (index, side) in Side::BOTH.into_iter().enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        push_string(out, SIDES[side.index()]);
        out.push(':');
        push(out, side);
    }
    out.push('}');
}

fn push_capabilities(out: &mut String, all: &[Capability], side: Side) {
    out.push('{');
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(out, &one.name);
        let own = one.sides[side.index()];
        out.push_str(":{\"announced\":");
        out.push_str(match own.announced {
            Some(true) => "true",
            Some(false) => "false",
            None => "null",
        });
        out.push_str(",\"sent\":");
        push_u64(out, own.used);
        out.push_str(",\"unannounced\":");
        out.push_str(if own.is_unannounced { "true" } else { "false" });
        out.push('}');
    }
    out.push('}');
}

fn push_series<T: Merge>(out: &mut String, bins: &Bins<T>, value: impl Fn(&T) -> u64) {
    out.push_str("{\"bin_us\":");
    push_u64(out, bins.width_nanos() / 1000);
    out.push_str(",\"values\":[");
    for (index, (_, bin)) in bins.all().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_u64(out, value(bin));
    }
    out.push_str("]}");
}

/// Begins an object with these; the caller may add to it, and closes it.
fn push_values_by_key<const N: usize>(out: &mut String, values: [(&str, Option<u64>); N]) {
    for (index, (key, value)) in values.into_iter().enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        push_string(out, key);
        out.push(':');
        push_optional(out, value);
    }
}

fn push_key(out: &mut String, key: &str) {
    out.push(',');
    push_string(out, key);
    out.push(':');
}

fn push_end(out: &mut String, end: &End<'_>) {
    out.push_str("{\"address\":\"");
    push_socket(out, end.address);
    out.push_str("\",\"peer_id\":");
    push_id(out, end.peer_id);
    out.push_str(",\"client\":");
    push_text(out, end.client);
    out.push('}');
}

fn push_id(out: &mut String, id: Option<[u8; 20]>) {
    let Some(id) = id else {
        return out.push_str("null");
    };
    out.push('"');
    push_hex(out, &id);
    out.push('"');
}

fn push_text(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => push_string(out, text),
        None => out.push_str("null"),
    }
}

fn push_sides(
    out: &mut String,
    summary: &SessionSummary<'_>,
    push: impl Fn(&mut String, &End<'_>),
) {
    for (index, (side, end)) in SIDES.into_iter().zip(&summary.ends).enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        push_string(out, side);
        out.push(':');
        push(out, end);
    }
    out.push('}');
}

fn push_counts(out: &mut String, end: &End<'_>) {
    out.push('{');
    for (index, (name, count)) in end.messages.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(out, name);
        out.push(':');
        push_u64(out, *count);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::fixture;

    #[test]
    fn a_connection_is_an_object_of_the_contract() {
        let mut json = SessionJson::default();
        let text = json.record(&fixture::session());
        let expected = concat!(
            r#"{"stream":0,"transport":"tcp","#,
            r#""initiator":{"address":"10.98.0.2:40322","peer_id":"2d4c54323061302d303132333435363738396162","client":"libtorrent 2.0.10"},"#,
            r#""acceptor":{"address":"10.98.0.1:6881","peer_id":null,"client":null},"#,
            r#""info_hash":"4b63dcd8474b63dcd8474b63dcd8474b63dcd847","name":"a\u001b[31mb","#,
            r#""start":"2026-11-22T17:16:36.000000000Z","end":"2026-11-22T17:16:39.215000000Z","#,
            r#""encryption":"none","messages":{"initiator":{"handshake":1,"request":257},"acceptor":{"piece":257}},"#,
            r#""payload_bytes":{"initiator":0,"acceptor":2109497},"payload_missing":{"initiator":0,"acceptor":1024},"gaps":2,"close":"fin","certainty":"certain","#,
            r#""closed_by":"acceptor","closed_in":700,"requests":{"initiator":{"asked":0,"repeated":0,"answered":0,"rejected":0,"cancelled":0,"choked_away":0,"unanswered":0,"forgotten":0,"unasked_pieces":0,"unasked_rejects":0,"queue_max":0,"latency_us":null,"unasked_bytes":0},"#,
            r#""acceptor":{"asked":0,"repeated":0,"answered":0,"rejected":0,"cancelled":0,"choked_away":0,"unanswered":0,"forgotten":0,"unasked_pieces":0,"unasked_rejects":0,"queue_max":0,"latency_us":null,"unasked_bytes":0}},"wire_bytes":{"initiator":17564,"acceptor":2113000},"not_seen":{"initiator":false,"acceptor":false}}"#,
            "\n"
        );
        assert_eq!(std::str::from_utf8(text).unwrap(), expected);
    }
}
