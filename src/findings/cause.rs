//! Why a connection ended, as far as the capture tells.

use super::finding::Finding;
use super::rule::Rule;
use super::rules::HS_03;
use super::scene::span;
use super::stall::{self, Obstacle};
use super::watch::Watch;
use crate::flow::{Close, Side};
use crate::packet::Stamp;
use crate::session::{Actor, ConnectionEvent, Ended, Finish, Speaker, WebSeed};
use crate::wire::Severity;
use crate::wire::peer::types;
use crate::wire::words::{Count, spoken};

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

/// How much a cause explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The capture ends before the connection does.
    Unseen,
    /// It was closed in good order, and nothing was left open.
    Orderly,
    /// Data of a torrent came on it, and it is none between peers.
    Elsewhere,
    /// There is none: nobody was reached where peers were looked for.
    Unmet,
    /// It was closed with something left open, and nothing says why.
    Unexplained,
    /// It was reset, and nothing says why.
    Abrupt,
    /// It never came to be.
    Failed,
    /// It ended right after a rule was broken.
    Explained,
}

/// Why a connection ended.
#[derive(Debug)]
pub struct Cause {
    /// How much it explains.
    pub weight: Weight,
    /// Who ended it; `None` where nobody did.
    pub by: Option<Side>,
    /// The packet of the FIN or RST, else the last one.
    pub stamp: Stamp,
    /// The packets that show it.
    pub frames: Vec<u64>,
    /// In words; may hold text of the capture.
    pub words: String,
    /// What else there is to say.
    pub evidence: Vec<String>,
    /// The rule that was broken before.
    pub rule: Option<&'static Rule>,
    /// The first packet of what the same host tried next at the same end.
    pub then: Option<u64>,
}

impl Cause {
    /// What became of an attempt, in these words.
    pub fn of_attempt(event: &ConnectionEvent, (words, guess): (String, Option<String>)) -> Self {
        let by = match event.by {
            Some(Actor::End(side)) => Some(side),
            _ => None,
        };
        let frames = [Some(event.first.frame), Some(event.stamp.frame), event.then];
        let mut frames: Vec<u64> = frames.into_iter().flatten().collect();
        frames.dedup();
        Self {
            weight: Weight::Failed,
            by,
            stamp: event.stamp,
            frames,
            words,
            evidence: guess.into_iter().collect(),
            rule: None,
            then: event.then,
        }
    }

    /// That data of a torrent comes from a web seed.
    pub fn of_web_seed(seed: &WebSeed) -> Self {
        let [_, server] = seed.ends;
        Self {
            weight: Weight::Elsewhere,
            by: Some(Side::Initiator),
            stamp: seed.request,
            frames: vec![seed.request.frame],
            words: format!(
                "{} asks {server} for ranges of files by HTTP, as of a web seed (BEP 19)",
                seed.client
            ),
            evidence: vec!["what comes from there needs no peer, and is not decoded".to_owned()],
            rule: None,
            then: None,
        }
    }

    /// Why no peer was reached: what came of the search for them, with the packets that
    /// show it. `None` where nobody searched.
    pub fn of_search(told: Vec<(String, Stamp)>) -> Option<Self> {
        let mut told = told.into_iter();
        let (words, stamp) = told.next()?;
        let evidence = told.map(|(words, at)| format!("{words} (#{})", at.frame));
        Some(Self {
            weight: Weight::Unmet,
            by: None,
            stamp,
            frames: vec![stamp.frame],
            words,
            evidence: evidence.collect(),
            rule: None,
            then: None,
        })
    }

