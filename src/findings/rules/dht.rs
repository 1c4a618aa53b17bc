//! Rules on the DHT (BEP 5, 32, 42, 43, 44). What one message shows is found by
//! its dissector.

use super::items::{self, DT_12};
use crate::findings::discovery::{Discovery, Loose};
use crate::findings::evidence::Evidence;
use crate::findings::finding::{Finding, Place};
use crate::findings::gathered::Gathered;
use crate::findings::queries::Stray;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::session::dht::AnsweredQuery;
use crate::session::{Heard, TokenOrigin};
use crate::wire::compact;
use crate::wire::dht::{Body, Message, Method, Query, Results, anomalies, id_fits};
use crate::wire::{Argument, Deviation, Problem, Severity};

/// Replies to queries from before the capture are not told for so long.
const SETTLING_NANOS: i64 = 30_000_000_000;

/// So many queries without a reply, and so many of them to others than the first, show
/// that it is the asker whom nothing reaches.
const MIN_SILENT: u64 = 4;
const MIN_ELSEWHERE: u64 = 2;

/// Digits of an id in hex.
const HEX_DIGITS: usize = 40;

/// A token is of use for so long (BEP 5: "up to ten minutes old").
const TOKEN_NANOS: i64 = 600_000_000_000;

pub static DT_01: Rule = Rule::error("DT-01", 5, "a DHT message that lacks what it must have").explained(
    "A message has t, y, and by its type q and a, r, or e; ids, targets and info-hashes have 20 bytes.",
    "It is dropped, or answered with error 203.",
    "Compare the keys with BEP 5.",
);
pub static DT_03: Rule = Rule::error("DT-03", 5, "a list of nodes or peers with a part of one")
    .explained(
        "nodes have 26 bytes each, nodes6 38, values 6 or 18.",
        "The list is thrown away.",
        "Write id, address and port of each as raw bytes.",
    );
pub static DT_06: Rule = Rule::warning("DT-06", 5, "an announce of port 1 without implied_port").explained(
    "Some clients write port 1 and mean the port of the datagram; that is what implied_port=1 says.",
    "Nodes name a peer at port 1, where nobody is.",
    "Write implied_port=1, or the port that is listened on.",
);
pub static DT_07: Rule = Rule::warning("DT-07", 5, "a port message without the DHT bit")
    .deed("sent a port message to a peer without the DHT")
    .explained(
        "port is for peers that set reserved[7] & 0x01.",
        "Old clients close the connection at a message that they do not know.",
        "Set the bit if you run a node, and look at the other's handshake.",
    )
    .needs(&[Evidence::Handshakes]);
pub static DT_08: Rule = Rule::error("DT-08", 5, "bencode of the DHT that is not in its one form")
    .explained(
        "Keys are sorted and unique, integers have no leading zeros, and nothing follows.",
        "Some nodes drop the message, and firewalls do not recognise it.",
        "Sort keys as raw bytes.",
    );
pub static DT_09: Rule = Rule::info("DT-09", 5, "a node that nobody can reach").explained(
    "Nodes have a port above 0 and an address that others can reach.",
    "Others send queries in vain; libtorrent drops such nodes.",
    "Leave out private, loopback and multicast addresses and port 0 when you answer.",
);
pub static DT_13: Rule = Rule::warning("DT-13", 5, "port 0 in the DHT").explained(
    "Nobody can be reached at port 0.",
    "A query to it goes nowhere; an announce with it names a peer that does not exist.",
    "Use implied_port=1, or the port that you listen on.",
);
pub static DT_14: Rule = Rule::error("DT-14", 5, "a value of the wrong type in a DHT message")
    .explained(
        "A key has a value of another type than its BEP says.",
        "The message is dropped or answered with error 203.",
        "Write ids and addresses as strings, numbers as integers.",
    );
pub static DT_02: Rule = Rule::info("DT-02", 5, "queries and replies that do not meet")
    .explained(
        "A response or error repeats the `t` of the query that it answers, and comes soon. Of this one the capture has no query, though it has others of that host; or queries had no reply within 15 s.",
        "A reply to nothing is dropped, and a node that does not answer is taken for dead. Late replies, and packets that the capture lacks, look alike; a firewall or NAT that lets nothing in has no reply at all.",
        "Send the `t` of the query back, byte for byte; leave nodes that do not answer out of the routing table.",
    )
    .needs(&[Evidence::Exchange]);
