//! Why a connection ended that was there.

use std::fmt::Write as _;

use super::cause::{Cause, Weight};
use super::finding::Finding;
use super::names::name;
use super::open::{ages, open_requests};
use super::rule::Rule;
use super::rules::HS_03;
use super::scene::span;
use super::stall;
use super::watch::Watch;
use crate::flow::{Close, Side};
use crate::packet::Stamp;
use crate::session::{Ended, Finish, SetbackWords, Speaker, setbacks};
use crate::wire::Severity;
use crate::wire::peer::types;
use crate::wire::words::spoken;

/// What ends a connection within this after a message is taken for the answer to
/// it.
const AT_ONCE_NANOS: i64 = 1_000_000_000;

/// The same of an error: clients look after their connections once a second.
const SOON_NANOS: i64 = 2_000_000_000;

/// What was done so often before did no harm.
const MANY_TIMES: u64 = 50;

/// Messages that say what a peer has.
const STATING: [&str; 4] = [
    types::BITFIELD.name,
    types::HAVE.name,
    types::HAVE_ALL.name,
    types::HAVE_NONE.name,
];

/// Requests that are open at the end count as a fault from this age on: a peer that
/// has all it wants may leave some behind.
const OPEN_NANOS: i64 = 10_000_000_000;

/// Why `ended` ended, with what was found on it.
pub fn cause<'f>(ended: &Ended<'_>, findings: impl Iterator<Item = &'f Finding>) -> Cause {
    let setback = setback(ended);
    let Some((closer, finish)) = ended.first_finish() else {
        return setback.map_or_else(|| unseen(ended), |setback| undelivered(ended, setback));
    };
    let end = End {
        ended,
        closer,
        finish,
        is_done: is_done(ended),
    };
    let findings: Vec<_> = findings.collect();
    let account = match (end.trigger(&findings), setback) {
        (Some(trigger), _) => end.after_fault(trigger),
        (None, Some(setback)) => return undelivered(ended, setback),
        (None, None) => end.after_message(),
    };
    let mut evidence = Vec::new();
    if account.rule.is_none() && !end.is_done {
        evidence.extend(end.first_error(&findings));
    }
    let obstacles = stall::words(ended, finish.stamp);
    let is_stalled = !obstacles.is_empty() && !end.is_done;
    evidence.extend(obstacles);
    evidence.extend(open_requests(ended, finish.stamp));
    Cause {
        weight: end.weight(&account, is_stalled),
        by: Some(closer),
        stamp: finish.stamp,
        frames: account.frames,
        words: account.words,
        evidence,
        rule: account.rule,
        then: None,
    }
}

/// Why bytes did not get through, where anybody needed them.
fn setback(ended: &Ended<'_>) -> Option<SetbackWords> {
    let end = ended.first_finish().map(|(_, finish)| finish.stamp);
    let first = setbacks(ended.connection, end, |side| name(ended, side)).next();
    first.filter(|_| !is_done(ended))
}

/// The transport did not get bytes through; it may have ended after that.
fn undelivered(ended: &Ended<'_>, setback: SetbackWords) -> Cause {
    let SetbackWords {
        mut words,
        mut evidence,
        mut frames,
        last,
        ..
    } = setback;
    let finish = ended.first_finish();
    let stamp = finish.map_or(ended.connection.last, |(_, finish)| finish.stamp);
    if let Some((closer, finish)) = finish {
        let act = if finish.reset { "reset" } else { "closed" };
        let doer = name(ended, closer);
        let after = stamp.time.since(last.time);
        let _ = match after {
            0.. => write!(words, "; {doer} {act} the connection {} later", span(after)),
            _ => write!(words, "; {doer} {act} the connection meanwhile"),
        };
        frames.push(stamp.frame);
    }
    frames.sort_unstable();
    frames.dedup();
    evidence.extend(open_requests(ended, stamp));
    Cause {
        weight: Weight::Undelivered,
        by: finish.map(|(closer, _)| closer),
        stamp,
        frames,
        words,
        evidence,
        rule: None,
        then: None,
    }
}

/// Nobody ended it, as far as the capture has it.
fn unseen(ended: &Ended<'_>) -> Cause {
    let last = ended.connection.last;
    let words = match ended.how {
        Close::Open => "the capture ends before the connection does",
        Close::Replaced => "another connection began between the same ports",
        _ => "how it ended cannot be seen from here",
    };
    Cause {
        weight: Weight::Unseen,
        by: None,
        stamp: last,
        frames: vec![last.frame],
        words: words.to_owned(),
        evidence: [stall::words(ended, last), open_requests(ended, last)].concat(),
        rule: None,
        then: None,
    }
}

/// A connection that one side ended.
struct End<'e, 'c> {
    ended: &'e Ended<'c>,
    /// Who ended it first.
    closer: Side,
    finish: Finish,
    /// Nobody needed it any more.
    is_done: bool,
}

/// What came before the end, and is taken for its cause.
struct Account {
    /// The packets that show it.
    frames: Vec<u64>,
    words: String,
    /// The rule that was broken.
    rule: Option<&'static Rule>,
}

impl End<'_, '_> {
    /// Who ended the connection, and the other side, by their names.
    fn names(&self) -> [String; 2] {
        [self.closer, self.closer.other()].map(|side| name(self.ended, side))
    }

