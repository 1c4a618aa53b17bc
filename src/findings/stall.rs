//! Why a peer got nothing on a connection that was there.

use crate::flow::Side;
use crate::session::{Conversation, Speaker};

use super::suspicion::is_whole;

/// A connection on which nothing came for so long has come to nothing.
const STALLED_NANOS: i64 = 30_000_000_000;

/// What it was that kept a side from its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It never said that it is interested.
    NotInterested,
    /// The other side never unchoked it, though it was interested since this packet.
    Choked(u64),
    /// It asked for nothing, though it was unchoked in this packet.
    AskedNothing(u64),
    /// The other side rejected all of so many requests.
    AllRejected(u64),
}

/// The sides that lack what the other has, and got nothing of it, each with the reason.
/// `lasted` in nanoseconds: what the connection lasted from the handshakes on.
pub fn of(conversation: &Conversation, lasted: i64) -> impl Iterator<Item = (Side, Obstacle)> {
    let is_known = is_whole(conversation);
    let sides = Side::BOTH.into_iter().filter(move |_| is_known);
    sides.filter_map(move |side| {
        let obstacle = obstacle(conversation, side)?;
        let is_told = lasted >= STALLED_NANOS || matches!(obstacle, Obstacle::AllRejected(_));
        is_told.then_some((side, obstacle))
    })
}

fn obstacle(conversation: &Conversation, side: Side) -> Option<Obstacle> {
    let (me, other) = (
        conversation.speaker(side),
        conversation.speaker(side.other()),
    );
    let is_served = other.payload_bytes > 0;
    if is_served || me.limits.upload_only == Some(true) || !lacks(conversation, me, other) {
        return None;
    }
    let fates = me.requests.fates();
    let (interested, unchoke) = (me.milestones.interested, other.milestones.unchoke);
    match (fates.asked, interested, unchoke) {
        (0, None, _) => Some(Obstacle::NotInterested),
        (0, Some(interested), None) => Some(Obstacle::Choked(interested.frame)),
        (0, Some(_), Some(unchoke)) => Some(Obstacle::AskedNothing(unchoke.frame)),
        (asked, ..) if fates.rejected == asked => Some(Obstacle::AllRejected(asked)),
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
        (Some(_), Some(_)) => pieces.is_some_and(|pieces| {
            let mut all = 0..pieces;
            all.any(|piece| other.pieces.has(piece) && !me.pieces.has(piece))
        }),
    }
}
