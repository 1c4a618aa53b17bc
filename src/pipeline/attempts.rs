//! Attempts at connections that failed: held until it is known whether they were
//! attempts at a peer, and what was tried next.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use foldhash::fast::RandomState;

use super::AttemptInterest;
use crate::capture::Timestamp;
use crate::flow::Connection;
use crate::packet::Stamp;
use crate::session::budget::{Budget, Charge};
use crate::session::recent::Recent;
use crate::session::{ConnectionChange, ConnectionEvent, Ends, Standing};

/// Without the whole capture in view, an attempt is told or forgotten after this
/// much of capture time.
const MAX_HELD_NANOS: i64 = 10_000_000_000;

/// Attempts at one end that are held. Of a peer that is dialled more often, the
/// oldest are forgotten.
const MAX_OF_ONE_END: usize = 64;

/// Ends that were dialled, and connections to each of them, that are remembered:
/// where an attempt fails only long after what came next began (nobody answered
/// it, and another way was tried). About 2 MB.
const MAX_DIALLED_ENDS: usize = 1 << 12;
const MAX_DIALS_OF_ONE_END: usize = 8;

/// What a held attempt costs, its place in the map included.
const ATTEMPT_COST_BYTES: usize = 2 * size_of::<ConnectionEvent>();

/// Connections to one end.
#[derive(Debug, Default)]
struct Dials {
    /// By whom, and the first packet; the latest that were opened.
    latest: Vec<(IpAddr, Stamp)>,
    /// The highest number of a first packet that was forgotten.
    forgotten: u64,
}

impl Dials {
    fn push(&mut self, by: IpAddr, first: Stamp) {
        if self.latest.len() == MAX_DIALS_OF_ONE_END {
            let (_, oldest) = self.latest.remove(0);
            self.forgotten = self.forgotten.max(oldest.frame);
        }
        self.latest.push((by, first));
    }

    /// The first packet of the first connection by `by` that begins after `frame`.
    fn after(&self, by: IpAddr, frame: u64) -> Option<Stamp> {
        let later = self
            .latest
            .iter()
            .filter(|dial| dial.0 == by && dial.1.frame > frame);
        let next = later.map(|dial| dial.1).min_by_key(|first| first.frame);
        next.filter(|_| self.forgotten <= frame)
    }
}

/// The attempts that are held.
pub struct Attempts {
    interest: AttemptInterest,
    /// By the end that was dialled, in the order in which they failed.
    held: HashMap<SocketAddr, Vec<ConnectionEvent>, RandomState>,
    count: usize,
    /// By the end that was dialled.
    dials: Recent<SocketAddr, Dials>,
    charge: Charge,
    /// Attempts that were forgotten to keep the bounds.
    forgotten: u64,
    /// When the first of those held was told at the latest.
    due: Option<Timestamp>,
}

impl Attempts {
    /// None yet.
    pub fn new(interest: AttemptInterest, budget: &Budget) -> Self {
        Self {
            interest,
            held: HashMap::default(),
            count: 0,
            dials: Recent::new(MAX_DIALLED_ENDS, i64::MAX),
            charge: budget.charge(),
            forgotten: 0,
            due: None,
        }
    }

    /// Whether anybody wants to hear of attempts.
    pub fn are_wanted(&self) -> bool {
        self.interest != AttemptInterest::None
    }

    /// Attempts that were forgotten to keep the bounds.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Holds an attempt that failed.
    pub fn hold(&mut self, mut attempt: ConnectionEvent) {
        if !self.are_wanted() {
            return;
        }
        if attempt.then.is_none() && attempt.stream.is_some() {
            let [initiator, acceptor] = attempt.ends;
            let dials = self.dials.get(&acceptor, Timestamp::UNKNOWN);
            // While nobody answers, another way is tried; what else began before this
            // failed went beside it.
            let since = match attempt.change {
                ConnectionChange::Unanswered => attempt.first,
                _ => attempt.stamp,
            };
            attempt.then = dials.and_then(|(dials, _)| dials.after(initiator.ip(), since.frame));
        }
        if !self.charge.grow(ATTEMPT_COST_BYTES) {
            self.forgotten += 1;
            return;
        }
        if self.interest == AttemptInterest::AsKnown && self.due.is_none() {
            self.due = Some(attempt.stamp.time);
        }
        let list = self.held.entry(attempt.ends[1]).or_default();
        self.count += 1;
        if list.len() == MAX_OF_ONE_END {
            list.remove(0);
            self.count -= 1;
            self.forgotten += 1;
            let _ = self.charge.resize(self.count * ATTEMPT_COST_BYTES);
        }
        list.push(attempt);
    }

