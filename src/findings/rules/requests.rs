//! Rules on requests (BEP 3, BEP 6, BEP 10).

use super::ending::Ending;
use super::meant::Bound;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::findings::suspicion::Excuse;
use crate::findings::watch::{Cancelled, Habits};
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{Latencies, Notice, REACTION_NANOS, Transition};
use crate::wire::Severity;
use crate::wire::peer::{Block, MAX_BLOCK};

/// A request that is not answered for so long is lost (BEP 3: snubbed).
const UNANSWERED_NANOS: i64 = 60_000_000_000;

/// Requests that a peer accepts at once where it does not say how many (BEP 10).
const DEFAULT_QUEUE: i64 = 250;

/// Times that a block is asked for and cancelled before it is called a loop.
const LOOP: u32 = 5;

/// One request at a time is slow where each takes longer than this.
const SLOW_NANOS: i64 = 20_000_000;

/// A request that is repeated after this timed out.
const TIMEOUT_NANOS: i64 = 20_000_000_000;

/// A request so soon after a choke, or after its piece was lost, was on its way then.
const CROSSING_NANOS: i64 = 1_000_000_000;

/// Requests that show a habit.
const MANY_REQUESTS: u64 = 20;

pub static RQ_01: Rule = Rule::error("RQ-01", 3, "a request of more than 16 KiB")
    .deed("asked for more than 16 KiB at once")
    .explained(
        "A block is 16384 bytes at most.",
        "Current clients close the connection, reject the request, or never answer it.",
        "Ask for blocks of 16384 bytes; only the last one of a torrent is shorter.",
    );
