//! Datagrams that carry a message each: the DHT, UDP trackers, local service
//! discovery.

use std::net::SocketAddr;

use super::audience::Audience;
use super::overview::Forgotten;
use crate::flow::{Counter, Side};
use crate::identify::datagram::{self as identify, Datagram as Verdict};
use crate::packet::{Datagram, Stamp};
use crate::session::recent::Recent;
use crate::session::{DhtQueries, Dissection, Heard, UdpTrackers};
use crate::wire::{Dissected, Layout, Message, dht, udp_tracker};

/// Pairs of addresses that keep their number; one that was silent while many
/// others spoke gets a new one.
const MAX_PAIRS: usize = 1 << 14;

/// What is remembered from one datagram to the next.
pub struct Datagrams {
    counter: Counter,
    /// By the two addresses, the smaller one first.
    pairs: Recent<(SocketAddr, SocketAddr), Pair>,
    queries: DhtQueries,
    trackers: UdpTrackers,
}

/// Two addresses that exchange datagrams.
#[derive(Clone, Copy)]
struct Pair {
    stream: u64,
    /// Who sent the first one.
    initiator: SocketAddr,
}

impl Datagrams {
    /// No datagram yet; `counter` numbers the pairs.
    pub fn new(counter: Counter) -> Self {
        Self {
            counter,
            pairs: Recent::new(MAX_PAIRS, i64::MAX),
            queries: DhtQueries::default(),
            trackers: UdpTrackers::default(),
        }
    }

    /// What had to be forgotten.
    pub fn forgotten(&self) -> Forgotten {
        Forgotten {
            dht_queries: self.queries.forgotten(),
            tracker_requests: self.trackers.forgotten(),
            pairs: self.pairs.forgotten(),
        }
    }

    /// Tells of a datagram if it carries a message; false if it does not.
    pub fn hear(
        &mut self,
        datagram: &Datagram<'_>,
        at: Stamp,
        audience: &mut Audience<'_>,
    ) -> bool {
        match identify::classify(datagram.payload) {
            Verdict::Dht(_) => self.dht(datagram, at, audience),
            Verdict::Lsd => self.lsd(datagram, at, audience),
            Verdict::TrackerConnect | Verdict::Unknown => {
                return self.tracker(datagram, at, audience);
            }
        }
        true
    }

    fn dht(&mut self, datagram: &Datagram<'_>, at: Stamp, audience: &mut Audience<'_>) {
        let length = datagram.wire_length as usize;
        let read = dht::dissect(datagram.payload, length, None, &mut ());
        let (message, problem) = (read.message, read.problem);
        self.queries.hear(datagram.src, datagram.dst, &message, at);
        let pair = self.pair(datagram, at);
        let is_reply = !matches!(message.body, dht::Body::Query(_));
        let query = message
            .transaction
            .filter(|_| is_reply)
            .and_then(|id| self.queries.asked(datagram.src, datagram.dst, id, at.time));
        let method = query.map(|query| query.method);
        let dissected = Dissected {
            message: Message::Dht(Box::new(message.answering(method))),
            problem,
        };
        let dissection = Dissection {
            query: query.map(|query| query.stamp),
            method,
            ..Dissection::new(&dissected, Layout::Dht)
        };
        tell(pair, datagram, at, dissection, audience);
    }

    fn lsd(&mut self, datagram: &Datagram<'_>, at: Stamp, audience: &mut Audience<'_>) {
        let length = datagram.wire_length as usize;
        let Some(read) = Layout::Lsd.dissect(datagram.payload, length, &mut ()) else {
            return;
        };
        let dissection = Dissection::new(&read, Layout::Lsd);
        tell(self.pair(datagram, at), datagram, at, dissection, audience);
    }

    fn tracker(&mut self, datagram: &Datagram<'_>, at: Stamp, audience: &mut Audience<'_>) -> bool {
        let Some(seen) = self.trackers.recognise(datagram, at) else {
            return false;
        };
        let length = datagram.wire_length as usize;
        let read = udp_tracker::dissect(datagram.payload, length, seen.context, &mut ());
        self.trackers
            .hear(datagram.src, datagram.dst, &read.message, at);
        let read = read.map(Message::UdpTracker);
        let dissection = Dissection {
            query: seen.request,
            is_guess: seen.is_guess,
            ..Dissection::new(&read, Layout::UdpTracker(seen.context))
        };
        tell(self.pair(datagram, at), datagram, at, dissection, audience);
        true
    }

    /// The pair that a datagram belongs to.
    fn pair(&mut self, datagram: &Datagram<'_>, at: Stamp) -> Pair {
        let (src, dst) = (datagram.src, datagram.dst);
        let key = (src.min(dst), src.max(dst));
        if let Some(pair) = self.pairs.renew(&key, at) {
            return *pair;
        }
        let pair = Pair {
            stream: self.counter.next(),
            initiator: src,
        };
        self.pairs.insert(key, pair, at);
        pair
    }
}

fn tell(
    pair: Pair,
    datagram: &Datagram<'_>,
    at: Stamp,
    dissection: Dissection<'_>,
    audience: &mut Audience<'_>,
) {
    let from = if datagram.src == pair.initiator {
        Side::Initiator
    } else {
        Side::Acceptor
    };
    let heard = Heard::in_datagram(pair.stream, from, datagram, at, dissection.into());
    audience.message(&heard);
}
