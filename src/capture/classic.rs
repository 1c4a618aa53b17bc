//! The classic pcap format: a file header of 24 bytes, then records.
//!
//! <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html>

use super::order::Order;
use super::{LinkType, MAX_PACKET, Timestamp};

/// Bytes of the file header.
pub(super) const FILE_HEADER: usize = 24;

/// What libpcap allows a packet however small the snapshot length says it is.
const USUAL_LIMIT: u32 = 256 << 10;

/// The file header, as far as it says how to read the records.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileHeader {
    order: Order,
    /// Nanoseconds in one unit of the time's second field.
    unit: i64,
    /// Bytes before the data of a record.
    pub(super) record_header: usize,
    /// Link type of all packets.
    pub(super) link: LinkType,
    /// The longest record that is believed.
    pub(super) limit: u32,
    minor: u16,
}

/// The header of one record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// Time of the packet.
    pub(super) time: Timestamp,
    /// Bytes in the file.
    pub(super) captured: u32,
    /// Bytes on the wire.
    pub(super) original: u32,
}

/// Byte order, time unit and record header length of a magic number.
fn variant(magic: [u8; 4]) -> Option<(Order, i64, usize)> {
    let of = |value| match value {
        0xa1b2_c3d4_u32 => Some((1000, 16)),
        0xa1b2_3c4d => Some((1, 16)),
        // Kuznetzov's patch of 2000, as some old Linux distributions had it:
        // each record goes on with interface, protocol and packet type.
        0xa1b2_cd34 => Some((1000, 24)),
        _ => None,
    };
    let with = |order| move |(unit, header)| (order, unit, header);
    of(u32::from_le_bytes(magic))
        .map(with(Order::Little))
        .or_else(|| of(u32::from_be_bytes(magic)).map(with(Order::Big)))
}

/// Whether a file that begins so is a classic pcap file.
pub(super) fn is_magic(magic: [u8; 4]) -> bool {
    variant(magic).is_some()
}

impl FileHeader {
    /// Reads the header; the reason in words if it cannot be one.
    pub(super) fn parse(bytes: &[u8; FILE_HEADER]) -> Result<Self, String> {
        let [a, b, c, d, ..] = *bytes;
        let Some((order, unit, record_header)) = variant([a, b, c, d]) else {
            return Err("not a pcap header".to_owned());
        };
        let (major, minor) = (order.u16(bytes, 4), order.u16(bytes, 6));
        if major != 2 {
            return Err(format!(
                "pcap version {major}.{minor}; only version 2 is known"
            ));
        }
        let snaplen = order.u32(bytes, 16);
        Ok(Self {
            order,
            unit,
            record_header,
            // The upper bits tell the length of a frame check sequence.
            link: LinkType(order.u32(bytes, 20) as u16),
            limit: snaplen.clamp(USUAL_LIMIT, MAX_PACKET),
            minor,
        })
    }

    /// Reads a record header of at least [`FileHeader::record_header`] bytes.
    #[inline]
    pub(super) fn record(&self, bytes: &[u8]) -> Record {
        let fields = bytes.first_chunk().copied().unwrap_or_default();
        let [seconds, fraction, captured, original] = self.order.four(fields);
        let (seconds, fraction) = (i64::from(seconds), i64::from(fraction));
        // Before version 2.3 the lengths stood the other way round; programs
        // of that time wrote either order under 2.3.
        let swapped = self.minor < 3 || (self.minor == 3 && captured > original);
        let (captured, original) = if swapped {
            (original, captured)
        } else {
            (captured, original)
        };
        Record {
            time: Timestamp(seconds * 1_000_000_000 + fraction * self.unit),
            captured,
            original,
        }
    }
}
