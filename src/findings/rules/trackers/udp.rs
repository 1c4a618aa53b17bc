//! Messages between clients and UDP trackers (BEP 15).

use super::announces::{Why, announced};
use super::http::is_hex;
use super::themes::{TK_01, TK_06, TK_07, TK_08, TK_09};
use crate::findings::discovery::{Announcing, Loose};
use crate::findings::rules::answers;
use crate::findings::scene::span;
use crate::findings::suspicion::COPY_NANOS;
use crate::wire::Severity;
use crate::wire::udp_tracker::{
    ANNOUNCE_SIZE, Action, AnnounceRequest, AnnounceResponse, Body, Event, Message, PROTOCOL_ID,
    Role,
};
use crate::wire::words::spoken;

/// A connection id holds for a minute (BEP 15); clocks and queues take their time.
const CONNECTION_NANOS: i64 = 65_000_000_000;

/// A request without an answer is repeated after 15 s, then 30 s and so on
/// (BEP 15). Sooner than this, the packet itself is in the capture twice.
const RETRY_NANOS: i64 = 14_000_000_000;

/// Bytes of a peer in a reply.
const V4_PEER: usize = 6;
const V6_PEER: usize = 18;

/// A message between a client and a UDP tracker.
pub fn hear(loose: &mut Loose<'_>, message: &Message<'_>) {
    match message.role {
        Role::Request => request(loose, message),
        Role::Response if loose.heard.query().is_none() => answers::stray(loose, message),
        Role::Response => response(loose, message),
    }
}

fn request(loose: &mut Loose<'_>, message: &Message<'_>) {
    let heard = loose.heard;
    let sources = &mut loose.discovery.sources;
    sources.ask(heard.src, heard.dst, heard.last);
    let is_again = repeated(loose, message);
    connected(loose, message);
    broken(loose, message);
    match &message.body {
        Body::AnnounceRequest(announce) => announces(loose, announce, is_again),
        Body::ScrapeRequest(_) => {
            let sources = &mut loose.discovery.sources;
            sources.scrape(heard.src.ip(), heard.dst, heard.last);
        }
        _ => {}
    }
}

/// An announce; `is_again`, where it repeats one that was not answered.
fn announces(loose: &mut Loose<'_>, announce: &AnnounceRequest<'_>, is_again: bool) {
    let heard = loose.heard;
    let what = (announce.port, announce.event == Event::STOPPED);
    let sources = &mut loose.discovery.sources;
    sources.announce(heard.src.ip(), heard.dst, what, heard.last);
    if is_hex(&announce.info_hash) {
        let words = "the info-hash is the first 20 of 40 hex digits".to_owned();
        loose.find(&TK_01, words);
    }
    if !is_again {
        let who = Announcing {
            client: heard.src.ip(),
            tracker: heard.dst,
            info_hash: announce.info_hash,
            peer_id: announce.peer_id,
        };
        announced(loose, who, why(announce.event));
    }
    address(loose, announce);
}

fn why(event: Event) -> Why {
    match event {
        Event::NONE => Why::Interval,
        Event::STARTED => Why::Started,
        Event::STOPPED => Why::Stopped,
        _ => Why::Other,
    }
}

fn response(loose: &mut Loose<'_>, message: &Message<'_>) {
    let heard = loose.heard;
    match &message.body {
        Body::ConnectResponse(id) => {
            let to = heard.dst.ip();
            loose.discovery.connects(to, heard.src, *id, heard.last);
        }
        Body::AnnounceResponse(answer) => {
            family(loose, answer);
            let wait = i64::from(answer.interval);
            loose
                .discovery
                .answered(heard.dst, heard.src, Some(wait), heard.last);
        }
        Body::Error(_) => loose.discovery.refused(heard.dst, heard.src, heard.last),
        _ => {}
    }
    let transaction = message.transaction.unwrap_or_default();
    let requests = &mut loose.discovery.requests;
    requests.answer(heard.dst, heard.src, transaction, heard.last);
    answers::udp(loose, message);
}

/// Whether the peers of a reply have the size of the family that carries it.
fn family(loose: &mut Loose<'_>, answer: &AnnounceResponse<'_>) {
    let length = answer.peers.len();
    let is_v6 = loose.heard.src.ip().to_canonical().is_ipv6();
    if is_v6 && !length.is_multiple_of(V6_PEER) && length.is_multiple_of(V4_PEER) {
        let words = format!("{length} bytes of peers, over IPv6");
        loose.find(&TK_09, words);
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
    // The reply to a later request for one may be what the capture lacks.
    let requests = &loose.discovery.requests;
    let is_asked_anew = requests
        .connects(heard.src, heard.dst, now)
        .is_some_and(|asked| asked.frame > at.frame);
    if is_asked_anew && !is_backwards {
        return;
    }
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
