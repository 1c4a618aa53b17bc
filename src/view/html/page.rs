//! The page: its parts in their order.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::connections::Cards;
use super::findings::{Findings, Told};
use super::format::sentence;
use super::names::Names;
use super::plots::Scene;
use super::room::Room;
use super::scope::Scope;
use super::{compared, summary, swarms, tables};
use crate::compare::Comparison;
use crate::report::Digest;
use crate::swarm::Swarm;
use crate::view::text::{Safe, clipped};

/// What the page looks like.
const STYLE: &str = include_str!("style.css");

/// What makes it handier: it works without.
const SCRIPT: &str = include_str!("script.js");

/// Bytes of the page for cards.
const CARDS_BYTES: usize = 640 << 10;

/// Columns of a title.
const MAX_TITLE: usize = 100;

/// A capture of a page.
#[derive(Debug, Clone, Copy)]
pub struct Capture<'a> {
    /// The files that it is in, as the user calls them.
    pub files: &'a str,
    /// What is in it.
    pub digest: &'a Digest,
    /// Who took part in its torrents; none where only some of it is told.
    pub swarms: &'a [Swarm],
    /// What was not kept of it, a line each.
    pub notes: &'a [String],
}

/// A page.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// One capture, or two that are compared.
    pub captures: &'a [Capture<'a>],
    /// What differs between them.
    pub comparison: Option<&'a Comparison>,
    /// What of the captures it is about; `None` is all.
    pub scope: Option<&'a Scope>,
    /// How things are called.
    pub names: &'a Names,
}

/// The page, as HTML.
pub fn write_page(page: &Page<'_>) -> String {
    let title = page.title();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "peerscope " (env!("CARGO_PKG_VERSION")) };
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "To the content" }
                header {
                    h1 { (title) }
                    p.quiet { "A report of peerscope " (env!("CARGO_PKG_VERSION")) ", made from packets. This page is one file: it loads nothing and sends nothing." }
                    (page.contents())
                }
                main id="content" {
                    @if let Some(comparison) = page.comparison { (compared::draw(comparison, page.names)) }
                    @for (index, capture) in page.captures.iter().enumerate() {
                        (page.capture(index, capture))
                    }
                    (page.about())
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

/// The policy: nothing is loaded, and nothing runs but what the page brings.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// The parts of a capture: their ids, and what they are called.
const PARTS: [(&str, &str); 8] = [
    ("findings", "What is wrong"),
    ("attempts", "Attempts that failed"),
    ("plots", "Over time"),
    ("connections", "Connections that tell most"),
    ("all", "All connections"),
    ("torrents", "Torrents"),
    ("swarms", "Who took part"),
    ("messages", "Messages"),
];

impl Capture<'_> {
    /// Whether it has anything for a part.
    fn has(&self, part: &str) -> bool {
        match part {
            "attempts" => !self.digest.attempts.is_empty(),
            "swarms" => !self.swarms.is_empty(),
            _ => true,
        }
    }
}

