//! Hand-made capture files in every variant, for tests.

use std::io::{self, Cursor, Read};

use super::order::Order;
use super::{CaptureError, LinkType, Packet, Source, Timestamp, from_reader};

/// A packet that owns its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) frame: u64,
    pub(super) time: Timestamp,
    pub(super) interface: u32,
    pub(super) link: LinkType,
    pub(super) data: Vec<u8>,
    pub(super) original_length: u32,
}

impl Owned {
    pub(super) fn borrowed(&self) -> Packet<'_> {
        Packet {
            frame: self.frame,
            time: self.time,
            interface: self.interface,
            link: self.link,
            data: &self.data,
            original_length: self.original_length,
        }
    }
}

impl From<Packet<'_>> for Owned {
    fn from(packet: Packet<'_>) -> Self {
        Self {
            frame: packet.frame,
            time: packet.time,
            interface: packet.interface,
            link: packet.link,
            data: packet.data.to_vec(),
            original_length: packet.original_length,
        }
    }
}

/// All packets of a source, and what it said at the end.
pub(super) fn drain(mut source: impl Source) -> (Vec<Owned>, Option<CaptureError>) {
    let mut packets = Vec::new();
    loop {
        match source.next_packet() {
            Ok(Some(packet)) => packets.push(packet.into()),
            Ok(None) => return (packets, None),
            Err(error) => {
                assert!(matches!(source.next_packet(), Ok(None)), "goes on");
                return (packets, Some(error));
            }
        }
    }
}

/// Reads a capture from memory.
pub(super) fn read(bytes: &[u8]) -> (Vec<Owned>, Option<CaptureError>) {
    drain(from_reader("test", Cursor::new(bytes.to_vec())))
}

/// Reads a capture that comes in steps of at most `step` bytes.
pub(super) fn read_in_steps(bytes: &[u8], step: usize) -> (Vec<Owned>, Option<CaptureError>) {
    let steps = Steps {
        inner: Cursor::new(bytes.to_vec()),
        step,
    };
    drain(from_reader("test", steps))
}

struct Steps {
    inner: Cursor<Vec<u8>>,
    step: usize,
}

impl Read for Steps {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let step = into.len().min(self.step);
        self.inner.read(&mut into[..step])
    }
}

/// Bytes in a byte order.
pub(super) struct Bytes {
    order: Order,
    pub(super) bytes: Vec<u8>,
}

impl Bytes {
    pub(super) fn new(order: Order) -> Self {
        Self {
            order,
            bytes: Vec::new(),
        }
    }

    pub(super) fn u16(mut self, value: u16) -> Self {
        self.bytes.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
        self
    }

    pub(super) fn u32(mut self, value: u32) -> Self {
        self.bytes.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
        self
    }

    pub(super) fn u64(mut self, value: u64) -> Self {
        self.bytes.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
        self
    }

    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Bytes and zeros up to a multiple of four.
    pub(super) fn padded(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        let length = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(length, 0);
        self
    }
}

/// A classic file header.
pub(super) fn classic_header(order: Order, magic: u32, link: u16) -> Vec<u8> {
    let head = Bytes::new(order).u32(magic).u16(2).u16(4).u64(0);
    head.u32(65_535).u32(u32::from(link)).bytes
}

/// A classic file; `magic` rules the unit of the times and the record header.
pub(super) fn classic(order: Order, magic: u32, packets: &[Owned]) -> Vec<u8> {
    let link = packets.first().map_or(1, |packet| packet.link.0);
    let mut file = classic_header(order, magic, link);
    for packet in packets {
        let nanos = packet.time.nanos().unwrap_or(0).unsigned_abs();
        let fraction = nanos % 1_000_000_000;
        let fraction = if magic == 0xa1b2_3c4d {
            fraction
        } else {
            fraction / 1000
        };
        let mut record = Bytes::new(order)
            .u32((nanos / 1_000_000_000) as u32)
            .u32(fraction as u32)
            .u32(packet.data.len() as u32)
            .u32(packet.original_length);
        if magic == 0xa1b2_cd34 {
            record = record.u32(2).u16(0x0800).u16(0);
        }
        file.extend(record.raw(&packet.data).bytes);
    }
    file
}

/// A pcapng block around a body.
pub(super) fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (body.len().next_multiple_of(4) + 12) as u32;
    let block = Bytes::new(order).u32(kind).u32(length);
    block.padded(body).u32(length).bytes
}

/// A section header block.
pub(super) fn section(order: Order) -> Vec<u8> {
    let body = Bytes::new(order).u32(0x1a2b_3c4d).u16(1).u16(0);
    block(order, 0x0a0d_0d0a, &body.u64(u64::MAX).bytes)
}

/// An interface description with raw options.
pub(super) fn interface(order: Order, link: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
    let body = Bytes::new(order).u16(link).u16(0).u32(snaplen);
    block(order, 1, &body.raw(options).bytes)
}

/// An interface description with a resolution and an offset of its times.
pub(super) fn timed_interface(order: Order, link: u16, resolution: u8, offset: i64) -> Vec<u8> {
    let options = Bytes::new(order)
        .u16(9)
        .u16(1)
        .padded(&[resolution])
        .u16(14)
        .u16(8)
        .u64(offset.cast_unsigned())
        .u32(0);
    interface(order, link, 0, &options.bytes)
}

/// An enhanced packet block with the time in units.
pub(super) fn enhanced(
    order: Order,
    interface: u32,
    units: u64,
    data: &[u8],
    original: u32,
) -> Vec<u8> {
    let body = Bytes::new(order)
        .u32(interface)
        .u32((units >> 32) as u32)
        .u32(units as u32)
        .u32(data.len() as u32)
        .u32(original);
    block(order, 6, &body.padded(data).bytes)
}
