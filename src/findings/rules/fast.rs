//! Rules of the Fast extension (BEP 6).

use super::availability::{BF_04, FX_08};
use super::ending::Ending;
use super::requests;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::Scene;
use crate::findings::suspicion::Excuse;
use crate::findings::watch::AllowedFast;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{Ledger, Transition};
use crate::wire::Severity;
use crate::wire::peer::{Block, Message};
use crate::wire::words::{Count, spoken};

/// Unchokes of a side at which requests are looked through.
const MAX_LOOKS: u8 = 32;

/// Rejects for what a choke drops follow it within this.
const REJECT_NANOS: i64 = 5_000_000_000;

pub static FX_01: Rule = Rule::error("FX-01", 6, "a message of the Fast extension without the extension")
    .deed("sent a message of the Fast extension, which is not on").explained(
        "have all, have none, suggest, reject and allowed fast may be sent only if both sides set the bit (reserved[7] & 0x04).",
        "BEP 6 says that the receiver must close; WebTorrent and others do.",
        "Set the bit if you speak BEP 6, and look at the other's handshake before you use it.",
    )
    .needs(&[Evidence::Handshakes]);
pub static FX_02: Rule = Rule::error("FX-02", 6, "not begun with one of bitfield, have all, have none")
    .deed("did not begin with one of bitfield, have all and have none").explained(
        "Where both sides set the Fast bit, exactly one of the three is the first message (an extended handshake may come before).",
        "libtorrent waits for it; stricter clients close.",
        "Send have none while you have nothing, have all as a seed, else a bitfield.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static FX_03: Rule = Rule::warning("FX-03", 6, "a reject of what was not asked for")
    .deed("rejected what was not asked for")
    .explained(
        "A reject answers one request.",
        "anacrolix and others close; those that count answers go wrong.",
        "Reject each request once, and none that was answered.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static FX_04: Rule = Rule::warning("FX-04", 6, "requests that a choke left open")
    .explained(
        "Under the Fast extension a choke drops nothing by itself: each outstanding request is rejected or served.",
        "The asker waits for an answer, until it times out.",
        "Reject all requests outside of the allowed fast set when you choke.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static FX_05: Rule = Rule::warning("FX-05", 6, "a cancel without an answer")
    .explained(
        "Under the Fast extension each request is answered by a piece or a reject, also one that was cancelled.",
        "The asker cannot tell whether the block still comes, and counts the request as open.",
        "Reject what was cancelled, unless its piece is on the way.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static FX_07: Rule = Rule::warning("FX-07", 6, "allowed fast, and not served")
    .explained(
        "A peer that sends allowed fast serves requests for that piece while it chokes.",
        "A new peer gets no first piece to share.",
        "Serve such requests, or reject them.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static FX_06: Rule = Rule::info("FX-06", 6, "allowed fast of a piece that does not exist")
    .explained(
        "The allowed fast set is computed from the receiver's address and the info-hash, below the number of pieces.",
        "It is of no use.",
        "Take the result modulo the number of pieces.",
    )
    .needs(&[Evidence::Torrent]);

pub static RULES: &[&Rule] = &[
    &FX_01, &FX_02, &FX_03, &FX_04, &FX_05, &FX_06, &FX_07, &FX_08,
];

/// Any message: whether it is of the extension, and whether it comes too early.
pub fn hear(scene: &mut Scene<'_>) {
    let is_of_fast = matches!(
        scene.message,
        Message::HaveAll
            | Message::HaveNone
            | Message::SuggestPiece(_)
            | Message::RejectRequest(_)
            | Message::AllowedFast(_)
    );
    if is_of_fast && scene.fast() == Some(false) {
        let has = |set: bool| if set { "set" } else { "not set" };
        let bits = [scene.me(), scene.other()]
            .map(|speaker| speaker.handshake.is_some_and(|own| own.reserved.fast()));
        let words = format!(
            "{}; the sender's Fast bit is {}, the receiver's {}",
            scene.message,
            has(bits[0]),
            has(bits[1])
        );
        scene.find(&FX_01, words);
    }
    let is_first = scene.me().before.messages == 0;
    if is_first && scene.fast() == Some(true) && scene.is_sender_whole() {
        let is_extended = matches!(
            scene.message,
            Message::Extended(_) | Message::KeepAlive | Message::Handshake(_)
        );
        let states = matches!(
            scene.message,
            Message::Bitfield(_) | Message::HaveAll | Message::HaveNone
        );
        // Of what was cut off, neither the kind of an extended message nor the rest of
        // a bitfield is known.
        let lacks = scene.heard.missing > 0 || scene.heard.unsent > 0;
        let is_cut = matches!(scene.message, Message::Broken(..)) && lacks;
        if !is_extended && !states && !is_cut && !scene.me().pieces.is_stated() {
            let words = format!("{} is its first message", scene.message);
            scene.find(&FX_02, words);
        }
    }
}

/// `have all` or `have none` after another of the three: at the beginning, or to say
/// once more what it has, as by a bitfield.
pub fn stated(scene: &mut Scene<'_>) {
    let is_bitfield = matches!(scene.message, Message::Bitfield(_));
    let is_again = scene.is_sender_whole() && scene.me().pieces.is_stated();
    if scene.fast() == Some(true) && is_again && !is_bitfield {
        // The one before it is the only message that came before.
        let is_beginning = scene.me().before.messages <= 1;
        let rule = if is_beginning { &FX_02 } else { &BF_04 };
        let name = spoken(scene.message.name());
        scene.find(rule, format!("{name}, after another of the three"));
    }
}

/// A reject.
pub fn reject(scene: &mut Scene<'_>, block: Block) {
    requests::settle(scene.theirs(), block);
    let is_unasked = scene.transition() == Some(Transition::Unasked);
    let requests = &scene.other().requests;
    let is_sure = requests.is_whole() && requests.forgotten() == 0;
    // A cancel of nothing may be answered as if it were a request's.
    let mut vain = scene.theirs().vain_cancels.iter();
    let is_vain = vain.any(|cancelled| *cancelled == block);
    let is_unasked = is_unasked && !is_vain && !scene.theirs().has_cancelled(block);
    if is_unasked && is_sure && scene.fast().is_some() {
        let mut rejected = scene.mine().rejected.iter();
        let twice = if rejected.any(|before| *before == block) {
            "was rejected before"
        } else {
            "was not asked for"
        };
        let words = format!("{block} {twice}");
        scene.suspect(&FX_03, Severity::Warning, words, Excuse::Asked(block));
    }
    scene.remember(|mine| &mut mine.rejected, block);
}

/// `allowed fast`.
pub fn allowed(scene: &mut Scene<'_>, piece: u32) {
    scene.remember(|mine| &mut mine.allowed_fast, piece);
    let pieces = scene.conversation.pieces();
    if let Some(pieces) = pieces.filter(|pieces| piece >= *pieces) {
        scene.find(
            &FX_06,
            format!("piece {piece} of a torrent of {pieces} pieces"),
        );
    }
}

/// An unchoke: requests that the choke before it left open.
pub fn unchoked(scene: &mut Scene<'_>) {
    let me = scene.me();
    let choke = me.choking.since.filter(|_| me.choking.is_on == Some(true));
    let is_fast = scene.fast() == Some(true);
    let Some(choke) = choke.filter(|choke| scene.now().since(choke.time) >= REJECT_NANOS) else {
        return;
    };
    if !is_fast || !scene.is_whole() || scene.mine().looks >= MAX_LOOKS {
        return;
    }
    scene.mine().looks += 1;
    let other = scene.other();
    let allowed = &scene.mine().allowed_fast;
    let count = left_open(&other.requests, choke, allowed);
    if count > 0 {
        let words = format!(
            "{} open at the choke of #{}",
            Count(count, "request"),
            choke.frame
        );
        scene.suspect(&FX_04, FX_04.severity, words, Excuse::None);
    }
}

/// How many requests were open at a choke and are still, but for those allowed.
fn left_open(requests: &Ledger, choke: Stamp, allowed: &AllowedFast) -> u64 {
    let is_allowed = |block: Block| allowed.iter().any(|piece| *piece == block.index);
    let open = requests.open_requests();
    open.filter(|(block, asked)| asked.frame < choke.frame && !is_allowed(*block))
        .count() as u64
}

/// The end: requests that the last choke left open.
pub fn conclude(ending: &mut Ending<'_>) {
    let speakers = &ending.ended.conversation.speakers;
    let has_fast = |speaker: &crate::session::Speaker| {
        speaker.handshake.is_some_and(|own| own.reserved.fast())
    };
    if !ending.is_whole() || !speakers.iter().all(has_fast) {
        return;
    }
    for side in Side::BOTH {
        cancels(ending, side);
        allowed_requests(ending, side);
        let choker = ending.speaker(side);
        let Some(choke) = choker
            .choking
            .since
            .filter(|_| choker.choking.is_on == Some(true))
        else {
            continue;
        };
        if ending.since(choke) < REJECT_NANOS {
            continue;
        }
        let allowed = &ending.watch.sides[side.index()].allowed_fast;
        let count = left_open(&ending.speaker(side.other()).requests, choke, allowed);
        if count > 0 {
            let words = format!(
                "{} open at its choke and never rejected",
                Count(count, "request")
            );
            ending.find(&FX_04, side, choke, words);
        }
    }
}

/// Cancels of `side` that got no answer.
fn cancels(ending: &mut Ending<'_>, side: Side) {
    let now = ending.now();
    let cancelled = ending.watch.sides[side.index()].cancelled.iter();
    let open = cancelled.filter(|cancelled| {
        let is_heard = cancelled
            .notice
            .heard()
            .is_some_and(|heard| now.since(heard) > REJECT_NANOS);
        is_heard && !cancelled.is_settled
    });
    let open: Vec<_> = open.map(|cancelled| cancelled.block).collect();
    if let Some(block) = open.first() {
        let words = format!(
            "{} got neither piece nor reject, the first of {block}",
            Count(open.len() as u64, "cancel")
        );
        let stamp = ending.ended.connection.last;
        ending.find(&FX_05, side.other(), stamp, words);
    }
}

/// A request that is not answered for so long is ignored.
const IGNORED_NANOS: i64 = 30_000_000_000;

/// Requests for pieces that `side` has allowed, which it ignores while it chokes.
fn allowed_requests(ending: &mut Ending<'_>, side: Side) {
    if ending.speaker(side).choking.is_on != Some(true) {
        return;
    }
    let allowed = &ending.watch.sides[side.index()].allowed_fast;
    let open = ending.speaker(side.other()).requests.open_requests();
    let ignored = open.filter(|(block, asked)| {
        let is_allowed = allowed.iter().any(|piece| *piece == block.index);
        is_allowed && ending.since(*asked) > IGNORED_NANOS
    });
    let first = ignored.min_by_key(|(_, asked)| asked.frame);
    if let Some((block, asked)) = first {
        let words = format!(
            "{block} was asked for in #{}, and is allowed fast",
            asked.frame
        );
        ending.find(&FX_07, side, asked, words);
    }
}
