//! What is remembered of one side of a uTP connection, for the rules on its packets.

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

/// Bytes of a selective ACK that are remembered, and the packets that they name.
const SELECTIVE_BYTES: usize = 8;
const SELECTIVE_BITS: u16 = 8 * SELECTIVE_BYTES as u16;

/// What one side of a uTP connection did.
#[derive(Debug, Clone, Default)]
pub struct UtpHabits {
    /// The number of its first SYN, and how often it sent one.
    pub syn: Option<u16>,
    /// How often it sent one.
    pub syns: u32,
    /// The number of its first ST_STATE.
    pub state: Option<u16>,
    /// It sent data.
    pub has_data: bool,
    /// It sent its end.
    pub has_ended: bool,
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
    /// Since when its window is 0.
    pub closed: Option<Stamp>,
    /// Bytes up to the highest number, and up to some numbers before it.
    sent: u64,
    marks: [Option<(u16, u64)>; MARKS],
    next_mark: usize,
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
    /// Whether its beginning is in the capture.
    pub fn is_from_start(&self) -> bool {
        self.syn.is_some() || self.state.is_some()
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

    /// The widest window that it announced lately.
    pub fn window(&self) -> Option<u32> {
        Some(self.window?.0)
    }

    /// Takes in a packet that it sent.
    pub fn sends(&mut self, packet: &Packet<'_>, at: Stamp) {
        self.last = Some(at);
        let number = packet.seq_nr;
        match packet.packet_type {
            PacketType::SYN => {
                self.syns += 1;
                self.syn.get_or_insert(number);
            }
            PacketType::DATA => self.has_data = true,
            PacketType::FIN => self.has_ended = true,
            PacketType::STATE => {
                self.state.get_or_insert(number);
            }
            _ => return,
        }
        self.announces_window(packet.wnd_size, at);
        let is_counted = packet.packet_type != PacketType::STATE;
        let is_news = self.highest.is_none_or(|highest| is_after(number, highest));
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

    fn announces_window(&mut self, window: u32, at: Stamp) {
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
        let is_news = self.acked.is_none_or(|(acked, _)| is_after(ack, acked));
        if is_news {
            self.acked = Some((ack, at));
            for selected in &mut self.selected {
                let is_past = |old: &Selected| is_after(ack, old.ack.wrapping_add(SELECTIVE_BITS));
                if selected.as_ref().is_some_and(is_past) {
                    *selected = None;
                }
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
