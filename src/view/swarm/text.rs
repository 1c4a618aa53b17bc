//! A swarm in words: its peers, who served whom, what trackers said.

use std::net::SocketAddr;

use crate::swarm::{Agreement, Outcome, Peer, Swarm};
use crate::view::document::Document;
use crate::view::quantity::Bytes;
use crate::view::style::Role;
use crate::wire::words::Count;

/// Who served whom is shown of so many pairs.
const SHOWN_FLOWS: usize = 50;

/// Times at which a peer had more pieces that are shown.
const SHOWN_POINTS: usize = 5;

/// Appends a swarm.
pub fn push_swarm(document: &mut Document, swarm: &Swarm) {
    document.role(Role::Hash);
    document.push(&hash(swarm));
    document.role(Role::Plain);
    if let Some(name) = &swarm.name {
        document.push_display(format_args!("  {name}"));
    }
    document.end_line();
    let seeds = swarm.count(|peer| peer.is_seed);
    let transferred = swarm.count(Peer::has_transferred);
    line(
        document,
        Role::Quiet,
        format_args!(
            "{}, {transferred} with data, {}, {}",
            Count(swarm.peers.len() as u64, "peer"),
            Count(seeds as u64, "seeder"),
            Bytes(swarm.bytes())
        ),
    );
    for leak in swarm.leaks() {
        let words = format_args!(
            "! private, but in frame {} its peers are told by {} (BEP 27)",
            leak.frame,
            leak.how.name()
        );
        line(document, Role::Warning, words);
    }
    for (tracker, claims) in &swarm.trackers {
        let claimed = |count: Option<u64>, what| match count {
            Some(count) => Count(count, what).to_string(),
            None => format!("? {what}s"),
        };
        let host = claims.host.as_ref().map(|host| format!(" ({host})"));
        let words = format_args!(
            "tracker {tracker}{} says: {}, {} (frame {})",
            host.unwrap_or_default(),
            claimed(claims.seeders, "seeder"),
            claimed(claims.leechers, "leecher"),
            claims.frame
        );
        line(document, Role::Discovery, words);
    }
    for (address, peer) in &swarm.peers {
        push_peer(document, *address, peer, swarm.pieces);
    }
    for ((from, to), bytes) in swarm.flows.iter().take(SHOWN_FLOWS) {
        line(
            document,
            Role::Delivery,
            format_args!("{from} sent {to} {}", Bytes(*bytes)),
        );
    }
    if let Some(more) = swarm
        .flows
        .len()
        .checked_sub(SHOWN_FLOWS)
        .filter(|more| *more > 0)
    {
        line(
            document,
            Role::Quiet,
            format_args!("and {more} pairs more: see --json"),
        );
    }
}

fn push_peer(document: &mut Document, address: SocketAddr, peer: &Peer, pieces: Option<u32>) {
    document.role(Role::Address);
    document.push_display(format_args!("  {address}"));
    document.role(Role::Plain);
    if let Some(client) = &peer.client {
        document.push_display(format_args!(" {client}"));
    }
    if peer.is_seed {
        document.push(" (seeder)");
    }
    document.end_line();
    if peer.has_transferred() {
        let words = format_args!(
            "  served {}, got {}",
            Bytes(peer.served),
            Bytes(peer.received)
        );
        line(document, Role::Delivery, words);
    }
    push_growth(document, peer, pieces);
    push_announced(document, peer);
    for learned in &peer.learned {
        let by = learned.by.map(|by| format!("{by} ")).unwrap_or_default();
        let words = format_args!(
            "  {by}learned of it by {} from {}, frame {}",
            learned.how.name(),
            learned.from,
            learned.frame
        );
        line(document, Role::Quiet, words);
    }
    if peer.learned.is_empty() {
        line(
            document,
            Role::Quiet,
            format_args!("  nothing in the capture says how it was learned"),
        );
    }
    for dialled in &peer.dialled {
        let role = match dialled.outcome {
            Outcome::Connected(_) => Role::Quiet,
            Outcome::Failed(_) => Role::Problem,
        };
        let words = format_args!(
            "  dialled by {}, frame {}: {}",
            dialled.by,
            dialled.frame,
            dialled.outcome.name()
        );
        line(document, role, words);
    }
}

/// How many pieces it had over time, at some times of those that are known.
fn push_growth(document: &mut Document, peer: &Peer, pieces: Option<u32>) {
    let points = peer.growth.points();
    let Some(last) = points.len().checked_sub(1) else {
        return;
    };
    let steps = last.min(SHOWN_POINTS - 1);
    let shown = (0..=steps).map(|step| &points[last * step / steps.max(1)]);
    let said: Vec<_> = shown
        .map(|had| format!("{} (#{})", had.pieces, had.at.frame))
        .collect();
    let all = pieces.map(|all| format!(" of {all}")).unwrap_or_default();
    let words = format_args!("  had {}{all} pieces", said.join(", "));
    line(document, Role::Plain, words);
}

/// What it told trackers, beside what passed.
fn push_announced(document: &mut Document, peer: &Peer) {
    let Some([first, last]) = peer.announced else {
        return;
    };
    let Some(ways) = peer.compared() else {
        let words = format_args!(
            "  told trackers: uploaded {}, downloaded {} (frame {})",
            Bytes(last.uploaded),
            Bytes(last.downloaded),
            last.frame
        );
        return line(document, Role::Discovery, words);
    };
    for (what, (told, passed, agreement)) in ["uploaded", "downloaded"].into_iter().zip(ways) {
        let (role, verdict) = match agreement {
            Agreement::AsSeen => (Role::Discovery, String::new()),
            Agreement::More => (
                Role::Warning,
                format!(", more than the {} seen", Bytes(passed)),
            ),
            Agreement::Less => (
                Role::Warning,
                format!(", less than the {} seen", Bytes(passed)),
            ),
        };
        let words = format_args!(
            "  told trackers: {what} {} in frames {} to {}{verdict}",
            Bytes(told),
            first.frame,
            last.frame,
        );
        line(document, role, words);
    }
}

fn line(document: &mut Document, role: Role, words: std::fmt::Arguments<'_>) {
    document.role(role);
    document.push_display(format_args!("  {words}"));
    document.end_line();
}

/// A torrent's hash in hex digits.
pub(super) fn hash(swarm: &Swarm) -> String {
    hex::encode(swarm.hash)
}
