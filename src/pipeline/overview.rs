//! What a capture holds beside what is told: for those who find nothing in it.

use crate::flow::{Carrier, Connection, Side};
use crate::packet::Stats;
use crate::session::WebSeed;
use crate::wire::client;
use crate::wire::http_tracker::ranged_by;

use super::near_misses::NearMisses;
use super::opening::Opening;
use super::peering::Peering;

/// Web seeds that are remembered.
const MAX_WEB_SEEDS: usize = 256;

/// Connections between peers whose numbers are remembered.
const MAX_PEERS_NAMED: usize = 16;

/// What a capture holds.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// Its packets, by what became of them.
    pub packets: Stats,
    /// TCP connections, and SYNs without an answer.
    pub connections: u64,
    /// Those of which only one direction is there.
    pub one_way: u64,
    /// Those of which bytes were sent, and none is in the capture.
    pub without_payload: u64,
    /// Those that are no BitTorrent that can be read, and whose first bytes may be
    /// MSE.
    pub encrypted_looking: u64,
    /// Downloads from web seeds.
    pub web_seeds: Vec<WebSeed>,
    /// What is nearly BitTorrent.
    pub near_misses: NearMisses,
    /// Connections between peers, of TCP and uTP.
    pub peers: u64,
    /// The numbers of those that were over first.
    pub some_peers: Vec<u64>,
    /// What had to be forgotten.
    pub forgotten: Forgotten,
}

/// What was forgotten of datagrams, to bound memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Queries of the DHT, before they were answered: a later reply is read without.
    pub dht_queries: u64,
    /// Requests to UDP trackers, before they were answered: a later reply is not
    /// recognised.
    pub tracker_requests: u64,
    /// Pairs of addresses: they get another number when they speak again.
    pub pairs: u64,
}

impl Overview {
    /// A connection is over.
    pub(super) fn add(&mut self, connection: &Connection, state: &Peering) {
        if state.is_peer_wire {
            self.peers += 1;
            if self.some_peers.len() < MAX_PEERS_NAMED {
                self.some_peers.push(connection.stream);
            }
        }
        if connection.carrier != Carrier::Tcp {
            return;
        }
        self.connections += 1;
        if state.is_peer_wire {
            return;
        }
        let [first, second] = state.sent;
        let is_answered = connection
            .opening
            .is_some_and(|opening| opening.is_answered);
        let is_silent =
            |side: usize| !is_answered && state.sent[1 - side] == 0 && connection.acked[side] == 0;
        self.one_way += u64::from((first > 0 && is_silent(0)) || (second > 0 && is_silent(1)));
        self.without_payload += u64::from(first + second > 0 && !state.has_bytes);
        self.encrypted_looking += u64::from(state.negotiation.is_some());
    }

    /// A connection begins with a request of HTTP by `from`.
    pub(super) fn requested(&mut self, connection: &Connection, from: Side, opening: &Opening) {
        let probe = opening.probe(from);
        self.near_misses.request(connection, &probe.bytes);
        let agent = ranged_by(&probe.bytes).and_then(client::of_user_agent);
        if let (Some(client), Some(request)) = (agent, probe.stamp(0))
            && self.web_seeds.len() < MAX_WEB_SEEDS
        {
            self.web_seeds.push(WebSeed {
                stream: connection.stream,
                ends: [from, from.other()].map(|side| connection.address(side)),
                client,
                request,
            });
        }
    }
}