impl Page<'_> {
    fn title(&self) -> String {
        let name = |capture: &Capture<'_>| {
            if self.names.are_aliases() {
                "a capture".to_owned()
            } else {
                clipped(&Safe::from(capture.files).to_string(), MAX_TITLE).into_owned()
            }
        };
        let names: Vec<_> = self.captures.iter().map(name).collect();
        match &names[..] {
            [one, other] if !self.names.are_aliases() => format!("{one} beside {other}"),
            [_, _] => "Two captures compared".to_owned(),
            _ => names.join(", "),
        }
    }

    fn prefix(&self, index: usize) -> &'static str {
        match (self.captures.len(), index) {
            (1, _) => "",
            (_, 0) => "a-",
            _ => "b-",
        }
    }

    fn contents(&self) -> Markup {
        html! {
            nav aria-label="Contents" {
                @if self.comparison.is_some() { ul { li { a href="#compared" { b { "A beside B" } } } } }
                @for (index, capture) in self.captures.iter().enumerate() {
                    @let prefix = self.prefix(index);
                    ul {
                        @if self.captures.len() > 1 { li { b { (["A", "B"][index.min(1)]) } } }
                        @for (id, name) in PARTS {
                            @if capture.has(id) {
                                li { a href=(format!("#{prefix}{id}")) { (name) } }
                            }
                        }
                        @if index + 1 == self.captures.len() { li { a href="#about" { "About this page" } } }
                    }
                }
            }
        }
    }

    fn capture(&self, index: usize, capture: &Capture<'_>) -> Markup {
        let prefix = self.prefix(index);
        // What differs between two captures takes as much as each of them.
        let parts = match self.captures.len() {
            1 => 1,
            captures => captures + 1,
        };
        let scene = Scene {
            scope: self.scope,
            ..Scene::new(capture.digest, self.names, prefix, parts)
        };
        let findings = Findings {
            report: &capture.digest.findings,
            names: self.names,
            times: scene.times,
            prefix,
            parts,
            told: self.scope.map(|_| Told::of(capture.digest)),
        };
        let cards = Cards {
            scene: &scene,
            findings: &findings,
        };
        let mut room = Room::new(CARDS_BYTES, parts);
        let mut shown: Vec<Markup> = Vec::new();
        for card in &capture.digest.cards {
            shown.extend(room.take(|| cards.draw(card)));
        }
        let part = |which: usize, body: Markup| {
            let (id, name) = PARTS[which];
            html! {
                section id=(format!("{prefix}{id}")) aria-labelledby=(format!("{prefix}{id}-h")) {
                    h2 id=(format!("{prefix}{id}-h")) { (name) }
                    (body)
                }
            }
        };
        html! {
            @if self.captures.len() > 1 {
                h2.capture { (["A", "B"][index.min(1)]) @if !self.names.are_aliases() { ": " (clipped(&Safe::from(capture.files).to_string(), MAX_TITLE)) } }
            }
            section aria-label="Summary" { (summary::draw(&scene)) }
            (part(0, findings.draw()))
            @if capture.has("attempts") { (part(1, tables::attempts(&scene))) }
            (part(2, html! { div.plots { (scene.draw()) } }))
            (part(3, html! {
                p { "Those that failed or where a rule was broken first, then those with the most data. A is the side that opened the connection, B the other." }
                @if shown.is_empty() { p { "There is none." } }
                @for card in &shown { (card) }
            }))
            (part(4, html! {
                (tables::connections(&scene, shown.len()))
            }))
            (part(5, tables::torrents(&scene)))
            @if capture.has("swarms") { (part(6, swarms::draw(&scene, capture.swarms))) }
            (part(7, tables::messages(capture.digest)))
        }
    }

    fn about(&self) -> Markup {
        let without: u64 = self
            .captures
            .iter()
            .map(|capture| capture.digest.without_course)
            .sum();
        html! {
            section id="about" aria-labelledby="about-h" {
                h2 id="about-h" { "About this page" }
                ul {
                    li { "Figures are those of " code { "peerscope sessions --json" } ", findings those of " code { "peerscope check --json" } "; packets are numbered from 1, times count from the first packet." }
                    li { "Plots are thinned so that the page stays below 2 MB: a series over time has up to 128 steps, a plot of points up to 1500 of them, evenly chosen; tables of plots put neighbours together. What a plot leaves out is said beside it." }
                    li { "The 50 connections that tell most have a card, 400 more a row; of all there are totals." }
                    @for (index, capture) in self.captures.iter().enumerate() {
                        @for note in capture.notes {
                            li { @if self.captures.len() > 1 { (["A", "B"][index.min(1)]) ": " } (sentence(note)) }
                        }
                    }
                    @if without > 0 {
                        li { (without) " connections are not in the plots over time: what may be kept of them was spent." }
                    }
                    @if self.names.are_aliases() { (anonymity()) }
                }
            }
        }
    }
}

/// What stays in a page whose names stand for others.
fn anonymity() -> Markup {
    html! {
        li id="anonymity" {
            b { "This page is anonymized." } " What stays: numbers (lengths, indices, counts, limits), flags, names of messages and fields, names and versions of known clients, times since the first packet, and the words of the rules. "
            "What got another name, the same one throughout the page, numbered in the order in which it was met: hosts, ports, peer ids, hashes (info-hashes, node ids), and all other texts (names of torrents and files, URLs, keys that are in no specification). "
            "What is left out: bytes of messages, tokens, the names of the files, the date, and the words of findings that quote the capture."
        }
    }
}