    /// Why `ended` ended, with what was found on it.
    pub fn of<'f>(ended: &Ended<'_>, findings: impl Iterator<Item = &'f Finding>) -> Self {
        let last = ended.connection.last;
        let Some((closer, finish)) = ended.first_finish() else {
            let words = match ended.how {
                Close::Open => "the capture ends before the connection does",
                Close::Replaced => "another connection began between the same ports",
                _ => "how it ended cannot be seen from here",
            };
            return Self {
                weight: Weight::Unseen,
                by: None,
                stamp: last,
                frames: vec![last.frame],
                words: words.to_owned(),
                evidence: [obstacles(ended, last), open_requests(ended, last)].concat(),
                rule: None,
                then: None,
            };
        };
        let act = if finish.reset { "reset" } else { "closed" };
        let [doer, other] = [closer, closer.other()].map(|side| name(ended, side));
        let is_done = is_done(ended);
        let findings: Vec<_> = findings.collect();
        // Who is done closes for that, and not for how the other said so; for another error
        // it does.
        let is_why = |trigger: &&Finding| {
            let is_error = trigger.severity == Severity::Error;
            !is_done || (is_error && !STATING.contains(&trigger.message))
        };
        let trigger = trigger(ended, closer, finish, &findings).filter(is_why);
        let last_message = ended.conversation.speaker(closer.other()).milestones.last;
        let after = last_message.map(|(_, stamp)| finish.stamp.time.since(stamp.time));
        let mut frames = vec![finish.stamp.frame];
        let (weight, words, rule) = match (trigger, last_message, after) {
            (Some(trigger), _, _) => {
                let told = trigger.last;
                let after = finish.stamp.time.since(told.time);
                frames.insert(0, told.frame);
                let deed = match trigger.rule.deed {
                    "" => format!("broke {} ({})", trigger.rule, trigger.rule.title),
                    deed => deed.to_owned(),
                };
                let words = format!(
                    "{other} {deed}, and {doer} {act} the connection {} later",
                    span(after.max(0))
                );
                (Weight::Explained, words, Some(trigger.rule))
            }
            (None, Some((message, stamp)), Some(after)) => {
                let both = if is_done {
                    "both sides need nothing more: "
                } else {
                    ""
                };
                let message = spoken(message);
                let words = if stamp.frame < finish.stamp.frame {
                    frames.insert(0, stamp.frame);
                    format!(
                        "{both}{doer} {act} the connection {} after the last message of {other}, {message}",
                        span(after.max(0)),
                    )
                } else {
                    // What comes later cannot be why.
                    frames.push(stamp.frame);
                    format!(
                        "{both}{doer} {act} the connection; the last message of {other}, {message}, \
                         came {} later",
                        span((-after).max(0)),
                    )
                };
                (Weight::Orderly, words, None)
            }
            _ => (
                Weight::Orderly,
                format!("{doer} {act} the connection"),
                None,
            ),
        };
        let mut evidence = Vec::new();
        if rule.is_none() && !is_done {
            evidence.extend(first_error(ended, finish, &findings));
        }
        let obstacles = obstacles(ended, finish.stamp);
        let is_stalled = !obstacles.is_empty() && !is_done;
        evidence.extend(obstacles);
        evidence.extend(open_requests(ended, finish.stamp));
        let is_old = |side: &Side| ages(ended, *side, finish.stamp).any(|age| age >= OPEN_NANOS);
        let has_waited = Side::BOTH.iter().any(is_old);
        // Who is done leaves requests of its own behind, not those of the other.
        let owes = !is_done && ages(ended, closer.other(), finish.stamp).next().is_some();
        let weight = match weight {
            Weight::Orderly if finish.reset && !is_done => Weight::Abrupt,
            Weight::Orderly if has_waited || owes || is_stalled => Weight::Unexplained,
            other => other,
        };
        Self {
            weight,
            by: Some(closer),
            stamp: finish.stamp,
            frames,
            words,
            evidence,
            rule,
            then: None,
        }
    }
}

/// The worst finding about the last message of the side that did not end the
/// connection, where the end followed at once.
fn trigger<'f>(
    ended: &Ended<'_>,
    closer: Side,
    finish: Finish,
    findings: &[&'f Finding],
) -> Option<&'f Finding> {
    let src = ended.connection.address(closer.other());
    let (_, last) = ended.conversation.speaker(closer.other()).milestones.last?;
    let near = findings.iter().copied().filter(|finding| {
        let after = finish.stamp.time.since(finding.last.time);
        let soon = match finding.severity {
            Severity::Error => SOON_NANOS,
            _ => AT_ONCE_NANOS,
        };
        // What is found at the end itself (MS-04) did not come before it.
        let is_before = finding.last.frame < finish.stamp.frame;
        (finding.place.src == src && is_before || finding.rule == &HS_03)
            && finding.last.frame <= finish.stamp.frame
            && (0..soon).contains(&after)
            && finding.last.frame + 2 >= last.frame
            && finding.severity > Severity::Info
            && finding.count <= MANY_TIMES
    });
    near.max_by_key(|finding| (finding.severity, finding.last.frame))
}

