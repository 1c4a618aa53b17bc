//! The network between two peers and the capture on it: packets come late,
//! twice or not at all, and are written as pcap records.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::random::Random;

/// How often (of a thousand) something happens to a packet.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Some packets behind its place.
    pub late: u32,
    /// Once more, some packets later.
    pub twice: u32,
    /// Not in the capture (the receiver has it).
    pub lost: u32,
}

/// Packets that a late one is behind at most.
const LATEST: u32 = 8;
/// Microseconds between packets.
const STEP: u64 = 11;
/// When every capture begins: 2026-01-01 00:00:00 UTC.
const EPOCH: u64 = 1_767_225_600;

/// Where in its stream the payload of a packet begins, and whose stream.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The sending side.
    pub side: usize,
    /// Stream offset.
    pub offset: u64,
}

/// A packet on its way.
struct Late {
    frame: Vec<u8>,
    /// Set while the receiver waits for these bytes.
    missing: Option<Place>,
}

/// Writes the packets in the order in which they come by.
pub struct Network<W> {
    out: W,
    faults: Faults,
    random: Random,
    /// Packets that are late: due when as many have come by, and a number that
    /// tells apart those due at the same time.
    late: BTreeMap<(u64, u64), Late>,
    sent: u64,
    /// Packets in the file.
    pub packets: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Packets that are not in the file.
    pub lost: u64,
}

impl<W: Write> Network<W> {
    /// Begins the file.
    pub fn new(mut out: W, faults: Faults, seed: u64) -> io::Result<Self> {
        // Magic (microseconds), version 2.4, zone, sigfigs, snaplen, Ethernet.
        let header = [0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 262_144, 1_u32];
        for word in header {
            out.write_all(&word.to_le_bytes())?;
        }
        Ok(Self {
            out,
            faults,
            random: Random::new(seed, 1),
            late: BTreeMap::new(),
            sent: 0,
            packets: 0,
            bytes: 24,
            lost: 0,
        })
    }

    /// A packet that always arrives: what opens and closes a connection.
    pub fn send_surely(&mut self, frame: &[u8]) -> io::Result<()> {
        self.sent += 1;
        self.record(frame)?;
        self.release(self.sent)
    }

    /// A packet that may meet a fault. Whether it is in the capture.
    pub fn send(&mut self, frame: &[u8], place: Place) -> io::Result<bool> {
        if self.random.chance(self.faults.lost) {
            self.lost += 1;
            return Ok(false);
        }
        if self.random.chance(self.faults.late) {
            self.delay(frame, Some(place));
            return Ok(true);
        }
        if self.random.chance(self.faults.twice) {
            self.delay(frame, None);
        }
        self.send_surely(frame)?;
        Ok(true)
    }

    /// The first byte of `side` that its receiver still waits for: all before it
    /// has come by, so this is what can be acknowledged.
    pub fn awaited(&self, side: usize) -> Option<u64> {
        let places = self.late.values().filter_map(|late| late.missing);
        places
            .filter(|place| place.side == side)
            .map(|place| place.offset)
            .min()
    }

    /// Lets everything come by that is still on its way.
    pub fn settle(&mut self) -> io::Result<()> {
        self.release(u64::MAX)
    }

    /// Ends the file.
    pub fn finish(&mut self) -> io::Result<()> {
        self.settle()?;
        self.out.flush()
    }

    fn delay(&mut self, frame: &[u8], missing: Option<Place>) {
        let due = self.sent + 1 + u64::from(self.random.below(LATEST));
        let serial = self.random.next();
        let frame = frame.to_vec();
        self.late.insert((due, serial), Late { frame, missing });
    }

    fn release(&mut self, now: u64) -> io::Result<()> {
        while let Some(entry) = self.late.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let late = entry.remove();
            self.record(&late.frame)?;
        }
        Ok(())
    }

    fn record(&mut self, frame: &[u8]) -> io::Result<()> {
        let micros = self.packets * STEP;
        let length = frame.len() as u32;
        let header = [
            (EPOCH + micros / 1_000_000) as u32,
            (micros % 1_000_000) as u32,
            length,
            length,
        ];
        for word in header {
            self.out.write_all(&word.to_le_bytes())?;
        }
        self.out.write_all(frame)?;
        self.packets += 1;
        self.bytes += 16 + u64::from(length);
        Ok(())
    }
}
