//! Which rules are asked of what, in which order.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::answers;
use super::attempts;
use super::availability;
use super::dht;
use super::encryption;
use super::ending::Ending;
use super::extension;
use super::fast;
use super::framing;
use super::handshake;
use super::hashes;
use super::metadata;
use super::network;
use super::peers;
use super::pieces;
use super::requests;
use super::stances;
use super::trackers;
use super::utp;
use crate::capture::Timestamp;
use crate::findings::discovery::{Discovery, Loose};
use crate::findings::gathered::Gathered;
use crate::findings::rule::Rule;
use crate::findings::scene::Scene;
use crate::findings::suspicion::Excuse;
use crate::findings::watch::Watch;
use crate::flow::Side;
use crate::session::{Conflict, ConnectionEvent, Conversation, Ended, Heard, Hole};
use crate::wire;
use crate::wire::peer::Message;

/// The rules on what peers tell each other.
pub(in crate::findings) fn of_conversations() -> impl Iterator<Item = &'static Rule> + Clone {
    [
        handshake::RULES,
        framing::RULES,
        availability::RULES,
        requests::RULES,
        pieces::RULES,
        stances::RULES,
        fast::RULES,
        extension::RULES,
        metadata::RULES,
        peers::RULES,
        hashes::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> + Clone {
    let others = [
        attempts::RULES,
        network::RULES,
        encryption::RULES,
        dht::RULES,
        trackers::RULES,
        answers::RULES,
        utp::RULES,
    ];
    of_conversations().chain(others.into_iter().flatten().copied())
}

/// Every rule, those of a theme together and in the order of their numbers.
pub fn listed() -> Vec<&'static Rule> {
    let mut themes: Vec<&str> = Vec::new();
    for theme in all().map(Rule::theme) {
        if !themes.contains(&theme) {
            themes.push(theme);
        }
    }
    let mut rules: Vec<_> = all().collect();
    let theme = |rule: &Rule| themes.iter().position(|theme| *theme == rule.theme());
    rules.sort_by_key(|rule| (theme(rule), rule.id));
    rules
}

/// The rule of an id.
pub fn get(id: &str) -> Option<&'static Rule> {
    static BY_ID: LazyLock<HashMap<&'static str, &'static Rule, RandomState>> =
        LazyLock::new(|| all().map(|rule| (rule.id, rule)).collect());
    BY_ID.get(id).copied()
}

/// A message of the peer wire.
pub(in crate::findings) fn hear(scene: &mut Scene<'_>) {
    follow(scene);
    handshake::hear_first(scene);
    framing::fit(scene);
    match scene.message {
        Message::Handshake(handshake) => handshake::hear(scene, handshake),
        Message::HandshakeStart(start) => handshake::hear_start(scene, start),
        Message::KeepAlive => framing::keep_alive(scene),
        Message::Choke => stances::choking(scene),
        Message::Unchoke => {
            stances::choking(scene);
            fast::unchoked(scene);
        }
        Message::Interested => stances::interested(scene),
        Message::Have(piece) => availability::have(scene, *piece),
        Message::Bitfield(bitfield) => {
            availability::bitfield(scene, bitfield);
            fast::stated(scene);
        }
        Message::HaveAll | Message::HaveNone => fast::stated(scene),
        Message::Request(block) => requests::request(scene, *block),
        Message::Cancel(block) => requests::cancel(scene, *block),
        Message::Piece(block) => pieces::piece(scene, *block),
        Message::RejectRequest(block) => fast::reject(scene, *block),
        Message::AllowedFast(piece) => fast::allowed(scene, *piece),
        Message::Extended(extended) => extension::hear(scene, extended),
        Message::Port(_) => dht::port(scene),
        Message::HashRequest(_) | Message::Hashes(_) | Message::HashReject(_) => {
            hashes::hear(scene);
        }
        _ => {}
    }
    handshake::hear_next(scene);
    fast::hear(scene);
    count(scene);
}

/// A message outside of connections between peers, or a packet of uTP.
pub(in crate::findings) fn hear_loose(loose: &mut Loose<'_>) {
    let heard = loose.heard;
    loose.discovery.age(heard.last.time);
    loose.discovery.queries.settle(heard.last.time);
    let Some(dissection) = heard.content.dissection() else {
        return;
    };
    match dissection.message {
        wire::Message::Dht(message) => dht::hear(loose, message, dissection.asked()),
        wire::Message::UdpTracker(message) => trackers::udp(loose, message),
        wire::Message::HttpRequest(message) => trackers::http_request(loose, message),
        wire::Message::HttpResponse(message) => trackers::http_response(loose, message),
        wire::Message::Lsd(message) => network::lsd(loose, message),
        wire::Message::Utp(packet) => {
            // Nobody takes it for what it says.
            let is_known = packet.packet_type.message_type().is_some();
            if is_known && dissection.problem.is_none() {
                utp::hear(loose, packet);
            }
        }
        wire::Message::Peer(_) | wire::Message::Mse(_) => {}
    }
}

/// A stretch of a negotiation of MSE.
pub(in crate::findings) fn negotiate(
    heard: &Heard<'_>,
    message: &wire::mse::Message,
    watch: &mut Watch,
    gathered: &mut Gathered,
) {
    encryption::hear(heard, message, watch, gathered);
}

/// A retransmission brought other bytes than the first copy.
pub(in crate::findings) fn contradicted(conflict: &Conflict<'_>, gathered: &mut Gathered) {
    framing::contradicted(conflict, gathered);
}