pub static DT_04: Rule = Rule::error("DT-04", 5, "a reply to get_peers that leads nowhere")
    .deed("answered get_peers with neither peers nor nodes, or without a token")
    .explained(
        "A reply to get_peers has values or nodes, and a token.",
        "The search ends there, and nobody can announce to that node.",
        "Answer with the closest nodes where no peers are known, and always with a token.",
    )
    .needs(&[Evidence::Exchange]);
pub static DT_05: Rule = Rule::warning("DT-05", 5, "a token that is not from that node, or too old")
    .explained(
        "announce_peer and put give back the token that the same node gave to the same address, within ten minutes.",
        "The node answers with error 203, and the announce is lost.",
        "Keep the token of each node apart, and ask anew before it is ten minutes old.",
    )
    .needs(&[Evidence::Exchange]);
pub static DT_10: Rule = Rule::info("DT-10", 42, "a node id that does not fit the address")
    .explained(
        "The first 21 bits of a node id are a checksum of the node's public address.",
        "Nodes that enforce BEP 42 do not take it into their tables, and store nothing with it.",
        "Compute the id from the address that others tell (`ip`).",
    );
pub static DT_11: Rule = Rule::info("DT-11", 43, "a query to a node that answers none")
    .explained(
        "The node said in its own queries that it is read-only (`ro`).",
        "It does not answer: the query is lost, and the node is taken for dead.",
        "Leave nodes with ro=1 out of the routing table.",
    )
    .needs(&[Evidence::Exchange]);
pub static DT_15: Rule = Rule::error("DT-15", 5, "a reply with another t than its query")
    .deed("answered a query of the DHT with another t")
    .explained(
        "A response or error gives the `t` of its query back, byte for byte.",
        "The asker cannot tell what it answers, and drops it: the node is taken for dead.",
        "Keep `t` as the bytes that came, not as a number or a text, and write them back.",
    )
    .needs(&[Evidence::Exchange]);
pub static DT_16: Rule = Rule::warning("DT-16", 5, "a reply from another end than was asked")
    .explained(
        "A node replies from the address and port that the query was sent to.",
        "Most clients drop what comes from elsewhere, and a NAT does not let it in.",
        "Reply on the socket that the query came in on, bound to the port that others know.",
    )
    .needs(&[Evidence::Exchange]);
pub static PV_02: Rule = Rule::error(
    "PV-02",
    27,
    "a private torrent in the DHT or in local discovery",
)
.deed("announced a private torrent to others than its tracker")
.explained(
    "Peers of a private torrent come from its trackers alone: no DHT, no local discovery.",
    "Private trackers ban clients that do it.",
    "Switch both off where the info dictionary says private=1.",
)
.needs(&[Evidence::Torrent]);

pub static RULES: &[&Rule] = &[
    &DT_01, &DT_02, &DT_03, &DT_04, &DT_05, &DT_06, &DT_07, &DT_08, &DT_09, &DT_10, &DT_11, &DT_12,
    &DT_13, &DT_14, &DT_15, &DT_16, &PV_02,
];

/// Whether it is said that a node has a private address, by one that has such an
/// address too: within a network of its own, nodes are reached by those.
pub fn is_of_own_network(heard: &Heard<'_>, deviation: &Deviation) -> bool {
    let [Argument::Address { start, end }, _] = deviation.arguments else {
        return false;
    };
    let node = heard.bytes.get(start as usize..end as usize);
    deviation.anomaly.id == DT_09.id
        && compact::is_private(heard.src.ip())
        && node
            .and_then(compact::address)
            .is_some_and(compact::is_reachable)
}

