//! Rules on what a peer says it has: bitfield, have, have all (BEP 3, BEP 6).

use std::fmt::Write as _;

use super::ending::Ending;
use super::meant::Bound;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::flow::Side;
use crate::session::Speaker;
use crate::wire::Severity;
use crate::wire::peer::{Bitfield, types};
use crate::wire::words::{Count, spoken};

pub static BF_01: Rule = Rule::error("BF-01", 3, "a bitfield of the wrong length")
    .deed("sent a bitfield of the wrong length")
    .explained(
        "A bitfield has one bit for each piece, rounded up to whole bytes.",
        "libtorrent and most others close the connection (invalid_bitfield_size).",
        "Use (pieces + 7) / 8 bytes, and check that it is the same torrent.",
    )
    .needs(&[Evidence::Torrent]);
pub static BF_02: Rule = Rule::error("BF-02", 3, "spare bits of a bitfield are set")
    .deed("set spare bits of its bitfield")
    .explained(
        "The bits behind the last piece are zero.",
        "Many clients close the connection: BEP 3 tells them to.",
        "Clear the spare bits; piece 0 is the highest bit of the first byte.",
    )
    .needs(&[Evidence::Torrent]);
pub static BF_03: Rule = Rule::error("BF-03", 3, "a bitfield in mid-session")
    .deed("sent a bitfield in mid-session").explained(
        "A bitfield may only be sent as the first message after the handshake (an extended handshake before it is tolerated).",
        "rTorrent resets the connection at once; others pass over the message, or close.",
        "Send the bitfield first or not at all; tell later pieces with have messages.",
    );
pub static BF_04: Rule = Rule::error(
    "BF-04",
    3,
    "a bitfield, have all or have none after another of these",
)
.deed("said a second time what it has")
.explained(
    "What a peer has at the beginning is said once: by a bitfield, by have all or by have none.",
    "rTorrent resets the connection, libtorrent takes the later one, others close.",
    "Send only one of them, and have messages afterwards.",
);
pub static BF_05: Rule = Rule::warning("BF-05", 3, "an empty bitfield")
    .deed("sent an empty bitfield")
    .explained(
        "A bitfield has at least one byte.",
        "Clients that compare its length with the torrent's close the connection.",
        "Leave the bitfield out while there are no pieces or while their number is not known.",
    );
pub static BF_06: Rule = Rule::warning("BF-06", 3, "waits for a bitfield that need not come")
    .explained(
        "A peer that has nothing may leave its bitfield out. This side has said nothing since the handshakes, and the other has neither bitfield nor have to send.",
        "Both wait: nothing is ever asked for.",
        "Go on after the handshake: take a missing bitfield for an empty one.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static BF_07: Rule = Rule::error("BF-07", 3, "have of a piece that does not exist")
    .deed("announced a piece that does not exist")
    .explained(
        "Pieces are counted from 0 to one less than there are.",
        "libtorrent closes the connection (invalid_have).",
        "Check the byte order of the index, and that it is the same torrent.",
    )
    .needs(&[Evidence::Torrent]);
pub static BF_08: Rule = Rule::info("BF-08", 3, "a piece is announced again").explained(
    "The sender had said before that it has this piece.",
    "It costs traffic and hides errors in the account of pieces.",
    "Send have once, when a piece was checked.",
);
pub static BF_09: Rule = Rule::warning("BF-09", 3, "a seed says that it is interested").deed("said that it is interested, though it has every piece").explained(
    "A peer that has every piece wants none.",
    "The other side spends an upload slot on it, and does not drop the connection as one between seeds.",
    "Send interested only while the other has a piece that you lack.",
);

pub static FX_08: Rule = Rule::info("FX-08", 6, "have after have all").explained(
    "A peer that has said have all has nothing left to announce.",
    "It hides errors in the account of pieces.",
    "Send no have after have all.",
);

pub static RULES: &[&Rule] = &[
    &BF_01, &BF_02, &BF_03, &BF_04, &BF_05, &BF_06, &BF_07, &BF_08, &BF_09,
];

/// A connection on which nothing was said for so long waits for something.
const IDLE_NANOS: i64 = 30_000_000_000;

/// The end: who has waited for a bitfield.
pub fn conclude(ending: &mut Ending<'_>) {
    let speakers = &ending.ended.conversation.speakers;
    let has_fast = |speaker: &Speaker| speaker.handshake.is_some_and(|own| own.reserved.fast());
    if !ending.is_whole() || speakers.iter().all(has_fast) {
        return;
    }
    for side in Side::BOTH {
        let (me, other) = (ending.speaker(side), ending.speaker(side.other()));
        let said = |side: Side| ending.speaker(side).before.messages;
        let has_nothing = !other.pieces.is_stated() && said(side.other()) == 0;
        let Some(since) = other
            .milestones
            .handshake
            .filter(|_| has_nothing && said(side) == 0)
        else {
            continue;
        };
        // Where both are silent, the one that dialled wants something.
        if side == Side::Initiator && ending.since(since) > IDLE_NANOS && me.handshake.is_some() {
            let words = format!(
                "nothing was said for {} after the handshakes",
                span(ending.since(since))
            );
            ending.find(&BF_06, side, since, words);
        }
    }
}

/// A bitfield. Where the torrent is not known, those of both sides are as long.
pub fn bitfield(scene: &mut Scene<'_>, bitfield: &Bitfield<'_>) {
    let (me, bytes) = (scene.me(), bitfield.bits.len());
    let before = [
        types::BITFIELD.name,
        types::HAVE_ALL.name,
        types::HAVE_NONE.name,
    ];
    if let Some(before) = before.into_iter().find(|name| me.counts.of(name) > 0) {
        let words = format!(
            "message {}; it had already sent {}",
            me.before.messages.saturating_add(1),
            spoken(before)
        );
        scene.explain(&BF_04, words);
    }
    if bitfield.is_backwards() {
        let words = format!(
            "{} set; with the lowest bit of each byte first there is none: piece 0 is the highest",
            Count(bitfield.spare_bits_set(), "spare bit")
        );
        scene.explain(&BF_02, words);
    }
    let other = scene.theirs().bitfield_bytes;
    scene.mine().bitfield_bytes.get_or_insert(bytes);
    if let Some(other) = other.filter(|other| *other != bytes && bytes > 0 && *other > 0)
        && scene.conversation.torrent.is_none()
        && scene.heard.missing == 0
    {
        let words = format!(
            "{}, and the other side's has {other}: one of them is wrong",
            Count(bytes as u64, "byte")
        );
        scene.find_as(&BF_01, Severity::Warning, words);
    }
}

/// A `have`.
pub fn have(scene: &mut Scene<'_>, piece: u32) {
    let bound = Bound::of(scene);
    if !bound.has(piece) {
        let mut words = format!("have piece {piece}: {bound}");
        if let Some(meant) = bound.meant_piece(piece) {
            let _ = write!(words, "; {meant}");
        }
        return match bound {
            // The dissector has found it.
            Bound::Torrent(_) => scene.explain(&BF_07, words),
            _ => scene.find(&BF_07, words),
        };
    }
    if !scene.is_sender_whole() {
        return;
    }
    if scene.me().pieces.said_all() {
        scene.find(&FX_08, format!("have piece {piece} after have all"));
    } else if scene.me().pieces.has(piece) {
        scene.find(&BF_08, format!("piece {piece} was announced before"));
    }
}