    /// A connection appears: it is what came next after attempts of the same host
    /// at the same end.
    pub fn begins(&mut self, connection: &Connection) {
        if !self.are_wanted() {
            return;
        }
        let [initiator, acceptor] = connection.ends;
        let dials = self.dials.entry(acceptor, connection.first);
        dials.push(initiator.ip(), connection.first);
        if self.count == 0 {
            return;
        }
        for attempt in self.held.get_mut(&acceptor).into_iter().flatten() {
            let is_after = connection.first.frame > attempt.first.frame;
            if attempt.then.is_none() && is_after && attempt.ends[0].ip() == initiator.ip() {
                attempt.then = Some(connection.first);
            }
        }
    }

    /// The attempts at `end`, which has proved to be a peer's, of which it is
    /// known what came next.
    pub fn proven(&mut self, end: SocketAddr, ends: &Ends) -> Vec<ConnectionEvent> {
        if self.interest != AttemptInterest::AsKnown {
            return Vec::new();
        }
        let Some(list) = self.held.get_mut(&end) else {
            return Vec::new();
        };
        let told = list.extract_if(.., |attempt| attempt.then.is_some());
        let told = told.filter_map(|attempt| known(attempt, ends)).collect();
        self.settle();
        told
    }

    /// Whether some have waited for long enough at the packet `now`.
    #[inline]
    pub fn are_due(&self, now: Stamp) -> bool {
        self.due
            .is_some_and(|due| now.time.since(due) > MAX_HELD_NANOS)
    }

    /// Those that waited for long enough and are known by now, in the order in which
    /// they failed. The others that did are forgotten.
    pub fn take_due(&mut self, now: Stamp, ends: &Ends) -> Vec<ConnectionEvent> {
        let mut told = Vec::new();
        for list in self.held.values_mut() {
            let is_old =
                |attempt: &mut ConnectionEvent| now.time.since(attempt.stamp.time) > MAX_HELD_NANOS;
            told.extend(list.extract_if(.., is_old));
        }
        self.settle();
        in_order(
            told.into_iter()
                .filter_map(|attempt| known(attempt, ends))
                .collect(),
        )
    }

    /// The capture is over: all that are known.
    pub fn finish(&mut self, ends: &Ends) -> Vec<ConnectionEvent> {
        let held = std::mem::take(&mut self.held);
        self.settle();
        let held = held.into_values().flatten();
        let takes_unknown = self.interest == AttemptInterest::WholeAndLikely;
        let mut told = Vec::new();
        for mut attempt in held {
            attempt.named = ends.named(attempt.ends[1]);
            let is_likely = attempt
                .negotiation
                .is_some_and(|negotiation| negotiation.is_likely);
            let is_foreign = ends.standing(attempt.ends[1]) == Standing::Foreign;
            if attempt.named.is_some() || (takes_unknown && is_likely && !is_foreign) {
                told.push(attempt);
            }
        }
        in_order(told)
    }

    /// After attempts were taken out.
    fn settle(&mut self) {
        self.held.retain(|_, list| !list.is_empty());
        let all = self.held.values().flatten();
        self.count = self.held.values().map(Vec::len).sum();
        let _ = self.charge.resize(self.count * ATTEMPT_COST_BYTES);
        self.due = match self.interest {
            AttemptInterest::AsKnown => all
                .map(|attempt| attempt.stamp.time)
                .min_by_key(|time| time.nanos()),
            _ => None,
        };
    }
}

/// In the order in which they failed.
fn in_order(mut attempts: Vec<ConnectionEvent>) -> Vec<ConnectionEvent> {
    attempts.sort_by_key(|attempt| (attempt.stamp.frame, attempt.stream));
    for attempt in &mut attempts {
        attempt.is_late = true;
    }
    attempts
}

/// The attempt, if it was one at a peer.
fn known(mut attempt: ConnectionEvent, ends: &Ends) -> Option<ConnectionEvent> {
    attempt.named = Some(ends.named(attempt.ends[1])?);
    Some(attempt)
}
