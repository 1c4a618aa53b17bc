//! What is wrong: connection by connection, what explains most first.

use maud::{Markup, html};

use super::excerpt;
use super::format::{Times, bep, count, counted, data, sentence, spaced};
use super::names::Names;
use super::room::Room;
use crate::findings::{Cause, Finding, Group, NotEvaluated, Report, Weight};
use crate::flow::Carrier;
use crate::report::Digest;
use crate::view::sessions::LETTERS;
use crate::view::text::{Safe, clipped};
use crate::wire::Severity;
use crate::wire::words::Count;

/// How much was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    connections: u64,
    messages: u64,
}

impl Told {
    /// What there is in a digest.
    pub fn of(digest: &Digest) -> Self {
        Self {
            connections: digest.totals.connections,
            messages: digest.messages.iter().map(|(_, number)| number).sum(),
        }
    }
}

/// Bytes of the page for findings with their bytes, and for those without.
const FULL_BYTES: usize = 560 << 10;
const BRIEF_BYTES: usize = 140 << 10;

/// Columns of the words of a finding at most.
const MAX_WORDS: usize = 400;

/// A severity, in a badge.
pub fn badge(severity: Severity) -> Markup {
    html! { span.badge.(severity.name()) { (severity.name()) } }
}

/// Writes the findings of one capture.
pub struct Findings<'a> {
    /// What was looked at, where that is not all of the capture.
    pub told: Option<Told>,
    /// What was found.
    pub report: &'a Report,
    /// How things are called.
    pub names: &'a Names,
    /// The times of the capture.
    pub times: Times,
    /// What ids begin with.
    pub prefix: &'a str,
    /// Between how many parts the page is divided, of which this is one.
    pub parts: usize,
}