/// A message of the DHT, and the query that it answers.
pub fn hear(loose: &mut Loose<'_>, message: &Message<'_>, asked: Option<AnsweredQuery<'_>>) {
    let source = loose.heard.src;
    if let Some(id) = message.node_id()
        && !id_fits(&id, source.ip())
        && compact::is_reachable(source)
    {
        let words = format!("node id {} at {}", hex::encode(id), source.ip());
        loose.find(&DT_10, words);
    }
    match &message.body {
        Body::Query(query) => {
            let t = message.transaction.unwrap_or_default();
            let (from, to, at) = (source, loose.heard.dst, loose.heard.last);
            let is_chosen = loose.gathered.is_chosen;
            let queries = &mut loose.discovery.queries;
            queries.add((from, to), t, at, is_chosen);
            if query.method == Method::GET_PEERS {
                loose.discovery.sources.look(from.ip(), at);
            }
            asks(loose, query);
            let queries = &mut loose.discovery.queries;
            queries.asks(source, message.read_only, at);
        }
        Body::Response(response) => {
            let is_due = replied(loose, message, asked);
            if let Some(asked) = asked {
                let t = message.transaction.unwrap_or_default();
                if asked.method == Method::GET_PEERS {
                    let named = response.results.values.as_ref().map_or(0, Vec::len);
                    loose.discovery.sources.find(named);
                }
                let is_due = is_due && asked.method == Method::GET_PEERS;
                answers(loose, is_due, t, &response.results);
                let (from, to) = (loose.heard.src, loose.heard.dst);
                let queries = &loose.discovery.queries;
                if !queries.is_ambiguous(to, from, t, loose.heard.last.time) {
                    items::found(loose, asked.stamp, &response.results);
                }
            }
        }
        Body::Error(_) => {
            replied(loose, message, asked);
        }
        Body::Unknown(_) => {}
    }
}

/// A reply; says whether it was due.
fn replied(loose: &mut Loose<'_>, message: &Message<'_>, asked: Option<AnsweredQuery<'_>>) -> bool {
    let (from, to, at) = (loose.heard.src, loose.heard.dst, loose.heard.last);
    let now = at.time;
    let mut is_due = false;
    if let Some(t) = message.transaction {
        is_due = loose.discovery.queries.answer(from, to, t, at);
        let stray = asked
            .is_none()
            .then(|| loose.discovery.queries.stray(from, to, t, at));
        if let Some(stray) = stray.flatten() {
            strays(loose, stray);
            return is_due;
        }
    }
    let is_settled = loose.discovery.age(now) > SETTLING_NANOS;
    if asked.is_none() && is_settled && loose.discovery.queries.has_asked(to, now) {
        loose.find(&DT_02, "the capture has no query with this t".to_owned());
    }
    is_due
}

/// A reply that does not meet its query.
fn strays(loose: &mut Loose<'_>, stray: Stray) {
    match stray {
        Stray::OtherTransaction(asked, how) => {
            let how = how.map_or(String::new(), |how| format!(", and {how}"));
            let words = format!("the query of #{} has another t{how}", asked.frame);
            loose.find(&DT_15, words);
        }
        Stray::Elsewhere(end, asked) => {
            let (frame, from) = (asked.frame, loose.heard.src);
            let words = format!("the query of #{frame} asked {end}, and {from} replies");
            loose.find(&DT_16, words);
        }
    }
}

/// The results of a reply; `is_due` if it answers a get_peers, and nothing else.
fn answers(loose: &mut Loose<'_>, is_due: bool, t: &[u8], results: &Results<'_>) {
    let heard = loose.heard;
    if let Some(token) = results.token {
        let tokens = &mut loose.discovery.tokens;
        tokens.give(heard.src, heard.dst.ip(), token, heard.last);
    }
    let now = heard.last.time;
    let is_ambiguous = loose
        .discovery
        .queries
        .is_ambiguous(heard.dst, heard.src, t, now);
    if !is_due || heard.problem().is_some() || is_ambiguous {
        return;
    }
    let has_nodes = results.nodes.is_some() || results.nodes6.is_some();
    let lacks = match (results.values.is_some() || has_nodes, results.token) {
        (false, _) => "neither values nor nodes",
        (true, None) => "no token",
        (true, Some(_)) => return,
    };
    loose.find(&DT_04, format!("get_peers is answered with {lacks}"));
}

fn asks(loose: &mut Loose<'_>, query: &Query<'_>) {
    let heard = loose.heard;
    let now = heard.last.time;
    if loose.discovery.queries.is_read_only(heard.dst, now) {
        loose.find(&DT_11, format!("{} is read-only", heard.dst));
    }
    if let Some(Problem::Malformed(malformed)) = heard.problem() {
        let is_lacking = *malformed.anomaly == anomalies::NO_ARGUMENT;
        let words = in_hex(query).or_else(|| is_lacking.then(|| lacking(query))?);
        if let Some(words) = words {
            loose.explain(&DT_01, words);
        }
    }
    items::asked(loose, query);
    let arguments = &query.arguments;
    let is_storing = [Method::ANNOUNCE_PEER, Method::PUT].contains(&query.method);
    if let Some(token) = arguments.token.filter(|_| is_storing) {
        stores(loose, token);
    }
    let info_hash = arguments.info_hash.and_then(|hash| hash.try_into().ok());
    if let Some(hash) = info_hash
        && loose.discovery.is_private(&hash)
    {
        let words = format!(
            "{} for {}, which is private",
            query.method,
            hex::encode(hash)
        );
        loose.find(&PV_02, words);
    }
}

