//! What is listed in tables: other connections, attempts, torrents, messages.

use maud::{Markup, html};

use super::format::{bep, bytes, count, counted, spaced, span};
use super::plots::Scene;
use super::room::Room;
use crate::flow::Side;
use crate::report::{Digest, Totals};
use crate::session::{ConnectionEvent, NamedBy, Past};
use crate::view::connection::Happening;
use crate::view::sessions::close_words;
use crate::view::text::Safe;
use crate::wire::words::Count;

/// Bytes of the page for rows of connections, and for attempts.
const ROWS_BYTES: usize = 180 << 10;
const ATTEMPTS_BYTES: usize = 80 << 10;

/// Torrents that are listed.
const MAX_TORRENTS: usize = 40;

/// All connections, those with cards first, and the totals of all.
pub fn connections(scene: &Scene<'_>, cards: usize) -> Markup {
    let digest = scene.digest;
    let mut room = Room::new(ROWS_BYTES, scene.parts);
    let mut rest = digest.rest;
    let mut rows = Vec::new();
    let carded = digest.cards.iter().map(|card| &card.past);
    for (index, past) in carded.chain(&digest.rows).enumerate() {
        match room.take(|| row(scene, past, index < cards)) {
            Some(markup) => rows.push(markup),
            None => rest.add(past),
        }
    }
    let cells = |totals: &Totals| {
        html! {
            td { (count(totals.messages)) }
            td { (bytes("payload_bytes", totals.payload_bytes)) }
            td { (counted("asked", totals.requests.asked)) }
            td { (counted("answered", totals.requests.answered)) }
            td { (counted("unanswered", totals.requests.unanswered)) }
            td { (count(totals.gaps)) }
        }
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="All connections" {
            table.sortable {
                thead { tr {
                    th scope="col" { "#" } th scope="col" { "A" } th scope="col" { "B" } th scope="col" { "end" }
                    th scope="col" { "messages" } th scope="col" { "piece data" } th scope="col" { "requests" }
                    th scope="col" { "answered" } th scope="col" { "unanswered" } th scope="col" { "gaps" }
                } }
                tbody { @for row in &rows { (row) } }
                tfoot {
                    @if rest.connections > 0 {
                        tr.rest {
                            th scope="row" colspan="4" { (counted("connections", rest.connections)) " more" }
                            (cells(&rest))
                        }
                    }
                    tr.totals {
                        th scope="row" colspan="4" {
                            (counted("connections", digest.totals.connections)) " in all"
                        }
                        (cells(&digest.totals))
                    }
                }
            }
        }
        @if digest.maybe > 0 {
            p.note { (count(digest.maybe)) " connections more may be encrypted BitTorrent (MSE); nothing in the capture proves it, and they are in no total." }
        }
    }
}

fn row(scene: &Scene<'_>, past: &Past, has_card: bool) -> Markup {
    let stream = past.stream();
    let mut totals = Totals::default();
    totals.add(past);
    let end = |side: Side| {
        let address = scene.names.address(past.connection.address(side));
        match scene.names.client(past.end(side)) {
            Some(client) => format!("{address} {client}"),
            None => address,
        }
    };
    html! {
        tr data-stream=(stream) {
            td data-sort=(stream) {
                @if has_card { a href=(format!("#{}c{stream}", scene.prefix)) { "#" (stream) } }
                @else { "#" (stream) }
            }
            td { (end(Side::Initiator)) }
            td { (end(Side::Acceptor)) }
            td { (close_words(past.close, past.first_finish.map(|(side, _)| side))) }
            td data-sort=(totals.messages) { (count(totals.messages)) }
            td data-sort=(totals.payload_bytes) { (bytes("payload_bytes", totals.payload_bytes)) }
            td data-sort=(totals.requests.asked) { (counted("asked", totals.requests.asked)) }
            td data-sort=(totals.requests.answered) { (counted("answered", totals.requests.answered)) }
            td data-sort=(totals.requests.unanswered) { (counted("unanswered", totals.requests.unanswered)) }
            td data-sort=(totals.gaps) { (count(totals.gaps)) }
        }
    }
}

