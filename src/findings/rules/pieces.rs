//! Rules on what is delivered (BEP 3, BEP 6).

use std::fmt::Write as _;

use super::meant;
use super::requests;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::findings::suspicion::Excuse;
use crate::packet::Stamp;
use crate::session::{Closing, Ledger, REACTION_NANOS, Transition};
use crate::wire::Severity;
use crate::wire::peer::Block;

/// Requests that are looked through for one of another length.
const MAX_LOOKED_THROUGH: usize = 512;

pub static PC_01: Rule = Rule::error("PC-01", 6, "a block that nobody asked for")
    .deed("sent a block that nobody asked for").explained(
        "Each piece message answers a request. Under the Fast extension a peer must close when one does not.",
        "libtorrent, anacrolix and others close; else the data is thrown away.",
        "Send only what is asked for and neither cancelled nor, without the Fast extension, dropped by a choke.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static PC_02: Rule = Rule::error("PC-02", 3, "a block of another length than was asked for")
    .deed("sent a block of the wrong length")
    .explained(
        "A piece message brings all bytes of the request that it answers.",
        "libtorrent closes (invalid_piece_size); others never complete the piece.",
        "Send length bytes, no more and no less; reject what cannot be served.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static PC_03: Rule = Rule::error("PC-03", 3, "an empty block")
    .deed("sent an empty block")
    .explained(
        "A piece message brings at least one byte.",
        "libtorrent closes the connection (peer_sent_empty_piece).",
        "Reject the request, or do not answer.",
    );
pub static PC_04: Rule = Rule::error("PC-04", 3, "a piece that does not fit its hash")
    .deed("sent a piece that does not fit its hash")
    .explained(
        "All blocks of the piece are there, and their hash is not the one that the info dictionary has for it.",
        "The receiver throws the piece away and asks again; clients ban a peer that sent all of it, after a few times.",
        "Check what is read from disk before it is sent, and offsets and the last block of a piece.",
    )
    .needs(&[Evidence::Torrent, Evidence::Data]);
pub static PC_05: Rule = Rule::warning("PC-05", 3, "a block from a peer that chokes")
    .deed("sent a block though it chokes").explained(
        "A choke drops all requests where the Fast extension is off: what is sent afterwards answers nothing.",
        "The receiver has given the block up and may have asked elsewhere: it comes twice.",
        "Forget the other's requests when you choke it.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);

pub static RULES: &[&Rule] = &[&PC_01, &PC_02, &PC_03, &PC_04, &PC_05];

/// A block.
pub fn piece(scene: &mut Scene<'_>, block: Block) {
    requests::settle(scene.theirs(), block);
    if scene.heard.unsent > 0 {
        return unfinished(scene, block);
    }
    match scene.transition() {
        Some(Transition::Unasked) if block.length > 0 => unasked(scene, block),
        Some(Transition::Answered {
            closed: Some(closed),
            ..
        }) => given_up(scene, block, closed),
        _ => {}
    }
}

/// Open requests, as many as are looked through.
fn open(requests: &Ledger) -> impl Iterator<Item = (Block, Stamp)> + '_ {
    requests.open_requests().take(MAX_LOOKED_THROUGH)
}

/// The open request for what begins where a block does, whatever its length.
fn asked_for(requests: &Ledger, block: Block) -> Option<(Block, Stamp)> {
    let place = |block: Block| (block.index, block.begin);
    open(requests).find(|(asked, _)| place(*asked) == place(block))
}

/// A block whose sender stopped within it: its header tells what it was to be.
fn unfinished(scene: &mut Scene<'_>, block: Block) {
    let asked = asked_for(&scene.other().requests, block);
    let asked = asked.filter(|(asked, _)| asked.length != block.length);
    if let Some((asked, stamp)) = asked
        && scene.is_whole()
    {
        let words = format!(
            "its length is that of {block}, of which {} bytes came; asked for in #{} were {} bytes",
            scene.heard.length - scene.heard.unsent,
            stamp.frame,
            asked.length
        );
        scene.find(&PC_02, words);
    }
}

fn unasked(scene: &mut Scene<'_>, block: Block) {
    // A reject or a piece of the request that was cancelled answered another one.
    if scene.theirs().has_cancelled(block) {
        return;
    }
    let repeated = &mut scene.theirs().repeated;
    if repeated.is_full() || repeated.iter().any(|repeated| *repeated == block) {
        // Each request has an answer of its own.
        let mut is_first = true;
        return repeated
            .retain(|repeated| *repeated != block || !std::mem::replace(&mut is_first, false));
    }
    let requests = &scene.other().requests;
    let Some(is_fast) = scene.fast() else {
        return;
    };
    if !requests.is_whole() || requests.forgotten() > 0 {
        return;
    }
    if let Some((asked, stamp)) = asked_for(requests, block) {
        let words = format!(
            "{block}; asked for in #{} were {} bytes",
            stamp.frame, asked.length
        );
        return scene.suspect(&PC_02, PC_02.severity, words, Excuse::Asked(block));
    }
    let mut severity = if is_fast {
        Severity::Error
    } else {
        Severity::Warning
    };
    let fast = if is_fast {
        ", and the Fast extension is on"
    } else {
        ""
    };
    let meant = || {
        let mut readings = meant::readings(block);
        let (how, (asked, stamp)) =
            readings.find_map(|(how, meant)| Some((how, asked_for(requests, meant)?)))?;
        Some(format!(
            "{how} it is {asked}, asked for in #{}",
            stamp.frame
        ))
    };
    let near = || {
        let near = open(requests).find(|(asked, _)| asked.index == block.index);
        near.map(|(asked, stamp)| format!("open is {asked}, of #{}", stamp.frame))
    };
    let mut words = format!("{block} was not asked for{fast}");
    if !scene.knows(&PC_01) {
        let meant = meant();
        // Then it answers a request, wrongly.
        if meant.is_some() {
            severity = Severity::Error;
        }
        if let Some(more) = meant.or_else(near) {
            let _ = write!(words, "; {more}");
        }
    }
    scene.suspect(&PC_01, severity, words, Excuse::Asked(block));
}

/// A block whose request was closed before.
fn given_up(scene: &mut Scene<'_>, block: Block, closed: Closing) {
    let now = scene.now();
    match closed {
        Closing::Cancelled => {
            let known = scene.theirs().cancelled.iter();
            let mut known = known.filter(|known| known.block == block);
            let heard = known.next().and_then(|known| known.notice.heard());
            let after = heard.map_or(0, |heard| now.since(heard));
            // Under the Fast extension a cancel is answered all the same.
            if after > REACTION_NANOS && scene.fast() == Some(false) {
                let words = format!("{block}, {} after it had the cancel", span(after));
                scene.suspect(&PC_01, Severity::Warning, words, Excuse::None);
            }
        }
        Closing::ChokedAway => {
            let since = scene.me().choking.since;
            let after = since.map_or(0, |since| now.since(since.time));
            if after > REACTION_NANOS && scene.me().choking.is_on == Some(true) {
                let words = format!("{block}, {} after its own choke", span(after));
                scene.suspect(&PC_05, PC_05.severity, words, Excuse::Unchoked);
            }
        }
    }
}
