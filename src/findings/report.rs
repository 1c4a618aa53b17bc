//! What a check comes to.

use std::collections::HashMap;
use std::net::SocketAddr;

use foldhash::fast::RandomState;

use super::cause::{Cause, Weight};
use super::evidence::{Evidence, Unmet};
use super::finding::Finding;
use super::lacks::Lacks;
use super::rule::Rule;
use super::rules;
use super::selection::Selection;
use super::verified::Checked;
use crate::flow::Carrier;
use crate::session::{ConnectionEvent, Ended, Speaker, WebSeed};
use crate::wire::Severity;

/// A connection with findings.
#[derive(Debug)]
pub struct Group {
    /// Its number; `None` for datagrams outside of any.
    pub stream: Option<u64>,
    /// TCP, uTP, or UDP for datagrams.
    pub carrier: Carrier,
    /// Initiator and acceptor.
    pub ends: Option<[SocketAddr; 2]>,
    /// Their clients, by their peer ids; text of the capture.
    pub clients: [Option<String>; 2],
    /// The torrent.
    pub info_hash: Option<[u8; 20]>,
    /// Why it ended; for datagrams, why no peer was reached, where none was.
    pub cause: Option<Cause>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

impl Group {
    /// A connection that is over, without its findings.
    pub fn new(ended: &Ended<'_>, cause: Cause) -> Self {
        let clients = ended.conversation.speakers.each_ref().map(Speaker::client);
        Self {
            stream: Some(ended.connection.stream),
            carrier: ended.connection.carrier,
            ends: Some(ended.connection.ends),
            clients,
            info_hash: ended.conversation.info_hash(),
            cause: Some(cause),
            findings: Vec::new(),
        }
    }

    /// An attempt that failed.
    pub fn of_attempt(event: &ConnectionEvent, cause: Cause) -> Self {
        Self {
            stream: event.stream,
            carrier: event.carrier,
            ends: Some(event.ends),
            clients: [None, None],
            info_hash: None,
            cause: Some(cause),
            findings: Vec::new(),
        }
    }

    /// A connection with a web seed.
    pub fn of_web_seed(seed: &WebSeed) -> Self {
        Self {
            stream: Some(seed.stream),
            carrier: Carrier::Tcp,
            ends: Some(seed.ends),
            clients: [Some(seed.client.to_owned()), None],
            info_hash: None,
            cause: Some(Cause::of_web_seed(seed)),
            findings: Vec::new(),
        }
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let findings = self.findings.iter();
        let worst = findings.map(|finding| finding.severity).max();
        Standing::new(self.cause.as_ref(), worst)
    }
}

/// How much there is to explain about a connection: why it ended first, where it did
/// not end in good order, then the worst finding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    weight: Option<Weight>,
    worst: Option<Severity>,
}

impl Standing {
    pub(super) fn new(cause: Option<&Cause>, worst: Option<Severity>) -> Self {
        let weight = cause.map(|cause| cause.weight);
        Self {
            weight: weight.filter(|weight| *weight > Weight::Elsewhere),
            worst,
        }
    }
}

/// What became of connections, also of those that are not told of: by the packet
/// that each begins with, its number and what there is to say.
pub(super) type Outcomes = HashMap<u64, (u64, &'static str), RandomState>;

/// Says of attempts what became of the next one at the same end.
fn follow(groups: &mut [Group], outcomes: &Outcomes) {
    for cause in groups.iter_mut().filter_map(|group| group.cause.as_mut()) {
        let next = cause.then.and_then(|then| outcomes.get(&then));
        if let Some((stream, became)) = next {
            let words = format!("the next attempt, connection {stream}, {became}");
            cause.evidence.insert(0, words);
        }
    }
}

/// Whether a rule cannot be judged without this evidence.
fn is_needed(evidence: Evidence, rule: &Rule) -> bool {
    match evidence {
        Evidence::Plaintext => rules::of_conversations().any(|other| other == rule),
        _ => rule.needs.contains(&evidence),
    }
}

/// Rules that were not judged everywhere, and why.
#[derive(Debug)]
pub struct NotEvaluated {
    /// What was missing.
    pub evidence: Evidence,
    /// Where.
    pub unmet: Unmet,
    /// The rules that need it.
    pub rules: Vec<&'static Rule>,
}

/// What a check comes to.
#[derive(Debug)]
pub struct Report {
    /// Connections with findings, those that explain most first.
    pub groups: Vec<Group>,
    /// Rules that were not judged everywhere.
    pub not_evaluated: Vec<NotEvaluated>,
    /// BitTorrent connections that were looked at.
    pub connections: u64,
    /// Messages that were looked at.
    pub messages: u64,
    /// The worst severity of all, of those left out too.
    pub worst: Option<Severity>,
    /// Findings that were left out to bound memory.
    pub left_out: u64,
    /// Connections that are not told of, for the same reason; their findings are
    /// among those outside of connections.
    pub untold: u64,
    /// How many pieces were checked, where that was asked for.
    pub checked: Option<Checked>,
}

impl Report {
    pub(super) fn new(
        findings: Vec<Finding>,
        mut groups: Vec<Group>,
        outcomes: &Outcomes,
        (lacks, selection): (&Lacks, &Selection),
        [connections, messages, left_out, untold]: [u64; 4],
        checked: Option<Checked>,
        search: Option<Cause>,
    ) -> Self {
        let mut loose = Group {
            stream: None,
            carrier: Carrier::Udp,
            ends: None,
            clients: [None, None],
            info_hash: None,
            cause: search,
            findings: Vec::new(),
        };
        follow(&mut groups, outcomes);
        groups.sort_by_key(|group| group.stream);
        for finding in findings {
            let stream = finding.place.stream;
            match groups.binary_search_by_key(&stream, |group| group.stream) {
                Ok(at) if stream.is_some() => groups[at].findings.push(finding),
                _ => loose.findings.push(finding),
            }
        }
        groups.push(loose);
        groups.retain(|group| !group.findings.is_empty() || group.cause.is_some());
        for group in &mut groups {
            group
                .findings
                .sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.first.frame));
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.standing()));
        let not_evaluated = Evidence::ALL.into_iter().filter_map(|evidence| {
            let unmet = lacks.of(evidence);
            let needing = rules::all().filter(|rule| is_needed(evidence, rule));
            let rules: Vec<_> = needing.filter(|rule| selection.takes(rule)).collect();
            (unmet.connections > 0 && !rules.is_empty()).then_some(NotEvaluated {
                evidence,
                unmet,
                rules,
            })
        });
        Self {
            not_evaluated: not_evaluated.collect(),
            groups,
            connections,
            messages,
            worst: None,
            left_out,
            untold,
            checked,
        }
    }

    /// All findings, in their order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.groups.iter().flat_map(|group| &group.findings)
    }
}
