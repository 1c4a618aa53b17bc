//! How a connection ended, and how an attempt at one failed.

use crate::flow::{Close, Side};
use crate::identify::mse;
use crate::session::event::{first_finish, is_hidden};
use crate::session::{
    Actor, ConnectionChange, ConnectionEvent, Encryption, Finish, LastMessage, Negotiation, Speaker,
};

use super::reading::ConnectionReader;

/// An unproven connection on which more was sent than this is no failed attempt:
/// the longest MSE negotiation and a handshake are shorter.
const MAX_ATTEMPT_BYTES: u64 = 4096;

/// A SYN without an answer is told as unanswered where the capture goes on for
/// this long after it, or where it was repeated.
const MIN_UNANSWERED_NANOS: i64 = 3_000_000_000;

impl ConnectionReader<'_, '_> {
    /// The first bytes of the initiator are at hand for the last time: notes what
    /// they look like.
    pub fn note_look(&mut self) {
        if self.state.is_peer_wire || self.state.negotiation.is_some() {
            return;
        }
        let is_judged = self.state.encryption != Encryption::None;
        self.state.negotiation = match &self.state.opening {
            Some(opening) => opening.negotiation().map(|negotiation| Negotiation {
                is_likely: negotiation.is_likely || is_judged,
                ..negotiation
            }),
            None => None,
        };
        if is_judged && self.state.negotiation.is_none() {
            self.state.negotiation = Some(Negotiation {
                turns: mse::FLIGHTS,
                last: None,
                is_likely: true,
            });
        }
    }

    /// Tells that the connection has proved to be BitTorrent.
    pub fn tell_opened(&mut self) {
        let acceptor = self.connection.address(Side::Acceptor);
        if self.shared.audience.interest.opened {
            let event = self.event(ConnectionChange::Opened, None);
            self.shared.audience.connection(&event);
        }
        if self.connection.from_start {
            let told = self
                .shared
                .attempts
                .proven(acceptor, &self.shared.audience.ends);
            for attempt in told {
                self.shared.audience.connection(&attempt);
            }
        }
    }

    /// Tells how the connection ended, if the capture shows it; holds an attempt
    /// that failed.
    pub fn tell_end(&mut self, how: Close) {
        if self.state.is_peer_wire {
            let Some((side, finish)) = self.first_finish() else {
                return;
            };
            let is_silent = |side: &Side| {
                let speaker: &Speaker = self.state.conversation.speaker(*side);
                speaker.milestones.last.is_none()
            };
            let silent = Side::BOTH.into_iter().find(is_silent);
            // What was said beyond a negotiation, and cannot be decrypted, was said.
            let is_short = self
                .state
                .sent
                .iter()
                .all(|sent| *sent <= MAX_ATTEMPT_BYTES);
            let is_attempt = is_short || self.state.decryption.is_none();
            let is_dropped = is_attempt && silent.is_some_and(|side| !self.is_hidden(side));
            let change = match finish.reset {
                _ if is_dropped && self.connection.from_start => ConnectionChange::Dropped,
                true => ConnectionChange::Reset,
                false => ConnectionChange::Closed,
            };
            let mut event = self.event(change, Some(Actor::End(side)));
            event.stamp = finish.stamp;
            event.is_late = self.shared.audience.latest_told > finish.stamp.frame;
            self.shared.audience.connection(&event);
        } else if self.shared.attempts.are_wanted()
            && let Some(attempt) = self.failed_attempt(how)
        {
            self.shared.attempts.hold(attempt);
        }
    }

    /// Whether a side has sent what the capture lacks: the other acknowledges it, or
    /// nothing of that side was captured at all.
    fn is_hidden(&self, side: Side) -> bool {
        is_hidden(self.connection, self.state.sent, &self.state.finishes, side)
    }

    /// Who stopped first, in the order of the packets.
    fn first_finish(&self) -> Option<(Side, Finish)> {
        first_finish(&self.state.finishes)
    }

    /// What became of an attempt, if it failed.
    fn failed_attempt(&self, how: Close) -> Option<ConnectionEvent> {
        let opening = self.connection.opening?;
        let bytes = self.state.sent;
        let is_answered = opening.is_answered || bytes[1] > 0;
        if let Some(unreachable) = &self.connection.unreachable
            && !is_answered
        {
            let change = ConnectionChange::Unreachable(unreachable.reason);
            let mut event = self.event(change, Some(Actor::Router(unreachable.router)));
            event.stamp = unreachable.stamp;
            return Some(event);
        }
        let finish = self.first_finish();
        if let Some((side, finish)) = finish {
            // Whoever sends data was answered: the capture holds one direction.
            if bytes[0] > 0 && !is_answered {
                return None;
            }
            let change = match (is_answered, side) {
                (false, Side::Acceptor) => ConnectionChange::Refused,
                (false, Side::Initiator) => ConnectionChange::Unanswered,
                (true, _) => ConnectionChange::Dropped,
            };
            let is_small = bytes.iter().all(|bytes| *bytes <= MAX_ATTEMPT_BYTES);
            let mut event = self.event(change, Some(Actor::End(side)));
            event.stamp = finish.stamp;
            return is_small.then_some(event);
        }
        let last = self.connection.last;
        let waited = self.shared.now.map_or(0, |now| now.time.since(last.time));
        let is_unanswered = opening.syns > 1 || waited >= MIN_UNANSWERED_NANOS;
        if is_answered || opening.syns == 0 || how == Close::Reset || !is_unanswered {
            return None;
        }
        Some(self.event(ConnectionChange::Unanswered, None))
    }

    fn event(&self, change: ConnectionChange, by: Option<Actor>) -> ConnectionEvent {
        let conversation = &self.state.conversation;
        let last = |side: Side| {
            let (name, stamp) = conversation.speaker(side).milestones.last?;
            Some(LastMessage {
                from: side,
                name,
                stamp,
            })
        };
        // What the capture lacks may have answered them.
        let open = |side: Side| {
            if self.is_hidden(side.other()) {
                return 0;
            }
            conversation.speaker(side).requests.open() as u32
        };
        ConnectionEvent {
            change,
            by,
            stream: Some(self.connection.stream),
            carrier: self.connection.carrier,
            ends: self.connection.ends,
            first: self.connection.first,
            stamp: self.connection.last,
            syns: self.connection.opening.map_or(0, |opening| opening.syns),
            bytes: self.state.sent,
            open_requests: Side::BOTH.map(open),
            answer: self.state.answer.clone(),
            last_message: Side::BOTH
                .into_iter()
                .filter_map(last)
                .max_by_key(|last| last.stamp.frame),
            looks_encrypted: self.state.negotiation.is_some(),
            is_mse: self.state.decryption.is_some(),
            negotiation: self.state.negotiation,
            named: None,
            then: None,
            is_late: false,
        }
    }
}
