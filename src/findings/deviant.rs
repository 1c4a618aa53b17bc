//! Anomalies of the dissector as findings: which of them are a fault of the sender, and
//! how sure that is.

use super::evidence::Evidence;
use super::finding::{Excerpt, Finding};
use super::gathered::Gathered;
use super::rule::Rule;
use super::{rules, words};
use crate::session::Heard;
use crate::wire::extension::ExtendedId;
use crate::wire::peer::Message;
use crate::wire::utp::PacketType;
use crate::wire::{self, Deviation, extension, http_tracker};

/// Messages of which the dissector has nothing to say: those that are many.
#[inline]
pub fn is_plain(heard: &Heard<'_>) -> bool {
    match heard.message() {
        Some(wire::Message::Peer(message)) => {
            heard.problem().is_none()
                && match message {
                    Message::Piece(block) => block.length > 0,
                    Message::KeepAlive
                    | Message::Choke
                    | Message::Unchoke
                    | Message::Interested
                    | Message::NotInterested
                    | Message::HaveAll
                    | Message::HaveNone => true,
                    _ => false,
                }
        }
        None => true,
        Some(wire::Message::Utp(packet)) => {
            let is_data = packet.packet_type == PacketType::DATA;
            let is_known = packet.packet_type.message_type().is_some();
            let has_extensions = packet.extensions.iter().next().is_some();
            let is_sound = is_known && heard.problem().is_none();
            is_sound && !has_extensions && is_data == (packet.payload_length > 0)
        }
        Some(_) => false,
    }
}

/// Whether what is wrong here is told by one of those before it, which break the same
/// rule at the same byte or the layout itself, or better by another one: of a peer that is
/// no dictionary in a list of peers.
pub fn is_said_already<'a>(
    deviation: &Deviation,
    mut before: impl Iterator<Item = &'a Deviation>,
    mut all: impl Iterator<Item = &'a Deviation>,
    layout: Option<&Deviation>,
) -> bool {
    let id = deviation.anomaly.id;
    let is_of_peer = id == "TK-11"
        && all.any(|other| *other.anomaly == http_tracker::anomalies::PEERS_NO_DICTIONARIES)
        && deviation.anomaly.words == "not a dictionary";
    is_of_peer
        || before.any(|other| {
            let is_there = other.at == deviation.at || Some(other) == layout;
            other.anomaly.id == id && is_there
        })
}

/// The finding that an anomaly of the catalogue is.
pub fn of_anomaly(
    heard: &Heard<'_>,
    deviation: &Deviation,
    gathered: &Gathered,
) -> Option<Finding> {
    let rule = rules::get(deviation.anomaly.id)?;
    if rules::is_of_own_network(heard, deviation) || is_of_later(deviation) {
        return None;
    }
    // Of a datagram or a request that is cut, the end is not its own.
    let is_loose = heard.conversation.is_none();
    if (is_loose && heard.missing > 0) || is_of_other(heard, deviation) {
        return None;
    }
    let mut finding = Finding::of(rule, heard, String::new()).severity(deviation.anomaly.severity);
    finding.bep = deviation.anomaly.bep;
    // What is folded into a finding like it needs neither.
    if !gathered.knows(&finding.place, rule) {
        finding.words = words::of_deviation(deviation, heard.bytes);
        finding.excerpt = Excerpt::of(heard, deviation.at);
    }
    if let Some(lack) = lacking(heard, rule) {
        finding = finding.weakened(lack);
    }
    Some(finding)
}

/// Whether it is wrong only where the message is not the first of its kind, which those
/// know who remember it.
fn is_of_later(deviation: &Deviation) -> bool {
    *deviation.anomaly == extension::anomalies::MANY_PEERS
}

/// Whether what is wrong with a message is not its sender's fault, or may not be.
fn is_of_other(heard: &Heard<'_>, deviation: &Deviation) -> bool {
    let id = deviation.anomaly.id;
    let is_unknown = || {
        // An extended handshake that is not there may have said otherwise.
        let receiver = heard.conversation?.speaker(heard.from.other());
        Some(!receiver.is_whole() || heard.acked.is_ahead)
    };
    match heard.peer_message() {
        // It repeats the range of the request.
        Some(Message::HashReject(_)) => id == rules::V2_02.id,
        // The receiver gave one id to several extensions, and is told so there.
        Some(Message::Extended(extended)) if extended.id != ExtendedId::HANDSHAKE => {
            id == "EX-04" || (matches!(id, "EX-02" | "EX-03") && is_unknown() == Some(true))
        }
        _ => false,
    }
}

/// What the capture lacks of what a rule needs to be sure of an anomaly.
fn lacking(heard: &Heard<'_>, rule: &Rule) -> Option<&'static str> {
    let conversation = heard.conversation?;
    let receiver = conversation.speaker(heard.from.other());
    if heard.acked.is_ahead && rule.needs.contains(&Evidence::Whole) {
        return Some(Evidence::Whole.lack());
    }
    let is_missing = |evidence: Evidence| match evidence {
        Evidence::Handshakes => receiver.handshake.is_none(),
        Evidence::Whole => receiver.gaps > 0 || conversation.speaker(heard.from).gaps > 0,
        _ => false,
    };
    let missing = rule.needs.iter().find(|evidence| is_missing(**evidence));
    missing.map(|evidence| evidence.lack())
}
