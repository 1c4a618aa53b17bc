//! Rules on the framing of messages and on silence (BEP 3).

use std::fmt::Write as _;

use super::ending::Ending;
use super::stray;
use crate::findings::evidence::Evidence;
use crate::findings::finding::{Finding, Place};
use crate::findings::gathered::Gathered;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::findings::watch::{Misfit, Watch};
use crate::flow::Side;
use crate::session::{Conflict, Conversation, Heard, Hole, Speaker};
use crate::wire::Lengths;
use crate::wire::peer::{Framing, HANDSHAKE_LENGTH, MessageId};
use crate::wire::words::spoken;

/// Keep-alives that are more frequent than this are useless.
const KEEP_ALIVE_NANOS: i64 = 10_000_000_000;

/// A stream without its handshake is in step once so many messages were read.
const PROVEN_MESSAGES: u64 = 8;

/// A part of a length prefix that is left alone for so long is none.
const REST_NANOS: i64 = 10_000_000_000;

/// A peer that is silent for so long is dropped (BEP 3: "2 minutes").
const SILENCE_NANOS: i64 = 120_000_000_000;

pub static MS_01: Rule = Rule::error("MS-01", 3, "a length prefix that no message has")
    .deed("sent what is no message").explained(
        "Each message begins with its length in 4 bytes, big-endian. What follows here is no message.",
        "The receiver takes it for a message of megabytes, and closes (libtorrent: packet_too_large).",
        "Check the byte order and what was counted; write the prefix and its message in one piece.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static MS_02: Rule = Rule::error("MS-02", 3, "a message of the wrong length").deed("sent a message of the wrong length").explained(
    "The fixed messages have fixed lengths: choke, unchoke, interested, not interested 1; have 5; request, cancel, reject 13; port 3; piece 9 or more.",
    "libtorrent, Transmission and others close the connection.",
    "Count the id and the payload, not the prefix itself.",
);
pub static MS_03: Rule = Rule::warning("MS-03", 3, "a message with an unknown id")
    .deed("sent a message with an unknown id")
    .explained(
        "No BEP gives this id a meaning (known: 0-9, 13-17, 20-23).",
        "libtorrent closes the connection; others pass over it.",
        "Put new messages into the extension protocol (BEP 10).",
    );
pub static MS_04: Rule = Rule::warning("MS-04", 3, "silent for two minutes, then dropped")
    .explained(
        "A peer that has nothing to say sends a keep-alive every two minutes.",
        "The other side closed the connection after it had heard nothing for that long.",
        "Send a keep-alive when nothing was sent for 100 s.",
    )
    .needs(&[Evidence::Whole]);
pub static MS_05: Rule = Rule::info("MS-05", 3, "more keep-alives than are of use").explained(
    "Keep-alives are meant for every two minutes.",
    "They cost traffic; some clients count them as abuse.",
    "Send one only when nothing else was sent for 100 s.",
);
pub static TC_01: Rule = Rule::warning("TC-01", 0, "a retransmission with other bytes").explained(
    "TCP sends the same bytes again. Here the second copy differs from the first. Only copies of what waits for a missing segment are compared: what came in order is not kept.",
    "Middleboxes do that, and damaged captures. Which of the two the receiver took cannot be seen.",
    "Capture on the receiver's machine, and look for proxies on the way.",
);
pub static AZ_01: Rule = Rule::error("AZ-01", 0, "a message of AZMP with an absurd id")
    .deed("sent a message of AZMP with an absurd id")
    .explained(
        "Messages of the Azureus protocol begin with the length of their textual id.",
        "Vuze and BiglyBT close the connection.",
        "Set the Azureus bit of the handshake only if you speak that protocol.",
    );

pub static RULES: &[&Rule] = &[&MS_01, &MS_02, &MS_03, &MS_04, &MS_05, &TC_01, &AZ_01];

/// A message: whether its length is one that its id can have.
pub fn fit(scene: &mut Scene<'_>) {
    if scene.heard.problem().is_none() || scene.conversation.framing() != Framing::Messages {
        return;
    }
    let heard = scene.heard;
    let Some((prefix, &[id, ..])) = heard.bytes.split_first_chunk() else {
        return;
    };
    let (id, length) = (MessageId(id), u32::from_be_bytes(*prefix));
    let due = id.message_type().map(|message| message.lengths);
    let due = due.filter(|due| !due.fits(u64::from(length)));
    let (Some(Lengths::Exactly(due)), Some(name)) = (due, id.name()) else {
        return;
    };
    let name = spoken(name);
    let excess = i64::from(length) - i64::from(due);
    let mut words = format!("length {length}, where {due} is due for {name}");
    if let Some(guess) = stray::guess_length(heard.bytes, excess) {
        let _ = write!(words, "; may be {guess}");
    }
    scene.explain(&MS_02, words);
    let misfit = Misfit {
        name: heard.message_name(),
        frame: heard.last.frame,
        end: heard.offset + heard.length,
        excess,
    };
    scene.mine().misfit = Some(misfit);
}

