//! What is remembered of one side of a uTP connection, for the rules on its packets.

use std::hash::BuildHasher as _;
use std::net::SocketAddr;

use foldhash::quality::FixedState;

use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::wire::utp::{Extension, Packet, PacketType, is_after, is_selected};

/// What one side told another so long ago, the other knows.
pub const LATE_NANOS: i64 = 200_000_000;

/// A window that was announced so long ago does not count any more.
const WINDOW_NANOS: i64 = 2_000_000_000;

/// Places in a stream whose bytes are remembered.
const MARKS: usize = 16;

/// Bytes from one such place to the next.
const MARK_BYTES: u64 = 8 << 10;

/// Packets whose bytes are remembered.
const LATEST: usize = 8;

/// Bytes of a selective ACK that are remembered, and the packets that they name.
const SELECTIVE_BYTES: usize = 8;
const SELECTIVE_BITS: u16 = 8 * SELECTIVE_BYTES as u16;

/// What one side of a uTP connection did.
#[derive(Debug, Clone, Default)]
pub struct UtpHabits {
    /// From where it sends.
    pub src: Option<SocketAddr>,
    /// The number of its first SYN, and how often it sent one.
    pub syn: Option<u16>,
    /// The id of that.
    pub id: Option<u16>,
    /// How often it sent one.
    pub syns: u32,
    /// The number of its first ST_STATE, and the packet.
    pub state: Option<(u16, Stamp)>,
    /// It sent data.
    pub has_data: bool,
    /// It sent its end: the number, and the packet.
    pub end: Option<(u16, Stamp)>,
    /// It sent with the id of the other direction.
    pub is_misaddressed: bool,
    /// The highest number that it used.
    pub highest: Option<u16>,
    /// The highest of these that the other side acknowledged, and in which packet
    /// first.
    pub acked: Option<(u16, Stamp)>,
    /// What the other side acknowledged selectively: some time ago, and since.
    selected: [Option<Selected>; 2],
    /// Its last packet.
    pub last: Option<Stamp>,
    /// The widest window that it announced lately.
    window: Option<(u32, Timestamp)>,
    /// The widest window that it announced in its first packet with data that the other
    /// side has not acknowledged, and since that.
    telling: Option<(u16, u32)>,
    /// The widest window that the other side can take it to have, as it acknowledged a
    /// packet which says so.
    told: Option<u32>,
    /// Since when its window is 0.
    pub closed: Option<Stamp>,
    /// Bytes up to the highest number, and up to some numbers before it.
    sent: u64,
    marks: [Option<(u16, u64)>; MARKS],
    next_mark: usize,
    /// Its latest packets with a number of their own.
    latest: [Option<Sent>; LATEST],
    next_latest: usize,
    /// The first number that it passed over.
    hole: Option<Hole>,
}

/// A packet with a number of its own.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// The number.
    pub number: u16,
    /// Bytes that it brings.
    pub length: usize,
    /// The packet.
    pub at: Stamp,
    is_end: bool,
    digest: u64,
}

impl Sent {
    /// `None` of a packet without a number of its own, or whose bytes are not all there.
    fn new(packet: &Packet<'_>, at: Stamp) -> Option<Self> {
        let is_end = packet.packet_type == PacketType::FIN;
        let is_numbered = is_end || packet.packet_type == PacketType::DATA;
        let is_whole = packet.payload.len() == packet.payload_length;
        (is_numbered && is_whole).then(|| Self {
            number: packet.seq_nr,
            length: packet.payload_length,
            at,
            is_end,
            digest: FixedState::default().hash_one(packet.payload),
        })
    }

    fn has_same_bytes(&self, other: &Self) -> bool {
        (self.is_end, self.length, self.digest) == (other.is_end, other.length, other.digest)
    }
}

/// A number that was passed over.
#[derive(Debug, Clone, Copy)]
pub struct Hole {
    /// The first of those.
    pub number: u16,
    /// The packet behind it.
    pub at: Stamp,
    /// How often a packet behind it was sent again, before this one.
    pub again: u32,
}

