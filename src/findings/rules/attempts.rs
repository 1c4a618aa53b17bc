//! Rules on connections that never came to be.

use std::fmt::Write as _;

use super::encryption::MS_E2;
use super::handshake::{HS_01, HS_09, HS_10};
use super::servers::Server;
use super::stray;
use super::utp;
use crate::findings::finding::{Finding, Place};
use crate::findings::gathered::Gathered;
use crate::findings::rule::Rule;
use crate::findings::scene::span;
use crate::flow::Side;
use crate::session::{
    Actor, ConnectionChange, ConnectionEvent, LastMessage, NamedBy, Negotiation, Outcome,
};
use crate::wire::Severity;
use crate::wire::peer::HANDSHAKE_LENGTH;
use crate::wire::words::Count;

pub static HS_04: Rule = Rule::warning("HS-04", 3, "closed right after the other's handshake").explained(
    "The acceptor read a whole handshake, said nothing, and closed.",
    "It does not have that torrent (or has stopped it), is full, has banned the peer, or takes encrypted connections only.",
    "Compare the info-hash with that of the torrent on the other side, and look at its limits and its encryption setting.",
);
pub static HS_05: Rule = Rule::warning("HS-05", 3, "closed within the handshake").explained(
    "One side sent less than the 68 bytes of a handshake, or something else, before the connection was closed.",
    "Closed after 48 bytes: the info-hash is not known. After 1 or 20: not BitTorrent by the other's reckoning. Something else: another server listens there, or one side offers MSE and the other does not know it.",
    "Look at the bytes: the first one is 0x13, the info-hash are 20 raw bytes. Look at the port, too, and at the encryption setting of both sides.",
);
pub static HS_06: Rule = Rule::info("HS-06", 3, "neither a handshake nor MSE")
    .explained(
        "What the initiator sent first at an end that is a peer's is no handshake, and no public key of MSE by its length or its bytes.",
        "The other side closes, or waits for what never comes.",
        "Look at the first bytes: 0x13 and the name of the protocol, or 96 to 608 random ones.",
    );
pub static AT_01: Rule = Rule::info("AT-01", 0, "a peer that cannot be reached").explained(
    "A tracker, a peer or the DHT named this end, and it refused or did not answer.",
    "No data comes from there. Most peers behind a NAT or firewall are like that.",
    "On that side: open the port, and announce the one that is listened on.",
);
pub static AT_02: Rule = Rule::warning("AT-02", 0, "an encrypted-looking attempt was dropped, and no plain one followed").explained(
    "The first bytes may be MSE. The other side closed without an answer that fits.",
    "One side requires encryption and the other does not have it, or does not know the torrent: they never connect.",
    "Allow both encrypted and plain connections on one side, and retry in plain after a failed negotiation.",
);
pub static AT_03: Rule = Rule::info("AT-03", 0, "unreachable, by ICMP").explained(
    "An ICMP error quotes a packet of this capture: it did not arrive.",
    "No data comes from there.",
    "Look at firewalls and routes, and at the port.",
);
pub static MS_E3: Rule = Rule::info("MS-E3", 0, "an encrypted-looking attempt was dropped, and another one followed").explained(
    "The first bytes may be MSE. The other side closed, and the same host dialled the same end again.",
    "Clients that prefer encryption fall back to plain connections: it costs a round trip or two.",
    "Nothing is wrong where the second attempt succeeds.",
);

pub static RULES: &[&Rule] = &[&HS_04, &HS_05, &HS_06, &AT_01, &AT_02, &AT_03, &MS_E3];

/// Who falls back to another way of connecting does so this soon.
const RETRY_NANOS: i64 = 10_000_000_000;

