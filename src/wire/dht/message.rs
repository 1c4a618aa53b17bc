//! What a KRPC message says.

use super::code::ErrorCode;
use super::keys;
use super::method::Method;
use super::nodes::Nodes;
use crate::wire::compact::Family;
use crate::wire::message_type::MessageType;

/// A KRPC message. Strings are as long as the sender made them; a value of
/// another type than its key calls for counts as absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<'i> {
    /// `t`: pairs a reply with its query.
    pub transaction: Option<&'i [u8]>,
    /// What it is.
    pub body: Body<'i>,
    /// `v`: the sender's client, two letters and two bytes of version.
    pub version: Option<&'i [u8]>,
    /// `ip`: the receiver's address as the sender sees it, compact, with or
    /// without a port (BEP 42).
    pub ip: Option<&'i [u8]>,
    /// `ro`: the sender answers no queries (BEP 43).
    pub read_only: bool,
    /// `c`: the topic of an overlay (BEP 50).
    pub topic: Option<&'i [u8]>,
}

/// The three kinds of messages.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<'i> {
    /// `y` is `q`.
    Query(Box<Query<'i>>),
    /// `y` is `r`.
    Response(Box<Response<'i>>),
    /// `y` is `e`.
    Error(ErrorBody<'i>),
    /// Neither `y` nor the other keys tell; holds what `y` says.
    Unknown(Option<&'i [u8]>),
}

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query<'i> {
    /// `q`; empty when that is missing.
    pub method: Method<'i>,
    /// `a`.
    pub arguments: Arguments<'i>,
}

/// The arguments of a query, of whatever method.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arguments<'i> {
    /// The sender's node id.
    pub id: Option<&'i [u8]>,
    /// The id looked for: of `find_node`, `get`, `sample_infohashes`.
    pub target: Option<&'i [u8]>,
    /// The torrent: of `get_peers`, `announce_peer`.
    pub info_hash: Option<&'i [u8]>,
    /// The families of nodes wanted (BEP 32).
    pub want: Option<Want>,
    /// No seeds wanted (BEP 33).
    pub noseed: Option<i64>,
    /// Bloom filters wanted (BEP 33).
    pub scrape: Option<i64>,
    /// The sender's peer port.
    pub port: Option<i64>,
    /// Not 0: the peer port is the datagram's source port.
    pub implied_port: Option<i64>,
    /// From an earlier reply to `get_peers` or `get`.
    pub token: Option<&'i [u8]>,
    /// The sender is a seed (BEP 33).
    pub seed: Option<i64>,
    /// Name of the torrent (`n` or `name`).
    pub name: Option<&'i [u8]>,
    /// The item to store, bencoded (BEP 44).
    pub value: Option<&'i [u8]>,
    /// Ed25519 public key of a mutable item, 32 bytes.
    pub key: Option<&'i [u8]>,
    /// Its sequence number.
    pub sequence: Option<i64>,
    /// Its signature, 64 bytes.
    pub signature: Option<&'i [u8]>,
    /// Its salt, at most 64 bytes.
    pub salt: Option<&'i [u8]>,
    /// Store only if this is the sequence number stored.
    pub cas: Option<i64>,
}

/// The families of nodes that a query wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Want {
    /// `n4`
    pub v4: bool,
    /// `n6`
    pub v6: bool,
}

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub struct Response<'i> {
    /// The method of the query it answers, where known or inferred.
    pub method: Option<Method<'i>>,
    /// The method is inferred from the keys, not known.
    pub inferred: bool,
    /// `r`.
    pub results: Results<'i>,
}

