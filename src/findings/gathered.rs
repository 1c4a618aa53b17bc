//! Findings as they come: repeated ones folded, their number bounded.

use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::fast::RandomState;

use super::finding::{Finding, Place};
use super::rule::Rule;
use super::selection::Selection;
use crate::session::{Budget, Charge};
use crate::wire::Severity;

/// Findings that are kept of all connections together; what comes after is
/// counted.
const MAX_FINDINGS: usize = 8192;

/// Bytes that findings, suspicions and what is remembered of connections take
/// together.
const HELD_IN_ALL: usize = 40 << 20;

/// What a finding takes beside itself: its place in the lists.
const FINDING_COST: usize = 64;

/// Findings that are kept of one connection.
const MAX_OF_ONE: usize = 64;

/// Findings that keep their bytes.
const MAX_EXCERPTS: usize = 1024;

/// Where findings are told apart: a connection, or the two hosts of datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    Stream(u64),
    Hosts(IpAddr, IpAddr),
}

impl Scope {
    fn of(place: &Place) -> Self {
        match place.stream {
            Some(stream) => Self::Stream(stream),
            None => Self::Hosts(place.src.ip(), place.dst.ip()),
        }
    }
}

/// All findings so far.
#[derive(Debug)]
pub struct Gathered {
    selection: Selection,
    findings: Vec<Finding>,
    /// The findings of each scope.
    scopes: HashMap<Scope, Vec<u32>, RandomState>,
    excerpts: usize,
    /// The worst severity of what was left out, or is told with another finding.
    worst: Option<Severity>,
    left_out: u64,
    /// What is heard is among what was asked for.
    pub is_chosen: bool,
    budget: Budget,
    charge: Charge,
}

impl Gathered {
    /// None yet; those of rules that are not selected will not be kept.
    pub fn new(selection: Selection) -> Self {
        let budget = Budget::new(HELD_IN_ALL);
        Self {
            selection,
            findings: Vec::new(),
            scopes: HashMap::default(),
            excerpts: 0,
            worst: None,
            left_out: 0,
            is_chosen: true,
            charge: budget.charge(),
            budget,
        }
    }

    /// The account of all that a check remembers.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// A finding cannot be kept.
    pub fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// Adds a finding, or folds it into one that is like it.
    pub fn add(&mut self, mut finding: Finding) {
        if !self.selection.takes(finding.rule) {
            return;
        }
        let is_chosen = *finding.is_chosen.get_or_insert(self.is_chosen);
        let severity = Some(finding.severity).filter(|_| is_chosen);
        let scope = Scope::of(&finding.place);
        let known = self.scopes.get(&scope).map_or(&[][..], |known| known);
        for index in known {
            let before = &mut self.findings[*index as usize];
            if before.takes(&finding.place, finding.rule) {
                self.worst = self.worst.max(severity);
                return before.fold(finding);
            }
        }
        if self.findings.len() >= MAX_FINDINGS || known.len() >= MAX_OF_ONE {
            self.worst = self.worst.max(severity);
            return self.leave_out();
        }
        if self.excerpts >= MAX_EXCERPTS {
            finding.excerpt = None;
        }
        if !self.charge.grow(finding.cost() + FINDING_COST) {
            self.worst = self.worst.max(severity);
            return self.leave_out();
        }
        self.excerpts += usize::from(finding.excerpt.is_some());
        let index = self.findings.len() as u32;
        self.scopes.entry(scope).or_default().push(index);
        self.findings.push(finding);
    }

    /// Takes back what was found in a connection by this rule: it turned out to be none.
    pub fn withdraw(&mut self, stream: u64, rule: &Rule) {
        let known = self.scopes.get(&Scope::Stream(stream));
        for index in known.map_or(&[][..], |known| known) {
            let finding = &mut self.findings[*index as usize];
            if finding.rule == rule {
                finding.is_chosen = Some(false);
            }
        }
    }

