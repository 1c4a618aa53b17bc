//! The packets of a capture in memory, without the cost of reading a file: what the
//! tests and the benches measure comes after.

use peerscope::capture::{CaptureError, LinkType, Packet, Source, Timestamp};

/// Bytes of the header of a pcap file; its last word is the link type.
const FILE_HEADER_BYTES: usize = 24;

/// The records of a little-endian pcap file.
pub struct Records<'c> {
    rest: &'c [u8],
    link: LinkType,
    frame: u64,
}

impl<'c> Records<'c> {
    /// From the first one on.
    pub fn new(file: &'c [u8]) -> Self {
        let (header, rest) = file.split_at(FILE_HEADER_BYTES);
        Self {
            rest,
            link: LinkType(u16::from_le_bytes([header[20], header[21]])),
            frame: 0,
        }
    }
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
            link: self.link,
            data,
            original_length: word(12),
        }))
    }
}