/// The results in a response, to whatever method.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Results<'i> {
    /// The sender's node id.
    pub id: Option<&'i [u8]>,
    /// `nodes`, a string of 26-byte nodes.
    pub nodes: Option<&'i [u8]>,
    /// `nodes6`, a string of 38-byte nodes (BEP 32).
    pub nodes6: Option<&'i [u8]>,
    /// Peers, each 6 or 18 bytes.
    pub values: Option<Vec<&'i [u8]>>,
    /// To be given back in `announce_peer` or `put`.
    pub token: Option<&'i [u8]>,
    /// `BFsd`: bloom filter of seeds, 256 bytes (BEP 33).
    pub seeds: Option<&'i [u8]>,
    /// `BFpe`: bloom filter of other peers, 256 bytes (BEP 33).
    pub peers: Option<&'i [u8]>,
    /// Seconds until other samples are given (BEP 51).
    pub interval: Option<i64>,
    /// Info-hashes known to the node (BEP 51).
    pub num: Option<i64>,
    /// Some of them, 20 bytes each (BEP 51).
    pub samples: Option<&'i [u8]>,
    /// The item, bencoded (BEP 44).
    pub value: Option<&'i [u8]>,
    /// Its Ed25519 public key, if it is mutable.
    pub key: Option<&'i [u8]>,
    /// Its sequence number.
    pub sequence: Option<i64>,
    /// Its signature.
    pub signature: Option<&'i [u8]>,
}

/// The list of an error message: `[code, text]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorBody<'i> {
    /// The code.
    pub code: Option<ErrorCode>,
    /// The text, for people.
    pub text: Option<&'i [u8]>,
}

impl<'i> Message<'i> {
    /// The name, as JSON has it.
    pub fn name(&self) -> &'static str {
        self.message_type().name
    }

    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self.body {
            Body::Query(_) => &keys::QUERY,
            Body::Response(_) => &keys::RESPONSE,
            Body::Error(_) => &keys::ERROR,
            Body::Unknown(_) => &keys::UNKNOWN,
        }
    }

    /// The method of a query or of the query that a response answers.
    pub fn method(&self) -> Option<Method<'_>> {
        match &self.body {
            Body::Query(query) => Some(query.method),
            Body::Response(response) => response.method,
            Body::Error(_) | Body::Unknown(_) => None,
        }
    }

    /// The message, if it is a response, as one to a query of this method.
    pub fn answering<'q>(mut self, method: Option<Method<'q>>) -> Self
    where
        'q: 'i,
    {
        if let (Body::Response(response), Some(method)) = (&mut self.body, method) {
            response.method = Some(method);
            response.inferred = false;
        }
        self
    }

    /// Whether the method of a response is inferred from its keys.
    pub fn is_inferred(&self) -> bool {
        matches!(&self.body, Body::Response(response) if response.inferred)
    }

    /// The sender's node id, where it has the right length.
    pub fn node_id(&self) -> Option<[u8; 20]> {
        match &self.body {
            Body::Query(query) => query.arguments.id,
            Body::Response(response) => response.results.id,
            Body::Error(_) | Body::Unknown(_) => None,
        }?
        .try_into()
        .ok()
    }
}

impl<'i> Results<'i> {
    /// The nodes of one family.
    pub fn nodes_of(&self, family: Family) -> Option<Nodes<'i>> {
        let bytes = match family {
            Family::V4 => self.nodes,
            Family::V6 => self.nodes6,
        }?;
        Some(Nodes { bytes, family })
    }

    /// The method that these keys are results of. A `get` without an item looks
    /// like a `get_peers` without peers: the latter is by far the commoner.
    pub fn likely_method(&self) -> Option<Method<'static>> {
        if self.samples.is_some() {
            Some(Method::SAMPLE_INFOHASHES)
        } else if self.values.is_some() || self.seeds.is_some() || self.peers.is_some() {
            Some(Method::GET_PEERS)
        } else if self.value.is_some() || self.key.is_some() || self.sequence.is_some() {
            Some(Method::GET)
        } else if self.token.is_some() {
            Some(Method::GET_PEERS)
        } else if self.nodes.is_some() || self.nodes6.is_some() {
            Some(Method::FIND_NODE)
        } else {
            None
        }
    }
}
