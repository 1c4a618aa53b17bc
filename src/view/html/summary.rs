//! What is in a capture, in a paragraph.

use maud::{Markup, html};

use super::format::{count, spaced};
use super::plots::Scene;
use super::scope::Scope;
use super::tables::lasted;
use crate::flow::Side;
use crate::view::quantity::Bytes;
use crate::view::text::{Safe, clipped};
use crate::wire::Severity;
use crate::wire::words::Count;

/// Columns of an expression.
const MAX_EXPRESSION: usize = 300;

/// Clients that are named.
const MAX_CLIENTS: usize = 6;

/// The paragraph.
pub fn draw(scene: &Scene<'_>) -> Markup {
    let digest = scene.digest;
    let totals = &digest.totals;
    let (named, more) = clients(scene);
    let what = match scene.scope {
        None => "BitTorrent connection",
        Some(_) => "such connection",
    };
    html! {
        p.lead {
            @if let Some(scope) = scene.scope { (self::scope(scene, scope)) }
            "In " (lasted(digest)) " up to packet #" (digest.last.frame)
            @if let Some(date) = scene.times.date().filter(|_| !scene.names.are_aliases()) { " (begun " (date) ")" }
            " went by " b { (Count(totals.connections, what).to_string()) }
            @if !digest.torrents.is_empty() {
                " about "
                @if digest.torrents_left_out > 0 { "more than " }
                (Count(digest.torrents.len() as u64, "torrent").to_string())
                @if let [only] = &digest.torrents[..] {
                    @if let Some(name) = &only.name { " (" (scene.names.text(name)) ")" }
                }
            }
            " with " b { (Bytes(totals.payload_bytes).to_string()) } " of piece data"
            @if totals.payload_missing > 0 { ", " (Bytes(totals.payload_missing).to_string()) " of which the capture lacks" }
            @if !named.is_empty() {
                "; clients: " (named.join(", ")) @if more { " and others" }
            }
            ". "
            @if !digest.attempts.is_empty() {
                (Count(digest.attempts.len() as u64 + digest.attempts_left_out, "attempt").to_string()) " at a connection failed. "
            }
            @if totals.requests.asked > 0 {
                "Of " (count(totals.requests.asked)) " requests " (count(totals.requests.answered)) " were answered"
                @if totals.requests.rejected > 0 { ", " (count(totals.requests.rejected)) " rejected" }
                @if totals.requests.dropped > 0 { ", " (count(totals.requests.dropped)) " cancelled or choked away" }
                @if totals.requests.unanswered > 0 { ", " b { (count(totals.requests.unanswered)) " never" } }
                ". "
            }
            (protocols(scene))
            (verdict(scene))
        }
    }
}

/// What of the capture the page is about. An expression may name somebody.
fn scope(scene: &Scene<'_>, scope: &Scope) -> Markup {
    let numbers: Vec<_> = scope.streams.iter().map(u64::to_string).collect();
    let connections = match &numbers[..] {
        [] => String::new(),
        [one] => format!("connection {one}"),
        more => format!("connections {}", more.join(", ")),
    };
    html! {
        b {
            "Only of "
            @match &scope.filter {
                None => (connections),
                Some(filter) => {
                    "connections with a message for which "
                    @if scene.names.are_aliases() { "an expression (left out here)" }
                    @else { code { (clipped(&Safe::from(&filter[..]).to_string(), MAX_EXPRESSION)) } }
                    " is true"
                    @if !numbers.is_empty() { ", of " (connections) }
                }
            }
            "."
        }
        " "
        @if scope.filter.is_some() { "Findings are about such messages, figures of all that was said on these connections. " }
    }
}

fn clients(scene: &Scene<'_>) -> (Vec<String>, bool) {
    let mut named: Vec<String> = Vec::new();
    let mut more = false;
    for card in &scene.digest.cards {
        for side in Side::BOTH {
            let Some(client) = scene.names.client(card.past.end(side)) else {
                continue;
            };
            if named.contains(&client) {
                continue;
            }
            if named.len() == MAX_CLIENTS {
                more = true;
            } else {
                named.push(client);
            }
        }
    }
    (named, more)
}

/// How many messages of which protocol there were.
fn protocols(scene: &Scene<'_>) -> Markup {
    let mut all: Vec<(&'static str, u64)> = Vec::new();
    for (message, number) in &scene.digest.messages {
        let name = message.protocol.name();
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += number,
            None => all.push((name, *number)),
        }
    }
    let said: Vec<String> = all
        .iter()
        .map(|(name, number)| format!("{} of {}", count(*number), protocol(name)))
        .collect();
    let is_filtered = scene.scope.is_some_and(|scope| scope.filter.is_some());
    let head = if is_filtered {
        "Messages for which it is true"
    } else {
        "Messages"
    };
    html! {
        @if !said.is_empty() { (head) ": " (said.join(", ")) ". " }
        @else if scene.scope.is_some() { "There is no such message. " }
        @else { "It holds no BitTorrent message. " }
    }
}

fn protocol(name: &'static str) -> String {
    match name {
        "peer" => "the peer protocol".to_owned(),
        "mse" => "encryption (MSE)".to_owned(),
        "dht" => "the DHT".to_owned(),
        "utp" => "uTP".to_owned(),
        "udp_tracker" => "UDP trackers".to_owned(),
        "http_tracker" => "HTTP trackers".to_owned(),
        "lsd" => "local discovery".to_owned(),
        other => spaced(other),
    }
}

fn verdict(scene: &Scene<'_>) -> Markup {
    let findings = &scene.digest.findings;
    let number = |severity: Severity| {
        let all = findings.findings();
        all.filter(|finding| finding.severity == severity).count() as u64
    };
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    html! {
        @if errors + warnings == 0 { "No rule was broken that matters." }
        @else {
            b { (Count(errors, "error").to_string()) " and " (Count(warnings, "warning").to_string()) } ": see "
            a href=(format!("#{}findings", scene.prefix)) { "what is wrong" } "."
        }
    }
}