    /// What was done to the connection.
    fn act(&self) -> &'static str {
        if self.finish.reset { "reset" } else { "closed" }
    }

    /// The last message of the other side.
    fn last_message(&self) -> Option<(&'static str, Stamp)> {
        let other = self.ended.conversation.speaker(self.closer.other());
        other.milestones.last
    }

    /// The worst finding about the last message of the other side, where the end followed
    /// at once.
    fn trigger<'f>(&self, findings: &[&'f Finding]) -> Option<&'f Finding> {
        let src = self.ended.connection.address(self.closer.other());
        let (_, last) = self.last_message()?;
        let finish = self.finish.stamp;
        let near = findings.iter().copied().filter(|finding| {
            let after = finish.time.since(finding.last.time);
            let soon = match finding.severity {
                Severity::Error => SOON_NANOS,
                _ => AT_ONCE_NANOS,
            };
            // What is found at the end itself (MS-04) did not come before it.
            let is_before = finding.last.frame < finish.frame;
            (finding.place.src == src && is_before || finding.rule == &HS_03)
                && finding.last.frame <= finish.frame
                && (0..soon).contains(&after)
                && finding.last.frame + 2 >= last.frame
                && finding.severity > Severity::Info
                && finding.count <= MANY_TIMES
                // What it let pass before is not why.
                && (finding.count == 1 || finish.time.since(finding.first.time) < AT_ONCE_NANOS)
        });
        let worst = near.max_by_key(|finding| (finding.severity, finding.last.frame))?;
        // Who is done closes for that, and not for how the other said so; for another error
        // it does.
        let is_error = worst.severity == Severity::Error;
        let is_why = !self.is_done || (is_error && !STATING.contains(&worst.message));
        is_why.then_some(worst)
    }

    /// It followed at once on a rule that was broken.
    fn after_fault(&self, fault: &Finding) -> Account {
        let [doer, other] = self.names();
        let after = self.finish.stamp.time.since(fault.last.time).max(0);
        let deed = match fault.rule.deed {
            "" => format!("broke {} ({})", fault.rule, fault.rule.title),
            deed => deed.to_owned(),
        };
        let (act, after) = (self.act(), span(after));
        Account {
            frames: vec![fault.last.frame, self.finish.stamp.frame],
            words: format!("{other} {deed}, and {doer} {act} the connection {after} later"),
            rule: Some(fault.rule),
        }
    }

    /// It followed on the last message of the other side, if there was one.
    fn after_message(&self) -> Account {
        let [doer, other] = self.names();
        let (act, end) = (self.act(), self.finish.stamp);
        let Some((message, at)) = self.last_message() else {
            return Account {
                frames: vec![end.frame],
                words: format!("{doer} {act} the connection"),
                rule: None,
            };
        };
        let both = if self.is_done {
            "both sides need nothing more: "
        } else {
            ""
        };
        let message = spoken(message);
        let after = end.time.since(at.time);
        let (frames, words) = if at.frame < end.frame {
            let after = span(after.max(0));
            let words = format!(
                "{both}{doer} {act} the connection {after} after the last message of {other}, {message}",
            );
            (vec![at.frame, end.frame], words)
        } else {
            // What comes later cannot be why.
            let late = span((-after).max(0));
            let words = format!(
                "{both}{doer} {act} the connection; the last message of {other}, {message}, \
                 came {late} later",
            );
            (vec![end.frame, at.frame], words)
        };
        Account {
            frames,
            words,
            rule: None,
        }
    }

    /// How much it explains.
    fn weight(&self, account: &Account, is_stalled: bool) -> Weight {
        let end = self.finish.stamp;
        if account.rule.is_some() {
            return Weight::Explained;
        }
        if self.finish.reset && !self.is_done {
            return Weight::Abrupt;
        }
        let is_old = |side: Side| ages(self.ended, side, end).any(|age| age >= OPEN_NANOS);
        let has_waited = Side::BOTH.into_iter().any(is_old);
        // Who is done leaves requests of its own behind, not those of the other.
        let mut unanswered = ages(self.ended, self.closer.other(), end);
        let owes = !self.is_done && unanswered.next().is_some();
        if has_waited || owes || is_stalled {
            Weight::Unexplained
        } else {
            Weight::Orderly
        }
    }

    /// The first error of the other side that stands before the end, in words: nobody ends a
    /// connection for an error of its own.
    fn first_error(&self, findings: &[&Finding]) -> Option<String> {
        let side = self.closer.other();
        let src = self.ended.connection.address(side);
        let errors = findings.iter().filter(|finding| {
            let is_before = finding.first.frame < self.finish.stamp.frame;
            finding.severity == Severity::Error && is_before && finding.place.src == src
        });
        let first = errors.min_by_key(|finding| finding.first.frame)?;
        let deed = match first.rule.deed {
            "" => format!("broke {}", first.rule),
            deed => format!("{deed} ({})", first.rule),
        };
        let (frame, doer) = (first.first.frame, name(self.ended, side));
        Some(format!("before that, in #{frame}, {doer} {deed}"))
    }
}

/// Both have every piece, or have said that they want no more.
fn is_done(ended: &Ended<'_>) -> bool {
    let pieces = ended.conversation.pieces();
    let speakers = &ended.conversation.speakers;
    let is_seed = |speaker: &Speaker| {
        speaker.pieces.said_all()
            || (speaker.limits.upload_only == Some(true) && speaker.interested.is_on != Some(true))
            || pieces.is_some_and(|pieces| speaker.pieces.is_all(pieces))
    };
    speakers.iter().all(is_seed)
}

/// Who stopped within a message, in words.
pub fn stopped_within(ended: &Ended<'_>, watch: &Watch) -> Vec<String> {
    let sides = Side::BOTH.into_iter();
    let stopped = sides.filter_map(|side| {
        let (message, bytes, length) = watch.sides[side.index()].stopped?;
        Some(format!(
            "{} stopped within a message, {}: {bytes} of its {length} bytes are there",
            name(ended, side),
            spoken(message)
        ))
    });
    stopped.collect()
}
