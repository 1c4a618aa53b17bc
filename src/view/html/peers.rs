//! Hosts by the data that they gave and got. Those with most of it have a colour, a
//! dash and a mark of their own, in all plots the same; the matrix of who served whom
//! has hosts of its own, under short names.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use maud::{Markup, html};

use super::names::Names;
use crate::flow::Side;
use crate::report::Digest;
use crate::session::Past;

/// Hosts with a style of their own.
pub const MAX_STYLED: usize = 7;

/// The style of all others.
pub const OTHERS: usize = MAX_STYLED;

/// Hosts that are told apart: rows and columns of the matrix of who served whom.
pub const MAX_HOSTS: usize = 12;

/// A host.
#[derive(Debug)]
pub struct Peer {
    ip: IpAddr,
    /// Its clients.
    clients: Vec<String>,
    given: u64,
    taken: u64,
}

impl Peer {
    fn new(ip: IpAddr) -> Self {
        Self {
            ip,
            clients: Vec::new(),
            given: 0,
            taken: 0,
        }
    }
}

/// The hosts, those with the most data first.
#[derive(Debug)]
pub struct Peers<'a> {
    all: Vec<Peer>,
    names: &'a Names,
}

impl<'a> Peers<'a> {
    /// Those of a capture that gave and got most.
    pub fn of(digest: &Digest, names: &'a Names) -> Self {
        Self::among(digest, names, |_| true)
    }

    /// Those of the first of `pairs`, which are giver, taker and bytes: each of them
    /// served another of them, or was served.
    pub fn by_pairs(digest: &Digest, names: &'a Names, pairs: &[(IpAddr, IpAddr, u64)]) -> Self {
        let mut chosen = BTreeSet::new();
        for &(giver, taker, _) in pairs {
            let new = BTreeSet::from([giver, taker]);
            if chosen.union(&new).count() <= MAX_HOSTS {
                chosen.extend(new);
            }
        }
        Self::among(digest, names, |ip| chosen.contains(&ip))
    }

    fn among(digest: &Digest, names: &'a Names, is_chosen: impl Fn(IpAddr) -> bool) -> Self {
        let mut hosts: BTreeMap<IpAddr, Peer> = BTreeMap::new();
        for (giver, taker, bytes) in digest.served.pairs() {
            hosts.entry(giver).or_insert_with(|| Peer::new(giver)).given += bytes;
            hosts.entry(taker).or_insert_with(|| Peer::new(taker)).taken += bytes;
        }
        hosts.retain(|ip, _| is_chosen(*ip));
        let mut all: Vec<Peer> = hosts.into_values().collect();
        all.sort_by_key(|peer| (Reverse(peer.given + peer.taken), peer.ip));
        all.truncate(MAX_HOSTS);
        let pasts = digest.cards.iter().map(|card| &card.past);
        for past in pasts.chain(&digest.rows) {
            note_clients(&mut all, past, names);
        }
        Self { all, names }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Where a host is among them.
    pub fn index(&self, ip: IpAddr) -> Option<usize> {
        self.all.iter().position(|peer| peer.ip == ip)
    }

    /// The style of a host: its own, or that of the others.
    pub fn style(&self, ip: IpAddr) -> usize {
        self.index(ip).map_or(OTHERS, |index| index.min(OTHERS))
    }

    /// The name of a style: that of its host.
    pub fn label(&self, style: usize) -> String {
        match self.all.get(style).filter(|_| style < OTHERS) {
            Some(peer) => self.name(peer),
            None => "all others".to_owned(),
        }
    }

    /// The short name of the host of this index.
    pub fn short(index: usize) -> String {
        format!("P{}", index + 1)
    }

    /// Short name, address and client of the host of this index.
    pub fn long(&self, index: usize) -> String {
        let peer = &self.all[index];
        format!("{} {}", Self::short(index), self.name(peer))
    }

    fn name(&self, peer: &Peer) -> String {
        let mut name = self.names.host(peer.ip);
        if let [first, rest @ ..] = &peer.clients[..] {
            name.push_str(" · ");
            name.push_str(first);
            if !rest.is_empty() {
                name.push_str(" and others");
            }
        }
        name
    }

    /// All of them in a list.
    pub fn list(&self) -> Markup {
        html! {
            ul.peers {
                @for index in 0..self.all.len() {
                    li { (self.long(index)) }
                }
            }
        }
    }
}

/// Clients of a host that are told apart.
const MAX_CLIENTS: usize = 2;

fn note_clients(all: &mut [Peer], past: &Past, names: &Names) {
    for side in Side::BOTH {
        let ip = past.connection.address(side).ip();
        let Some(client) = names.client(past.end(side)) else {
            continue;
        };
        if let Some(peer) = all.iter_mut().find(|peer| peer.ip == ip)
            && peer.clients.len() < MAX_CLIENTS
            && !peer.clients.contains(&client)
        {
            peer.clients.push(client);
        }
    }
}