/// A selective ACK.
#[derive(Debug, Clone, Copy)]
struct Selected {
    ack: u16,
    bits: [u8; SELECTIVE_BYTES],
    at: Stamp,
}

impl Selected {
    fn has(&self, number: u16) -> bool {
        is_selected(&self.bits, self.ack, number)
    }
}

impl UtpHabits {
    /// Whether it was taken for the other side so far.
    pub fn is_of_other(&self, src: SocketAddr) -> bool {
        self.src.is_some_and(|known| known != src)
    }

    /// Whether its beginning is in the capture.
    pub fn is_from_start(&self) -> bool {
        self.syn.is_some() || self.state.is_some()
    }

    /// It sent its end.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// A late packet of the same number as this one, and with other bytes.
    pub fn contradicted(&self, packet: &Packet<'_>, at: Stamp) -> Option<Sent> {
        let new = Sent::new(packet, at)?;
        let mut latest = self.latest.iter().flatten();
        let same = latest.find(|sent| sent.number == new.number);
        same.filter(|sent| !sent.has_same_bytes(&new)).copied()
    }

    /// The number that it passed over and never sent, while the other side waits for it.
    pub fn hole(&self) -> Option<Hole> {
        let (acked, _) = self.acked?;
        let hole = self.hole?;
        (acked.wrapping_add(1) == hole.number).then_some(hole)
    }

    /// Whether the other side has acknowledged a number for a while, and in which
    /// packet.
    pub fn known(&self, number: u16, now: Timestamp) -> Option<Stamp> {
        let in_order = self.acked.filter(|(acked, _)| !is_after(number, *acked));
        let selected = self.selected.iter().flatten();
        let selected = selected.filter(|selected| selected.has(number));
        let told = in_order.map(|(_, at)| at);
        let mut told = told.into_iter().chain(selected.map(|selected| selected.at));
        told.find(|at| now.since(at.time) > LATE_NANOS)
    }

    /// Bytes that it sent and that the other side has not acknowledged: at least so
    /// many.
    pub fn under_way(&self) -> u64 {
        let Some((acked, _)) = self.acked else {
            return 0;
        };
        let marks = self.marks.iter().flatten();
        let behind = marks.filter(|(number, _)| !is_after(acked, *number));
        let first = behind.map(|(_, bytes)| *bytes).min();
        first.map_or(0, |first| self.sent - first)
    }

    /// Whether the other side has got packets out of order, so that it may have had
    /// more than it acknowledged.
    pub fn has_holes(&self) -> bool {
        let (acked, _) = self.acked.unzip();
        let mut selected = self.selected.iter().flatten();
        selected.any(|selected| acked.is_none_or(|acked| !is_after(acked, selected.ack)))
    }

    /// The widest window that the other side can take it to have: of those that it
    /// announced lately, or since a packet that the other side acknowledged.
    pub fn window(&self) -> Option<u32> {
        let (lately, _) = self.window?;
        Some(self.told.map_or(lately, |told| told.min(lately)))
    }

    /// Takes in a packet that it sent.
    pub fn sends(&mut self, packet: &Packet<'_>, at: Stamp) {
        self.last = Some(at);
        let number = packet.seq_nr;
        match packet.packet_type {
            PacketType::SYN => {
                self.syns += 1;
                self.syn.get_or_insert(number);
                self.id.get_or_insert(packet.connection_id);
            }
            PacketType::DATA => self.has_data = true,
            PacketType::FIN => {
                self.end.get_or_insert((number, at));
            }
            PacketType::STATE => {
                self.state.get_or_insert((number, at));
            }
            _ => return,
        }
        self.announces_window(packet, at);
        let is_counted = packet.packet_type != PacketType::STATE;
        let is_news = self.highest.is_none_or(|highest| is_after(number, highest));
        if is_counted {
            self.remembers(packet, is_news, at);
        }
        if !is_counted || !is_news {
            return;
        }
        self.highest = Some(number);
        self.sent += packet.payload_length as u64;
        let before = (self.next_mark + MARKS - 1) % MARKS;
        let is_due = self.marks[before].is_none_or(|(_, bytes)| self.sent - bytes >= MARK_BYTES);
        if is_due {
            self.marks[self.next_mark] = Some((number, self.sent));
            self.next_mark = (self.next_mark + 1) % MARKS;
        }
    }

