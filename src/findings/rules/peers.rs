//! Rules on the exchange of peers (BEP 11), on partial seeds (BEP 21) and on
//! private torrents (BEP 27).

use std::net::SocketAddr;

use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::findings::suspicion::Excuse;
use crate::flow::Side;
use crate::wire::extension::{ExtendedHandshake, UtPex};

/// PEX is sent once a minute at most; timers are not exact.
const PEX_NANOS: i64 = 55_000_000_000;

/// Peers that a message adds or drops at most, but for the first (BEP 11).
const MAX_PEERS: usize = 50;

/// Peers of a message that libtorrent takes.
const MAX_PEERS_TAKEN: usize = 100;

pub static PX_01: Rule = Rule::warning("PX-01", 11, "PEX more than once a minute")
    .deed("sent PEX too often")
    .explained(
        "ut_pex is sent once a minute at most.",
        "libtorrent closes the connection (too_frequent_pex).",
        "Gather what changed, and send it every 60 s.",
    );
pub static PX_02: Rule = Rule::warning("PX-02", 11, "more than 50 peers in a PEX message")
    .deed("sent more than 50 peers in a PEX message")
    .explained(
        "But for the first one, a message adds 50 peers at most, and drops 50 at most.",
        "libtorrent reads no more than 100.",
        "Keep the rest for the next message.",
    );
pub static PX_03: Rule = Rule::warning("PX-03", 11, "flags that do not fit the added peers")
    .deed("sent PEX flags that do not fit the peers")
    .explained(
        "added.f has one byte for each peer of added.",
        "Clients that index it read past its end, or throw the message away.",
        "Write as many flags as peers, or leave them out.",
    );
pub static PX_04: Rule = Rule::error("PX-04", 11, "a part of a peer in a PEX message")
    .deed("sent a part of a peer by PEX")
    .explained(
        "added and dropped have 6 bytes a peer, added6 and dropped6 have 18.",
        "The list is thrown away.",
        "Write address and port of each peer as raw bytes.",
    );
pub static PX_05: Rule = Rule::warning("PX-05", 11, "a PEX message that contradicts itself").deed("sent a PEX message that contradicts itself").explained(
    "No peer is in a message twice, or added and dropped at once, and there is at least one list.",
    "It costs traffic, and clients take the peer as they please.",
    "Keep a set of what the other was told, and send the difference.",
);
pub static PX_06: Rule = Rule::info("PX-06", 11, "a PEX peer that was never dropped")
    .explained(
        "A message says which of the peers that were added are no longer connected. The capture has the end of that connection, and a later message that does not tell of it.",
        "Others dial a peer that may be gone.",
        "Put a peer into dropped with the next message after its connection ended.",
    )
    .needs(&[Evidence::Whole]);
pub static PX_07: Rule = Rule::warning("PX-07", 11, "a PEX peer that nobody can reach")
    .deed("sent PEX peers that nobody can reach")
    .explained(
        "Peers have a port above 0 and an address that others can reach, and are others than the sender.",
        "Others dial in vain.",
        "Leave out port 0, loopback and multicast addresses, and yourself.",
    );
pub static PX_08: Rule = Rule::error("PX-08", 11, "a PEX message that is no dictionary")
    .deed("sent a PEX message that is no dictionary")
    .explained(
        "The payload is a bencoded dictionary.",
        "It is passed over.",
        "Check that it is the id that the receiver announced for ut_pex.",
    );
pub static US_01: Rule = Rule::warning("US-01", 21, "upload_only, and yet it asks")
    .deed("asked, though it had said upload_only")
    .explained(
        "A peer that says upload_only will not download any more.",
        "Other upload_only peers close the connection; clients leave it out when they unchoke.",
        "Say upload_only=0 when files are wanted again.",
    );
pub static PV_01: Rule = Rule::error("PV-01", 27, "PEX on a private torrent")
    .deed("sent PEX on a private torrent")
    .explained(
        "Peers of a private torrent come from its trackers alone.",
        "Private trackers ban clients that do it; Transmission closes.",
        "Switch ut_pex off where the info dictionary says private=1.",
    )
    .needs(&[Evidence::Torrent]);

pub static RULES: &[&Rule] = &[
    &PX_01, &PX_02, &PX_03, &PX_04, &PX_05, &PX_06, &PX_07, &PX_08, &US_01, &PV_01,
];

