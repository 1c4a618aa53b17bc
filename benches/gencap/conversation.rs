//! A TCP connection between two peers: bytes become full segments.

use std::io::{self, Write};

use super::Summary;
use super::message;
use super::network::{Network, Place};
use super::packet::{Endpoint, SEGMENT, TcpPacket, flag};

/// Full segments that are answered with one acknowledgement, as a receiver
/// with generic receive offload does.
const ACK_EVERY: u32 = 4;

/// The end that opens the connection, as an index.
pub const INITIATOR: usize = 0;
/// The other end, as an index.
pub const ACCEPTOR: usize = 1;

/// One direction of a connection.
struct Direction {
    from: Endpoint,
    /// Sequence number of the SYN.
    first: u32,
    /// Offset of the next byte, the SYN being byte 0.
    next: u64,
    /// Written by the peer, not yet in a segment.
    pending: Vec<u8>,
    /// Segments that the other side has not acknowledged.
    unacknowledged: u32,
}

/// An open connection.
pub struct Conversation<'a, W> {
    /// Carries the packets.
    pub network: &'a mut Network<W>,
    summary: &'a mut Summary,
    directions: [Direction; 2],
    /// Whether packets meet faults: not while the connection opens or closes.
    pub exposed: bool,
    /// Packets made: identification and time stamp of the next.
    serial: u32,
    frame: Vec<u8>,
}

impl<'a, W: Write> Conversation<'a, W> {
    /// Opens a connection: SYN, SYN-ACK, ACK. `first` are the sequence numbers.
    pub fn open(
        network: &'a mut Network<W>,
        summary: &'a mut Summary,
        ends: [Endpoint; 2],
        first: [u32; 2],
    ) -> io::Result<Self> {
        let direction = |side: usize| Direction {
            from: ends[side],
            first: first[side],
            next: 0,
            pending: Vec::with_capacity(2 * SEGMENT),
            unacknowledged: 0,
        };
        summary.connections += 1;
        let mut opened = Self {
            network,
            summary,
            directions: [direction(INITIATOR), direction(ACCEPTOR)],
            exposed: false,
            serial: 0,
            frame: Vec::with_capacity(2048),
        };
        opened.control(INITIATOR, flag::SYN)?;
        opened.control(ACCEPTOR, flag::SYN | flag::ACK)?;
        opened.control(INITIATOR, flag::ACK)?;
        Ok(opened)
    }

    /// Ends it: FIN from both sides.
    pub fn close(mut self) -> io::Result<()> {
        self.push(INITIATOR)?;
        self.push(ACCEPTOR)?;
        self.network.settle()?;
        self.control(INITIATOR, flag::FIN | flag::ACK)?;
        self.control(ACCEPTOR, flag::FIN | flag::ACK)?;
        self.control(INITIATOR, flag::ACK)
    }

    /// Writes a message; full segments leave at once, the rest with the next
    /// message or [`Self::push`].
    pub fn write(&mut self, side: usize, name: &'static str, bytes: &[u8]) -> io::Result<()> {
        *self.summary.messages[side].entry(name).or_default() += 1;
        self.directions[side].pending.extend_from_slice(bytes);
        self.flush(side, false)
    }

    /// Writes a message that has an id and numbers.
    pub fn write_numbers(&mut self, side: usize, id: u8, numbers: &[u32]) -> io::Result<()> {
        self.write(side, message::name(id), &message::numbers(id, numbers))
    }

    /// Counts the data of a block just written.
    pub fn count_payload(&mut self, side: usize, bytes: u32) {
        self.summary.payload_bytes[side] += u64::from(bytes);
    }

    /// Sends what is pending in a segment that need not be full.
    pub fn push(&mut self, side: usize) -> io::Result<()> {
        self.flush(side, true)
    }

    fn flush(&mut self, side: usize, all: bool) -> io::Result<()> {
        let mut pending = std::mem::take(&mut self.directions[side].pending);
        let mut sent = 0;
        for segment in pending.chunks(SEGMENT) {
            if segment.len() < SEGMENT && !all {
                break;
            }
            self.segment(side, segment)?;
            sent += segment.len();
        }
        pending.drain(..sent);
        self.directions[side].pending = pending;
        Ok(())
    }

    fn segment(&mut self, side: usize, payload: &[u8]) -> io::Result<()> {
        let full = payload.len() == SEGMENT;
        let flags = if full {
            flag::ACK
        } else {
            flag::ACK | flag::PSH
        };
        self.encode(side, flags, payload);
        let offset = self.directions[side].next;
        if !self.exposed {
            self.network.send_surely(&self.frame)?;
        } else if !self.network.send(&self.frame, Place { side, offset })? {
            self.summary.lost_bytes += payload.len() as u64;
        }
        let direction = &mut self.directions[side];
        direction.next += payload.len() as u64;
        direction.unacknowledged += 1;
        if direction.unacknowledged == ACK_EVERY {
            direction.unacknowledged = 0;
            self.control(1 - side, flag::ACK)?;
        }
        Ok(())
    }

    /// A packet without payload.
    fn control(&mut self, side: usize, flags: u8) -> io::Result<()> {
        self.encode(side, flags, &[]);
        self.network.send_surely(&self.frame)?;
        if flags & (flag::SYN | flag::FIN) != 0 {
            self.directions[side].next += 1;
        }
        Ok(())
    }

    fn encode(&mut self, side: usize, flags: u8, payload: &[u8]) {
        self.serial += 1;
        let (this, other) = (&self.directions[side], &self.directions[1 - side]);
        let heard = self.network.awaited(1 - side).unwrap_or(other.next);
        TcpPacket {
            from: this.from,
            to: other.from,
            seq: this.first.wrapping_add(this.next as u32),
            ack: if flags & flag::ACK == 0 {
                0
            } else {
                other.first.wrapping_add(heard as u32)
            },
            flags,
            payload,
        }
        .encode(self.serial, &mut self.frame);
    }
}
