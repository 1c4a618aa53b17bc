//! Rules on uTP (BEP 29). What one packet shows is found by its dissector.

use crate::findings::discovery::{Loose, UtpId};
use crate::findings::rule::Rule;
use crate::findings::scene::span;
use crate::findings::suspicion::COPY_NANOS;
use crate::findings::utp_habits::UtpHabits;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::Heard;
use crate::wire::Severity;
use crate::wire::utp::{Packet, PacketType, is_after};
use crate::wire::words::Count;

/// Packets by which an acknowledgement may be ahead of what the capture has: it
/// may lack some.
const MAX_AHEAD: u16 = 1 << 12;

/// A window of 0 for longer than this is stuck.
const STUCK_NANOS: i64 = 2_000_000_000;

/// So often a packet behind a hole is sent again before the hole is taken for one that
/// nobody will fill.
const MIN_REPEATS: u32 = 3;

/// Bytes that may be under way beyond the window: what was sent before the last
/// word on it came in.
const MARGIN_BYTES: u64 = 3 * 1500;

/// An acknowledgement older than this says little of what is under way.
const FRESH_NANOS: i64 = 100_000_000;

/// The id of a connection may be used again so long after its last packet.
const REUSE_NANOS: i64 = 60_000_000_000;

pub static UT_01: Rule = Rule::error("UT-01", 29, "a uTP packet that breaks its layout").explained(
    "Version 1, types 0 to 4, a chain of extensions that ends within the packet, selective ACKs of 4 bytes or a multiple.",
    "The packet is dropped.",
    "Compare the header with BEP 29.",
);
pub static UT_03: Rule = Rule::warning(
    "UT-03",
    29,
    "data where there is none, or none where there is",
)
.explained(
    "ST_DATA brings data, ST_STATE and ST_SYN bring none.",
    "Sequence numbers of the two sides drift apart.",
    "Count seq_nr up for ST_DATA, ST_FIN and ST_SYN only.",
);
pub static UT_08: Rule = Rule::warning("UT-08", 29, "an extension of uTP that is not known")
    .explained(
        "Known are the selective ACK (1), extension bits (2) and the close reason (3).",
        "It is passed over.",
        "Leave it out unless the other side announced it.",
    );
pub static UT_02: Rule = Rule::error(
    "UT-02",
    29,
    "an answer to a SYN that acknowledges something else",
)
.deed("answered a SYN with another number")
.explained(
    "The ST_STATE that accepts a connection acknowledges the seq_nr of the SYN.",
    "The initiator drops it, and repeats its SYN until it gives up.",
    "Copy seq_nr of the SYN into ack_nr.",
);
pub static UT_04: Rule = Rule::warning("UT-04", 29, "acknowledgement or window that does not hold")
    .explained(
        "ack_nr and selective ACKs name packets that the other side has sent; a window of 0 opens again; no more bytes are under way than the other side has room for.",
        "What was acknowledged too soon is never sent; a stuck window stops the transfer; what does not fit is dropped and sent again.",
        "Compare numbers modulo 65536, take ack_nr from the stream, announce the window as it opens, and count bytes under way.",
    );
pub static UT_05: Rule = Rule::error("UT-05", 29, "a repeated SYN is answered with another number")
    .deed("answered a repeated SYN with another number")
    .explained(
        "The answer to a repeated SYN is the same as to the first: seq_nr does not move before data is sent.",
        "The initiator waits for a packet that never was: the connection hangs.",
        "Keep the state of a connection whose SYN comes again, and answer as before.",
    );
pub static UT_06: Rule = Rule::warning("UT-06", 29, "a connection is reset, or its id used again")
    .explained(
        "ST_RESET is for packets of no connection: one with data to and fro ends with ST_FIN. The id of a connection is not used again for a while.",
        "What was under way is lost; packets of the old connection are taken for ones of the new.",
        "End connections with ST_FIN, and draw ids at random.",
    );
pub static UT_07: Rule = Rule::info("UT-07", 29, "a packet is sent again that was acknowledged")
    .explained(
        "The other side had acknowledged the packet well before it was sent again.",
        "It costs a packet, and halves the window where it was taken for loss.",
        "Take in selective acknowledgements before you count duplicates.",
    );