    fn remembers(&mut self, packet: &Packet<'_>, is_news: bool, at: Stamp) {
        let number = packet.seq_nr;
        if let Some(highest) = self.highest.filter(|_| is_news) {
            let expected = highest.wrapping_add(1);
            if number != expected && self.hole.is_none() {
                self.hole = Some(Hole {
                    number: expected,
                    at,
                    again: 0,
                });
            }
        } else if let Some(hole) = &mut self.hole {
            if hole.number == number {
                self.hole = None;
            } else if is_after(number, hole.number) {
                hole.again += 1;
            }
        }
        if let Some(sent) = Sent::new(packet, at)
            && !self.latest.iter().flatten().any(|old| old.number == number)
        {
            self.latest[self.next_latest] = Some(sent);
            self.next_latest = (self.next_latest + 1) % LATEST;
        }
    }

    fn announces_window(&mut self, packet: &Packet<'_>, at: Stamp) {
        let window = packet.wnd_size;
        let is_new = |highest: u16| is_after(packet.seq_nr, highest);
        self.told = self.told.map(|told| told.max(window));
        match &mut self.telling {
            Some((_, widest)) => *widest = window.max(*widest),
            None if packet.packet_type == PacketType::DATA && self.highest.is_none_or(is_new) => {
                self.telling = Some((packet.seq_nr, window));
            }
            None => {}
        }
        match (window, self.closed) {
            (0, None) => self.closed = Some(at),
            (0, Some(_)) => {}
            _ => self.closed = None,
        }
        self.window = match self.window {
            Some((widest, since)) if widest > window && at.time.since(since) <= WINDOW_NANOS => {
                Some((widest, since))
            }
            _ => Some((window, at.time)),
        };
    }

    /// Takes in what a packet of the other side acknowledges.
    pub fn is_acknowledged(&mut self, packet: &Packet<'_>, at: Stamp) {
        if matches!(packet.packet_type, PacketType::SYN | PacketType::RESET) {
            return;
        }
        let ack = packet.ack_nr;
        if let Some((_, widest)) = self.telling.filter(|(number, _)| !is_after(*number, ack)) {
            self.told = Some(widest);
            self.telling = None;
        }
        let is_news = self.acked.is_none_or(|(acked, _)| is_after(ack, acked));
        if is_news {
            self.acked = Some((ack, at));
            for selected in &mut self.selected {
                let is_past = |old: &Selected| is_after(ack, old.ack.wrapping_add(SELECTIVE_BITS));
                if selected.as_ref().is_some_and(is_past) {
                    *selected = None;
                }
            }
            if self.hole.is_some_and(|hole| !is_after(hole.number, ack)) {
                self.hole = None;
            }
        }
        for extension in packet.extensions.iter() {
            if let Extension::SelectiveAck(bits) = extension {
                let mut first = [0; SELECTIVE_BYTES];
                for (byte, bits) in first.iter_mut().zip(bits) {
                    *byte = *bits;
                }
                self.selects(Selected {
                    ack,
                    bits: first,
                    at,
                });
            }
        }
    }

    /// One of the two that are kept is old enough to be known, once there is one.
    fn selects(&mut self, selected: Selected) {
        let [old, young] = &mut self.selected;
        match young {
            None => *young = Some(selected),
            Some(before) if selected.at.time.since(before.at.time) > LATE_NANOS => {
                *old = young.replace(selected);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selective_ack_names_packets_after_the_next_one() {
        let at = Stamp {
            frame: 1,
            time: Timestamp::UNKNOWN,
        };
        let selected = Selected {
            ack: 65_534,
            bits: [0b101, 0, 0, 0, 0, 0, 0, 0],
            at,
        };
        let has: Vec<_> = [65_535, 0, 1, 2, 3, 66]
            .map(|number| selected.has(number))
            .into();
        assert_eq!(has, [false, true, false, true, false, false]);
    }
}