    /// Says more of what was found in a packet, where it is the first of its kind.
    pub fn explain(&mut self, place: &Place, rule: &Rule, frame: u64, words: String) {
        let known = self.scopes.get(&Scope::of(place));
        for index in known.map_or(&[][..], |known| known) {
            let finding = &mut self.findings[*index as usize];
            let is_meant = finding.takes(place, rule) && finding.first.frame == frame;
            // A message may break a rule in several ways.
            let is_first = finding.last.frame == frame;
            if is_meant && is_first && self.charge.grow(words.len()) {
                finding.words = words;
                return;
            }
        }
    }

    /// Whether a finding of this rule and place would be folded into one that is
    /// known already: then its words and bytes are of no use.
    pub fn knows(&self, place: &Place, rule: &Rule) -> bool {
        let known = self.scopes.get(&Scope::of(place));
        known.is_some_and(|known| {
            let mut findings = known.iter().map(|index| &self.findings[*index as usize]);
            findings.any(|finding| finding.takes(place, rule))
        })
    }

    /// The findings of a connection.
    pub fn of_stream(&self, stream: u64) -> impl Iterator<Item = &Finding> {
        let known = self.scopes.get(&Scope::Stream(stream));
        let indices = known.map_or(&[][..], |known| known);
        indices.iter().map(|index| &self.findings[*index as usize])
    }

    /// The worst severity of all, those left out included.
    pub fn worst(&self) -> Option<Severity> {
        let chosen = self
            .findings
            .iter()
            .filter(|finding| finding.is_chosen == Some(true));
        chosen
            .map(|finding| Some(finding.severity))
            .fold(self.worst, Option::max)
    }

    /// All findings so far.
    pub fn so_far(&self) -> &[Finding] {
        &self.findings
    }

    /// All findings that were asked for, how many were left out, and the rules that were looked at.
    pub fn into_all(mut self) -> (Vec<Finding>, u64, Selection) {
        self.findings
            .retain(|finding| finding.is_chosen == Some(true));
        (self.findings, self.left_out, self.selection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;
    use crate::packet::Stamp;

    #[test]
    fn each_end_of_a_connection_has_a_finding_of_its_own() {
        let [one, other] = ["192.0.2.1:1", "192.0.2.2:2"].map(|end| end.parse().unwrap());
        let rule = super::super::rules::get("MD-09").unwrap();
        let place = |src, dst, stream| Place { stream, src, dst };
        let stamp = Stamp {
            frame: 7,
            time: Timestamp::UNKNOWN,
        };
        let mut gathered = Gathered::new(Selection::default());
        for stream in [Some(0), None] {
            let there = place(one, other, stream);
            gathered.add(Finding::at(rule, there, stamp, "a".to_owned()));
            assert!(gathered.knows(&there, rule));
        }
        assert!(!gathered.knows(&place(other, one, Some(0)), rule));
        assert!(!gathered.knows(&place(one, other, Some(1)), rule));

        let explained = "because".to_owned();
        gathered.explain(&place(one, other, Some(0)), rule, 7, explained);
        assert_eq!(gathered.so_far()[0].words, "because");
        gathered.explain(&place(one, other, Some(0)), rule, 8, String::new());
        assert_eq!(gathered.so_far()[0].words, "because");
    }

    #[test]
    fn what_is_worse_later_says_why() {
        let end = "192.0.2.1:1".parse().unwrap();
        let rule = super::super::rules::get("RQ-04").unwrap();
        let place = Place {
            stream: Some(0),
            src: end,
            dst: end,
        };
        let mut gathered = Gathered::new(Selection::default());
        for (frame, severity, words) in [
            (1, Severity::Warning, "may"),
            (2, Severity::Error, "is"),
            (3, Severity::Error, "is too"),
        ] {
            let stamp = Stamp {
                frame,
                time: Timestamp::UNKNOWN,
            };
            let finding = Finding::at(rule, place, stamp, words.to_owned());
            gathered.add(finding.severity(severity));
        }
        assert_eq!(gathered.so_far()[0].words, "may; in #2 is");
    }
}
