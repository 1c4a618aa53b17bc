//! Writes captures: pcapng with nanosecond times, and classic pcap.

use std::io::{self, Error, ErrorKind, Write};

use super::pcapng::{BYTE_ORDER_MAGIC, block, option};
use super::{LinkType, MAX_PACKET, Packet};

/// Who wrote the file, in its section header.
const APPLICATION: &str = "peerscope";

/// Writes a pcapng file of one section, little-endian whatever the machine.
///
/// Every block goes to `out` in one piece, so that a reader that follows the
/// file sees whole blocks after each [`PcapngWriter::flush`].
#[derive(Debug)]
pub struct PcapngWriter<W: Write> {
    out: W,
    interfaces: u32,
    block: Vec<u8>,
}

impl<W: Write> PcapngWriter<W> {
    /// Begins the file with a section header.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Self {
            out,
            interfaces: 0,
            block: Vec::new(),
        };
        writer.begin(block::SECTION);
        writer.u32(BYTE_ORDER_MAGIC);
        writer.u16(1);
        writer.u16(0);
        // The length of the section is not known in advance.
        writer.block.extend_from_slice(&(-1_i64).to_le_bytes());
        writer.text(option::USER_APPLICATION, APPLICATION);
        writer.end_of_options();
        writer.finish()?;
        Ok(writer)
    }

    /// Describes an interface and gives its number for [`Packet::interface`].
    /// Its times are in nanoseconds, its packets of any length.
    pub fn interface(&mut self, link: LinkType, name: &str) -> io::Result<u32> {
        self.begin(block::INTERFACE);
        self.u16(link.0);
        self.u16(0);
        self.u32(0);
        self.text(option::INTERFACE_NAME, name);
        self.option(option::TIME_RESOLUTION, &[9]);
        self.end_of_options();
        self.finish()?;
        let number = self.interfaces;
        self.interfaces += 1;
        Ok(number)
    }

    /// Writes a packet of an interface described before, with the comments that it
    /// deserves (often `None`). A time that is unknown or before 1970 is written as 0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for an unknown interface or a packet longer
    /// than a reader would believe (16 MiB); nothing is written then.
    pub fn packet<'c>(
        &mut self,
        packet: &Packet<'_>,
        comments: impl IntoIterator<Item = &'c str>,
    ) -> io::Result<()> {
        if packet.interface >= self.interfaces {
            return Err(Error::new(ErrorKind::InvalidInput, "unknown interface"));
        }
        let captured = checked_length(packet.data)?;
        let nanos = nanos_since_epoch(packet);
        self.begin(block::ENHANCED_PACKET);
        self.u32(packet.interface);
        self.u32((nanos >> 32) as u32);
        self.u32(nanos as u32);
        self.u32(captured);
        self.u32(packet.original_length.max(captured));
        self.padded(packet.data);
        let mut comments = comments.into_iter().peekable();
        let has_options = comments.peek().is_some();
        for comment in comments {
            self.text(option::COMMENT, comment);
        }
        if has_options {
            self.end_of_options();
        }
        self.finish()
    }

    /// Writes secrets that help to decrypt the packets after it; `kind` is a
    /// secrets type of the specification, which also rules what is in them.
    pub fn secrets(&mut self, kind: u32, secrets: &[u8]) -> io::Result<()> {
        let length = checked_length(secrets)?;
        self.begin(block::DECRYPTION_SECRETS);
        self.u32(kind);
        self.u32(length);
        self.padded(secrets);
        self.finish()
    }

    /// What is written to.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// Flushes what is written under it.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Flushes, and gives back what was written to.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.out)
    }

    fn begin(&mut self, kind: u32) {
        self.block.clear();
        self.u32(kind);
        // The length, put in by `finish`.
        self.u32(0);
    }

    fn finish(&mut self) -> io::Result<()> {
        let length = (self.block.len() + 4) as u32;
        self.u32(length);
        self.block[4..8].copy_from_slice(&length.to_le_bytes());
        self.out.write_all(&self.block)
    }

    fn u16(&mut self, value: u16) {
        self.block.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.block.extend_from_slice(&value.to_le_bytes());
    }

    fn padded(&mut self, bytes: &[u8]) {
        self.block.extend_from_slice(bytes);
        self.block.resize(self.block.len().next_multiple_of(4), 0);
    }

    /// An option of text; what is longer than the format's 65535 bytes is cut.
    fn text(&mut self, code: u16, value: &str) {
        let length = value.floor_char_boundary(usize::from(u16::MAX));
        self.option(code, &value.as_bytes()[..length]);
    }

    /// An option of at most 65535 bytes.
    fn option(&mut self, code: u16, value: &[u8]) {
        self.u16(code);
        self.u16(value.len() as u16);
        self.padded(value);
    }

    fn end_of_options(&mut self) {
        self.u32(0);
    }
}

/// Bytes of the block that [`PcapngWriter::packet`] writes, without a comment.
pub(super) fn packet_block_size(packet: &Packet<'_>) -> u64 {
    32 + packet.data.len().next_multiple_of(4) as u64
}

/// What the times of a classic file count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Microseconds, which every program reads.
    Micros,
    /// Nanoseconds.
    Nanos,
}

/// Writes a classic pcap file, little-endian whatever the machine.
#[derive(Debug)]
pub struct PcapWriter<W: Write> {
    out: W,
    precision: Precision,
}

impl<W: Write> PcapWriter<W> {
    /// Begins the file: all its packets are of type `link`.
    pub fn new(mut out: W, link: LinkType, precision: Precision) -> io::Result<Self> {
        let magic: u32 = match precision {
            Precision::Micros => 0xa1b2_c3d4,
            Precision::Nanos => 0xa1b2_3c4d,
        };
        let mut header = Vec::with_capacity(24);
        header.extend_from_slice(&magic.to_le_bytes());
        header.extend_from_slice(&2_u16.to_le_bytes());
        header.extend_from_slice(&4_u16.to_le_bytes());
        header.extend_from_slice(&[0; 8]);
        header.extend_from_slice(&MAX_PACKET.to_le_bytes());
        header.extend_from_slice(&u32::from(link.0).to_le_bytes());
        out.write_all(&header)?;
        Ok(Self { out, precision })
    }

    /// Writes a packet. A time that is unknown or before 1970 is written as 0,
    /// one after 2106 as the last that fits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a packet of more than 16 MiB.
    pub fn packet(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let captured = checked_length(packet.data)?;
        let nanos = nanos_since_epoch(packet);
        let seconds = u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX);
        let fraction = (nanos % 1_000_000_000) as u32;
        let fraction = match self.precision {
            Precision::Micros => fraction / 1000,
            Precision::Nanos => fraction,
        };
        let original = packet.original_length.max(captured);
        let mut header = [0; 16];
        for (at, value) in [seconds, fraction, captured, original]
            .into_iter()
            .enumerate()
        {
            header[at * 4..at * 4 + 4].copy_from_slice(&value.to_le_bytes());
        }
        self.out.write_all(&header)?;
        self.out.write_all(packet.data)
    }

    /// Flushes, and gives back what was written to.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

fn checked_length(data: &[u8]) -> io::Result<u32> {
    u32::try_from(data.len())
        .ok()
        .filter(|&length| length <= MAX_PACKET)
        .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "longer than 16 MiB"))
}

/// The time as the formats have it: not negative.
fn nanos_since_epoch(packet: &Packet<'_>) -> u64 {
    let nanos = packet.time.nanos().unwrap_or(0);
    u64::try_from(nanos).unwrap_or(0)
}