pub static UT_09: Rule = Rule::error("UT-09", 29, "two packets of one number")
    .deed("sent other bytes under the same seq_nr")
    .explained(
        "Each ST_DATA and the ST_FIN has the next seq_nr; what is sent again is the same, byte for byte.",
        "The receiver takes the second for a copy of the first, and drops it: what it brought is lost.",
        "Add 1 to seq_nr for each packet with data and for the ST_FIN, and keep packets until they are acknowledged.",
    );
pub static UT_10: Rule = Rule::error(
    "UT-10",
    29,
    "a packet with the connection id of the other side",
)
.deed("sent with the connection id of the other side")
.explained(
    "The SYN names X: the acceptor sends with X, the initiator with X + 1.",
    "The receiver knows no such connection: it drops the packet, or answers with ST_RESET.",
    "The initiator takes X for what it receives, and X + 1 for what it sends after the SYN.",
);
pub static UT_11: Rule = Rule::error("UT-11", 29, "data behind the end")
    .deed("sent data behind its ST_FIN")
    .explained(
        "ST_FIN has the last number of its sender; data has lower ones.",
        "What comes behind it is dropped.",
        "Send ST_FIN when all data is sent, with the next number.",
    );
pub static UT_12: Rule = Rule::warning("UT-12", 29, "a number that is never sent")
    .deed("left out a seq_nr")
    .explained(
        "Numbers follow each other without a hole: ST_STATE does not take one. Of this one the capture has no packet, though later ones are sent over and over; a path that drops only this one looks the same.",
        "The receiver waits for it, and acknowledges nothing that comes behind.",
        "Count seq_nr up for ST_SYN, ST_DATA and ST_FIN only, when they are sent.",
    );

pub static RULES: &[&Rule] = &[
    &UT_01, &UT_02, &UT_03, &UT_04, &UT_05, &UT_06, &UT_07, &UT_08, &UT_09, &UT_10, &UT_11, &UT_12,
];

/// Whether who breaks a rule is not heard by the other side.
pub fn loses_data(rule: &Rule) -> bool {
    [&UT_09, &UT_10, &UT_11, &UT_12].contains(&rule)
}

/// A packet that breaks a rule.
struct Breach {
    rule: &'static Rule,
    words: String,
    severity: Severity,
    /// The packet with which the other side broke it; `None` where this one does.
    by_other: Option<Stamp>,
}

impl Breach {
    fn new(rule: &'static Rule, words: String) -> Self {
        Self {
            rule,
            words,
            severity: rule.severity,
            by_other: None,
        }
    }