/// Bytes that are there and are no messages, in a stream that was in step.
pub fn gap(
    heard: &Heard<'_>,
    hole: &Hole,
    conversation: &Conversation,
    watch: &mut Watch,
    gathered: &mut Gathered,
) {
    let speaker = conversation.speaker(heard.from);
    if hole.missing != Some(0)
        || hole.skipped == 0
        || speaker.gaps > 0
        || !is_in_step(heard, speaker)
        || may_go_on(heard, hole)
    {
        return;
    }
    let habits = watch.of(heard.from);
    habits.has_strayed |= !hole.at_end;
    let place = if hole.at_end {
        " behind the last one,"
    } else {
        ","
    };
    let words = format!(
        "{} no message{place} at offset {}: {}{}",
        match hole.skipped {
            1 => "1 byte that is".to_owned(),
            many => format!("{many} bytes that are"),
        },
        heard.offset,
        stray::show(heard.bytes, hole.skipped),
        origin(heard, hole, habits.misfit, speaker)
    );
    // The search for a message ends well behind the bytes that are none.
    let mut finding = Finding::of(&MS_01, heard, words).in_packet(heard.first);
    if speaker.handshake.is_none() {
        finding = finding.weakened(Evidence::Handshakes.lack());
    }
    gathered.add(finding);
}

/// Whether messages were read before a gap, so that what is in it is known to be none.
fn is_in_step(heard: &Heard<'_>, speaker: &Speaker) -> bool {
    if speaker.handshake.is_some() {
        heard.offset >= HANDSHAKE_LENGTH as u64
    } else {
        speaker.counts.total() >= PROVEN_MESSAGES
    }
}

/// Whether bytes at the end may begin a message whose rest has not come yet. What is sent
/// in one go comes within moments, or its sender is done with it. No length begins with
/// another byte than zero.
fn may_go_on(heard: &Heard<'_>, hole: &Hole) -> bool {
    hole.at_end
        && heard.bytes.first() == Some(&0)
        && heard.last.time.since(heard.first.time) < REST_NANOS
}

/// Where bytes that are no message may come from, in words behind others: a length that was
/// wrong, or what they look like.
fn origin(heard: &Heard<'_>, hole: &Hole, misfit: Option<Misfit>, speaker: &Speaker) -> String {
    // What is behind a length too small may have been read as a keep-alive.
    let is_behind = |misfit: &Misfit| {
        let distance = heard.offset.checked_sub(misfit.end);
        distance.is_some_and(|distance| distance <= stray::LENGTH_BYTES as u64)
    };
    if let Some(misfit) = misfit.filter(is_behind) {
        let amount = if misfit.excess < 0 { "small" } else { "large" };
        return format!(
            "; because the length of the {} message in #{} is {} too {amount}",
            spoken(misfit.name),
            misfit.frame,
            misfit.excess.abs()
        );
    }
    let last = speaker.milestones.last.map(|(name, _)| name);
    let guess = stray::guess(heard.bytes, hole.skipped, last);
    guess.map_or_else(String::new, |guess| format!("; may be {guess}"))
}

/// A retransmission brought other bytes than the first copy.
pub fn contradicted(conflict: &Conflict<'_>, gathered: &mut Gathered) {
    let place = Place::on(conflict.connection, conflict.from);
    let words = format!("other bytes at offset {} than before", conflict.offset);
    gathered.add(Finding::at(&TC_01, place, conflict.stamp, words));
}

/// A keep-alive.
pub fn keep_alive(scene: &mut Scene<'_>) {
    let now = scene.now();
    let mine = scene.mine();
    mine.keep_alives.push(now);
    if mine.keep_alives.is_within(3 * KEEP_ALIVE_NANOS) {
        scene.find(&MS_05, "four keep-alives within 30 s".to_owned());
    }
}

/// The end: who had been silent for how long.
pub fn conclude(ending: &mut Ending<'_>) {
    let finishes = ending.ended.finishes;
    let first = Side::BOTH
        .into_iter()
        .filter_map(|side| Some((side, finishes[side.index()]?)))
        .min_by_key(|(_, finish)| finish.stamp.frame);
    let Some((closer, finish)) = first else {
        return;
    };
    let silent = ending.speaker(closer.other());
    let Some((name, last)) = silent.milestones.last.filter(|_| silent.gaps == 0) else {
        return;
    };
    let silence = finish.stamp.time.since(last.time);
    if silence > SILENCE_NANOS && silent.handshake.is_some() {
        let words = format!(
            "nothing for {} after {}, then the other side closed",
            span(silence),
            spoken(name)
        );
        ending.find(&MS_04, closer.other(), finish.stamp, words);
    }
}
