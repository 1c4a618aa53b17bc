//! Rules on uTP (BEP 29). What one packet shows is found by its dissector.

use crate::findings::discovery::Loose;
use crate::findings::rule::Rule;
use crate::findings::watch::UtpHabits;
use crate::flow::Side;
use crate::session::Heard;
use crate::wire::utp::{Packet, PacketType};

/// Packets by which an acknowledgement may be ahead of what the capture has: it
/// may lack some.
const MAX_AHEAD: u16 = 1 << 12;

/// A retransmission later than this after the acknowledgement was not under way.
const LATE_NANOS: i64 = 200_000_000;

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
pub static UT_04: Rule = Rule::warning("UT-04", 29, "an acknowledgement of what was never sent")
    .explained(
        "ack_nr is the number of a packet that the other side has sent.",
        "The packet is dropped; some implementations break the connection off.",
        "Compare numbers modulo 65536, and take ack_nr from the stream, not from the last packet.",
    );
pub static UT_05: Rule = Rule::error("UT-05", 29, "a repeated SYN is answered with another number")
    .deed("answered a repeated SYN with another number")
    .explained(
        "The answer to a repeated SYN is the same as to the first: seq_nr does not move before data is sent.",
        "The initiator waits for a packet that never was: the connection hangs.",
        "Keep the state of a connection whose SYN comes again, and answer as before.",
    );
pub static UT_06: Rule = Rule::warning("UT-06", 29, "a live connection is reset").explained(
    "ST_RESET ends a connection on which data went to and fro, without FIN.",
    "What was under way is lost.",
    "End connections with ST_FIN; send ST_RESET for packets of unknown connections only.",
);
pub static UT_07: Rule = Rule::info("UT-07", 29, "a packet is sent again that was acknowledged")
    .explained(
        "The other side had acknowledged the packet well before it was sent again.",
        "It costs a packet, and halves the window where it was taken for loss.",
        "Take in selective acknowledgements before you count duplicates.",
    );

pub static RULES: &[&Rule] = &[
    &UT_01, &UT_02, &UT_03, &UT_04, &UT_05, &UT_06, &UT_07, &UT_08,
];

/// A packet.
pub fn hear(loose: &mut Loose<'_>, packet: &Packet<'_>) {
    let heard = loose.heard;
    let sides = loose.discovery.utp(heard.stream, heard.last);
    let found = judge(heard, packet, sides);
    note(heard, packet, sides);
    if let Some((rule, words)) = found {
        loose.find(rule, words);
    }
}

/// Remembers what a packet says.
fn note(heard: &Heard<'_>, packet: &Packet<'_>, sides: &mut [UtpHabits; 2]) {
    let other = &mut sides[heard.from.other().index()];
    let is_news = other
        .acked
        .is_none_or(|(acked, _)| is_ahead(packet.ack_nr, acked));
    if packet.packet_type != PacketType::SYN && is_news {
        other.acked = Some((packet.ack_nr, heard.last.time));
    }
    let me = &mut sides[heard.from.index()];
    match packet.packet_type {
        PacketType::SYN => {
            me.syns += 1;
            me.syn.get_or_insert(packet.seq_nr);
            me.sent(packet.seq_nr);
        }
        PacketType::DATA => {
            me.has_data = true;
            me.sent(packet.seq_nr);
        }
        PacketType::FIN => {
            me.has_ended = true;
            me.sent(packet.seq_nr);
        }
        PacketType::STATE => {
            me.state.get_or_insert(packet.seq_nr);
        }
        _ => {}
    }
}

impl UtpHabits {
    /// A packet with this number was sent.
    fn sent(&mut self, number: u16) {
        if self.highest.is_none_or(|highest| is_ahead(number, highest)) {
            self.highest = Some(number);
        }
    }
}

/// Whether a number comes after another, modulo 65536.
fn is_ahead(number: u16, other: u16) -> bool {
    (1..1 << 15).contains(&number.wrapping_sub(other))
}

fn judge(
    heard: &Heard<'_>,
    packet: &Packet<'_>,
    sides: &[UtpHabits; 2],
) -> Option<(&'static Rule, String)> {
    let me = &sides[heard.from.index()];
    let other = &sides[heard.from.other().index()];
    let (sequence, ack) = (packet.seq_nr, packet.ack_nr);
    let is_accepting = heard.from == Side::Acceptor && packet.packet_type == PacketType::STATE;
    if is_accepting && let Some(syn) = other.syn {
        if me.state.is_none() && ack.wrapping_sub(syn) > MAX_AHEAD {
            return Some((
                &UT_02,
                format!("acknowledges {ack}, the SYN has number {syn}"),
            ));
        }
        if let Some(first) = me.state.filter(|first| *first != sequence)
            && other.syns > 1
            && ack == syn
            && !me.has_data
            && !other.has_data
        {
            return Some((&UT_05, format!("seq_nr {sequence}, and {first} before")));
        }
    }
    match packet.packet_type {
        PacketType::RESET
            if (me.has_data || other.has_data) && !me.has_ended && !other.has_ended =>
        {
            return Some((&UT_06, "no side had ended it".to_owned()));
        }
        PacketType::DATA => {
            let (acked, at) = me.acked?;
            let is_acked = !is_ahead(sequence, acked);
            if is_acked && me.syn_or_state() && heard.last.time.since(at) > LATE_NANOS {
                return Some((
                    &UT_07,
                    format!("packet {sequence}, acknowledged up to {acked}"),
                ));
            }
        }
        _ => {}
    }
    let highest = other
        .highest
        .filter(|_| other.syn.is_some() && packet.packet_type != PacketType::SYN)?;
    let ahead = ack.wrapping_sub(highest);
    (MAX_AHEAD..1 << 15).contains(&ahead).then(|| {
        let words = format!("acknowledges {ack}, the latest packet of the other side is {highest}");
        (&UT_04, words)
    })
}

impl UtpHabits {
    /// Whether its beginning is in the capture.
    fn syn_or_state(&self) -> bool {
        self.syn.is_some() || self.state.is_some()
    }
}
