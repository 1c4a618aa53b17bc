//! Datagrams that carry a message each: the DHT, UDP trackers, local service
//! discovery.

use std::net::SocketAddr;

use super::Observer;
use crate::flow::{Carrier, Counter, Side};
use crate::identify::datagram::{self as identify, Datagram as Verdict};
use crate::packet::{Datagram, Stamp};
use crate::session::recent::Recent;
use crate::session::{Content, DhtQueries, Ends, Heard, UdpTrackers};
use crate::wire::{dht, lsd, udp_tracker};

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

/// Who is told of a datagram.
pub struct Told<'t> {
    /// The observer.
    pub observer: &'t mut dyn Observer,
    /// What learns the peers that it names.
    pub ends: &'t mut Ends,
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

    /// Tells of a datagram if it carries a message; false if it does not.
    pub fn hear(&mut self, datagram: &Datagram<'_>, at: Stamp, mut told: Told<'_>) -> bool {
        match identify::classify(datagram.payload) {
            Verdict::Dht(_) => self.dht(datagram, at, &mut told),
            Verdict::Lsd => self.lsd(datagram, at, &mut told),
            Verdict::TrackerConnect | Verdict::Unknown => {
                return self.tracker(datagram, at, &mut told);
            }
        }
        true
    }

    fn dht(&mut self, datagram: &Datagram<'_>, at: Stamp, told: &mut Told<'_>) {
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
        let message = message.answering(query.map(|query| query.method));
        let content = Content::Dht {
            message: &message,
            problem,
            query,
        };
        tell(pair, datagram, at, content, told);
    }

    fn lsd(&mut self, datagram: &Datagram<'_>, at: Stamp, told: &mut Told<'_>) {
        let read = lsd::dissect(datagram.payload, datagram.wire_length as usize, &mut ());
        let content = Content::Lsd {
            message: &read.message,
            problem: read.problem,
        };
        tell(self.pair(datagram, at), datagram, at, content, told);
    }

    fn tracker(&mut self, datagram: &Datagram<'_>, at: Stamp, told: &mut Told<'_>) -> bool {
        let Some(seen) = self.trackers.recognise(datagram, at) else {
            return false;
        };
        let length = datagram.wire_length as usize;
        let read = udp_tracker::dissect(datagram.payload, length, seen.context, &mut ());
        self.trackers
            .hear(datagram.src, datagram.dst, &read.message, at);
        let content = Content::UdpTracker {
            message: &read.message,
            problem: read.problem,
            seen,
        };
        tell(self.pair(datagram, at), datagram, at, content, told);
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

fn tell(pair: Pair, datagram: &Datagram<'_>, at: Stamp, content: Content<'_>, told: &mut Told<'_>) {
    let captured = datagram.payload.len() as u64;
    let length = u64::from(datagram.wire_length);
    let from = if datagram.src == pair.initiator {
        Side::Initiator
    } else {
        Side::Acceptor
    };
    let heard = Heard {
        stream: pair.stream,
        carrier: Carrier::Udp,
        src: datagram.src,
        dst: datagram.dst,
        from,
        conversation: None,
        transition: None,
        acked: 0,
        offset: 0,
        length,
        bytes: datagram.payload,
        missing: length.saturating_sub(captured),
        unsent: 0,
        first: at,
        last: at,
        fields: None,
        content,
    };
    told.observer.message(&heard);
    told.ends.hear(&heard);
}
