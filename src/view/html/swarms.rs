//! Who took part in which torrent, how they learned of each other, who served whom: what
//! `torrents` and `swarm` know.

use std::cmp::Reverse;
use std::net::SocketAddr;

use maud::{Markup, html};

use super::format::{bytes, count};
use super::plots::Scene;
use super::room::Room;
use crate::swarm::{How, Learned, Outcome, Peer, Swarm};

/// Bytes of the page for torrents and their peers.
const SWARMS_BYTES: usize = 200 << 10;

/// Torrents whose peers are shown, and peers and pairs of each.
const MAX_SWARMS: usize = 8;
const MAX_PEERS: usize = 40;
const MAX_FLOWS: usize = 40;

/// Ways in which one peer was learned that are shown.
const MAX_LEARNED: usize = 4;

/// The torrents with their peers, those with the most data first.
pub fn draw(scene: &Scene<'_>, swarms: &[Swarm]) -> Markup {
    let mut room = Room::new(SWARMS_BYTES, scene.parts);
    let mut order: Vec<&Swarm> = swarms
        .iter()
        .filter(|swarm| !swarm.is_only_sought())
        .collect();
    order.sort_by_key(|swarm| Reverse(swarm.bytes()));
    let sought = swarms.len() - order.len();
    let shown = order.iter().take(MAX_SWARMS);
    let parts: Vec<Markup> = shown
        .filter_map(|swarm| room.take(|| self::swarm(scene, swarm)))
        .collect();
    let left_out = order.len() - parts.len();
    html! {
        @for part in &parts { (part) }
        @if left_out > 0 { p.note { (count(left_out as u64)) " more torrents are not shown with their peers: see peerscope swarm." } }
        @if sought > 0 { p.note { (count(sought as u64)) " info-hashes were only asked for in the DHT." } }
    }
}

fn swarm(scene: &Scene<'_>, swarm: &Swarm) -> Markup {
    let sources: Vec<_> = swarm.sources.iter().map(|source| source.name()).collect();
    let transferred = swarm.count(Peer::has_transferred);
    let mut peers: Vec<_> = swarm.peers.iter().collect();
    peers.sort_by_key(|(address, peer)| (Reverse(peer.served + peer.received), **address));
    let mut flows: Vec<_> = swarm.flows.iter().collect();
    flows.sort_by_key(|(ends, bytes)| (Reverse(**bytes), **ends));
    html! {
        h3.mono { (scene.names.hash(&swarm.hash)) }
        p {
            @if let Some(name) = &swarm.name { b { (scene.names.text(name)) } ". " }
            @if let Some(length) = swarm.length { (bytes("length", length)) ", " }
            @if let Some(pieces) = swarm.pieces { (count(pieces.into())) " pieces. " }
            (count(swarm.peers.len() as u64)) " peers, " (count(transferred as u64)) " with data, "
            (count(swarm.count(|peer| peer.is_seed) as u64)) " that had everything. Seen in: " (sources.join(", ")) "."
        }
        @for (tracker, claims) in &swarm.trackers {
            p {
                "Tracker " (tracker_name(scene, tracker)) " says: "
                (claimed(claims.seeders)) " seeders, " (claimed(claims.leechers)) " leechers (#" (claims.frame) ")."
            }
        }
        @for leak in swarm.leaks() {
            p { span.badge.warning { "private" } " Its peers are told by " (leak.how.name()) " in #" (leak.frame) " (BEP 27)." }
        }
        div.scroll tabindex="0" role="region" aria-label="Peers" {
            table.sortable {
                thead { tr {
                    th scope="col" { "peer" } th scope="col" { "client" } th scope="col" { "served" } th scope="col" { "got" }
                    th scope="col" { "learned by" } th scope="col" { "dialled by" }
                } }
                tbody { @for (address, peer) in peers.iter().take(MAX_PEERS) { (self::peer(scene, **address, peer)) } }
            }
        }
        @if peers.len() > MAX_PEERS { p.note { (count((peers.len() - MAX_PEERS) as u64)) " more peers are not listed." } }
        @if !flows.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Who served whom" {
                table.sortable {
                    thead { tr { th scope="col" { "who served" } th scope="col" { "whom" } th scope="col" { "how much" } } }
                    tbody {
                        @for ((from, to), moved) in flows.iter().take(MAX_FLOWS) {
                            tr {
                                td { (scene.names.address(*from)) }
                                td { (scene.names.address(*to)) }
                                td data-sort=(moved) { (bytes("bytes", **moved)) }
                            }
                        }
                    }
                }
            }
            @if flows.len() > MAX_FLOWS { p.note { (count((flows.len() - MAX_FLOWS) as u64)) " more pairs are not listed." } }
        }
    }
}

fn claimed(count: Option<u64>) -> String {
    count.map_or("?".to_owned(), super::format::count)
}

fn tracker_name(scene: &Scene<'_>, tracker: &str) -> String {
    match tracker.parse::<SocketAddr>() {
        Ok(address) => scene.names.address(address),
        Err(_) => scene.names.text(tracker),
    }
}

fn peer(scene: &Scene<'_>, address: SocketAddr, peer: &Peer) -> Markup {
    let more = peer.learned.len().saturating_sub(MAX_LEARNED) as u64 + peer.left_out;
    html! {
        tr data-peer=(scene.names.address(address)) {
            td { (scene.names.address(address)) @if peer.is_seed { " (seeder)" } }
            td { @if let Some(client) = &peer.client { (scene.names.text(client)) } @else { "-" } }
            td data-sort=(peer.served) { (bytes("served_bytes", peer.served)) }
            td data-sort=(peer.received) { (bytes("received_bytes", peer.received)) }
            td {
                @if peer.learned.is_empty() { span.quiet { "not known" } }
                @for learned in peer.learned.iter().take(MAX_LEARNED) { div { (self::learned(scene, learned)) } }
                @if more > 0 { div.quiet { "and " (count(more)) " more" } }
            }
            td {
                @for dialled in peer.dialled.iter().take(MAX_LEARNED) {
                    div {
                        (scene.names.address(dialled.by)) " in #" (dialled.frame) ": "
                        @match dialled.outcome {
                            Outcome::Connected(how) => (how),
                            Outcome::Failed(how) => span.badge.error { (how) },
                        }
                    }
                }
            }
        }
    }
}

fn learned(scene: &Scene<'_>, learned: &Learned) -> Markup {
    html! {
        @if let Some(by) = learned.by { (scene.names.address(by)) " " }
        @if learned.how == How::Incoming { "by its coming from " } @else { "by " (learned.how.name()) " from " }
        (scene.names.address(learned.from)) " in #" (learned.frame)
    }
}