/// An attempt failed.
pub fn failed(event: &ConnectionEvent, gathered: &mut Gathered) {
    let handshake = HANDSHAKE_LENGTH as u64;
    let [from_initiator, from_acceptor] = event.bytes;
    let (rule, side) = match event.change {
        ConnectionChange::Refused | ConnectionChange::Unanswered => (&AT_01, Side::Acceptor),
        ConnectionChange::Unreachable(_) => (&AT_03, Side::Acceptor),
        ConnectionChange::Dropped if is_answered_in_plain(event) => (&HS_05, Side::Initiator),
        ConnectionChange::Dropped
            if event.looks_encrypted || (event.is_mse && event.last_message.is_none()) =>
        {
            let rule = if is_retried(event) { &MS_E3 } else { &AT_02 };
            let by = match event.by {
                Some(Actor::End(side)) => side,
                _ => Side::Acceptor,
            };
            (rule, by)
        }
        ConnectionChange::Dropped if (1..handshake).contains(&from_initiator) => {
            (&HS_05, Side::Initiator)
        }
        ConnectionChange::Dropped
            if (1..handshake).contains(&from_acceptor) || event.answer.is_some() =>
        {
            (&HS_05, Side::Acceptor)
        }
        ConnectionChange::Dropped
            if event.last_message.is_none() && from_initiator >= handshake =>
        {
            (&HS_06, Side::Initiator)
        }
        ConnectionChange::Dropped if is_left_waiting(event) => (&HS_05, Side::Initiator),
        _ if is_turned_away(event) => (&HS_04, Side::Acceptor),
        _ => return,
    };
    if is_explained(event, gathered) {
        return;
    }
    let place = Place {
        stream: event.stream,
        src: event.ends[side.index()],
        dst: event.ends[side.other().index()],
    };
    let finding = Finding::at(rule, place, event.stamp, words(event));
    // Nothing names that end: it may be no peer at all.
    let is_proven = event.named.is_some() || event.is_mse || event.last_message.is_some();
    let is_likely = event.looks_encrypted && !is_proven;
    gathered.add(if is_likely {
        finding
            .weakened("nothing says that this is BitTorrent")
            .severity(Severity::Info)
    } else {
        finding
    });
}

/// Whether the same host soon tried again.
fn is_retried(event: &ConnectionEvent) -> bool {
    let wait = event.then.map(|then| then.time.since(event.stamp.time));
    wait.is_some_and(|wait| wait <= RETRY_NANOS)
}

/// Whether the acceptor closed on a whole handshake, without a word.
pub fn is_turned_away(event: &ConnectionEvent) -> bool {
    let [from_initiator, from_acceptor] = event.bytes;
    event.change == ConnectionChange::Dropped
        && !event.looks_encrypted
        && event.last_message.is_some()
        && from_acceptor == 0
        && from_initiator >= HANDSHAKE_LENGTH as u64
        && event.by == Some(Actor::End(Side::Acceptor))
}

/// Whether the acceptor closed because its initiator said nothing at all.
fn is_left_waiting(event: &ConnectionEvent) -> bool {
    let is_acceptors = |last: LastMessage| last.from == Side::Acceptor;
    event.bytes[0] == 0
        && event.by == Some(Actor::End(Side::Acceptor))
        && event.last_message.is_some_and(is_acceptors)
}

/// Whether the acceptor answered with a handshake in plain what may be an offer of MSE.
fn is_answered_in_plain(event: &ConnectionEvent) -> bool {
    let is_acceptors = |last: LastMessage| last.from == Side::Acceptor;
    event.looks_encrypted && event.last_message.is_some_and(is_acceptors)
}

/// Whether its handshake says why nobody wanted to talk.
fn is_explained(event: &ConnectionEvent, gathered: &Gathered) -> bool {
    let mut known = event
        .stream
        .into_iter()
        .flat_map(|stream| gathered.of_stream(stream));
    known.any(|finding| {
        let rule = finding.rule;
        [&HS_01, &HS_09, &HS_10, &MS_E2].contains(&rule) || utp::loses_data(rule)
    })
}

