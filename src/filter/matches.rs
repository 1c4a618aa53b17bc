//! A filter, asked of messages.

use std::fmt;

use super::condition::{Condition, Sample};
use super::fact::Fact;
use super::fates::Fates;
use super::fault::Fault;
use super::parse;
use super::plan::{Plan, Probe, Sheet, Step, Verdict};
use super::search::{Memory, Search};
use crate::packet::Stamp;
use crate::session::{FactValue, Heard};
use crate::wire::Problem;
use crate::wire::{Kind, Note, Sink};

/// A filter of messages.
#[derive(Clone)]
pub struct Filter {
    text: String,
    plan: Plan,
    begin: Option<i64>,
    fates: Option<Fates>,
    memory: Memory,
}

impl Filter {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let expression = parse::parse(text)?;
        let plan = Plan::new(text, &expression)?;
        let mut memory = Memory::default();
        memory.found.resize(plan.probes.len(), false);
        memory.seen.resize(plan.probes.len(), false);
        Ok(Self {
            text: text.to_owned(),
            plan,
            begin: None,
            fates: None,
            memory,
        })
    }

    /// The expression.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The capture begins: times count from here.
    pub fn begin(&mut self, first: Stamp) {
        self.begin = first.time.nanos();
    }

    /// Whether it asks for what becomes of requests later, which
    /// [`Filter::know`] has to tell before.
    pub fn needs_fates(&self) -> bool {
        self.plan.needs_fates
    }

    /// Takes what became of the requests of the capture.
    pub fn know(&mut self, fates: Fates) {
        self.fates = Some(fates);
    }

    /// Whether a message passes.
    pub fn passes(&mut self, heard: &Heard<'_>) -> bool {
        let Self {
            plan,
            begin,
            fates,
            memory,
            ..
        } = self;
        let Some(sheet) = plan.sheet(heard.message_type()) else {
            return false;
        };
        match sheet.verdict {
            Verdict::Never => false,
            Verdict::Always => true,
            Verdict::Open => {
                let mut asked = Asked {
                    heard,
                    sheet,
                    probes: &plan.probes,
                    begin: *begin,
                    fates: fates.as_ref(),
                    memory,
                    is_searched: false,
                };
                asked.holds(&plan.root)
            }
        }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.text).finish()
    }
}

/// One message that is asked.
struct Asked<'a, 'h> {
    heard: &'a Heard<'h>,
    sheet: &'a Sheet,
    probes: &'a [Probe],
    begin: Option<i64>,
    fates: Option<&'a Fates>,
    memory: &'a mut Memory,
    /// The fields of the message have been looked through.
    is_searched: bool,
}

impl Asked<'_, '_> {
    /// Whether a part of the expression is true. It goes as deep as the parser
    /// lets parentheses nest.
    fn holds(&mut self, step: &Step) -> bool {
        match step {
            Step::All(steps) => steps.iter().all(|step| self.holds(step)),
            Step::Any(steps) => steps.iter().any(|step| self.holds(step)),
            Step::Not(step) => !self.holds(step),
            Step::Message(messages) => messages.contains(&self.heard.message_type()),
            Step::Fact(fact, condition) => self.has_fact(*fact, condition.as_ref()),
            Step::Field(probe) => self.has_field(*probe),
        }
    }

    fn has_field(&mut self, number: usize) -> bool {
        if !self.is_searched {
            self.search();
        }
        if self.memory.found[number] {
            return true;
        }
        let probe = &self.probes[number];
        let counts = !(probe.is_fallback && self.memory.seen[number]);
        let fact = probe.fact.filter(|_| counts);
        fact.is_some_and(|fact| self.has_fact(fact, probe.condition.as_ref()))
    }

    /// Looks through the fields, and the facts that are told as such.
    fn search(&mut self) {
        self.is_searched = true;
        self.memory.found.fill(false);
        self.memory.seen.fill(false);
        let Sheet { targets, .. } = self.sheet;
        if targets.is_empty() {
            return;
        }
        let heard = self.heard;
        heard.dissect(&mut Search::new(
            heard.bytes,
            targets,
            self.probes,
            self.memory,
        ));
        for (name, value) in heard.facts() {
            let named = self.probes.iter().enumerate();
            for (number, probe) in named.filter(|(_, probe)| probe.key == name) {
                let is_there = value != FactValue::Unknown;
                let target = targets.iter().find(|target| target.probe == number);
                let Some(target) = target.filter(|_| is_there) else {
                    continue;
                };
                self.memory.seen[number] = true;
                self.memory.found[number] |= says(&value, probe, target.field.kind);
            }
        }
    }

    fn has_fact(&self, fact: Fact, condition: Option<&Condition>) -> bool {
        let test = |sample: Sample<'_>| condition.is_none_or(|condition| condition.is_met(sample));
        let heard = self.heard;
        match fact {
            Fact::Time => heard.last.time.nanos().is_some_and(|epoch| {
                let relative = self
                    .begin
                    .map(|begin| i128::from(epoch) - i128::from(begin));
                let epoch = epoch.into();
                test(Sample::Moment { epoch, relative })
            }),
            Fact::Anomaly => {
                let mut anomalies = Anomalies {
                    test: |id: &str| test(Sample::Text(id)),
                    is_met: false,
                };
                heard.dissect(&mut anomalies);
                let fault = match heard.problem() {
                    Some(Problem::Malformed(malformed)) => Some(malformed.anomaly.id),
                    _ => None,
                };
                anomalies.is_met || fault.is_some_and(anomalies.test)
            }
            Fact::Unanswered => {
                let is_unanswered = self.fates.is_some_and(|fates| fates.is_unanswered(heard));
                is_unanswered && test(Sample::Number(1, Kind::Bool))
            }
            fact => fact.any(heard, test),
        }
    }
}

/// Whether a fact is what a probe looks for.
fn says(value: &FactValue<'_>, probe: &Probe, kind: Kind) -> bool {
    let Some(condition) = &probe.condition else {
        return true;
    };
    match value {
        FactValue::Unknown => false,
        FactValue::Number(number) => condition.is_met(Sample::Number(*number, kind)),
        FactValue::Text(text) => condition.is_met(Sample::Text(text)),
        FactValue::Names(names) => names
            .iter()
            .any(|name| condition.is_met(Sample::Text(name))),
        FactValue::Addresses(all) => all.iter().any(|one| condition.is_met(Sample::Socket(*one))),
    }
}

/// Looks for an anomaly whose id passes a test.
struct Anomalies<F> {
    test: F,
    is_met: bool,
}

impl<F: Fn(&str) -> bool> Sink for Anomalies<F> {
    const FIELDS: bool = false;

    fn note(&mut self, note: Note) {
        if let Note::Anomaly(deviation) = note {
            self.is_met = self.is_met || (self.test)(deviation.anomaly.id);
        }
    }
}
