//! The pcapng format: sections of blocks.
//!
//! <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html>

use super::order::Order;
use super::{LinkType, Secret, Timestamp};

/// Block types.
pub(super) mod block {
    /// Section header; reads the same in both byte orders.
    pub(in super::super) const SECTION: u32 = 0x0a0d_0d0a;
    /// Interface description.
    pub(in super::super) const INTERFACE: u32 = 1;
    /// Packet block (obsolete).
    pub(in super::super) const PACKET: u32 = 2;
    /// Simple packet block.
    pub(in super::super) const SIMPLE_PACKET: u32 = 3;
    /// Enhanced packet block.
    pub(in super::super) const ENHANCED_PACKET: u32 = 6;
    /// Decryption secrets.
    pub(in super::super) const DECRYPTION_SECRETS: u32 = 10;
}

/// Option codes.
pub(super) mod option {
    /// Ends a list of options.
    pub(in super::super) const END: u16 = 0;
    /// A comment, in any block.
    pub(in super::super) const COMMENT: u16 = 1;
    /// Of an interface: its name.
    pub(in super::super) const INTERFACE_NAME: u16 = 2;
    /// Of a section: the program that wrote it.
    pub(in super::super) const USER_APPLICATION: u16 = 4;
    /// Of an interface: the unit of its times.
    pub(in super::super) const TIME_RESOLUTION: u16 = 9;
    /// Of an interface: seconds to add to its times.
    pub(in super::super) const TIME_OFFSET: u16 = 14;
}

/// The byte-order magic of a section header.
pub(super) const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;

/// Bytes around the body of every block: type, length, and length again.
pub(super) const FRAMING: u32 = 12;

/// Bytes before the data of an enhanced or an obsolete packet block.
pub(super) const PACKET_HEADER: usize = 28;

/// Bytes before the data of a simple packet block.
pub(super) const SIMPLE_HEADER: usize = 12;

/// Interfaces kept of one section; packets of later ones are left out.
const MAX_INTERFACES: usize = 1 << 16;

/// What the packets of a section need to be read.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) order: Order,
    interfaces: Vec<Interface>,
}

/// A described interface.
#[derive(Debug, Clone, Copy)]
struct Interface {
    link: LinkType,
    snaplen: u32,
    resolution: Resolution,
    /// Nanoseconds to add to all times.
    offset: i128,
}

/// How a time in units becomes nanoseconds.
#[derive(Debug, Clone, Copy)]
enum Resolution {
    Times(u64),
    Divided(u128),
    /// Units are seconds divided by two to this power.
    Binary(u32),
}

/// Where the packet of a packet block is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) time: Timestamp,
    pub(super) interface: u32,
    pub(super) link: LinkType,
    /// Offset of the data in the block.
    pub(super) at: usize,
    pub(super) captured: usize,
    pub(super) original: u32,
}

/// Byte order of the section whose header block begins with these 12 bytes.
pub(super) fn section_order(bytes: &[u8]) -> Option<Order> {
    [Order::Little, Order::Big]
        .into_iter()
        .find(|order| order.u32(bytes, 8) == BYTE_ORDER_MAGIC)
}

impl Section {
    /// A section of which no interface is known yet.
    pub(super) fn empty(order: Order) -> Self {
        Self {
            order,
            interfaces: Vec::new(),
        }
    }

    /// Checks the version that a section header block (whole) gives.
    pub(super) fn check_version(order: Order, block: &[u8]) -> Result<(), String> {
        if block.len() < 28 {
            return Err(format!("a section header of {} bytes", block.len()));
        }
        let (major, minor) = (order.u16(block, 12), order.u16(block, 14));
        if major != 1 {
            return Err(format!(
                "pcapng version {major}.{minor}; only version 1 is known"
            ));
        }
        Ok(())
    }

    /// Reads an interface description block (whole).
    pub(super) fn describe(&mut self, block: &[u8]) -> Result<(), String> {
        if block.len() < 20 {
            return Err(format!("an interface description of {} bytes", block.len()));
        }
        if self.interfaces.len() >= MAX_INTERFACES {
            return Ok(());
        }
        let mut interface = Interface {
            link: LinkType(self.order.u16(block, 8)),
            snaplen: self.order.u32(block, 12),
            resolution: Resolution::of(6),
            offset: 0,
        };
        for (code, value) in options(self.order, &block[16..block.len() - 4]) {
            match (code, value) {
                (option::TIME_RESOLUTION, &[resolution, ..]) => {
                    interface.resolution = Resolution::of(resolution);
                }
                (option::TIME_OFFSET, value) => {
                    if let Ok(seconds) = <[u8; 8]>::try_from(value) {
                        interface.offset = i128::from(self.order.i64(seconds)) * 1_000_000_000;
                    }
                }
                _ => {}
            }
        }
        self.interfaces.push(interface);
        Ok(())
    }

