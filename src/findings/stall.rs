//! Why a peer got nothing on a connection that was there, or nothing more.

use super::names::name;
use super::suspicion::is_whole;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{Conversation, Ended, Speaker};
use crate::wire::peer::types;
use crate::wire::words::Count;

/// A connection on which nothing came for so long has come to nothing.
const STALLED_NANOS: i64 = 30_000_000_000;

/// So many rejects are no accident.
const MANY_REJECTS: u64 = 8;

/// What it was that kept a side from its data. The numbers are those of packets, unless
/// they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// It never said that it is interested, and said that it is not if this is true.
    NotInterested(bool),
    /// The other side never unchoked it, though it was interested since then.
    NeverUnchoked(u64),
    /// The other side choked it then, and has not unchoked it since.
    Choked(u64),
    /// It asked for nothing, though it was unchoked then.
    AskedNothing(u64),
    /// A choke dropped so many of its requests, and it asked for nothing since it was
    /// unchoked then.
    AskedNothingAgain(u64, u64),
    /// The other side rejected so many of so many requests.
    Rejected(u64, u64),
}

/// The sides that lack what the other has, and got nothing of it for long, each with the
/// reason, at the end of a conversation. `since` the handshakes of both are there.
fn of(
    conversation: &Conversation,
    since: Timestamp,
    end: Timestamp,
) -> impl Iterator<Item = (Side, Obstacle)> {
    let is_known = is_whole(conversation);
    let sides = Side::BOTH.into_iter().filter(move |_| is_known);
    sides.filter_map(move |side| {
        let (me, other) = (
            conversation.speaker(side),
            conversation.speaker(side.other()),
        );
        let wants = me.limits.upload_only != Some(true) && lacks(conversation, me, other);
        let lasted = |since: Timestamp| end.since(since) >= STALLED_NANOS;
        let obstacle = rejected(me).or_else(|| {
            let never = (other.payload_bytes == 0 && lasted(since)).then(|| never(me, other));
            never.flatten().or_else(|| no_more(me, other, lasted))
        });
        obstacle.filter(|_| wants).map(|obstacle| (side, obstacle))
    })
}

/// Most of what it asked for was rejected.
fn rejected(me: &Speaker) -> Option<Obstacle> {
    let fates = me.requests.fates();
    let is_all = fates.asked > 0 && fates.rejected >= fates.asked;
    let is_most = fates.rejected >= MANY_REJECTS && 2 * fates.rejected >= fates.asked;
    (is_all || is_most).then_some(Obstacle::Rejected(fates.rejected, fates.asked))
}

/// It never got anything.
fn never(me: &Speaker, other: &Speaker) -> Option<Obstacle> {
    let is_asking = me.requests.fates().asked > 0;
    match (me.milestones.interested, other.milestones.unchoke) {
        _ if is_asking => None,
        (None, _) => {
            let says_no = me.counts.of(types::NOT_INTERESTED.name) > 0;
            Some(Obstacle::NotInterested(says_no))
        }
        (Some(interested), None) => Some(Obstacle::NeverUnchoked(interested.frame)),
        (Some(_), Some(unchoke)) => Some(Obstacle::AskedNothing(unchoke.frame)),
    }
}

/// It got nothing for long.
fn no_more(me: &Speaker, other: &Speaker, lasted: impl Fn(Timestamp) -> bool) -> Option<Obstacle> {
    let since = other.choking.since.filter(|since| lasted(since.time))?;
    if me.interested.is_on != Some(true) || me.requests.open() > 0 {
        return None;
    }
    let dropped = me.requests.fates().choked_away;
    let latest = me.requests.latest();
    let has_asked = latest.is_some_and(|asked| asked.frame > since.frame);
    match other.choking.is_on {
        Some(true) => Some(Obstacle::Choked(since.frame)),
        Some(false) if dropped > 0 && !has_asked => {
            Some(Obstacle::AskedNothingAgain(dropped, since.frame))
        }
        _ => None,
    }
}

/// Whether the other side is known to have a piece that this one lacks.
fn lacks(conversation: &Conversation, me: &Speaker, other: &Speaker) -> bool {
    let pieces = conversation.pieces();
    let (mine, theirs) = (me.pieces.count(pieces), other.pieces.count(pieces));
    match (mine, theirs) {
        (_, Some(0)) | (None, _) => false,
        // Of a peer that has all, it is not known how many that are.
        (Some(0), _) => true,
        (Some(mine), None) => other.pieces.said_all() && pieces.is_none_or(|all| mine < all),
        (Some(_), Some(_)) => {
            pieces.is_some_and(|pieces| other.pieces.has_beyond(&me.pieces, pieces))
        }
    }
}

/// Who got nothing on a connection that was there, and what kept it from that, in
/// words.
pub fn words(ended: &Ended<'_>, at: Stamp) -> Vec<String> {
    let speakers = &ended.conversation.speakers;
    let greeted = speakers
        .each_ref()
        .map(|speaker| speaker.milestones.handshake);
    let [Some(one), Some(other)] = greeted else {
        return Vec::new();
    };
    let since = one.time.max(other.time);
    let stalls = of(ended.conversation, since, at.time);
    let words = stalls.map(|(side, obstacle)| {
        let [me, other] = [side, side.other()].map(|side| name(ended, side));
        match obstacle {
            Obstacle::NotInterested(true) => {
                format!(
                    "{me} says that it is not interested, though {other} has pieces that it lacks: it \
                     may want only some of the files"
                )
            }
            Obstacle::NotInterested(false) => {
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
