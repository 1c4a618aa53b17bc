//! Rules on trackers (BEP 3, 15, 21, 23, 48). What one message shows is found by
//! its dissector.

use std::net::SocketAddr;

use super::answers;
use crate::capture::Timestamp;
use crate::findings::discovery::{Announced, Announcing, Discovery, Loose};
use crate::findings::evidence::Evidence;
use crate::findings::finding::{Finding, Place};
use crate::findings::gathered::Gathered;
use crate::findings::rule::Rule;
use crate::findings::scene::span;
use crate::findings::suspicion::COPY_NANOS;
use crate::wire::Severity;
use crate::wire::http_tracker;
use crate::wire::udp_tracker::{
    ANNOUNCE_SIZE, Action, AnnounceRequest, Body, Event, Message, PROTOCOL_ID, Role,
};
use crate::wire::words::spoken;

/// A connection id holds for a minute (BEP 15); clocks and queues take their time.
const CONNECTION_NANOS: i64 = 65_000_000_000;

/// A request without an answer is repeated after 15 s, then 30 s and so on
/// (BEP 15). Sooner than this, the packet itself is in the capture twice.
const RETRY_NANOS: i64 = 14_000_000_000;

/// Bytes of an info-hash, and of one as `%xx` each.
const HASH_BYTES: usize = 20;
const ESCAPED_HASH_BYTES: usize = 3 * HASH_BYTES;

/// Bytes of a peer in a reply.
const V4_PEER: usize = 6;
const V6_PEER: usize = 18;

pub static TK_01: Rule = Rule::error(
    "TK-01",
    3,
    "an announce without a usable info_hash or peer_id",
)
.explained(
    "info_hash and peer_id are 20 raw bytes each, percent-encoded.",
    "Trackers answer with a failure reason.",
    "Encode the raw 20 bytes, not their 40 hex digits; a space is %20.",
);
pub static TK_03: Rule = Rule::error("TK-03", 23, "a compact list with a part of a peer")
    .explained(
        "peers have 6 bytes each, peers6 18.",
        "The list is thrown away.",
        "Write address and port as raw bytes.",
    );
pub static TK_06: Rule = Rule::error("TK-06", 15, "a message of a UDP tracker that breaks its layout").explained(
    "Requests have 16 bytes (connect), 98 or more (announce); replies 16, 20 and 6 a peer (18 for IPv6).",
    "It is dropped: the other side waits and repeats.",
    "Compare lengths and actions with BEP 15.",
);
pub static TK_10: Rule = Rule::warning("TK-10", 3, "peers without address or port").explained(
    "peers is a compact string, or a list of dictionaries with ip and port.",
    "The peers are passed over.",
    "Write ip as text and port as a number.",
);
pub static TK_11: Rule = Rule::error("TK-11", 3, "a value of the wrong type from or to a tracker")
    .explained(
        "A key has a value of another type than its BEP says.",
        "It is passed over, or the whole reply is.",
        "Write numbers as integers.",
    );