/// What happened, in words, the ends left out.
pub fn words(event: &ConnectionEvent) -> String {
    let [from_initiator, from_acceptor] = event.bytes;
    let after = span(event.stamp.time.since(event.first.time).max(0));
    let mut words = match event.change {
        ConnectionChange::Refused
        | ConnectionChange::Unanswered
        | ConnectionChange::Unreachable(_) => format!("{}{}", Outcome(event), sayer(event)),
        _ => {
            let by = match event.by {
                Some(Actor::End(Side::Initiator)) => "by its initiator ",
                Some(Actor::End(Side::Acceptor)) => "by its acceptor ",
                _ => "",
            };
            let look = match event.last_message {
                None if event.is_mse => " of MSE",
                _ if event.looks_encrypted => " that may be MSE",
                _ => "",
            };
            let sent = Count(from_initiator, "byte");
            let answered = match from_acceptor {
                0 => "none".to_owned(),
                bytes => Count(bytes, "byte").to_string(),
            };
            format!("closed {by}after {after} and {sent}{look}, {answered} in answer")
        }
    };
    if is_answered_in_plain(event) {
        words.push_str(": a handshake in plain");
    }
    if let Some(answer) = &event.answer {
        let _ = write!(words, ": {}", stray::show(answer, event.bytes[1]));
        if let Some(server) = Server::of(answer) {
            let _ = write!(words, " ({})", server.answer());
        }
    }
    if event.bytes[1] > 0
        && !is_answered_in_plain(event)
        && let Some(negotiation) = event.negotiation
    {
        words.push_str(&progress(event, negotiation));
    }
    if let Some(naming) = event.named {
        let by = named_by(naming.by);
        let _ = write!(words, "; {by} named this end in #{}", naming.frame);
    }
    if let Some(then) = event.then {
        let _ = write!(words, "; the next attempt is #{}", then.frame);
        let wait = then.time.since(event.stamp.time);
        if event.change == ConnectionChange::Dropped && wait > RETRY_NANOS {
            let _ = write!(words, ", {} later", span(wait));
        }
    }
    words
}

/// Who says that an end is unreachable, in words: its host, which knows what listens there,
/// or a router before it.
fn sayer(event: &ConnectionEvent) -> String {
    match event.by {
        Some(Actor::Router(by)) if by == event.ends[1].ip() => ", says its host".to_owned(),
        Some(Actor::Router(by)) => format!(", says {by}"),
        _ => String::new(),
    }
}

/// How far what may be a negotiation came.
fn progress(event: &ConnectionEvent, negotiation: Negotiation) -> String {
    match (negotiation.turns, negotiation.last) {
        (0 | 1, _) => String::new(),
        (2, _) => "; both sent what may be a public key, and nothing followed".to_owned(),
        (3, Some(last)) => format!(
            "; both sent what may be a public key, and what may be the offer of #{} was not \
             answered for {}",
            last.frame,
            span(event.stamp.time.since(last.time).max(0))
        ),
        _ => "; the negotiation may have come to its end".to_owned(),
    }
}

/// What may be behind it that what may be a negotiation failed.
pub fn guess(event: &ConnectionEvent) -> Option<String> {
    if let Some(server) = event
        .answer
        .as_deref()
        .and_then(|answer| Server::of(answer))
    {
        return Some(server.guess());
    }
    if is_answered_in_plain(event) {
        return Some(
            "the acceptor may not accept encrypted connections: it does not read what comes first"
                .to_owned(),
        );
    }
    let negotiation = event.negotiation?;
    let guess = match negotiation.turns {
        0 | 1 => Some("the acceptor may not accept encrypted connections"),
        2 => Some("the initiator may not have got what it needs to make an offer"),
        3 => Some(
            "the acceptor may not have the torrent, whose info-hash is the key of MSE, or may \
             accept none of the methods that were offered",
        ),
        _ => None,
    };
    guess.map(str::to_owned)
}

fn named_by(by: NamedBy) -> &'static str {
    match by {
        NamedBy::Tracker => "a tracker",
        NamedBy::Dht => "the DHT",
        NamedBy::Peer => "a peer",
        NamedBy::Lsd => "local discovery",
        NamedBy::ExtendedHandshake => "its extended handshake",
        NamedBy::Connection => "another connection",
    }
}
