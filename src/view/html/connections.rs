//! The connections that tell most, a card each.

use maud::{Markup, html};

use super::findings::{self, Findings, badge, said};
use super::format::{Times, bytes, count, counted, spaced, span};
use super::names::Names;
use super::plots::{self, Scene};
use crate::findings::{Group, Report, Weight};
use crate::flow::Side;
use crate::report::{Card, Profile, Step};
use crate::session::{LatencyFigures, Past, PastEnd};
use crate::view::sessions::{LETTERS, NOT_SEEN, close_name, close_words, request_counts};
use crate::wire::peer::Reserved;

/// Entries of an extended handshake that are shown of a side.
const MAX_ENTRIES: usize = 40;

/// Writes the cards of one capture.
pub struct Cards<'a> {
    /// What all plots share.
    pub scene: &'a Scene<'a>,
    /// What was found.
    pub findings: &'a Findings<'a>,
}

impl Cards<'_> {
    fn names(&self) -> &Names {
        self.scene.names
    }

    fn times(&self) -> Times {
        self.scene.times
    }

    fn group(&self, past: &Past) -> Option<&Group> {
        let report: &Report = self.findings.report;
        let mut groups = report.groups.iter();
        groups.find(|group| group.stream == Some(past.stream()))
    }

    /// The card of a connection.
    pub fn draw(&self, card: &Card) -> Markup {
        let past = &card.past;
        let group = self.group(past);
        let stream = past.stream();
        html! {
            article.card id=(format!("{}c{stream}", self.scene.prefix)) data-stream=(stream) {
                h3 {
                    "#" (stream) " "
                    @for side in Side::BOTH {
                        @if side == Side::Acceptor { span.quiet { " and " } }
                        (LETTERS[side.index()]) " " (self.who(past, side))
                    }
                    " " (standing(group))
                }
                @if let Some((group, cause)) = group.and_then(|group| Some((group, group.cause.as_ref()?))) {
                    (self.findings.cause(group, cause))
                }
                @if let Some(group) = group.filter(|group| !group.findings.is_empty()) {
                    p { "Broken rules: "
                        @for (index, finding) in group.findings.iter().enumerate() {
                            @if index > 0 { ", " }
                            span title=(finding.rule.title) { (finding.rule.id) }
                            " (" (count(finding.count)) "×)"
                        }
                    }
                }
                (self.facts(card))
                (self.sides(card))
                @if let Some(course) = &card.course {
                    @if !course.ladder.steps().is_empty() { (self.ladder(course.ladder.steps(), course.ladder.is_over())) }
                    @if let Some(plot) = plots::of_card(self.scene, card) {
                        details { summary { "Its request queue" } (plot) }
                    }
                }
            }
        }
    }

    fn who(&self, past: &Past, side: Side) -> String {
        let client = self.names().client(past.end(side));
        client.unwrap_or_else(|| self.names().address(past.connection.address(side)))
    }

    fn facts(&self, card: &Card) -> Markup {
        let past = &card.past;
        let lasted = past.connection.last.time.since(past.connection.first.time);
        let name = past.torrent_name();
        html! {
            p.quiet {
                (past.connection.carrier.name())
                @if past.connection.from_start { " from its beginning" } @else { ", its beginning is not in the capture" }
                "; from " (self.times().at(past.connection.first.time)) " s, lasted " (span(lasted))
                "; encryption: " (spaced(past.encryption.said(past.certainty).name()))
                "; closed: " data data-key="close" value=(close_name(past.close)) {
                    (close_words(past.close, past.first_finish.map(|(side, _)| side)))
                }
                @if let Some((_, finish)) = past.first_finish { " in #" (finish.stamp.frame) }
                @if let Some(hash) = past.info_hash {
                    "; torrent " span.mono { (self.names().hash(&hash)) }
                    @if let Some(name) = &name { " " (self.names().text(name)) }
                    @if let Some(pieces) = card.pieces { ", " (count(pieces.into())) " pieces" }
                }
                "."
            }
        }
    }

    /// What each side is, said and did.
    fn sides(&self, card: &Card) -> Markup {
        let past = &card.past;
        let both = |value: &dyn Fn(Side) -> Markup| html! { @for side in Side::BOTH { td data-side=(NAMES[side.index()]) { (value(side)) } } };
        let end = |side: Side| past.end(side);
        let profile = |side: Side| &card.profiles[side.index()];
        html! {
            div.scroll tabindex="0" role="region" aria-label="The two sides" { table.sides {
                thead { tr {
                    th {}
                    @for side in Side::BOTH { th scope="col" { (LETTERS[side.index()]) " " span.quiet { (NAMES[side.index()]) } } }
                } }
                tbody {
                    tr { th scope="row" { "address" } (both(&|side| html! { (self.names().address(past.connection.address(side))) })) }
                    tr { th scope="row" { "client" } (both(&|side| unless_unseen(end(side), self.client(end(side), profile(side))))) }
                    tr { th scope="row" { "extensions" } (both(&|side| reserved(profile(side)))) }
                    tr { th scope="row" { "announced" } (both(&|side| self.announced(profile(side)))) }
                    tr { th scope="row" { "pieces at the end" } (both(&|side| pieces(profile(side), card.pieces))) }
                    tr { th scope="row" { "piece data sent" } (both(&|side| payload(end(side)))) }
                    tr { th scope="row" { "requests" } (both(&|side| requests(end(side), end(side.other())))) }
                    tr { th scope="row" { "waited for pieces" } (both(&|side| latency(end(side).requests.latency))) }
                    tr { th scope="row" { "messages sent" } (both(&|side| unless_unseen(end(side), messages(end(side))))) }
                    tr { th scope="row" { "last message" } (both(&|side| unless_unseen(end(side), self.last(profile(side))))) }
                }
            } }
        }
    }

    fn client(&self, end: &PastEnd, profile: &Profile) -> Markup {
        html! {
            @match self.names().client(end) { Some(client) => (client), None => span.quiet { "unknown" } }
            @if let Some(id) = end.peer_id { br; span.mono.quiet { (self.names().peer_id(&id)) } }
            @else if profile.handshake.is_some() { br; span.quiet { "peer id not captured" } }
        }
    }

    fn announced(&self, profile: &Profile) -> Markup {
        let Some(announced) = &profile.announced else {
            return html! { span.quiet { "no extended handshake" } };
        };
        let entries = announced.entries();
        html! {
            ul.entries {
                @for entry in entries.iter().take(MAX_ENTRIES) {
                    @let (key, value) = self.names().entry(entry);
                    li { span.mono { (key) } " " (value) }
                }
            }
            @if entries.len() > MAX_ENTRIES { p.note { (entries.len() - MAX_ENTRIES) " more" } }
        }
    }

    fn last(&self, profile: &Profile) -> Markup {
        html! {
            @if let Some((name, stamp)) = profile.milestones.last {
                (spaced(name)) " in #" (stamp.frame) ", " (self.times().at(stamp.time)) " s"
            } @else { "-" }
        }
    }

    fn ladder(&self, steps: &[Step], is_over: bool) -> Markup {
        html! {
            details {
                summary { "How it opened: its first " (steps.len()) " steps" }
                div.scroll tabindex="0" role="region" aria-label="How it opened" { table.ladder {
                    thead { tr {
                        th scope="col" { "time (s)" } th scope="col" { "frame" } th scope="col" { "A B" }
                        th scope="col" { "message" } th scope="col" { "in words" }
                    } }
                    tbody {
                        @for step in steps {
                            tr class=(NAMES[step.from.index()]) {
                                td.mono { (self.times().at(step.stamp.time)) }
                                td.mono { (step.stamp.frame) }
                                td.arrow { @match step.from { Side::Initiator => "A → B", Side::Acceptor => "A ← B" } }
                                td { (spaced(step.message.name)) @if step.count > 1 { " ×" (count(step.count)) } }
                                td { (said(&step.words)) }
                            }
                        }
                    }
                } }
                @if is_over { p.note { "Later messages: " code { "peerscope read --stream" } "." } }
            }
        }
    }
}