pub static TK_12: Rule = Rule::error("TK-12", 3, "HTTP that is not in order").explained(
    "The head ends with an empty line, and the body has the length that it says.",
    "Proxies and strict clients refuse it.",
    "Use CR LF, and Content-Length or chunks.",
);
pub static TK_13: Rule = Rule::error("TK-13", 3, "an announce without a port").explained(
    "port says where the peer listens.",
    "Trackers refuse it, or name a peer that cannot be reached.",
    "Write port in every announce.",
);
pub static TK_14: Rule = Rule::error("TK-14", 48, "a scrape of a hash that is none").explained(
    "An info-hash has 20 bytes.",
    "The tracker leaves it out of its reply.",
    "Encode the raw 20 bytes.",
);
pub static TK_15: Rule = Rule::warning("TK-15", 3, "an announce of port 0").explained(
    "port says where the peer listens.",
    "The tracker names a peer that nobody can reach.",
    "Write the port that you listen on.",
);
pub static TK_04: Rule = Rule::warning("TK-04", 3, "announced again too soon")
    .deed("announced again before the interval was over")
    .explained(
        "A client announces again after the tracker's `interval`, sooner only where `min interval` allows it or where it has an event to tell.",
        "Trackers answer with a failure, or ban.",
        "Wait for the interval, also when peers are few.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_05: Rule = Rule::warning("TK-05", 3, "started over and over, or never stopped")
    .explained(
        "event=started is sent once, with the first announce; later ones have no event, or completed or stopped. The last one says stopped.",
        "The tracker counts new peers, and statistics begin anew; it names a peer that is gone.",
        "Leave the event out once the first announce was answered, and say stopped before you go.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_07: Rule = Rule::warning("TK-07", 15, "an id of a UDP tracker that does not hold")
    .explained(
        "A connect request begins with the protocol id 0x41727101980. The connection id that answers it holds for a minute, then the client connects again.",
        "Trackers answer with an error, or not at all.",
        "Write the protocol id in network order; connect again when the connection id is a minute old.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_08: Rule = Rule::warning("TK-08", 15, "a request repeated too soon")
    .explained(
        "A request to a UDP tracker that is not answered is repeated after 15 s, then after twice as long each time.",
        "It adds to the load of a tracker that is slow already; some ban.",
        "Wait 15 * 2 ^ n seconds.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_09: Rule = Rule::error("TK-09", 15, "addresses of a UDP tracker in the wrong form").explained(
    "Over IPv6 a tracker answers with peers of 18 bytes; the ip of a request is in network order, and 0 where it is not used.",
    "Peers are read from the wrong bytes: nobody can be reached.",
    "Look at the family of the datagram, not of the peer; write addresses big-endian.",
);
pub static US_02: Rule = Rule::warning("US-02", 21, "a partial seed that does not say paused")
    .explained(
        "A client that has all it wants but not all there is announces with event=paused.",
        "The tracker counts it among those that download, and names it to nobody who could use it.",
        "Send event=paused as long as upload_only=1 and left is not 0.",
    )
    .needs(&[Evidence::Exchange]);

pub static RULES: &[&Rule] = &[
    &TK_01, &TK_03, &TK_04, &TK_05, &TK_06, &TK_07, &TK_08, &TK_09, &TK_10, &TK_11, &TK_12, &TK_13,
    &TK_14, &TK_15, &US_02,
];

/// A port of a request, where it is one.
fn port_of(port: Option<u64>) -> u16 {
    port.and_then(|port| u16::try_from(port).ok()).unwrap_or(0)
}

/// A message between a client and a UDP tracker.
pub fn udp(loose: &mut Loose<'_>, message: &Message<'_>) {
    let heard = loose.heard;
    if message.role == Role::Response && heard.query().is_none() {
        return answers::stray(loose, message);
    }
    match (message.role, &message.body) {
        (Role::Request, body) => {
            let sources = &mut loose.discovery.sources;
            sources.ask(heard.src, heard.dst, heard.last);
            let is_again = repeated(loose, message);
            connected(loose, message);
            broken(loose, message);
            if let Body::AnnounceRequest(announce) = body {
                let what = (announce.port, announce.event == Event::STOPPED);
                let sources = &mut loose.discovery.sources;
                sources.announce(heard.src.ip(), heard.dst, what, heard.last);
                if is_hex(&announce.info_hash) {
                    let words = "the info-hash is the first 20 of 40 hex digits".to_owned();
                    loose.find(&TK_01, words);
                }
                if !is_again {
                    udp_announce(loose, announce);
                }
                address(loose, announce);
            }
        }
        (Role::Response, Body::ConnectResponse(id)) => {
            let to = heard.dst.ip();
            loose.discovery.connects(to, heard.src, *id, heard.last);
        }
        (Role::Response, Body::AnnounceResponse(answer)) => {
            let length = answer.peers.len();
            let is_v6 = heard.src.ip().to_canonical().is_ipv6();
            if is_v6 && !length.is_multiple_of(V6_PEER) && length.is_multiple_of(V4_PEER) {
                let words = format!("{length} bytes of peers, over IPv6");
                loose.find(&TK_09, words);
            }
            let wait = i64::from(answer.interval);
            loose
                .discovery
                .answered(heard.dst, heard.src, Some(wait), heard.last);
        }
        (Role::Response, _) => {}
    }
    if message.role == Role::Response {
        let transaction = message.transaction.unwrap_or_default();
        let requests = &mut loose.discovery.requests;
        requests.answer(heard.dst, heard.src, transaction, heard.last);
        answers::udp(loose, message);
    }
}

/// An announce that cannot be read as one.
fn broken(loose: &mut Loose<'_>, message: &Message<'_>) {
    let heard = loose.heard;
    let action = message.action.map_or(0, |action| action.0);
    let is_backwards = action.swap_bytes() == Action::ANNOUNCE.0;
    let is_announce = is_backwards || action == Action::ANNOUNCE.0;
    if message.body != Body::Broken || !is_announce {
        return;
    }
    let sources = &mut loose.discovery.sources;
    sources.announce(heard.src.ip(), heard.dst, (0, false), heard.last);
    let words = if is_backwards {
        format!("action {action:#010x}: this is an announce (1) backwards")
    } else {
        format!(
            "an announce has {ANNOUNCE_SIZE} bytes, and this {}",
            heard.length
        )
    };
    loose.explain(&TK_06, words);
}

/// Whether a hash is written in hex digits, as no hash is by chance.
fn is_hex(hash: &[u8]) -> bool {
    hash.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a request is one that was made before.
fn repeated(loose: &mut Loose<'_>, message: &Message<'_>) -> bool {
    let heard = loose.heard;
    let (Some(transaction), Some(action)) = (message.transaction, message.action) else {
        return false;
    };
    let requests = &mut loose.discovery.requests;
    let before = requests.ask(heard.src, heard.dst, (action, transaction), heard.last);
    let Some(before) = before else {
        return false;
    };
    let after = heard.last.time.since(before.time);
    if (COPY_NANOS..RETRY_NANOS).contains(&after) {
        let name = spoken(message.message_type().name);
        let words = format!("{name} of #{} again after {}", before.frame, span(after));
        loose.find(&TK_08, words);
    }
    true
}

/// Whether the connection id of a request holds.
fn connected(loose: &mut Loose<'_>, message: &Message<'_>) {
    let heard = loose.heard;
    let id = message
        .connection
        .filter(|_| message.action != Some(Action::CONNECT));
    let Some(id) = id else {
        return;
    };
    let client = heard.src.ip();
    let Some(given) = loose.discovery.connected(client, heard.dst, id) else {
        return never_given(loose, id);
    };
    let age = heard.last.time.since(given.time);
    if age > CONNECTION_NANOS {
        let words = format!("the connection id of #{} is {} old", given.frame, span(age));
        loose.find(&TK_07, words);
    }
}

/// A request with a connection id that its tracker is not known to have given, where it
/// gave another.
fn never_given(loose: &mut Loose<'_>, id: u64) {
    let heard = loose.heard;
    let now = heard.last.time;
    if id == 0 || id == PROTOCOL_ID {
        let what = if id == 0 {
            "0"
        } else {
            "the protocol id of a connect request"
        };
        let words = format!("the connection id is {what}, and not what the tracker gives");
        return loose.find(&TK_07, words);
    }
    let latest = loose.discovery.latest_id(heard.src.ip(), heard.dst);
    let Some((given, at)) =
        latest.filter(|(given, at)| *given != id && now.since(at.time) < CONNECTION_NANOS)
    else {
        return;
    };
    let is_backwards = given.swap_bytes() == id;
    let how = if is_backwards {
        ", and this is it backwards"
    } else {
        ""
    };
    let words = format!(
        "connection id {id:#018x}; the tracker gave {given:#018x} in #{}{how}",
        at.frame
    );
    // It may be one of before the capture, which holds for a minute.
    let severity = if is_backwards || loose.discovery.age(now) > CONNECTION_NANOS {
        TK_07.severity
    } else {
        Severity::Info
    };
    loose.find_as(&TK_07, severity, words);
}

/// Whether the address of an announce is written backwards.
fn address(loose: &mut Loose<'_>, announce: &AnnounceRequest<'_>) {
    let mut backwards = announce.ip;
    backwards.reverse();
    let source = loose.heard.src.ip().to_canonical();
    let is_symmetric = backwards == announce.ip;
    if !is_symmetric && source == std::net::IpAddr::from(backwards) {
        let words = format!(
            "ip is {} from {source}",
            std::net::Ipv4Addr::from(announce.ip)
        );
        loose.find(&TK_09, words);
    } else if source.is_ipv6() && announce.ip != [0; 4] {
        let words = format!("ip is {} over IPv6", std::net::Ipv4Addr::from(announce.ip));
        loose.find_as(&TK_09, Severity::Warning, words);
    }
}

fn udp_announce(loose: &mut Loose<'_>, announce: &AnnounceRequest<'_>) {
    let why = match announce.event {
        Event::NONE => Why::Interval,
        Event::STARTED => Why::Started,
        Event::STOPPED => Why::Stopped,
        _ => Why::Other,
    };
    let heard = loose.heard;
    let who = Announcing {
        client: heard.src.ip(),
        tracker: heard.dst,
        info_hash: announce.info_hash,
        peer_id: announce.peer_id,
    };
    announced(loose, who, why);
}

/// A request to an HTTP tracker.
pub fn http_request(loose: &mut Loose<'_>, request: &http_tracker::Request<'_>) {
    let parameters = &request.parameters;
    let (client, tracker, at) = (loose.heard.src, loose.heard.dst, loose.heard.last);
    loose.discovery.sources.ask(client, tracker, at);
    if request.purpose == http_tracker::Purpose::Announce {
        let is_stopping = parameters.event.as_deref() == Some(b"stopped");
        let what = (port_of(parameters.port), is_stopping);
        loose
            .discovery
            .sources
            .announce(client.ip(), tracker, what, at);
        if parameters.port == Some(0) && !is_stopping {
            loose.find(&TK_15, "announces port 0".to_owned());
        }
    }
    mangled(loose, request);
    let hash = parameters.info_hashes.first();
    let hash = hash.and_then(|hash| <[u8; 20]>::try_from(&hash[..]).ok());
    let id = parameters.peer_id.as_ref();
    let id = id.and_then(|id| <[u8; 20]>::try_from(&id[..]).ok());
    let (Some(info_hash), Some(peer_id)) = (hash, id) else {
        return;
    };
    if request.purpose != http_tracker::Purpose::Announce {
        return;
    }
    let heard = loose.heard;
    let event = parameters.event.as_deref().unwrap_or_default();
    let why = match event {
        b"" => Why::Interval,
        b"started" => Why::Started,
        b"stopped" => Why::Stopped,
        _ => Why::Other,
    };
    let client = heard.src.ip();
    let is_partial = loose
        .discovery
        .is_partial_seed(client, &info_hash, heard.last.time);
    let is_short = parameters.left.is_some_and(|left| left > 0);
    if is_partial && is_short && matches!(why, Why::Interval | Why::Started) {
        let words = format!("left={} without event=paused", parameters.left.unwrap_or(0));
        loose.find(&US_02, words);
    }
    let who = Announcing {
        client,
        tracker: heard.dst,
        info_hash,
        peer_id,
    };
    announced(loose, who, why);
}

/// Says what was made of an info-hash that has not 20 bytes.
fn mangled(loose: &mut Loose<'_>, request: &http_tracker::Request<'_>) {
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
pub fn http_response(loose: &mut Loose<'_>, response: &http_tracker::Response<'_>) {
    let reply = &response.reply;
    let heard = loose.heard;
    let wait = reply.min_interval.or(reply.interval);
    let wait = wait.filter(|_| reply.failure_reason.is_none());
    loose
        .discovery
        .answered(heard.dst, heard.src, wait, heard.last);
    answers::http(loose, response);
}

/// Why a client announces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Interval,
    Started,
    Stopped,
    Other,
}

fn announced(loose: &mut Loose<'_>, who: Announcing, why: Why) {
    let heard = loose.heard;
    let from: SocketAddr = heard.src;
    let before = loose.discovery.announced(&who, heard.last.time);
    let after = before.map_or(i64::MAX, |before| heard.last.time.since(before.at.time));
    if let Some(before) = before.filter(|before| before.is_answered && after > COPY_NANOS) {
        let wait = before
            .wait
            .map(|seconds| seconds.saturating_mul(1_000_000_000));
        match why {
            // A tenth early is as good as in time.
            Why::Interval if wait.is_some_and(|wait| after < wait / 10 * 9) => {
                let words = format!(
                    "{} after #{}; the tracker says {} s",
                    span(after),
                    before.at.frame,
                    before.wait.unwrap_or(0)
                );
                loose.find(&TK_04, words);
            }
            Why::Started if before.is_started => {
                let words = format!("started again, {} after #{}", span(after), before.at.frame);
                loose.find(&TK_05, words);
            }
            _ => {}
        }
    }
    let is_stopped = why == Why::Stopped;
    let is_started = match why {
        Why::Started => true,
        Why::Stopped => false,
        _ => before.is_some_and(|before| before.is_started),
    };
    let announced = Announced {
        at: heard.last,
        from,
        is_started,
        is_stopped,
        is_answered: false,
        wait: None,
    };
    loose.discovery.announces(from, who, announced);
}

/// The end of the capture: clients that are gone without a word.
pub fn conclude(discovery: &Discovery, now: Timestamp, gathered: &mut Gathered) {
    for (who, announced) in discovery.gone(now) {
        let place = Place {
            stream: None,
            src: announced.from,
            dst: who.tracker,
        };
        let words = format!(
            "no announce for {} after #{}, the interval is {} s, and it did not say stopped",
            span(now.since(announced.at.time)),
            announced.at.frame,
            announced.wait.unwrap_or(0)
        );
        gathered.add(Finding::at(&TK_05, place, announced.at, words));
    }
}
