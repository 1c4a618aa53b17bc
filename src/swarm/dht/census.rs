//! Listens to the messages of the DHT.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;

use foldhash::fast::RandomState;

use super::bootstrap::is_bootstrap;
use super::item::StoredItem;
use super::lookup::{Lookup, Step, shared_bits};
use super::node::Node;
use super::pending::{Pending, Query};
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::{GivenTokens, Heard, HostNames, TokenOrigin};
use crate::wire;
use crate::wire::compact::Family;
use crate::wire::dht::{
    Bloom, Body, Message, Method, Nodes, Response, immutable_target, is_signed, mutable_target,
};

/// Nodes, lookups and items that are kept.
const MAX_NODES: usize = 1 << 14;
const MAX_LOOKUPS: usize = 1 << 11;
const MAX_ITEMS: usize = 1 << 12;

/// Nodes and whom they gave tokens to; who named which node to whom.
const MAX_TOKEN_PAIRS: usize = 1 << 13;
const MAX_NAMED: usize = 1 << 16;

/// The longest salt that is kept, in bytes.
const MAX_SALT: usize = 64;

/// The longest name of a method, and version, that is kept.
const MAX_NAME: usize = 40;

/// What was not kept, to bound memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DhtLeftOut {
    /// Messages of nodes that are not kept.
    pub nodes: u64,
    /// Queries of lookups that are not kept.
    pub lookups: u64,
    /// Messages with items that are not kept.
    pub items: u64,
    /// Queries that were forgotten before it could be said whether they are answered.
    pub queries: u64,
    /// Tokens, and names of nodes, that were not remembered.
    pub others: u64,
}

/// How tokens are used (BEP 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Those that were given.
    pub given: u64,
    /// Announces and puts with a token that the node gave to the asker.
    pub used: u64,
    /// The oldest of these when it was used, in nanoseconds.
    pub oldest: i64,
    /// Announces and puts with none of the tokens that the node gave to the asker.
    pub wrong: u64,
    /// Announces and puts whose token the capture does not show being given.
    pub unknown: u64,
}

/// What a capture shows of the DHT.
#[derive(Debug)]
pub struct Dht {
    /// Its nodes by address.
    pub nodes: BTreeMap<SocketAddr, Node>,
    /// Lookups in the order in which they began.
    pub lookups: Vec<Lookup>,
    /// Items by where they are stored.
    pub items: BTreeMap<[u8; 20], StoredItem>,
    /// How tokens were used.
    pub tokens: Tokens,
    /// Queries of which the capture ends too early to say whether they are answered.
    pub open: u64,
    /// What was not kept.
    pub left_out: DhtLeftOut,
}

/// The listener.
#[derive(Debug)]
pub struct DhtCensus {
    nodes: BTreeMap<SocketAddr, Node>,
    lookups: Vec<Lookup>,
    by_target: HashMap<(SocketAddr, [u8; 20]), usize, RandomState>,
    items: BTreeMap<[u8; 20], StoredItem>,
    pending: Pending,
    tokens: GivenTokens,
    /// Who named a node to an asker first.
    named: HashMap<(SocketAddr, SocketAddr), SocketAddr, RandomState>,
    known: HashSet<SocketAddr, RandomState>,
    seeds: HashMap<usize, [Bloom; 2], RandomState>,
    use_of_tokens: Tokens,
    left_out: DhtLeftOut,
}

impl Default for DhtCensus {
    fn default() -> Self {
        Self {
            nodes: BTreeMap::new(),
            lookups: Vec::new(),
            by_target: HashMap::default(),
            items: BTreeMap::new(),
            pending: Pending::default(),
            tokens: GivenTokens::new(MAX_TOKEN_PAIRS),
            named: HashMap::default(),
            known: HashSet::default(),
            seeds: HashMap::default(),
            use_of_tokens: Tokens::default(),
            left_out: DhtLeftOut::default(),
        }
    }
}