/// The first error that stands before the end, in words.
fn first_error(ended: &Ended<'_>, finish: Finish, findings: &[&Finding]) -> Option<String> {
    let errors = findings.iter().filter(|finding| {
        finding.severity == Severity::Error && finding.first.frame < finish.stamp.frame
    });
    let first = errors.min_by_key(|finding| finding.first.frame)?;
    let is_of = |side: &Side| ended.connection.address(*side) == first.place.src;
    let side = Side::BOTH.into_iter().find(is_of)?;
    let deed = match first.rule.deed {
        "" => format!("broke {}", first.rule),
        deed => format!("{deed} ({})", first.rule),
    };
    let frame = first.first.frame;
    Some(format!(
        "before that, in #{frame}, {} {deed}",
        name(ended, side)
    ))
}

/// Who got nothing on a connection that was there, and what kept it from that, in
/// words.
fn obstacles(ended: &Ended<'_>, at: Stamp) -> Vec<String> {
    let speakers = &ended.conversation.speakers;
    let greeted = speakers
        .each_ref()
        .map(|speaker| speaker.milestones.handshake);
    let [Some(one), Some(other)] = greeted else {
        return Vec::new();
    };
    let since = one.time.max(other.time);
    let stalls = stall::of(ended.conversation, since, at.time);
    let words = stalls.map(|(side, obstacle)| {
        let [me, other] = [side, side.other()].map(|side| name(ended, side));
        match obstacle {
            Obstacle::NotInterested => {
                format!(
                    "{me} never said that it is interested, and {other} has pieces that it lacks"
                )
            }
            Obstacle::NeverUnchoked(frame) => {
                format!("{me} was interested from #{frame} on, and {other} never unchoked it")
            }
            Obstacle::Choked(frame) => {
                format!("{me} is interested, and {other} has choked it since #{frame}")
            }
            Obstacle::AskedNothing(frame) => {
                format!("{me} was unchoked in #{frame}, and asked for nothing")
            }
            Obstacle::AskedNothingAgain(dropped, frame) => {
                let dropped = Count(dropped, "request");
                format!("a choke dropped {dropped} of {me}, which asked for nothing since it was unchoked in #{frame}")
            }
            Obstacle::Rejected(1, 1) => format!("{other} rejected the only request of {me}"),
            Obstacle::Rejected(all, asked) if all >= asked => {
                format!("{other} rejected all {asked} requests of {me}")
            }
            Obstacle::Rejected(rejected, asked) => {
                format!("{other} rejected {rejected} of {asked} requests of {me}")
            }
        }
    });
    words.collect()
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

/// How long the requests of a side that are open have waited, in nanoseconds.
fn ages(ended: &Ended<'_>, side: Side, at: Stamp) -> impl Iterator<Item = i64> {
    let is_known = !lacks_answers(ended, side);
    let ages = ended
        .unanswered(side)
        .filter(move |_| is_known)
        .map(move |(_, asked)| at.time.since(asked.time));
    ages.filter(|age| *age >= 0)
}

/// Whether answers to the requests of a side may be among what the capture lacks.
fn lacks_answers(ended: &Ended<'_>, side: Side) -> bool {
    let other = side.other();
    ended.is_hidden(other) || ended.conversation.speaker(other).lost_messages > 0
}

/// The requests that are open, in words.
fn open_requests(ended: &Ended<'_>, at: Stamp) -> Vec<String> {
    let mut evidence = Vec::new();
    for side in Side::BOTH {
        let count = ages(ended, side, at).count();
        let [asker, other] = [side, side.other()].map(|side| name(ended, side));
        let is_open = ended.conversation.speaker(side).requests.open() > 0;
        if is_open && lacks_answers(ended, side) {
            evidence.push(format!(
                "whether requests of {asker} were answered cannot be seen: the capture lacks what \
                 {other} sent, or part of it"
            ));
        } else if count > 0 {
            evidence.push(match count {
                1 => format!("a request of {asker} was not answered"),
                _ => format!("{count} requests of {asker} were not answered"),
            });
        }
    }
    evidence
}

/// A side by its client, else by its address.
pub(super) fn name(ended: &Ended<'_>, side: Side) -> String {
    let clients = ended.conversation.speakers.each_ref().map(Speaker::client);
    match &clients[side.index()] {
        Some(client) if clients[0] != clients[1] => client.clone(),
        _ => ended.connection.address(side).to_string(),
    }
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