    /// The same, with a severity of its own.
    fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// A packet.
pub fn hear(loose: &mut Loose<'_>, packet: &Packet<'_>) {
    let heard = loose.heard;
    let reused = reused(loose, packet);
    let sides = loose.discovery.utp(heard.stream, heard.last);
    // Whose id is whose may come to light later: then the two change places.
    if sides[heard.from.index()].is_of_other(heard.src) {
        *sides = Default::default();
    }
    let found = judge(heard, packet, sides);
    let [initiator, acceptor] = sides;
    let (me, other) = match heard.from {
        Side::Initiator => (initiator, acceptor),
        Side::Acceptor => (acceptor, initiator),
    };
    other.is_acknowledged(packet, heard.last);
    me.src = Some(heard.src);
    me.sends(packet, heard.last);
    me.is_misaddressed |= found.as_ref().is_some_and(|breach| breach.rule == &UT_10);
    for breach in reused.into_iter().chain(found) {
        match breach.by_other {
            None => loose.find_as(breach.rule, breach.severity, breach.words),
            Some(at) => loose.find_of_other(breach.rule, at, breach.words),
        }
    }
}

/// A SYN with the id of another connection between the same ends.
fn reused(loose: &mut Loose<'_>, packet: &Packet<'_>) -> Option<Breach> {
    if packet.packet_type != PacketType::SYN {
        return None;
    }
    let heard = loose.heard;
    let id = UtpId {
        ends: [heard.src, heard.dst],
        id: packet.connection_id,
    };
    let before = loose.discovery.dials(id, heard.stream, heard.last);
    let (stream, at) = before.filter(|(stream, _)| *stream != heard.stream)?;
    let last = loose.discovery.last_of_utp(stream).unwrap_or(at);
    let age = heard.last.time.since(last.time);
    if !(COPY_NANOS..REUSE_NANOS).contains(&age) {
        return None;
    }
    let words = format!(
        "connection id {} is that of connection {stream}, whose last packet is #{}, {} before",
        packet.connection_id,
        last.frame,
        span(age)
    );
    Some(Breach::new(&UT_06, words))
}

fn judge(heard: &Heard<'_>, packet: &Packet<'_>, sides: &[UtpHabits; 2]) -> Option<Breach> {
    let me = &sides[heard.from.index()];
    let other = &sides[heard.from.other().index()];
    let accepting = (heard.from == Side::Acceptor && packet.packet_type == PacketType::STATE)
        .then(|| accepts(packet, me, other))
        .flatten();
    let by_type = || match packet.packet_type {
        PacketType::RESET
            if (me.has_data || other.has_data)
                && !me.has_ended()
                && !other.has_ended()
                && !other.is_misaddressed =>
        {
            // Who knows the connection no more has to say so: an end that the capture
            // lacks, or a program that is gone, may be why.
            let words = "no side had ended it, as far as the capture shows".to_owned();
            Some(Breach::new(&UT_06, words).severity(Severity::Info))
        }
        PacketType::DATA => sends(heard, packet, me, other),
        _ => None,
    };
    is_astray(heard, packet, sides)
        .or(accepting)
        .or_else(|| numbers(heard, packet, sides))
        .or_else(by_type)
        .or_else(|| acknowledges(packet, other))
        .or_else(|| is_stuck(heard, packet, me, other))
}

/// Whether a packet has the id that the other side sends with.
fn is_astray(heard: &Heard<'_>, packet: &Packet<'_>, sides: &[UtpHabits; 2]) -> Option<Breach> {
    let syn = sides[Side::Initiator.index()].id?;
    let right = match heard.from {
        Side::Initiator => syn.wrapping_add(1),
        Side::Acceptor => syn,
    };
    let (id, is_free) = (
        packet.connection_id,
        matches!(packet.packet_type, PacketType::SYN | PacketType::RESET),
    );
    (!is_free && id != right).then(|| {
        let words = format!("connection id {id}; by the SYN, which has {syn}, it is {right}");
        Breach::new(&UT_10, words)
    })
}

/// The number of a packet that has one of its own.
fn numbers(heard: &Heard<'_>, packet: &Packet<'_>, sides: &[UtpHabits; 2]) -> Option<Breach> {
    sides[Side::Initiator.index()].syn?;
    let me = &sides[heard.from.index()];
    let number = packet.seq_nr;
    let is_end = packet.packet_type == PacketType::FIN;
    if let Some(before) = me.contradicted(packet, heard.last) {
        if is_end {
            let words = format!("its end has number {number}, as #{} has", before.at.frame);
            return Some(Breach::new(&UT_09, words));
        }
        let words = format!(
            "packet {number} brings {} here, and other {} in #{}",
            Count(packet.payload_length as u64, "byte"),
            before.length,
            before.at.frame
        );
        return Some(Breach::new(&UT_09, words));
    }
    let is_data = packet.packet_type == PacketType::DATA;
    let behind = me.end.filter(|(end, _)| is_data && is_after(number, *end));
    let before = me
        .highest
        .filter(|highest| is_end && is_after(*highest, number));
    let before = before.filter(|_| me.end.is_none());
    if let Some((end, at)) = behind {
        let words = format!("packet {number}; #{} ended it with number {end}", at.frame);
        return Some(Breach::new(&UT_11, words));
    }
    if let Some(highest) = before {
        let words = format!("ended with number {number}, after data with number {highest}");
        return Some(Breach::new(&UT_11, words));
    }
    let hole = me.hole().filter(|hole| {
        let age = heard.last.time.since(hole.at.time);
        hole.again >= MIN_REPEATS && age > STUCK_NANOS && number != hole.number
    })?;
    let words = format!(
        "no packet has number {}, which the other side waits for since #{}",
        hole.number, hole.at.frame
    );
    is_data.then(|| Breach::new(&UT_12, words))
}

/// The answer to a SYN.
fn accepts(packet: &Packet<'_>, me: &UtpHabits, other: &UtpHabits) -> Option<Breach> {
    let (sequence, ack) = (packet.seq_nr, packet.ack_nr);
    let syn = other.syn?;
    if me.state.is_none() && ack.wrapping_sub(syn) > MAX_AHEAD {
        let words = format!("acknowledges {ack}, the SYN has number {syn}");
        return Some(Breach::new(&UT_02, words));
    }
    let (first, _) = me.state.filter(|(first, _)| *first != sequence)?;
    let is_again = other.syns > 1 && ack == syn && !me.has_data && !other.has_data;
    is_again.then(|| Breach::new(&UT_05, format!("seq_nr {sequence}, and {first} before")))
}

/// A packet with data.
fn sends(
    heard: &Heard<'_>,
    packet: &Packet<'_>,
    me: &UtpHabits,
    other: &UtpHabits,
) -> Option<Breach> {
    let number = packet.seq_nr;
    let now = heard.last.time;
    if let Some(at) = me.known(number, now).filter(|_| me.is_from_start()) {
        let is_first = me.highest.is_none_or(|highest| is_after(number, highest));
        let ahead = me
            .acked
            .filter(|(acked, _)| me.highest.is_some_and(|highest| is_after(*acked, highest)));
        if let Some((acked, at)) = ahead.filter(|_| !is_first) {
            let words = format!(
                "acknowledges {acked}, and {} is the last packet that was sent",
                me.highest.unwrap_or_default()
            );
            return Some(Breach {
                rule: &UT_04,
                words,
                severity: UT_04.severity,
                by_other: Some(at),
            });
        }
        if !is_first {
            let words = format!("packet {number}, which #{} acknowledged", at.frame);
            return Some(Breach::new(&UT_07, words));
        }
        let words = format!(
            "packet {number} is acknowledged, and sent for the first time in #{}",
            heard.last.frame
        );
        let is_answer = other.syn.is_none() && me.syn.is_some();
        let is_first_state = other
            .state
            .is_some_and(|(_, first)| first.frame == at.frame);
        return Some(Breach {
            rule: if is_answer && is_first_state {
                &UT_02
            } else {
                &UT_04
            },
            words,
            severity: UT_04.severity,
            by_other: Some(at),
        });
    }
    let window = u64::from(other.window()?);
    let (under_way, is_fresh) = (
        me.under_way(),
        other
            .last
            .is_some_and(|at| now.since(at.time) < FRESH_NANOS),
    );
    if let Some(since) = other.closed.filter(|_| other.last == other.closed) {
        let age = now.since(since.time);
        if age > STUCK_NANOS {
            let words = format!("its window is 0, and it says no more for {}", span(age));
            return Some(Breach {
                rule: &UT_04,
                words,
                severity: UT_04.severity,
                by_other: Some(since),
            });
        }
    }
    if is_fresh && !me.has_holes() && under_way > window + MARGIN_BYTES {
        let words = format!(
            "{} under way, and the other side has room for {window}",
            Count(under_way, "byte")
        );
        return Some(Breach::new(&UT_04, words));
    }
    None
}

/// The acknowledgement of a packet.
fn acknowledges(packet: &Packet<'_>, other: &UtpHabits) -> Option<Breach> {
    let is_answer = other.syn.is_some() && packet.packet_type != PacketType::SYN;
    let highest = other.highest.filter(|_| is_answer)?;
    let (ack, ahead) = (packet.ack_nr, packet.ack_nr.wrapping_sub(highest));
    (MAX_AHEAD..1 << 15).contains(&ahead).then(|| {
        let words = format!("acknowledges {ack}, the latest packet of the other side is {highest}");
        Breach::new(&UT_04, words)
    })
}

/// A window that does not open.
fn is_stuck(
    heard: &Heard<'_>,
    packet: &Packet<'_>,
    me: &UtpHabits,
    other: &UtpHabits,
) -> Option<Breach> {
    let is_flowing = matches!(packet.packet_type, PacketType::STATE | PacketType::DATA);
    let is_over = me.has_ended() || other.has_ended();
    let since = me.closed.filter(|_| is_flowing && !is_over)?;
    let age = heard.last.time.since(since.time);
    (packet.wnd_size == 0 && age > STUCK_NANOS).then(|| {
        let words = format!(
            "its window is 0 since #{}, {} before",
            since.frame,
            span(age)
        );
        Breach::new(&UT_04, words)
    })
}
