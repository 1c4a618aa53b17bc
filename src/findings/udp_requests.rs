//! What clients asked UDP trackers, and which replies have the transaction id of another
//! request.

use std::net::SocketAddr;

use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::recent::{CONTACT_NANOS, Recent};
use crate::wire::udp_tracker::Action;

/// Requests that are remembered, half of them for sure, and clients with their tracker.
const CAPACITY: usize = 1 << 12;

/// A request to a UDP tracker: client, tracker, transaction.
type Request = (SocketAddr, SocketAddr, u32);

/// What a client asked a tracker.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    /// The last request, while it is open.
    open: Option<(Action, u32, Stamp)>,
    /// The last transaction that was answered, and what it was about.
    answered: Option<(u32, Action)>,
    /// The last request for a connection.
    connects: Option<Stamp>,
    /// For each action: a request for it was answered.
    has_matched: [bool; 4],
    /// Requests that were open when a reply with the transaction of none came.
    strays: u32,
    /// The last of these.
    strayed: Option<u64>,
}

impl Pair {
    fn matched(&mut self, action: Action) -> Option<&mut bool> {
        self.has_matched.get_mut(action.0 as usize)
    }
}

/// A reply with another transaction id than the request that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherTransaction {
    /// The id of the request.
    pub asked: u32,
    /// Its packet.
    pub at: Stamp,
    /// Where the id comes from, where that can be seen.
    pub how: Option<&'static str>,
}

/// What is remembered of requests.
#[derive(Debug)]
pub struct UdpRequests {
    requests: Recent<Request, Option<Action>>,
    pairs: Recent<(SocketAddr, SocketAddr), Pair>,
}

impl Default for UdpRequests {
    fn default() -> Self {
        Self {
            requests: Recent::new(CAPACITY, CONTACT_NANOS),
            pairs: Recent::new(CAPACITY, CONTACT_NANOS),
        }
    }
}

impl UdpRequests {
    /// A request; gives the same one that was made before and not answered.
    pub fn ask(
        &mut self,
        client: SocketAddr,
        tracker: SocketAddr,
        (action, transaction): (Action, u32),
        at: Stamp,
    ) -> Option<Stamp> {
        let key = (client, tracker, transaction);
        let before = self.requests.get(&key, at.time);
        let before = before.filter(|(open, _)| **open == Some(action));
        let before = before.map(|(_, stamp)| stamp);
        self.requests.insert(key, Some(action), at);
        let pair = self.pairs.entry((client, tracker), at);
        pair.open = Some((action, transaction, at));
        if action == Action::CONNECT {
            pair.connects = Some(at);
        }
        before
    }

    /// A tracker answers.
    pub fn answer(&mut self, client: SocketAddr, tracker: SocketAddr, transaction: u32, at: Stamp) {
        let key = (client, tracker, transaction);
        let asked = self.requests.get(&key, at.time);
        let asked = asked.and_then(|(asked, _)| *asked);
        self.requests.insert(key, None, at);
        let pair = self.pairs.entry((client, tracker), at);
        if let Some(action) = asked {
            pair.answered = Some((transaction, action));
        }
        let is_latest = pair.open.is_some_and(|(_, open, _)| open == transaction);
        if is_latest {
            pair.open = None;
        }
        if let Some(matched) = asked.and_then(|action| pair.matched(action)) {
            *matched = true;
        }
    }

    /// The last request of a client for a connection with a tracker.
    pub fn connects(
        &self,
        client: SocketAddr,
        tracker: SocketAddr,
        now: Timestamp,
    ) -> Option<Stamp> {
        self.pairs.get(&(client, tracker), now)?.0.connects
    }

    /// What is known of a reply, which is about `answers` and has the transaction of no
    /// request, where that is no chance.
    pub fn stray(
        &mut self,
        client: SocketAddr,
        tracker: SocketAddr,
        (answers, transaction): (Option<Action>, u32),
        at: Stamp,
    ) -> Option<OtherTransaction> {
        let (action, asked, since) = self.pairs.get(&(client, tracker), at.time)?.0.open?;
        let pair = self.pairs.entry((client, tracker), at);
        if pair.strayed.replace(since.frame) != Some(since.frame) {
            pair.strays += 1;
        }
        let how = if transaction == asked.swap_bytes() && transaction != asked {
            Some("this is it backwards")
        } else if let Some((before, was_about)) = pair.answered
            && before == transaction
        {
            // Whoever asks twice may be answered twice.
            if answers == Some(was_about) {
                return None;
            }
            Some("this is that of the request before")
        } else {
            None
        };
        let has_matched = pair.matched(action).is_some_and(|matched| *matched);
        // Once, the capture may lack both the request of this and the reply to that.
        let is_certain = how.is_some() || (pair.strays > 1 && !has_matched);
        is_certain.then_some(OtherTransaction {
            asked,
            at: since,
            how,
        })
    }
}