/// An id or hash of a query that is written in hex digits, in words.
fn in_hex(query: &Query<'_>) -> Option<String> {
    let arguments = &query.arguments;
    let hashes = [
        ("id", arguments.id),
        ("target", arguments.target),
        ("info_hash", arguments.info_hash),
    ];
    let is_hex = |hash: &[u8]| hash.len() == HEX_DIGITS && hash.iter().all(u8::is_ascii_hexdigit);
    let (name, _) = hashes
        .into_iter()
        .find(|(_, hash)| hash.is_some_and(is_hex))?;
    Some(format!("{name} is 40 hex digits, not 20 bytes"))
}

/// Which argument a query lacks, in words.
fn lacking(query: &Query<'_>) -> Option<String> {
    let (method, arguments) = (query.method, &query.arguments);
    let is_announce = method == Method::ANNOUNCE_PEER;
    let seeks_peers = is_announce || method == Method::GET_PEERS;
    let missing = if method == Method::FIND_NODE && arguments.target.is_none() {
        "target"
    } else if seeks_peers && arguments.info_hash.is_none() {
        "info_hash"
    } else if is_announce && arguments.token.is_none() {
        "token"
    } else {
        return None;
    };
    Some(format!("{method} without {missing}"))
}

/// Something that needs the token of the node.
fn stores(loose: &mut Loose<'_>, token: &[u8]) {
    let heard = loose.heard;
    let now = heard.last.time;
    let tokens = &loose.discovery.tokens;
    let words = match tokens.origin(heard.dst, heard.src.ip(), token, now) {
        TokenOrigin::Unknown => return,
        TokenOrigin::Other => "the node has given another token".to_owned(),
        TokenOrigin::Given(at) => {
            let age = now.since(at.time);
            if age <= TOKEN_NANOS {
                return;
            }
            format!("the token of #{} is {} old", at.frame, span(age))
        }
    };
    loose.find(&DT_05, words);
}

/// The end of the capture: queries that were never answered, of nodes of which
/// others were, or of ones that got no answer from anybody.
pub fn conclude(discovery: &Discovery, gathered: &mut Gathered) {
    for (node, asked) in discovery.queries.unanswered() {
        let Some((first, at)) = asked.first else {
            continue;
        };
        let words = if asked.answered > 0 {
            format!(
                "of the queries of {node} {} had no reply within 15 s, {} had",
                asked.unanswered, asked.answered
            )
        } else if asked.unanswered >= MIN_SILENT && asked.elsewhere >= MIN_ELSEWHERE {
            format!(
                "none of {} queries of {node} had a reply within 15 s: nothing comes back to \
                 it, or the capture has one direction only",
                asked.unanswered
            )
        } else {
            continue;
        };
        let place = Place {
            stream: None,
            src: first,
            dst: node,
        };
        let mut finding = Finding::at(&DT_02, place, at, words);
        finding.is_chosen = Some(asked.is_chosen);
        gathered.add(finding);
    }
}

/// A `port` message.
pub fn port(scene: &mut Scene<'_>) {
    let torrent = scene.conversation.torrent.as_ref();
    if torrent.is_some_and(|torrent| torrent.info().is_private()) {
        // libtorrent sends it all the same; it is of a node, not of a torrent.
        let words = "a port message on a private torrent".to_owned();
        scene.find_as(&PV_02, Severity::Info, words);
    }
    let bits = [scene.me(), scene.other()].map(|speaker| speaker.handshake);
    if let [Some(mine), Some(theirs)] = bits
        && !(mine.reserved.dht() && theirs.reserved.dht())
    {
        let whose = if mine.reserved.dht() {
            "the receiver"
        } else {
            "the sender"
        };
        scene.find(
            &DT_07,
            format!("{}; {whose} has not set the DHT bit", scene.message),
        );
    }
}