impl DhtCensus {
    /// Takes in a message.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        let Some(wire::Message::Dht(message)) = heard.message() else {
            return;
        };
        let at = heard.last;
        while let Some((frame, query)) = self.pending.overdue(at.time) {
            self.unanswered(frame, &query);
        }
        let reply_to = heard.query().map(|query| query.frame);
        match &message.body {
            Body::Query(asked) => {
                if let Some(node) = self.node(heard.src) {
                    node.asked += 1;
                    node.is_read_only |= message.read_only;
                    note_version(node, message.version);
                    if let Some(id) = asked.arguments.id {
                        node.identify(id, heard.src.ip());
                    }
                }
                self.query(heard, asked);
            }
            Body::Response(response) => self.response(heard, message, response, reply_to),
            Body::Error(_) => {
                self.replied(heard, message, None, reply_to);
                if let Some(node) = self.node(heard.src) {
                    node.errors += 1;
                }
            }
            Body::Unknown(_) => {}
        }
    }

    fn node(&mut self, address: SocketAddr) -> Option<&mut Node> {
        if self.nodes.len() >= MAX_NODES && !self.nodes.contains_key(&address) {
            self.left_out.nodes += 1;
            return None;
        }
        Some(self.nodes.entry(address).or_default())
    }

    fn query(&mut self, heard: &Heard<'_>, query: &crate::wire::dht::Query<'_>) {
        let (asker, node, at) = (heard.src, heard.dst, heard.last);
        let arguments = &query.arguments;
        let target = arguments.target.or(arguments.info_hash);
        let target: Option<[u8; 20]> = target.and_then(|target| target.try_into().ok());
        let is_lookup = [
            Method::FIND_NODE,
            Method::GET_PEERS,
            Method::GET,
            Method::SAMPLE_INFOHASHES,
        ]
        .contains(&query.method);
        let target = target.filter(|_| is_lookup);
        let is_named = self.known.contains(&node);
        if let Some(asked) = self.node(node) {
            let is_first = asked.asked + asked.answered + asked.unanswered == 0;
            asked.is_bootstrap |= is_first && !is_named;
        }
        let waiting = Query {
            asker,
            node,
            target,
            time: at.time,
        };
        self.pending.add(at.frame, waiting);
        if let Some(target) = target {
            self.ask(asker, node, target, query.method, at);
        }
        if let Some(token) = arguments.token {
            self.use_token(asker, node, token, at);
        }
        if let Some(value) = arguments.value.filter(|_| query.method == Method::PUT) {
            let salt = arguments.salt.unwrap_or_default();
            self.item(
                value,
                arguments.key,
                arguments.signature,
                arguments.sequence,
                Some(salt),
                None,
            );
        }
    }

    fn ask(
        &mut self,
        asker: SocketAddr,
        node: SocketAddr,
        target: [u8; 20],
        method: Method<'_>,
        at: Stamp,
    ) {
        let place = match self.by_target.get(&(asker, target)) {
            Some(place) => *place,
            None if self.lookups.len() >= MAX_LOOKUPS => {
                self.left_out.lookups += 1;
                return;
            }
            None => {
                let name = &method.0[..method.0.len().min(MAX_NAME)];
                let name = String::from_utf8_lossy(name).into_owned();
                self.lookups.push(Lookup::new(asker, target, name));
                self.by_target
                    .insert((asker, target), self.lookups.len() - 1);
                self.lookups.len() - 1
            }
        };
        let id = self.nodes.get(&node).and_then(|node| node.id);
        self.lookups[place].ask(Step {
            node,
            given_by: self.named.get(&(asker, node)).copied(),
            shared_bits: id.map(|id| shared_bits(&id, &target)),
            frames: (at.frame, None),
            rtt: None,
            is_unanswered: false,
            nodes: 0,
            values: 0,
        });
    }

    fn use_token(&mut self, asker: SocketAddr, node: SocketAddr, token: &[u8], at: Stamp) {
        let tokens = &mut self.use_of_tokens;
        match self.tokens.origin(node, asker.ip(), token, at.time) {
            TokenOrigin::Given(given) => {
                tokens.used += 1;
                tokens.oldest = tokens.oldest.max(at.time.since(given.time));
            }
            TokenOrigin::Other => tokens.wrong += 1,
            TokenOrigin::Unknown => tokens.unknown += 1,
        }
    }

    /// A reply: the query that it answers, if it was waited for.
    fn replied(
        &mut self,
        heard: &Heard<'_>,
        message: &Message<'_>,
        id: Option<&[u8]>,
        reply_to: Option<u64>,
    ) -> Option<(u64, Query)> {
        let waiting = reply_to.and_then(|frame| Some((frame, self.pending.answered(frame)?)));
        let node = self.node(heard.src)?;
        note_version(node, message.version);
        if let Some(id) = id {
            node.identify(id, heard.src.ip());
        }
        if let Some((_, query)) = &waiting {
            node.answered += 1;
            node.rtt.add(heard.last.time.since(query.time));
        }
        waiting
    }

    fn response(
        &mut self,
        heard: &Heard<'_>,
        message: &Message<'_>,
        response: &Response<'_>,
        reply_to: Option<u64>,
    ) {
        let results = &response.results;
        let waiting = self.replied(heard, message, results.id, reply_to);
        let (asker, node, at) = (heard.dst, heard.src, heard.last);
        let all = [(results.nodes, Family::V4), (results.nodes6, Family::V6)];
        let mut named = 0;
        for (bytes, family) in all {
            let Some(bytes) = bytes else { continue };
            for (_, address) in (Nodes { bytes, family }).iter() {
                named += 1;
                self.name(asker, address, node);
            }
        }
        if let (Some(samples), Some(known)) = (results.num, self.node(node)) {
            known.samples = known.samples.max(Some(samples));
        }
        if let Some(token) = results.token {
            self.use_of_tokens.given += 1;
            self.tokens.give(node, asker.ip(), token, at);
        }
        if let Some(value) = results.value {
            let target = waiting.as_ref().and_then(|(_, query)| query.target);
            self.item(
                value,
                results.key,
                results.signature,
                results.sequence,
                None,
                target,
            );
        }
        let Some((frame, query)) = waiting else {
            return;
        };
        let Some(target) = query.target else {
            return;
        };
        let Some(&place) = self.by_target.get(&(query.asker, target)) else {
            return;
        };
        let values = results.values.as_ref().map_or(0, Vec::len);
        let id = self.nodes.get(&node).and_then(|node| node.id);
        let lookup = &mut self.lookups[place];
        if let Some(step) = lookup.step(frame) {
            step.frames.1 = Some(at.frame);
            step.rtt = Some(at.time.since(query.time));
            step.nodes = named;
            step.values = values as u32;
            step.shared_bits = id.map(|id| shared_bits(&id, &target));
        }
        self.estimate(place, results.seeds, results.peers);
    }

    /// Joins the filters of a reply to those of its lookup (BEP 33).
    fn estimate(&mut self, place: usize, seeds: Option<&[u8]>, peers: Option<&[u8]>) {
        let filters = [seeds, peers].map(|bytes| bytes.and_then(Bloom::from_bytes));
        if filters.iter().all(Option::is_none) {
            return;
        }
        let joined = self.seeds.entry(place).or_default();
        for (joined, filter) in joined.iter_mut().zip(&filters) {
            if let Some(filter) = filter {
                joined.join(filter);
            }
        }
        self.lookups[place].estimate = Some(joined.each_ref().map(Bloom::estimate));
    }

    fn name(&mut self, asker: SocketAddr, address: SocketAddr, by: SocketAddr) {
        if self.named.len() >= MAX_NAMED {
            self.left_out.others += 1;
            return;
        }
        self.named.entry((asker, address)).or_insert(by);
        self.known.insert(address);
        if let Some(node) = self.nodes.get_mut(&address) {
            node.is_named = true;
        }
    }

    /// An item that is put (then its salt is known), or was found at `target`.
    fn item(
        &mut self,
        value: &[u8],
        key: Option<&[u8]>,
        signature: Option<&[u8]>,
        sequence: Option<i64>,
        salt: Option<&[u8]>,
        target: Option<[u8; 20]>,
    ) {
        let key: Option<[u8; 32]> = match key {
            Some(key) => match key.try_into() {
                Ok(key) => Some(key),
                Err(_) => return,
            },
            None => None,
        };
        let computed = match &key {
            Some(key) => mutable_target(key, salt.unwrap_or_default()),
            None => immutable_target(value),
        };
        let place = target.unwrap_or(computed);
        if self.items.len() >= MAX_ITEMS && !self.items.contains_key(&place) {
            self.left_out.items += 1;
            return;
        }
        let item = self.items.entry(place).or_default();
        item.is_mutable |= key.is_some();
        match salt {
            Some(salt) => {
                item.puts += 1;
                item.salt = salt[..salt.len().min(MAX_SALT)].to_vec();
            }
            None => item.gets += 1,
        }
        item.sequence = item.sequence.max(sequence);
        let Some(key) = key else {
            // Its name is the hash of its value.
            let is_right = computed == place;
            item.right += u64::from(is_right);
            item.wrong += u64::from(!is_right);
            return;
        };
        if mutable_target(&key, &item.salt) != place {
            return;
        }
        let holds = is_signed(&key, signature, &item.salt, sequence, value);
        item.right += u64::from(holds);
        item.wrong += u64::from(!holds);
    }

    fn unanswered(&mut self, frame: u64, query: &Query) {
        if let Some(node) = self.node(query.node) {
            node.unanswered += 1;
        }
        let place = query
            .target
            .and_then(|target| self.by_target.get(&(query.asker, target)));
        if let Some(step) = place.and_then(|place| self.lookups[*place].step(frame)) {
            step.is_unanswered = true;
        }
    }

    /// The capture is over, at `now`; `hosts` are the names of addresses.
    pub fn finish(mut self, now: Timestamp, hosts: &HostNames) -> Dht {
        while let Some((frame, query)) = self.pending.overdue(now) {
            self.unanswered(frame, &query);
        }
        for (address, node) in &mut self.nodes {
            node.is_named |= self.known.contains(address);
            node.host = hosts.name(address.ip()).map(Into::into);
            node.is_bootstrap |= node.host.as_deref().is_some_and(is_bootstrap);
        }
        self.left_out.queries = self.pending.forgotten;
        self.left_out.others += self.tokens.forgotten();
        Dht {
            nodes: self.nodes,
            lookups: self.lookups,
            items: self.items,
            tokens: self.use_of_tokens,
            open: self.pending.waiting(),
            left_out: self.left_out,
        }
    }
}

fn note_version(node: &mut Node, version: Option<&[u8]>) {
    if let Some(version) = version.filter(|version| version.len() <= MAX_NAME) {
        node.version = Some(version.to_vec());
    }
}