    /// Reads an enhanced or obsolete packet block (whole).
    #[inline]
    pub(super) fn packet(&self, kind: u32, block: &[u8]) -> Result<Found, String> {
        let room = block
            .len()
            .checked_sub(PACKET_HEADER + 4)
            .ok_or_else(|| format!("is in a block of only {} bytes", block.len()))?;
        let order = self.order;
        let id = if kind == block::PACKET {
            u32::from(order.u16(block, 8))
        } else {
            order.u32(block, 8)
        };
        let interface = self.interface(id)?;
        let units = u64::from(order.u32(block, 12)) << 32 | u64::from(order.u32(block, 16));
        let captured = order.u32(block, 20) as usize;
        if captured > room {
            return Err(format!("declares {captured} bytes, its block holds {room}"));
        }
        Ok(Found {
            time: interface.time(units),
            interface: id,
            link: interface.link,
            at: PACKET_HEADER,
            captured,
            original: order.u32(block, 24),
        })
    }

    /// Reads a simple packet block (whole): of interface 0, without a time.
    pub(super) fn simple_packet(&self, block: &[u8]) -> Result<Found, String> {
        let room = block
            .len()
            .checked_sub(SIMPLE_HEADER + 4)
            .ok_or_else(|| format!("is in a block of only {} bytes", block.len()))?;
        let interface = self.interface(0)?;
        let original = self.order.u32(block, 8);
        let limit = match interface.snaplen {
            0 => original,
            snaplen => original.min(snaplen),
        };
        Ok(Found {
            time: Timestamp::UNKNOWN,
            interface: 0,
            link: interface.link,
            at: SIMPLE_HEADER,
            captured: room.min(limit as usize),
            original,
        })
    }

    fn interface(&self, id: u32) -> Result<&Interface, String> {
        self.interfaces.get(id as usize).ok_or_else(|| {
            format!(
                "names interface {id}, but the section describes {}",
                self.interfaces.len()
            )
        })
    }
}

impl Interface {
    #[inline]
    fn time(&self, units: u64) -> Timestamp {
        let units = u128::from(units);
        let nanos = match self.resolution {
            Resolution::Times(factor) => units * u128::from(factor),
            Resolution::Divided(divisor) => units / divisor,
            Resolution::Binary(shift) => (units * 1_000_000_000) >> shift,
        };
        // At most 2^64 * 10^9: far within i128.
        Timestamp::from_nanos(nanos.cast_signed().saturating_add(self.offset))
    }
}

impl Resolution {
    /// From the if_tsresol option: units of 10^-n seconds, or of 2^-n when the
    /// top bit is set.
    fn of(value: u8) -> Self {
        let power = u32::from(value & 0x7f);
        if value & 0x80 != 0 {
            return Self::Binary(power);
        }
        match power {
            0..=9 => Self::Times(10_u64.pow(9 - power)),
            _ => Self::Divided(10_u128.checked_pow(power - 9).unwrap_or(u128::MAX)),
        }
    }
}

/// Reads a decryption secrets block (whole); `None` if it is shorter than it
/// declares.
pub(super) fn secret(order: Order, block: &[u8]) -> Option<Secret> {
    let (header, body) = block.split_at_checked(16)?;
    let length = order.u32(header, 12) as usize;
    Some(Secret {
        kind: order.u32(header, 8),
        data: body[..body.len().checked_sub(4)?].get(..length)?.to_vec(),
    })
}

/// The options in `bytes`, as far as they are whole.
fn options(order: Order, mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        if bytes.len() < 4 {
            return None;
        }
        let (code, length) = (order.u16(bytes, 0), usize::from(order.u16(bytes, 2)));
        let value = bytes.get(4..4 + length)?;
        bytes = bytes.get(4 + length.next_multiple_of(4)..).unwrap_or(&[]);
        (code != option::END).then_some((code, value))
    })
}