/// Attempts at connections that failed.
pub fn attempts(scene: &Scene<'_>) -> Markup {
    let digest = scene.digest;
    let mut room = Room::new(ATTEMPTS_BYTES, scene.parts);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Attempts that failed" {
            table.sortable {
                thead { tr {
                    th scope="col" { "#" } th scope="col" { "time (s)" } th scope="col" { "who" } th scope="col" { "whom" }
                    th scope="col" { "outcome" } th scope="col" { "what happened" } th scope="col" { "known as a peer by" }
                    th scope="col" { "next attempt" }
                } }
                tbody {
                    @for attempt in &digest.attempts {
                        @if let Some(row) = room.take(|| self::attempt(scene, attempt)) { (row) }
                    }
                }
            }
        }
        @if digest.attempts_left_out + room.left_out() > 0 {
            p.note { (count(digest.attempts_left_out + room.left_out())) " more attempts are not listed." }
        }
    }
}

fn attempt(scene: &Scene<'_>, attempt: &ConnectionEvent) -> Markup {
    let words = if scene.names.are_aliases() {
        let named = attempt.change.name();
        spaced(named)
    } else {
        Safe::from(&Happening(attempt).to_string()[..]).to_string()
    };
    html! {
        tr data-attempt=[attempt.stream] {
            td { @if let Some(stream) = attempt.stream { (stream) } @else { "-" } }
            td { (scene.times.at(attempt.first.time)) }
            td { (scene.names.address(attempt.ends[0])) }
            td { (attempt.carrier.name()) " " (scene.names.address(attempt.ends[1])) }
            td { span.badge.error { (spaced(attempt.change.name())) } }
            td { (words) " in #" (attempt.stamp.frame) }
            td { @if let Some(naming) = attempt.named { (named_by(naming.by)) " in #" (naming.frame) } }
            td { @if let Some(then) = attempt.then { "#" (then.frame) } @else { "-" } }
        }
    }
}

fn named_by(by: NamedBy) -> &'static str {
    match by {
        NamedBy::Tracker => "a tracker",
        NamedBy::Dht => "the DHT",
        NamedBy::Peer => "another peer",
        NamedBy::Lsd => "local discovery",
        NamedBy::ExtendedHandshake => "its extended handshake",
        NamedBy::Connection => "another connection",
    }
}

/// The torrents.
pub fn torrents(scene: &Scene<'_>) -> Markup {
    let torrents = &scene.digest.torrents;
    let left_out = torrents.len().saturating_sub(MAX_TORRENTS) as u64;
    let beyond = scene.digest.torrents_left_out;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Torrents" {
            table.sortable {
                thead { tr {
                    th scope="col" { "info-hash" } th scope="col" { "name" } th scope="col" { "pieces" }
                    th scope="col" { "connections" } th scope="col" { "piece data" }
                } }
                tbody {
                    @for torrent in torrents.iter().take(MAX_TORRENTS) {
                        tr {
                            td.mono { (scene.names.hash(&torrent.info_hash)) }
                            td { @match &torrent.name { Some(name) => (scene.names.text(name)), None => span.quiet { "not known" } } }
                            td { @match torrent.pieces { Some(pieces) => (count(pieces.into())), None => "-" } }
                            td { (count(torrent.connections)) }
                            td data-sort=(torrent.payload_bytes) { (bytes("payload_bytes", torrent.payload_bytes)) }
                        }
                    }
                }
            }
        }
        @if left_out > 0 {
            p.note {
                (count(left_out)) " more torrents are not listed"
                @if beyond > 0 { ", nor those of " (Count(beyond, "connection").to_string()) " about still others" }
                "."
            }
        }
    }
}

/// How many messages of which type there are.
pub fn messages(digest: &Digest) -> Markup {
    let mut all: Vec<_> = digest.messages.iter().collect();
    all.sort_by_key(|(message, count)| (message.protocol.name(), std::cmp::Reverse(*count)));
    html! {
        div.scroll tabindex="0" role="region" aria-label="Messages" {
            table.sortable {
                thead { tr {
                    th scope="col" { "protocol" } th scope="col" { "message" } th scope="col" { "BEP" } th scope="col" { "how many" }
                } }
                tbody {
                    @for (message, number) in all {
                        tr {
                            td { (spaced(message.protocol.name())) }
                            td { (spaced(message.name)) }
                            td { @match message.bep { Some(number) => (bep(number)), None => "-" } }
                            td data-sort=(number) { (count(*number)) }
                        }
                    }
                }
            }
        }
    }
}

/// How long a capture is, in words.
pub fn lasted(digest: &Digest) -> String {
    span(digest.last.time.since(digest.first))
}
