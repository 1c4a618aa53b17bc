//! What the benches share: generated captures in memory.

#[path = "gencap/mod.rs"]
pub mod gencap;

use gencap::{Shape, Spec, Summary};
use peerscope::capture::{CaptureError, LinkType, Packet, Source, Timestamp};

/// A capture in memory, and the truth about it.
pub struct Made {
    bytes: Vec<u8>,
    /// What the generator wrote.
    pub summary: Summary,
}

impl Made {
    /// About `size` bytes of traffic.
    pub fn new(shape: Shape, size: u64) -> Self {
        let mut bytes = Vec::new();
        let spec = Spec {
            shape,
            size,
            seed: 1,
        };
        let summary = gencap::write(spec, &mut bytes).expect("memory takes it");
        Self { bytes, summary }
    }

    /// Reads it from the beginning, at no cost: what is measured comes after.
    pub fn source(&self) -> Records<'_> {
        Records {
            rest: &self.bytes[24..],
            frame: 0,
        }
    }
}

/// The records of a little-endian pcap file with Ethernet packets.
pub struct Records<'m> {
    rest: &'m [u8],
    frame: u64,
}

impl Source for Records<'_> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let Some((header, rest)) = self.rest.split_first_chunk::<16>() else {
            return Ok(None);
        };
        let word = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let (data, rest) = rest.split_at(word(8) as usize);
        self.rest = rest;
        self.frame += 1;
        let nanos = i128::from(word(0)) * 1_000_000_000 + i128::from(word(4)) * 1000;
        Ok(Some(Packet {
            frame: self.frame,
            time: Timestamp::from_nanos(nanos),
            interface: 0,
            link: LinkType(1),
            data,
            original_length: word(12),
        }))
    }
}