pub static RQ_02: Rule = Rule::error("RQ-02", 3, "a request that is no block of the torrent").deed("asked for what is no block of the torrent").explained(
    "A block lies within a piece that exists, has at least one byte, and begins at a multiple of 16384.",
    "libtorrent and Transmission reject it or close the connection.",
    "Check index, begin and length against the lengths of piece and torrent, and their byte order.",
);
pub static RQ_03: Rule = Rule::error(
    "RQ-03",
    3,
    "a request for a piece that the other has not announced",
)
.deed("asked for a piece that was not announced")
.explained(
    "Only pieces that the other side has announced can be asked for.",
    "It is rejected or never answered; some clients close the connection.",
    "Keep the pieces of each connection apart, and take in bitfield, have, have all and have none.",
)
.needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static RQ_04: Rule = Rule::error("RQ-04", 3, "a request while choked")
    .deed("asked while it was choked").explained(
        "A choked peer does not ask, but for pieces of the allowed fast set (BEP 6).",
        "The request is dropped or rejected; libtorrent closes after some hundred (too_many_requests_when_choked).",
        "Stop asking when choke arrives, and ask again after unchoke. Connections begin choked.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static RQ_05: Rule = Rule::warning("RQ-05", 3, "a request without interested")
    .deed("asked without being interested")
    .explained(
        "A peer says interested before it asks.",
        "Some clients do not serve, or choke, who is not interested.",
        "Send interested as soon as the other has a piece that you lack.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static RQ_06: Rule = Rule::warning("RQ-06", 10, "more requests than the other side accepts")
    .deed("asked for more blocks at once than are accepted").explained(
        "`reqq` of the extended handshake says how many requests a peer keeps; where it is missing, 250 is assumed.",
        "Requests beyond it are dropped without a word, and wait for ever.",
        "Keep no more requests outstanding than the other's reqq.",
    )
    .needs(&[Evidence::ExtendedHandshake, Evidence::Whole]);
pub static RQ_07: Rule = Rule::warning("RQ-07", 6, "a block is asked for twice at once")
    .deed("asked for a block twice").explained(
        "The same block was asked for, and is outstanding.",
        "It may come twice; under BEP 6 each request gets its own answer, and clients that count answers go wrong.",
        "Cancel a request before it is repeated, or wait for its answer.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static RQ_08: Rule = Rule::warning("RQ-08", 3, "a request without an answer")
    .explained(
        "Neither piece nor reject nor choke answered for a minute.",
        "The asker waits; clients call such a peer snubbed and ask elsewhere.",
        "Answer each request, or reject it (BEP 6). On the asking side: time requests out.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static RQ_09: Rule = Rule::warning(
    "RQ-09",
    3,
    "a block is asked for and cancelled over and over",
)
.deed("asked for a block and cancelled it over and over")
.explained(
    "The same block was asked for and cancelled five times.",
    "Data crosses with the cancels and is thrown away.",
    "Do not ask again for what was just cancelled on the same connection.",
)
.needs(&[Evidence::Whole]);
pub static RQ_10: Rule = Rule::info("RQ-10", 3, "one request at a time")
    .explained(
        "The next request is made when the answer to the last one is there.",
        "A block for each round trip: 16 KiB every 20 ms are 800 KiB/s at most.",
        "Keep several requests outstanding: rate times round trip, in blocks.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static DH_02: Rule =
    Rule::warning("DH-02", 54, "a request for a piece that the other has lost")
        .deed("asked for a piece that the other has lost")
        .explained(
            "The other side said with lt_donthave that it has this piece no more.",
            "The request is rejected or never answered.",
            "Take lt_donthave in if you announce it.",
        )
        .needs(&[Evidence::Handshakes, Evidence::Whole]);

pub static RULES: &[&Rule] = &[
    &RQ_01, &RQ_02, &RQ_03, &RQ_04, &RQ_05, &RQ_06, &RQ_07, &RQ_08, &RQ_09, &RQ_10, &DH_02,
];

/// A request.
pub fn request(scene: &mut Scene<'_>, block: Block) {
    let is_impossible = impossible(scene, block);
    beyond(scene, block);
    let other = scene.other();
    // Only the lists of short conversations are looked through.
    let is_allowed = |scene: &mut Scene<'_>| {
        let mut allowed = scene.theirs().allowed_fast.iter();
        allowed.any(|piece| *piece == block.index)
    };
    if other.choking.is_on == Some(true) && !is_allowed(scene) {
        while_choked(scene, block);
    }
    if !is_impossible && !other.pieces.has(block.index) && !is_allowed(scene) {
        not_announced(scene, block);
    }
    if scene.me().interested.is_on == Some(false) {
        let words = format!("asks for {block} without interested");
        scene.suspect(&RQ_05, RQ_05.severity, words, Excuse::Interested);
    }
    let Some(Transition::Asked { repeats, queue }) = scene.transition() else {
        return;
    };
    if let Some(before) = repeats {
        let after = scene.now().since(before.time);
        let ago = match after {
            0 => String::new(),
            after => format!(", {} before,", span(after)),
        };
        let words = format!(
            "{block} was asked for in #{}{ago} and has not come",
            before.frame
        );
        // Who waits for so long may take the first one for lost.
        let severity = if after > TIMEOUT_NANOS {
            Severity::Info
        } else {
            RQ_07.severity
        };
        scene.suspect(&RQ_07, severity, words, Excuse::None);
        scene.remember(|mine| &mut mine.repeated, block);
    }
    let limit = other.limits.reqq.unwrap_or(DEFAULT_QUEUE);
    if i64::from(queue) > limit.max(1) && other.extensions.is_some() {
        let assumed = if other.limits.reqq.is_some() {
            "its reqq is"
        } else {
            "without reqq, assumed"
        };
        let words = format!("{queue} requests outstanding, {assumed} {limit}");
        scene.suspect(&RQ_06, RQ_06.severity, words, Excuse::None);
    }
}

/// A block that no torrent has, or that this one cannot have; says whether it is one.
fn impossible(scene: &mut Scene<'_>, block: Block) -> bool {
    let bound = Bound::of(scene);
    let is_impossible = !bound.has_block(block);
    let meant = bound.meant_block(block);
    let and_meant = |words: String| match &meant {
        Some(meant) => format!("{words}; {meant}"),
        None => words,
    };
    // Most of it is what the dissector has found in the message.
    if block.length > MAX_BLOCK && meant.is_some() {
        let words = format!("asks for {block}, more than {MAX_BLOCK} bytes");
        scene.explain(&RQ_01, and_meant(words));
    }
    if !bound.has(block.index) {
        let words = and_meant(format!("asks for {block}: {bound}"));
        match bound {
            Bound::Torrent(_) => scene.explain(&RQ_02, words),
            _ => scene.find(&RQ_02, words),
        }
    } else if is_impossible {
        let words = format!("asks for {block}: no piece is so long");
        scene.find(&RQ_02, and_meant(words));
    } else if let Some(meant) = meant.filter(|_| !block.begin.is_multiple_of(MAX_BLOCK)) {
        let words = format!(
            "offset {} is no multiple of {MAX_BLOCK}; {meant}",
            block.begin
        );
        scene.explain(&RQ_02, words);
    }
    is_impossible
}

/// What reaches beyond the end of its piece.
fn beyond(scene: &mut Scene<'_>, block: Block) {
    let torrent = scene.conversation.torrent.as_ref();
    let Some(size) = torrent.and_then(|torrent| torrent.info().piece_size(block.index)) else {
        return;
    };
    if u64::from(block.begin) + u64::from(block.length) > u64::from(size) {
        let words = format!("asks for {block}, beyond the end of the piece at {size}");
        scene.find(&RQ_02, words);
    }
}

fn while_choked(scene: &mut Scene<'_>, block: Block) {
    let now = scene.now();
    let since = scene.other().choking.since;
    let heard = scene.theirs().choke.heard();
    let after = heard.map(|heard| now.since(heard));
    let (severity, words) = match (after, since) {
        (Some(after), Some(choke)) if after > REACTION_NANOS => (
            Severity::Error,
            format!(
                "asks for {block} {} after it had the choke of #{}",
                span(after),
                choke.frame
            ),
        ),
        // On a connection in order they may cross.
        (_, Some(choke)) if now.since(choke.time) < CROSSING_NANOS => return,
        (_, Some(choke)) => (
            Severity::Warning,
            format!(
                "asks for {block} after the choke of #{}, which may have been under way",
                choke.frame
            ),
        ),
        (Some(after), None) if after > REACTION_NANOS => (
            Severity::Error,
            format!("asks for {block}, and was never unchoked"),
        ),
        (_, None) => (
            Severity::Warning,
            format!("asks for {block}, and was never unchoked"),
        ),
    };
    scene.suspect(&RQ_04, severity, words, Excuse::Unchoked);
}

fn not_announced(scene: &mut Scene<'_>, block: Block) {
    let other = scene.other();
    let is_beyond = scene
        .conversation
        .pieces()
        .is_some_and(|pieces| block.index >= pieces);
    if is_beyond || !other.pieces.is_complete_record() {
        return;
    }
    let mut lost = scene.theirs().lost_pieces.iter();
    if lost.any(|piece| *piece == block.index) {
        let now = scene.now();
        let lost = scene.theirs().lost;
        if lost.is_some_and(|at| now.since(at) < CROSSING_NANOS) {
            return;
        }
        let words = format!("asks for {block}, which the other has no more");
        return scene.suspect(&DH_02, DH_02.severity, words, Excuse::Has(block.index));
    }
    if scene.theirs().lost_pieces.is_full() {
        return;
    }
    let words = format!(
        "asks for {block}; the other never said that it has piece {}",
        block.index
    );
    scene.suspect(&RQ_03, RQ_03.severity, words, Excuse::Has(block.index));
}

/// A cancel.
pub fn cancel(scene: &mut Scene<'_>, block: Block) {
    if !matches!(scene.transition(), Some(Transition::Cancelled { .. })) {
        return scene.remember(|mine| &mut mine.vain_cancels, block);
    }
    let (end, at) = (scene.heard.offset + scene.heard.length, scene.now());
    let mine = scene.mine();
    let known = mine.cancelled.iter_mut().find(|known| known.block == block);
    let times = if let Some(known) = known {
        known.times += 1;
        known.notice = Notice::new(end);
        (known.at, known.is_settled) = (at, false);
        known.times
    } else {
        let cancelled = Cancelled {
            block,
            times: 1,
            notice: Notice::new(end),
            at,
            is_settled: false,
        };
        scene.remember(|mine| &mut mine.cancelled, cancelled);
        1
    };
    if times == LOOP {
        scene.find(
            &RQ_09,
            format!("{block} was asked for and cancelled {times} times"),
        );
    }
}

/// A cancelled block was answered, or is asked for again.
pub fn settle(asker: &mut Habits, block: Block) {
    for cancelled in asker.cancelled.iter_mut() {
        cancelled.is_settled |= cancelled.block == block;
    }
}

/// An answer that came late, or the end without one.
pub fn conclude(ending: &mut Ending<'_>) {
    if !ending.is_whole() {
        return;
    }
    for side in Side::BOTH {
        unanswered(ending, side);
        let requests = &ending.speaker(side).requests;
        let latency = requests.latencies().and_then(Latencies::min);
        let is_single = requests.deepest() == 1 && requests.fates().answered >= MANY_REQUESTS;
        if let Some(latency) = latency.filter(|latency| is_single && *latency > SLOW_NANOS) {
            let words = format!(
                "{} requests, one at a time, each answered after {} or more",
                requests.fates().asked,
                span(latency)
            );
            let stamp = ending.speaker(side).milestones.request;
            ending.find(
                &RQ_10,
                side,
                stamp.unwrap_or(ending.ended.connection.last),
                words,
            );
        }
    }
}

fn unanswered(ending: &mut Ending<'_>, side: Side) {
    let open = ending.speaker(side).requests.open_requests();
    let early = &ending.watch.sides[side.index()].early;
    let overdue = open.filter(|(block, asked)| {
        let is_early = early.iter().any(|early| early == block);
        !is_early && ending.since(*asked) > UNANSWERED_NANOS
    });
    let (count, first) = overdue.fold((0_u64, None), |(count, first), (block, asked)| {
        let first = match first {
            Some(before) if rank(before) < rank((block, asked)) => first,
            _ => Some((block, asked)),
        };
        (count + 1, first)
    });
    // What goes beyond its queue a peer may drop.
    let asker = &ending.speaker(side).requests;
    let reqq = ending.speaker(side.other()).limits.reqq;
    let reqq = reqq.and_then(|reqq| u64::try_from(reqq.max(1)).ok());
    let deepest = asker.deepest() as u64;
    if count <= reqq.map_or(0, |reqq| deepest.saturating_sub(reqq)) {
        return;
    }
    if let Some((block, asked)) = first {
        let words = format!(
            "{count} of the other's requests open for more than a minute, the first: {block}"
        );
        ending.find(&RQ_08, side.other(), asked, words);
    }
}

/// Which request was first; of those of one packet, the one for what comes first in
/// the torrent.
fn rank((block, asked): (Block, Stamp)) -> (u64, u32, u32) {
    (asked.frame, block.index, block.begin)
}
