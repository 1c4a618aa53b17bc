//! Rules on choke and interest (BEP 3).

use super::availability;
use super::ending::Ending;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::Scene;
use crate::flow::Side;
use crate::session::{Notice, Stance};
use crate::wire::peer::{Message, types};

/// Four changes of choke within this are more than one every 10 s (BEP 3), also where
/// rounds begin anew.
const FIBRILLATION_NANOS: i64 = 20_000_000_000;

/// A connection that has lasted so long has been made for something.
const SETTLED_NANOS: i64 = 30_000_000_000;

/// An interested peer gets its turn within this, by optimistic unchokes.
const TURN_NANOS: i64 = 300_000_000_000;

/// Seeds that stay connected for so long waste a connection.
const SEEDS_NANOS: i64 = 60_000_000_000;

pub static CH_01: Rule = Rule::warning("CH-01", 3, "choke and unchoke in quick turn")
    .deed("choked and unchoked in quick turn")
    .explained(
        "A peer changes its chokes every 10 s at most (BEP 3: fibrillation).",
        "TCP never gets up to speed, and requests are lost at each choke.",
        "Choose whom to unchoke every 10 s, with hysteresis.",
    );
pub static CH_02: Rule = Rule::info("CH-02", 3, "unchoked before it was interested")
    .explained(
        "The other side has never said that it is interested.",
        "It does no harm by itself; libtorrent does it when it has slots to spare.",
        "Unchoke those that are interested first.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static CH_03: Rule = Rule::warning("CH-03", 3, "never interested, though the other has pieces that it lacks")
    .explained(
        "A peer says interested as soon as the other has a piece that it lacks, also when a have tells of it.",
        "Without interested nobody unchokes it: it never gets a byte.",
        "Look at interest after each bitfield, have and have all.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole, Evidence::Torrent]);
pub static CH_04: Rule = Rule::info("CH-04", 3, "interested for five minutes, never unchoked")
    .explained(
        "Optimistic unchokes give each interested peer its turn every few minutes.",
        "The peer gets nothing on this connection.",
        "Rotate an optimistic unchoke every 30 s; look whether upload slots are used up.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static CH_05: Rule = Rule::info("CH-05", 3, "two seeds stay connected")
    .explained(
        "Both sides have every piece: neither has anything for the other.",
        "A connection is taken for nothing; libtorrent closes (upload_upload_connection).",
        "Close when both are seeds, unless PEX or metadata are of use.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);

pub static RULES: &[&Rule] = &[&CH_01, &CH_02, &CH_03, &CH_04, &CH_05];

/// A choke or unchoke.
pub fn choking(scene: &mut Scene<'_>) {
    let is_choke = matches!(scene.message, Message::Choke);
    let is_change = scene.me().choking.is_on != Some(is_choke);
    let frame = |stance: &Stance| stance.since.map(|since| since.frame);
    let follows_interest = frame(&scene.other().interested) > frame(&scene.me().choking);
    let (now, end) = (scene.now(), scene.heard.offset + scene.heard.length);
    let mine = scene.mine();
    if is_choke {
        mine.choke = Notice::new(end);
    }
    // Who chokes those that lost interest, and unchokes those that found it, does well.
    if is_change && !follows_interest {
        mine.flips.push(now);
        let is_told = mine.flips.is_within(FIBRILLATION_NANOS);
        // Of the other's interest all has to be there.
        if is_told && scene.is_whole() && !scene.heard.acked.is_ahead {
            scene.find(&CH_01, "four changes within 20 s".to_owned());
        }
    }
    let other = scene.other();
    let was_never = other.milestones.interested.is_none() && other.handshake.is_some();
    let is_all_there = other.gaps == 0 && !scene.heard.acked.is_ahead;
    if !is_choke && is_change && was_never && is_all_there {
        scene.find(
            &CH_02,
            "unchoke; the other was not interested so far".to_owned(),
        );
    }
}

/// `interested`.
pub fn interested(scene: &mut Scene<'_>) {
    let pieces = scene.conversation.pieces();
    let mine = &scene.me().pieces;
    let has_all = mine.said_all() || pieces.is_some_and(|pieces| mine.is_all(pieces));
    if has_all && scene.is_sender_whole() {
        scene.find(
            &availability::BF_09,
            "interested, and it has every piece".to_owned(),
        );
    }
    super::peers::interested(scene);
}

/// The end: who was never interested, who was never unchoked.
pub fn conclude(ending: &mut Ending<'_>) {
    if !ending.is_whole() {
        return;
    }
    for side in Side::BOTH {
        never_interested(ending, side);
        never_unchoked(ending, side);
    }
    let said_all = |side| ending.speaker(side).pieces.said_all();
    let pieces = ending.ended.conversation.pieces();
    let is_seed = |side: Side| {
        said_all(side) || pieces.is_some_and(|n| ending.speaker(side).pieces.is_all(n))
    };
    let since = ending.speaker(Side::Initiator).milestones.handshake;
    let lasted = since.map_or(0, |since| ending.since(since));
    if lasted > SEEDS_NANOS
        && Side::BOTH.into_iter().all(is_seed)
        && Side::BOTH
            .into_iter()
            .all(|side| ending.speaker(side).payload_bytes == 0)
    {
        let stamp = ending.ended.connection.last;
        ending.find(
            &CH_05,
            Side::Initiator,
            stamp,
            "both have every piece".to_owned(),
        );
    }
}

fn never_interested(ending: &mut Ending<'_>, side: Side) {
    let (me, other) = (ending.speaker(side), ending.speaker(side.other()));
    let Some(pieces) = ending.ended.conversation.pieces() else {
        return;
    };
    let Some(handshake) = me.milestones.handshake else {
        return;
    };
    let is_known = me.pieces.is_stated() && other.pieces.is_stated();
    // Who wants only some of the files says one or the other.
    let wants_none =
        me.limits.upload_only == Some(true) || me.counts.of(types::NOT_INTERESTED.name) > 0;
    let lacks = || other.pieces.has_beyond(&me.pieces, pieces);
    if is_known
        && !wants_none
        && me.milestones.interested.is_none()
        && ending.since(handshake) > SETTLED_NANOS
        && lacks()
    {
        let words = "never interested, though the other has pieces that it lacks".to_owned();
        ending.find(&CH_03, side, handshake, words);
    }
}

fn never_unchoked(ending: &mut Ending<'_>, side: Side) {
    let (me, other) = (ending.speaker(side), ending.speaker(side.other()));
    let Some(interested) = me.milestones.interested else {
        return;
    };
    let still = me.interested.is_on == Some(true);
    if still && other.milestones.unchoke.is_none() && ending.since(interested) > TURN_NANOS {
        let words = format!("interested since #{}, never unchoked", interested.frame);
        ending.find(&CH_04, side.other(), interested, words);
    }
}
