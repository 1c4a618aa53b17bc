//! The connections that are told of, and what each came to.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::cause::{Cause, Weight};
use super::doubles::{Double, Doubles};
use super::gathered::Gathered;
use super::report::{Group, Outcomes};
use super::rules;
use super::turned_away::{Answers, Greeting};
use crate::packet::Stamp;
use crate::session::{ConnectionEvent, Encryption, Ended};

/// Connections that are told of; of more, only that there were.
const MAX_GROUPS: usize = 8192;

/// The connections so far, and what tells why some came to nothing.
#[derive(Debug, Default)]
pub struct Connections {
    groups: Vec<Group>,
    /// Where the group of a connection is.
    group_of: HashMap<u64, u32, RandomState>,
    outcomes: Outcomes,
    answers: Answers,
    doubles: Doubles,
    /// Handshakes that were not answered, by connection.
    greetings: HashMap<u64, Greeting, RandomState>,
    /// Those of them on which the acceptor closed.
    turned_away: Vec<u64>,
    /// Connections beyond those that are told of.
    untold: u64,
}

impl Connections {
    /// One that is to be told of.
    pub fn tell(&mut self, group: Group) {
        if self.groups.len() < MAX_GROUPS {
            if let Some(stream) = group.stream {
                self.group_of.insert(stream, self.groups.len() as u32);
            }
            self.groups.push(group);
        } else {
            self.untold += 1;
        }
    }

    /// Remembers of a connection that is over what may explain others.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        self.greeted(ended);
        self.doubles.add(ended);
        let became = match ended.encryption {
            Encryption::None => "went on in plain",
            _ => "is encrypted",
        };
        self.became(ended.connection.first, ended.connection.stream, became);
    }

    /// Remembers who answered which handshake, and which was not answered.
    fn greeted(&mut self, ended: &Ended<'_>) {
        let [initiator, acceptor] = ended.conversation.speakers.each_ref();
        let ends = ended.connection.ends;
        match (initiator.handshake, acceptor.handshake) {
            (_, Some(answer)) => {
                let at = acceptor.milestones.handshake;
                let at = at.unwrap_or(ended.connection.first);
                self.answers.add(ends[1], &answer, at);
            }
            (Some(handshake), None) if self.greetings.len() < MAX_GROUPS => {
                let greeting = Greeting {
                    ends,
                    handshake,
                    closed: ended.connection.last,
                };
                self.greetings.insert(ended.connection.stream, greeting);
            }
            _ => {}
        }
    }

    /// Remembers what became of a connection.
    fn became(&mut self, first: Stamp, stream: u64, words: &'static str) {
        if self.outcomes.len() < MAX_GROUPS || self.outcomes.contains_key(&first.frame) {
            self.outcomes.insert(first.frame, (stream, words));
        }
    }

    /// An attempt failed, for this cause. A connection that is told of already is told
    /// with it, unless it has a better explanation; another one if `is_told`.
    pub fn failed(&mut self, event: &ConnectionEvent, cause: Cause, is_told: bool) {
        if let Some(stream) = event.stream {
            self.became(event.first, stream, "failed too");
        }
        let Some(known) = event.stream.and_then(|stream| self.group_of.get(&stream)) else {
            if event.stream.is_some() && is_told {
                self.tell(Group::of_attempt(event, cause));
            }
            return;
        };
        let known = &mut self.groups[*known as usize].cause;
        let weight = known.as_ref().map(|known| known.weight);
        if weight != Some(Weight::Explained) {
            *known = Some(cause);
            let is_turned_away = rules::is_turned_away(event);
            self.turned_away
                .extend(event.stream.filter(|_| is_turned_away));
        }
    }

    /// Says of connections that came to nothing what may be behind it, by all that the
    /// capture has.
    pub fn explain(&mut self, gathered: &mut Gathered) {
        for stream in std::mem::take(&mut self.turned_away) {
            let Some(greeting) = self.greetings.get(&stream) else {
                continue;
            };
            let guesses = match self.doubles.of_greeting(greeting) {
                Some(other) => {
                    // That is what a second connection is due.
                    gathered.withdraw(stream, rules::turned_away());
                    vec![format!(
                        "most likely because the two were connected already: connection {other} \
                         is of the same peer with the same host"
                    )]
                }
                None => self.answers.guesses(greeting),
            };
            if let Some(cause) = self.cause_mut(stream) {
                cause.evidence.extend(guesses);
            }
        }
        let doubles: Vec<_> = self.doubles.found().collect();
        for double in doubles {
            if let Some(cause) = self.cause_mut(double.stream) {
                pair(cause, &double);
            }
        }
    }

    /// Why a connection that is told of ended.
    pub fn cause(&self, stream: u64) -> Option<&Cause> {
        let group = self.group_of.get(&stream)?;
        self.groups[*group as usize].cause.as_ref()
    }

    fn cause_mut(&mut self, stream: u64) -> Option<&mut Cause> {
        let group = self.group_of.get(&stream)?;
        self.groups[*group as usize].cause.as_mut()
    }

    /// Whether none is told of.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// What there is to tell: the connections, what became of those that are not told of,
    /// and how many those are.
    pub fn into_told(self) -> (Vec<Group>, Outcomes, u64) {
        (self.groups, self.outcomes, self.untold)
    }
}

/// Says of a connection that came to nothing that its peers had another one.
fn pair(cause: &mut Cause, double: &Double) {
    let why = if double.is_newer {
        "the two were connected already"
    } else {
        "the two had a new connection"
    };
    let other = double.other;
    let words = format!("most likely because {why}: connection {other} is of the same peer ids");
    cause.evidence.insert(0, words);
    if cause.weight == Weight::Orderly {
        cause.weight = Weight::Unexplained;
    }
}