/// The keys of the two sides.
const NAMES: [&str; 2] = ["initiator", "acceptor"];

/// How a connection stands, in a badge.
fn standing(group: Option<&Group>) -> Markup {
    let Some(group) = group else {
        return html! {};
    };
    let worst = group.findings.iter().map(|finding| finding.severity).max();
    let weight = group.cause.as_ref().map(|cause| cause.weight);
    html! {
        @if weight == Some(Weight::Failed) { span.badge.error { "failed" } " " }
        @if weight == Some(Weight::Explained) { span.badge.error { "broken off" } " " }
        @if weight == Some(Weight::Abrupt) { span.badge.warning { "reset" } " " }
        @if let Some(worst) = worst { (badge(worst)) }
        @else if !findings::is_told(group) { span.badge.fine { "nothing wrong" } }
    }
}

fn reserved(profile: &Profile) -> Markup {
    let Some(handshake) = profile.handshake else {
        return html! { span.quiet { "no handshake" } };
    };
    let reserved: Reserved = handshake.reserved;
    let known: Vec<_> = reserved.known().map(|flag| flag.title).collect();
    html! { @if known.is_empty() { "none" } @else { (known.join(", ")) } }
}

fn pieces(profile: &Profile, all: Option<u32>) -> Markup {
    html! {
        @match profile.pieces_of(all) {
            Some((pieces, is_least)) => { @if is_least { "at least " } (count(pieces.into())) @if let Some(all) = all { " of " (count(all.into())) } }
            None => "-",
        }
    }
}

