//! Rules on what trackers answer (BEP 3, 15).

use crate::capture::Timestamp;
use crate::findings::discovery::{Discovery, Loose};
use crate::findings::finding::{Finding, Place};
use crate::findings::gathered::Gathered;
use crate::findings::rule::Rule;
use crate::findings::scene::span;
use crate::findings::sources::{Outcome, kept};
use crate::wire::http_tracker::{Peers, Purpose, Response, body_of, header_of};
use crate::wire::udp_tracker::{Body, Message};
use crate::wire::words::Count;

/// A request without an answer for so long has none: a client repeats it by then
/// (BEP 15).
const SILENT_NANOS: i64 = 15_000_000_000;

/// The status of a reply that is meant as one.
const OK: u16 = 200;

/// What bodies begin with that are no bencode.
const GZIP: &[u8] = b"\x1f\x8b";

pub static TK_02: Rule = Rule::error("TK-02", 3, "a tracker's reply that cannot be used")
    .explained(
        "A reply is a bencoded dictionary with interval and peers, or with failure reason.",
        "Clients show an error and try again later.",
        "Write one dictionary with sorted keys, and nothing behind it.",
    );
pub static TK_16: Rule = Rule::error("TK-16", 15, "a reply with another transaction id")
    .deed("answered with another transaction id")
    .explained(
        "A reply of a UDP tracker gives the transaction_id of its request back.",
        "The client drops it, and repeats its request until it gives up.",
        "Copy the four bytes as they came, of this request.",
    );
pub static TK_17: Rule = Rule::info("TK-17", 0, "a tracker that does not answer").explained(
    "Requests to the tracker had no reply within 15 s.",
    "It names no peers. It may be down, or drop what it cannot read; a firewall may stand between; or the capture has one direction only.",
    "Look at the address and the port, and at what else is said of these requests.",
);
pub static TK_18: Rule = Rule::warning("TK-18", 3, "an interval of 0 or less").explained(
    "interval says how many seconds a client has to wait until it announces again.",
    "With 0 or less some announce without a pause, others wait for half an hour.",
    "Say so many seconds as the tracker can take, such as 1800.",
);
pub static TK_19: Rule = Rule::info("TK-19", 3, "a tracker that refuses").explained(
    "The tracker answered with a failure reason, an error, or a status of HTTP other than 200.",
    "It names no peers; the client tries again later.",
    "The words are the tracker's: look whether it knows the torrent and the client, and at the URL.",
);

pub static RULES: &[&Rule] = &[&TK_02, &TK_16, &TK_17, &TK_18, &TK_19];

/// A reply of a UDP tracker that has the transaction of no request.
pub fn stray(loose: &mut Loose<'_>, message: &Message<'_>) {
    let heard = loose.heard;
    let transaction = message.transaction.unwrap_or_default();
    let reply = (message.action, transaction);
    let requests = &mut loose.discovery.requests;
    let Some(other) = requests.stray(heard.dst, heard.src, reply, heard.last) else {
        return;
    };
    let how = other
        .how
        .map_or(String::new(), |how| format!(", and {how}"));
    let words = format!(
        "transaction id {transaction:#010x}; the request of #{} has {:#010x}{how}",
        other.at.frame, other.asked
    );
    loose.find(&TK_16, words);
    let sources = &mut loose.discovery.sources;
    sources.stray(heard.dst.ip(), heard.src, heard.last);
}

/// A reply of a UDP tracker.
pub fn udp(loose: &mut Loose<'_>, message: &Message<'_>) {
    let heard = loose.heard;
    let (client, tracker) = (heard.dst.ip(), heard.src);
    let outcome = match &message.body {
        Body::AnnounceResponse(answer) => {
            gives_interval(loose, i64::from(answer.interval));
            let all = answer.addresses().count();
            let sources = &loose.discovery.sources;
            let others = sources.others(client, tracker, answer.addresses());
            Some(Outcome::Named(all, others))
        }
        Body::Error(text) => Some(refuses(loose, kept(text))),
        _ => None,
    };
    replies(loose, outcome);
}

/// Whether a reply of an HTTP tracker takes the announce in, so that the tracker knows the
/// client from then on.
pub fn takes(response: &Response<'_>) -> bool {
    let reply = &response.reply;
    let says_something = reply.interval.is_some() || reply.peer_count().is_some();
    let is_success = response.status.is_none_or(|status| status == OK);
    reply.failure_reason.is_none() && is_success && says_something
}

