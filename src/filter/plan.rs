//! The expression, its names looked up: what is asked of a message, and of which
//! messages nothing has to be asked.

use std::collections::HashMap;
use std::ptr;

use foldhash::fast::RandomState;

use super::check::check;
use super::condition::Condition;
use super::fact::{Fact, Sort};
use super::fault::Fault;
use super::names::{self, Fields, Place, Subject};
use super::syntax::{Comparison, Expression, Span, Word};
use super::vocabulary;
use crate::wire::catalogue;
use crate::wire::peer::types::AZMP;
use crate::wire::{Field, MessageType, Protocol};

/// A part of the expression.
#[derive(Debug, Clone)]
pub enum Step {
    /// True where all are.
    All(Vec<Step>),
    /// True where any is.
    Any(Vec<Step>),
    /// True where it is not.
    Not(Box<Step>),
    /// It is one of these messages.
    Message(Vec<&'static MessageType>),
    /// A fact: meets the condition, or is there.
    Fact(Fact, Option<Condition>),
    /// A field: the probe of this number found it.
    Field(usize),
}

/// A test on the fields of a message.
#[derive(Debug, Clone)]
pub struct Probe {
    /// What its value has to meet; `None`: it is there.
    pub condition: Option<Condition>,
    /// Key of the field, as facts have it.
    pub key: &'static str,
    /// The fact of the same name.
    pub fact: Option<Fact>,
    /// The fact counts only in a message without such a field.
    pub is_fallback: bool,
    /// Where the field can be.
    places: Vec<Place>,
}

/// A field of one sort of message that a probe looks for.
#[derive(Debug, Clone)]
pub struct Target {
    /// The field.
    pub field: &'static Field,
    /// What it has to be in, outermost first.
    pub within: Vec<&'static Field>,
    /// A key of the sender's own in it.
    pub key: Option<String>,
    /// Number of the probe.
    pub probe: usize,
}

/// What is known beforehand of one sort of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// None passes.
    Never,
    /// All pass.
    Always,
    /// It has to be asked.
    Open,
}

/// What is to be asked of one sort of message.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Whether anything is.
    pub verdict: Verdict,
    /// The fields to look for.
    pub targets: Vec<Target>,
}

/// A filter, ready to be asked.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The expression.
    pub root: Step,
    /// The tests on fields.
    pub probes: Vec<Probe>,
    /// A sheet for each sort of message, by its address.
    sheets: HashMap<usize, Sheet, RandomState>,
    /// The fates of requests are asked for.
    pub needs_fates: bool,
}

impl Plan {
    /// Looks up the names of an expression, which was typed as `text`.
    pub fn new(text: &str, expression: &Expression) -> Result<Self, Fault> {
        let mut compiler = Compiler {
            text,
            probes: Vec::new(),
            needs_fates: false,
        };
        let root = compiler.step(expression)?;
        let mut plan = Self {
            root,
            probes: compiler.probes,
            sheets: HashMap::default(),
            needs_fates: compiler.needs_fates,
        };
        for message in catalogue::messages() {
            let sheet = plan.make_sheet(message);
            plan.sheets.insert(ptr::from_ref(message).addr(), sheet);
        }
        Ok(plan)
    }

    /// What is to be asked of a message.
    pub fn sheet(&self, message: &'static MessageType) -> Option<&Sheet> {
        self.sheets.get(&ptr::from_ref(message).addr())
    }

    fn make_sheet(&self, message: &'static MessageType) -> Sheet {
        let mut targets = Vec::new();
        for (probe, places) in self.probes.iter().map(|probe| &probe.places).enumerate() {
            for place in places.iter().filter(|place| can_be_in(place, message)) {
                targets.push(Target {
                    field: place.field,
                    within: place.within.clone(),
                    key: place.key.clone(),
                    probe,
                });
            }
        }
        let verdict = self.verdict(&self.root, message, &targets);
        Sheet { verdict, targets }
    }

    fn verdict(&self, step: &Step, message: &MessageType, targets: &[Target]) -> Verdict {
        use Verdict::{Always, Never, Open};
        let verdicts = |steps: &[Step]| -> Vec<Verdict> {
            let verdicts = steps
                .iter()
                .map(|step| self.verdict(step, message, targets));
            verdicts.collect()
        };
        match step {
            Step::All(steps) => match verdicts(steps) {
                all if all.contains(&Never) => Never,
                all if all.contains(&Open) => Open,
                _ => Always,
            },
            Step::Any(steps) => match verdicts(steps) {
                all if all.contains(&Always) => Always,
                all if all.contains(&Open) => Open,
                _ => Never,
            },
            Step::Not(step) => match self.verdict(step, message, targets) {
                Always => Never,
                Never => Always,
                Open => Open,
            },
            Step::Message(messages) if messages.contains(&message) => Always,
            Step::Message(_) => Never,
            Step::Fact(..) => Open,
            Step::Field(probe) => {
                let is_sought = targets.iter().any(|target| target.probe == *probe);
                let may_be = is_sought || self.probes[*probe].fact.is_some();
                if may_be { Open } else { Never }
            }
        }
    }
}