/// A message so long after a connection was lost tells of it.
const DROP_NANOS: i64 = 65_000_000_000;

/// What was added and is lost has to be dropped.
fn remember(scene: &mut Scene<'_>, pex: &UtPex<'_>) {
    let (host, now) = (scene.heard.src.ip(), scene.now());
    let dropped: Vec<_> = pex.dropped().take(MAX_PEERS).collect();
    let from = scene.heard.from;
    let told = &mut scene.watch.of(from).told;
    told.retain(|peer| !dropped.contains(peer));
    if dropped.len() < MAX_PEERS {
        let discovery = &scene.discovery;
        let is_lost = |peer: &SocketAddr| {
            let lost = discovery.lost(host, *peer, now);
            lost.filter(|lost| now.since(lost.time) > DROP_NANOS)
        };
        let lost = told.iter().find_map(|peer| Some((*peer, is_lost(peer)?)));
        if let Some((peer, lost)) = lost {
            told.retain(|told| *told != peer);
            let words = format!(
                "{peer} was added and not dropped; its connection ended in #{}, {} before",
                lost.frame,
                span(now.since(lost.time))
            );
            scene.suspect(&PX_06, PX_06.severity, words, Excuse::None);
        }
    }
    for (peer, _) in pex.added().take(MAX_PEERS) {
        if !scene.mine().told.iter().any(|told| *told == peer) {
            scene.remember(|mine| &mut mine.told, peer);
        }
    }
}

/// An extended handshake: whether it offers PEX where the torrent is private, as its sender
/// knows.
pub fn announced(scene: &mut Scene<'_>, handshake: &ExtendedHandshake<'_>) {
    let offers_pex = handshake
        .m
        .iter()
        .any(|(name, id)| *name == b"ut_pex" && *id > 0);
    let has_info = handshake.metadata_size.is_some_and(|size| size > 0)
        || scene.me().pieces.count(scene.conversation.pieces()) > Some(0);
    if offers_pex && has_info && is_private(scene) {
        let words = "ut_pex is announced, and the torrent is private".to_owned();
        scene.find(&PV_01, words);
    }
}

fn is_private(scene: &Scene<'_>) -> bool {
    let torrent = scene.conversation.torrent.as_ref();
    torrent.is_some_and(|torrent| torrent.info().is_private())
}

/// A peer that says that it is connected to itself.
fn names_itself(scene: &mut Scene<'_>, pex: &UtPex<'_>) {
    let src = scene.heard.src;
    let port = scene
        .me()
        .limits
        .p
        .and_then(|port| u16::try_from(port).ok());
    let listening = port.map(|port| SocketAddr::new(src.ip(), port));
    let is_acceptor = scene.heard.from == Side::Acceptor;
    let own = pex.added().map(|(peer, _)| peer);
    let mut own = own.filter(|peer| Some(*peer) == listening || (is_acceptor && *peer == src));
    if let Some(peer) = own.next() {
        scene.find(&PX_07, format!("{peer} is its sender"));
    }
}

/// A message of `ut_pex`.
pub fn pex(scene: &mut Scene<'_>, pex: &UtPex<'_>) {
    names_itself(scene, pex);
    remember(scene, pex);
    let now = scene.now();
    let before = scene.mine().pex.replace(now);
    if let Some(before) = before {
        let after = now.since(before);
        if (0..PEX_NANOS).contains(&after) {
            scene.find(&PX_01, format!("{} after the last one", span(after)));
        }
        let count = |four: Option<&[u8]>, six: Option<&[u8]>| {
            four.map_or(0, |list| list.len() / 6) + six.map_or(0, |list| list.len() / 18)
        };
        let added = count(pex.added, pex.added6);
        let dropped = count(pex.dropped, pex.dropped6);
        let most = added.max(dropped);
        if most > MAX_PEERS {
            let words = format!("{added} peers added, {dropped} dropped");
            // Of more than libtorrent takes the dissector tells.
            match most {
                ..=MAX_PEERS_TAKEN => scene.find(&PX_02, words),
                _ => scene.explain(&PX_02, words),
            }
        }
    }
    if is_private(scene) {
        scene.find(&PV_01, "ut_pex, and the torrent is private".to_owned());
    }
}

/// `interested`, by a peer that wants nothing.
pub fn interested(scene: &mut Scene<'_>) {
    if scene.me().limits.upload_only == Some(true) {
        scene.find(&US_01, "interested after upload_only=1".to_owned());
    }
}