impl Findings<'_> {
    /// The whole part.
    pub fn draw(&self) -> Markup {
        let told = self.report.groups.iter().filter(|group| is_told(group));
        let mut room = Room::new(FULL_BYTES, self.parts);
        let mut full = Vec::new();
        let mut rest: Vec<(&Group, &Finding)> = Vec::new();
        for group in told {
            match room.take(|| self.group(group)) {
                Some(markup) => full.push(markup),
                None => rest.extend(group.findings.iter().map(|finding| (group, finding))),
            }
        }
        html! {
            p { (self.totals()) }
            @if full.is_empty() && rest.is_empty() {
                p { "Nothing is wrong, as far as the capture shows." }
            }
            @for group in &full { (group) }
            @if !rest.is_empty() { (self.brief(&rest)) }
            (self.not_evaluated())
        }
    }

    /// Findings for which there is no room with their bytes.
    fn brief(&self, rest: &[(&Group, &Finding)]) -> Markup {
        let mut room = Room::new(BRIEF_BYTES, self.parts);
        let rows: Vec<_> = rest
            .iter()
            .filter_map(|(group, finding)| room.take(|| self.row(group, finding)))
            .collect();
        html! {
            h3 { "Further findings" }
            p { "Without their bytes, so that the page stays small." }
            div.scroll tabindex="0" role="region" aria-label="Further findings" {
                table.sortable {
                    thead { tr {
                        th scope="col" { "severity" } th scope="col" { "rule" } th scope="col" { "what" }
                        th scope="col" { "connection" } th scope="col" { "frame" } th scope="col" { "times" }
                    } }
                    tbody { @for row in &rows { (row) } }
                }
            }
            @if room.left_out() > 0 {
                p.note {
                    (Count(room.left_out(), "more finding").to_string()) " left out: "
                    code { "peerscope check" } " lists them all."
                }
            }
        }
    }

    fn totals(&self) -> Markup {
        let told = self.told.unwrap_or(Told {
            connections: self.report.connections,
            messages: self.report.messages,
        });
        let count_of = |severity: Severity| {
            let findings = self.report.findings();
            findings
                .filter(|finding| finding.severity == severity)
                .count() as u64
        };
        html! {
            @for severity in [Severity::Error, Severity::Warning, Severity::Info] {
                span.badge.(severity.name()) {
                    (counted(severity.name(), count_of(severity))) " "
                    (severity.name()) @if count_of(severity) != 1 && severity != Severity::Info { "s" }
                }
                " "
            }
            "on " (Count(told.connections, "connection").to_string())
            " and in " (Count(told.messages, "message").to_string())
            @if self.report.left_out > 0 { "; " (count(self.report.left_out)) " more were not kept" }
            "."
        }
    }

    fn group(&self, group: &Group) -> Markup {
        html! {
            article.group {
                h3 { (self.title(group)) }
                @if let Some(cause) = &group.cause { (self.cause(group, cause)) }
                @for finding in &group.findings { (self.finding(group, finding)) }
            }
        }
    }

    fn title(&self, group: &Group) -> Markup {
        html! {
            @match (group.stream, &group.ends) {
                (Some(stream), Some(ends)) => {
                    "Connection " (stream) " "
                    small {
                        (group.carrier.name())
                        @for (index, end) in ends.iter().enumerate() {
                            ", " (LETTERS[index]) " " (self.names.address(*end))
                            @if let Some(client) = &group.clients[index] {
                                @if !self.names.are_aliases() { " " (Safe::from(&client[..]).to_string()) }
                            }
                        }
                    }
                }
                _ => { "Outside of connections " small { "the DHT, trackers, local discovery" } }
            }
        }
    }

    /// Why a connection ended.
    pub fn cause(&self, group: &Group, cause: &Cause) -> Markup {
        let what = match cause.weight {
            Weight::Failed => "An attempt that failed",
            Weight::Elsewhere => "Beside the peers",
            Weight::Unmet => "No peer was reached",
            _ => "Why it ended",
        };
        let is_bad = cause.weight > Weight::Elsewhere;
        html! {
            p.cause.bad[is_bad] data-stream=[group.stream] {
                b { (what) ": " }
                (self.cause_words(cause))
                " (" (frames(&cause.frames))
                @if let Some(number) = cause.rule.and_then(|rule| rule.bep) { "; " (bep(number)) }
                ")."
                @if !self.names.are_aliases() {
                    @for evidence in &cause.evidence { " " (sentence(&said(evidence))) }
                }
            }
        }
    }

    /// The words of a cause; where they may not quote the capture, others.
    pub fn cause_words(&self, cause: &Cause) -> String {
        if !self.names.are_aliases() {
            return said(&cause.words);
        }
        let by = cause.by.map_or("nobody", |side| LETTERS[side.index()]);
        let what = match cause.weight {
            Weight::Unseen => return "the capture does not show it".to_owned(),
            Weight::Orderly => "ended it in good order",
            Weight::Elsewhere => return "data came from a web seed (BEP 19)".to_owned(),
            Weight::Unmet => return "trackers or the DHT led to none".to_owned(),
            Weight::Unexplained => "ended it, and something was left open",
            Weight::Abrupt => "reset it",
            Weight::Undelivered => return "what was sent did not get through".to_owned(),
            Weight::Failed => return "it never came to be".to_owned(),
            Weight::Explained => "ended it, at once after the other side broke a rule",
        };
        match cause.rule {
            Some(rule) => format!("{by} {what}: {} ({})", rule.id, rule.title),
            None => format!("{by} {what}"),
        }
    }

    fn finding(&self, group: &Group, finding: &Finding) -> Markup {
        let rule = finding.rule;
        let is_open = finding.severity > Severity::Info;
        html! {
            details.finding open[is_open] data-rule=(rule.id) data-severity=(finding.severity.name())
                data-frame=(finding.first.frame) data-stream=[finding.place.stream] data-count=(finding.count) {
                summary {
                    (badge(finding.severity)) " " b.rule { (rule.id) } " " (rule.title)
                    @if finding.count > 1 { span.quiet { " " (count(finding.count)) " times" } }
                    @if group.stream.is_none() { span.quiet { " " (self.direction(finding, group)) } }
                }
                p { (self.words(finding)) }
                p.quiet {
                    (self.direction(finding, group)) ", " (frames(&finding.frames))
                    @if finding.count > finding.frames.len() as u64 { " and more" }
                    ", " (self.times.at(finding.first.time)) " s"
                    @if !finding.message.is_empty() { ", message " (spaced(finding.message)) }
                    @if let Some(number) = finding.bep { ", " (bep(number)) }
                    @if let Some(lack) = finding.weakened { "; not sure: " (lack) }
                }
                @if let Some(excerpt) = &finding.excerpt { (excerpt::draw(excerpt, self.names)) }
                @if !rule.meaning.is_empty() {
                    dl {
                        dt { "The rule" } dd { (excerpt::prose(rule.meaning)) }
                        @if !rule.consequence.is_empty() { dt { "What happens" } dd { (excerpt::prose(rule.consequence)) } }
                        @if !rule.fix.is_empty() { dt { "What to change" } dd { (excerpt::prose(rule.fix)) } }
                    }
                }
            }
        }
    }

    fn words(&self, finding: &Finding) -> String {
        if !self.names.are_aliases() {
            return said(&finding.words);
        }
        match finding.rule.deed {
            "" => finding.rule.title.to_owned(),
            deed => format!("The sender {deed}."),
        }
    }

    fn direction(&self, finding: &Finding, group: &Group) -> String {
        match &group.ends {
            Some(ends) if ends[0] == finding.place.src => "A to B".to_owned(),
            Some(_) => "B to A".to_owned(),
            None if group.carrier == Carrier::Udp => {
                let [src, dst] = [finding.place.src, finding.place.dst];
                let [src, dst] = [src, dst].map(|end| self.names.address(end));
                format!("{src} to {dst}")
            }
            None => String::new(),
        }
    }

    fn row(&self, group: &Group, finding: &Finding) -> Markup {
        html! {
            tr.finding data-rule=(finding.rule.id) data-severity=(finding.severity.name())
                data-frame=(finding.first.frame) data-stream=[finding.place.stream] data-count=(finding.count) {
                td { (badge(finding.severity)) }
                td { (finding.rule.id) }
                td { (finding.rule.title) }
                td { @if let Some(stream) = group.stream { "#" (stream) } @else { (self.direction(finding, group)) } }
                td { (finding.first.frame) }
                td { (data("count", finding.count, count(finding.count))) }
            }
        }
    }

    fn not_evaluated(&self) -> Markup {
        html! {
            @if !self.report.not_evaluated.is_empty() {
                details id=(format!("{}not-evaluated", self.prefix)) {
                    summary {
                        "What could not be judged everywhere"
                        @if self.told.is_some() { " (in all of the capture)" }
                    }
                    ul { @for unmet in &self.report.not_evaluated { li { (unmet_words(unmet)) } } }
                }
            }
        }
    }
}

/// Whether a group is told: something is wrong with it.
pub fn is_told(group: &Group) -> bool {
    let weight = group.cause.as_ref().map(|cause| cause.weight);
    !group.findings.is_empty() || weight.is_some_and(|weight| weight > Weight::Orderly)
}

fn unmet_words(unmet: &NotEvaluated) -> Markup {
    let rules: Vec<_> = unmet.rules.iter().map(|rule| rule.id).collect();
    html! {
        (Count(unmet.unmet.connections, "connection").to_string()) ": " (unmet.evidence.lack())
        ". To judge " (rules.join(", ")) ": " (unmet.evidence.remedy()) "."
    }
}

/// Words that may hold text of the capture.
pub fn said(words: &str) -> String {
    clipped(&Safe::from(words).to_string(), MAX_WORDS).into_owned()
}

/// The numbers of packets.
pub fn frames(frames: &[u64]) -> String {
    let frames: Vec<_> = frames.iter().map(|frame| format!("#{frame}")).collect();
    frames.join(", ")
}