/// What there is of a side, if anything of it is in the capture.
fn unless_unseen(end: &PastEnd, what: Markup) -> Markup {
    if end.is_unseen() {
        return html! { span.quiet { (NOT_SEEN) } };
    }
    what
}

fn payload(end: &PastEnd) -> Markup {
    if end.is_unseen() {
        let data = super::format::data("payload_bytes", end.payload_bytes, NOT_SEEN);
        return html! { span.quiet { (data) } };
    }
    html! {
        (bytes("payload_bytes", end.payload_bytes))
        @if end.payload_missing > 0 { ", " (bytes("payload_missing", end.payload_missing)) " of it not captured" }
        @if end.gaps > 0 { ", " (count(end.gaps)) " gaps" }
    }
}

fn requests(end: &PastEnd, other: &PastEnd) -> Markup {
    let [(_, asked), fates @ .., deepest] = request_counts(&end.requests);
    let unasked_bytes = ("unasked_bytes", end.requests.fates.unasked_bytes);
    let all = fates.into_iter().chain([unasked_bytes, deepest]);
    html! {
        @if end.is_unseen() { (NOT_SEEN) } @else { (counted("asked", asked)) " asked" }
        @for (key, number) in all.filter(|(_, number)| *number > 0) {
            ", " (counted(key, number)) " " @match key {
                "queue_max" => "open at most",
                "unanswered" if other.is_hidden => "whose answers the capture may lack",
                "unasked_pieces" => "blocks whose request is not in the capture",
                "unasked_bytes" => "bytes of these",
                key => (spaced(key))
            }
        }
    }
}

fn latency(latency: Option<LatencyFigures>) -> Markup {
    let Some(latency) = latency else {
        return html! { "-" };
    };
    let micros = |nanos: i64| nanos.unsigned_abs() / 1000;
    let all = [
        ("min", Some(latency.min), "shortest"),
        ("median", latency.median, "median"),
        ("p95", latency.p95, "95 %"),
        ("max", Some(latency.max), "longest"),
    ];
    html! {
        @for (index, (key, nanos, word)) in all.into_iter().enumerate() {
            @if let Some(nanos) = nanos {
                @if index > 0 { ", " }
                (word) " " (super::format::data(key, micros(nanos), span(nanos)))
            }
        }
    }
}

fn messages(end: &PastEnd) -> Markup {
    html! {
        ul.entries {
            @for (name, number) in &end.messages {
                li { (super::format::data(name, *number, count(*number))) " " (spaced(name)) }
            }
        }
    }
}