/// A reply of an HTTP tracker.
pub fn http(loose: &mut Loose<'_>, response: &Response<'_>) {
    let heard = loose.heard;
    let (client, tracker) = (heard.dst.ip(), heard.src);
    let reply = &response.reply;
    let status = response.status.filter(|status| *status != OK);
    let outcome = if let Some(reason) = &reply.failure_reason {
        refuses(loose, kept(reason))
    } else if let Some(status) = status {
        let status = format!("{status} {}", kept(response.reason));
        match header_of(heard.bytes, "location") {
            Some(place) => moves(loose, format!("{status}, to {}", kept(place))),
            None => refuses(loose, status),
        }
    } else if let Some(all) = reply.peer_count() {
        let four: Vec<_> = reply.peers.iter().flat_map(Peers::addresses).collect();
        let names = reply.peers.iter().flat_map(Peers::names).count();
        let six = all - reply.peers.as_ref().map_or(0, Peers::len);
        if all > 0 && four.len() + names + six == 0 {
            Outcome::Unreadable(all)
        } else {
            let sources = &loose.discovery.sources;
            let others = sources.others(client, tracker, four.into_iter());
            Outcome::Named(all, others + names + six)
        }
    } else if heard.missing > 0 {
        Outcome::Cut
    } else {
        Outcome::Unusable(says_nothing(loose, response))
    };
    if let Some(interval) = reply.interval {
        gives_interval(loose, interval);
    }
    let outcome = (response.purpose == Purpose::Announce).then_some(outcome);
    replies(loose, outcome);
}

fn replies(loose: &mut Loose<'_>, outcome: Option<Outcome>) {
    let heard = loose.heard;
    let sources = &mut loose.discovery.sources;
    sources.reply(heard.dst.ip(), heard.src, outcome, heard.last);
}

fn refuses(loose: &mut Loose<'_>, why: String) -> Outcome {
    loose.find(&TK_19, why.clone());
    Outcome::Refused(why)
}

fn moves(loose: &mut Loose<'_>, place: String) -> Outcome {
    loose.find(&TK_19, place.clone());
    Outcome::Moved(place)
}

fn gives_interval(loose: &mut Loose<'_>, seconds: i64) {
    let heard = loose.heard;
    let sources = &loose.discovery.sources;
    // Who stops does not come again.
    if seconds <= 0 && !sources.is_stopping(heard.dst.ip(), heard.src) {
        loose.find(&TK_18, format!("the interval is {seconds} s"));
    }
}

/// A reply with the status of one, and without what makes it one: what its body is.
fn says_nothing(loose: &mut Loose<'_>, response: &Response<'_>) -> Option<&'static str> {
    let heard = loose.heard;
    if response.purpose != Purpose::Announce || response.status != Some(OK) {
        return None;
    }
    let body = body_of(heard.bytes);
    let what = match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        // Where no length says so, it may not have come yet.
        None if header_of(heard.bytes, "content-length") == Some(b"0") => {
            loose.find(&TK_02, "the body is empty".to_owned());
            return Some("empty");
        }
        Some(_) if body.starts_with(GZIP) => "gzip, and no Content-Encoding says so",
        Some(b'<') => "HTML or XML",
        Some(b'{' | b'[') => "JSON",
        _ => return None,
    };
    loose.explain(&TK_02, format!("the body is {what}; bencode begins with d"));
    Some(what)
}

/// The end of the capture: trackers that did not answer.
pub fn conclude(discovery: &Discovery, now: Timestamp, gathered: &mut Gathered) {
    for ((_, end), tracker) in discovery.sources.trackers() {
        // Of such replies another rule tells.
        if tracker.strayed.is_some() {
            continue;
        }
        let (since, count, what) = match (tracker.replies, tracker.first, tracker.open_since) {
            (0, Some(first), _) => (first, tracker.requests, "request"),
            (_, _, Some(since)) => (since, tracker.announces, "announce"),
            _ => continue,
        };
        let age = now.since(since.time);
        let Some(client) = tracker.client.filter(|_| age >= SILENT_NANOS) else {
            continue;
        };
        let place = Place {
            stream: None,
            src: end,
            dst: client,
        };
        let words = format!("{} in {}, and no reply", Count(count, what), span(age));
        gathered.add(Finding::at(&TK_17, place, since, words));
    }
}