/// What every message tells: what its sender has had of the other's stream, and
/// what speaks against suspicions.
fn follow(scene: &mut Scene<'_>) {
    let acked = scene.heard.acked;
    let theirs = scene.theirs();
    theirs.choke.note(acked);
    for cancelled in theirs.cancelled.iter_mut() {
        cancelled.notice.note(acked);
    }
    match scene.message {
        Message::Request(block) => {
            requests::settle(scene.mine(), *block);
            if scene.excuse(Excuse::Asked(*block)) {
                scene.remember(|mine| &mut mine.early, *block);
            }
        }
        Message::Unchoke => {
            scene.excuse(Excuse::Unchoked);
        }
        Message::Have(piece) => {
            scene.excuse(Excuse::Has(*piece));
        }
        Message::Bitfield(_) | Message::HaveAll => {
            scene.excuse(Excuse::HasMany);
        }
        Message::Interested => {
            scene.excuse(Excuse::Interested);
        }
        _ => {}
    }
}

/// Counts the message, after the rules have seen it.
fn count(scene: &mut Scene<'_>) {
    let message = scene.message;
    let greeting = scene.me().milestones.handshake;
    let first = scene.heard.first.frame;
    let (length, unsent) = (scene.heard.length, scene.heard.unsent);
    let mine = scene.mine();
    mine.is_glued |= mine.messages == 0 && greeting.is_some_and(|greeting| greeting.frame == first);
    if unsent > 0 {
        mine.stopped = Some((message.name(), length.saturating_sub(unsent), length));
    }
    match message {
        Message::Handshake(_) => mine.messages = 0,
        _ => mine.messages += 1,
    }
}

/// A hole, or bytes out of step.
pub(in crate::findings) fn hear_gap(
    heard: &Heard<'_>,
    hole: &Hole,
    conversation: &Conversation,
    watch: &mut Watch,
    gathered: &mut Gathered,
) {
    framing::gap(heard, hole, conversation, watch, gathered);
}

/// An attempt at a connection failed; what happened, in words, and what may be
/// behind it.
pub(in crate::findings) fn attempted(
    event: &ConnectionEvent,
    gathered: &mut Gathered,
) -> (String, Option<String>) {
    attempts::failed(event, gathered);
    (attempts::words(event), attempts::guess(event))
}

/// The rule that fires where an acceptor closed on a whole handshake, without a word.
pub(in crate::findings) fn turned_away() -> &'static Rule {
    &attempts::HS_04
}

/// Whether the acceptor closed on a whole handshake, without a word.
pub(in crate::findings) fn is_turned_away(event: &ConnectionEvent) -> bool {
    attempts::is_turned_away(event)
}

/// The capture is over: its last message, and its last packet.
pub(in crate::findings) fn leave(
    discovery: &mut Discovery,
    [now, until]: [Timestamp; 2],
    gathered: &mut Gathered,
) {
    discovery.queries.settle(now);
    dht::conclude(discovery, gathered);
    trackers::conclude(discovery, now, gathered);
    answers::conclude(discovery, until, gathered);
}

/// A connection is over: what others know of it.
pub(in crate::findings) fn untie(ended: &Ended<'_>, watch: &Watch, discovery: &mut Discovery) {
    let Some((_, finish)) = ended.first_finish() else {
        return;
    };
    let [initiator, acceptor] = ended.connection.ends;
    if ended
        .conversation
        .speaker(Side::Initiator)
        .handshake
        .is_some()
    {
        discovery.unties(initiator.ip(), acceptor, finish.stamp);
    }
    if let Some(listening) = watch.listening {
        discovery.unties(acceptor.ip(), listening, finish.stamp);
    }
}

/// A connection is over.
pub(in crate::findings) fn conclude(ended: &Ended<'_>, watch: &mut Watch, gathered: &mut Gathered) {
    let mut ending = Ending {
        ended,
        watch,
        gathered,
    };
    handshake::conclude(&mut ending);
    framing::conclude(&mut ending);
    availability::conclude(&mut ending);
    requests::conclude(&mut ending);
    stances::conclude(&mut ending);
    encryption::conclude(&mut ending);
    // What these look for in the lists may not be there.
    if !ending.watch.is_blind {
        fast::conclude(&mut ending);
        metadata::conclude(&mut ending);
        hashes::conclude(&mut ending);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::wire::{Anomaly, catalogue};

    #[test]
    fn every_rule_is_there_once_and_explained() {
        let mut ids = BTreeSet::new();
        for rule in all() {
            assert!(ids.insert(rule.id), "{} twice", rule.id);
            for text in [rule.meaning, rule.consequence, rule.fix] {
                assert!(text.ends_with('.'), "{}: {text:?}", rule.id);
            }
            assert!(!rule.title.is_empty() && !rule.title.ends_with('.'));
        }
    }

    #[test]
    fn every_anomaly_of_the_catalogue_has_a_rule() {
        let is_wrong = |anomaly: &&Anomaly| match get(anomaly.id) {
            Some(rule) => anomaly.severity > rule.severity,
            // Rules of files are not of captures.
            None => !anomaly.id.starts_with("MI-"),
        };
        let wrong: Vec<_> = catalogue::anomalies()
            .filter(is_wrong)
            .map(|anomaly| (anomaly.id, anomaly.words))
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