/// Whether a field can be in a message. One of AZMP holds another message.
fn can_be_in(place: &Place, message: &MessageType) -> bool {
    place
        .message
        .is_none_or(|own| own == message || (message == &AZMP && own.protocol == Protocol::Peer))
}

struct Compiler<'t> {
    text: &'t str,
    probes: Vec<Probe>,
    needs_fates: bool,
}

impl Compiler<'_> {
    fn fault(&self, span: Span, reason: impl Into<String>) -> Fault {
        Fault::new(self.text, span, reason)
    }

    fn step(&mut self, expression: &Expression) -> Result<Step, Fault> {
        let mut steps = |parts: &[Expression]| -> Result<Vec<Step>, Fault> {
            parts.iter().map(|part| self.step(part)).collect()
        };
        Ok(match expression {
            Expression::All(parts) => Step::All(steps(parts)?),
            Expression::Any(parts) => Step::Any(steps(parts)?),
            Expression::Not(inner) => Step::Not(Box::new(self.step(inner)?)),
            Expression::Named(word) => self.named(word)?,
            Expression::Compared(comparison) => self.compared(comparison)?,
        })
    }

    fn named(&mut self, word: &Word) -> Result<Step, Fault> {
        let subject = names::alone(&word.text).map_err(|reason| self.fault(word.span, reason))?;
        Ok(match subject {
            Subject::Messages(messages) => Step::Message(messages),
            Subject::Fact(fact) => self.fact(fact, None),
            Subject::Fields(fields) => self.probe(fields, None),
        })
    }

    fn compared(&mut self, comparison: &Comparison) -> Result<Step, Fault> {
        let Comparison {
            name,
            operator,
            values,
        } = comparison;
        let subject = names::field(&name.text).map_err(|reason| self.fault(name.span, reason))?;
        let condition = Condition::new(*operator, values)
            .map_err(|(word, reason)| self.fault(word.span, reason))?;
        let mut sorts: Vec<(Sort, bool)> = Vec::new();
        match &subject {
            Subject::Messages(_) => {}
            Subject::Fact(fact) => sorts.push((fact.sort(), *fact == Fact::Anomaly)),
            Subject::Fields(fields) => {
                sorts.extend(fields.fact.map(|fact| (fact.sort(), true)));
                for place in &fields.places {
                    let kinds = place.kinds.iter();
                    sorts.extend(kinds.map(|kind| (Sort::Kind(*kind), place.is_many)));
                }
            }
        }
        self.check(&condition, values, &sorts)?;
        if let Subject::Fact(fact) = &subject {
            for word in values {
                vocabulary::check(*fact, *operator, &word.text)
                    .map_err(|reason| self.fault(word.span, reason))?;
            }
        }
        Ok(match subject {
            Subject::Messages(messages) => Step::Message(messages),
            Subject::Fact(fact) => self.fact(fact, Some(condition)),
            Subject::Fields(fields) => self.probe(fields, Some(condition)),
        })
    }

    /// It is enough that the comparison makes sense for one of the fields.
    fn check(
        &self,
        condition: &Condition,
        values: &[Word],
        sorts: &[(Sort, bool)],
    ) -> Result<(), Fault> {
        let mut first = None;
        for (sort, is_many) in sorts {
            match check(condition, *sort, *is_many) {
                Ok(()) => return Ok(()),
                Err(wrong) => first = first.or(Some(wrong)),
            }
        }
        let Some((index, reason)) = first else {
            return Ok(());
        };
        let all = Span {
            start: 0,
            end: self.text.len(),
        };
        let span = values.get(index).map_or(all, |word| word.span);
        Err(self.fault(span, reason))
    }

    fn fact(&mut self, fact: Fact, condition: Option<Condition>) -> Step {
        self.needs_fates |= fact == Fact::Unanswered;
        Step::Fact(fact, condition)
    }

    fn probe(&mut self, fields: Fields, condition: Option<Condition>) -> Step {
        let first = fields.places.first();
        let is_own = first.is_some_and(|place| place.key.is_some() || !place.within.is_empty());
        self.probes.push(Probe {
            condition,
            // Facts lie in no other field.
            key: first
                .filter(|_| !is_own)
                .map_or("", |place| place.field.key()),
            fact: fields.fact,
            is_fallback: fields.is_fallback,
            places: fields.places,
        });
        Step::Field(self.probes.len() - 1)
    }
}
