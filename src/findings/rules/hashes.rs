//! Rules on the exchange of hashes (BEP 52).

use super::ending::Ending;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::Scene;
use crate::findings::suspicion::Excuse;
use crate::flow::Side;
use crate::wire::peer::{HashRange, Message};
use crate::wire::words::{Count, spoken};

/// A request that is not answered for so long is lost.
const UNANSWERED_NANOS: i64 = 60_000_000_000;

pub static V2_01: Rule = Rule::warning("V2-01", 52, "hashes of a torrent that has none")
    .deed("asked for hashes of a torrent that has none")
    .explained(
        "Hash requests are for torrents with a v2 file tree.",
        "libtorrent closes, or rejects them.",
        "Send them only where the info dictionary has `meta version` 2.",
    )
    .needs(&[Evidence::Torrent]);
pub static V2_02: Rule = Rule::error("V2-02", 52, "a range of hashes that nobody serves")
    .deed("asked for a range of hashes that nobody serves")
    .explained(
        "length is a power of two from 2 to 512, index a multiple of it.",
        "The request is rejected; hashes of such a range are thrown away.",
        "Ask for whole subtrees.",
    );
pub static V2_03: Rule = Rule::error("V2-03", 52, "a hash request without an answer")
    .explained(
        "A hash request is answered by hashes or by a hash reject that repeat its range.",
        "Pieces of v2 torrents cannot be checked without.",
        "Answer or reject each; repeat root, base layer, index, length and proof layers.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static V2_04: Rule = Rule::error("V2-04", 52, "hashes that do not fit their range").deed("sent hashes that do not fit their range").explained(
    "A hashes message has length hashes and those uncles of the proof layers that are not among them, 32 bytes each, and they lead to the root of the file (looked at with --verify).",
    "The proof fails: clients throw the hashes away, or close.",
    "Count the uncles: proof layers less the layers that the range itself covers; hash missing blocks as zeros.",
);
pub static V2_06: Rule = Rule::warning("V2-06", 52, "hashes that nobody asked for")
    .deed("sent hashes that nobody asked for")
    .explained(
        "A hashes message answers a hash request.",
        "They are thrown away; strict clients close.",
        "Send hashes on request only.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);

pub static RULES: &[&Rule] = &[&V2_01, &V2_02, &V2_03, &V2_04, &V2_06];

/// A hash request, hashes or a hash reject.
pub fn hear(scene: &mut Scene<'_>) {
    if let Some(torrent) = &scene.conversation.torrent
        && torrent.info().v2_hash().is_none()
    {
        let words = format!(
            "{}; the torrent has no v2 hashes",
            spoken(scene.message.name())
        );
        scene.find(&V2_01, words);
    }
    match scene.message {
        Message::HashRequest(range) => {
            // It may be told behind its answer.
            if scene.excuse(Excuse::AskedHashes(*range)) {
                return;
            }
            let at = scene.heard.last;
            let mine = scene.mine();
            mine.has_forgotten_hashes |= mine.hashes.is_full();
            let asked = (*range, at);
            scene.remember(|mine| &mut mine.hashes, asked);
        }
        Message::Hashes(hashes) => answer(scene, hashes.range, "hashes"),
        Message::HashReject(range) => answer(scene, *range, "hash reject"),
        _ => {}
    }
}

fn answer(scene: &mut Scene<'_>, range: HashRange, name: &str) {
    let theirs = scene.theirs();
    let is_asked = theirs.hashes.iter().any(|(asked, _)| *asked == range);
    theirs.hashes.retain(|(asked, _)| *asked != range);
    if !is_asked && !theirs.has_forgotten_hashes {
        let words = format!("{name} of a range that was not asked for");
        scene.suspect(&V2_06, V2_06.severity, words, Excuse::AskedHashes(range));
    }
}

/// The end: what was never answered.
pub fn conclude(ending: &mut Ending<'_>) {
    if !ending.is_whole() {
        return;
    }
    for side in Side::BOTH {
        let asked = &ending.watch.sides[side.index()].hashes;
        let overdue: Vec<_> = asked
            .iter()
            .filter(|(_, asked)| ending.since(*asked) > UNANSWERED_NANOS)
            .map(|(_, asked)| *asked)
            .collect();
        if let Some(first) = overdue.first() {
            let words = format!(
                "{} without an answer for a minute",
                Count(overdue.len() as u64, "hash request")
            );
            ending.find(&V2_03, side.other(), *first, words);
        }
    }
}
