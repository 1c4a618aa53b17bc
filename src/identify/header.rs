//! Signs that a flight of bytes begins with the header of a message, and is not
//! noise from its first byte on.
//!
//! Each test is hit by chance in at most a few of 10,000 flights of noise
//! (`identify::mse::tests` counts), for it decides that a connection is *not*
//! encrypted BitTorrent.

use std::ops::RangeInclusive;

use crate::wire::mse::{equal_run, run_of};

/// Bytes in which a header is looked for.
const HEAD: usize = 16;

/// Offsets at which a header may have a length.
const LENGTH_OFFSETS: RangeInclusive<usize> = 0..=8;

/// Bytes of the flight that a long length field may leave out: what comes before
/// it, a checksum behind the message, a second header.
const SLACK: usize = 48;

/// Zero bytes among the first ones that noise does not have.
const ZEROS: usize = 3;

/// Printable bytes in a row that noise does not have.
const TEXT: usize = 14;

/// Capital letters that are the name of a protocol at its beginning.
const NAME: usize = 4;

/// Equal bytes in a row of both directions that are a header.
const EQUAL: usize = 2;

/// First bytes of compressed data, wherever in the header: gzip, zstd, LZ4, xz.
const COMPRESSED: [&[u8]; 4] = [
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"\xfd7zXZ",
];

/// One flight: what a side sends before it hears the other.
#[derive(Debug, Clone, Copy)]
pub struct Flight<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How many of them were in its first packet.
    pub first_packet: usize,
}

impl Flight<'_> {
    /// Whether it begins with a header.
    pub fn has_header(&self) -> bool {
        let head = &self.bytes[..self.bytes.len().min(HEAD)];
        let key = &self.bytes[..self.bytes.len().min(crate::wire::mse::PUBLIC_KEY)];
        let zeros: usize = head.iter().map(|byte| usize::from(*byte == 0)).sum();
        let has = |mark: &&[u8]| head.windows(mark.len()).any(|window| window == *mark);
        zeros >= ZEROS
            || run_of(&head[..head.len().min(NAME)], |byte| {
                byte.is_ascii_uppercase()
            }) >= NAME
            || run_of(key, |byte| matches!(byte, b' '..=b'~')) >= TEXT
            || COMPRESSED.iter().any(has)
            || self.lengths().any(Length::is_certain)
            || self.is_tiled()
    }

    /// Whether both directions begin with the same header: equal bytes, or a
    /// length field of the same kind that fits both.
    pub fn shares_header(&self, other: &Self) -> bool {
        let heads = [self, other].map(|flight| &flight.bytes[..flight.bytes.len().min(HEAD)]);
        let kind = |length: Length| (length.offset, length.width, length.order);
        let has_kind = |length: Length| other.lengths().any(|same| kind(same) == kind(length));
        equal_run(heads[0], heads[1]) >= EQUAL || self.lengths().any(has_kind)
    }

    /// Every number that is about as large as the flight, or as its first packet.
    fn lengths(&self) -> impl Iterator<Item = Length> + '_ {
        let totals = [self.bytes.len(), self.first_packet];
        let number = move |offset: usize, width: usize, order: Order| {
            let bytes = self.bytes.get(offset..offset + width)?;
            let fold = |value: usize, byte: &u8| value << 8 | usize::from(*byte);
            let value = match order {
                Order::Big => bytes.iter().fold(0, fold),
                Order::Little => bytes.iter().rev().fold(0, fold),
            };
            let slack = totals
                .into_iter()
                .filter_map(|total| total.checked_sub(value))
                .min()?;
            let length = Length {
                offset,
                width,
                order,
                slack,
            };
            length.fits().then_some(length)
        };
        LENGTH_OFFSETS.flat_map(move |offset| {
            [2, 3, 4].into_iter().flat_map(move |width| {
                [Order::Big, Order::Little]
                    .into_iter()
                    .filter_map(move |order| number(offset, width, order))
            })
        })
    }

    /// Whether the flight is a row of messages, each behind its length of two
    /// bytes.
    fn is_tiled(&self) -> bool {
        [u16::from_be_bytes, u16::from_le_bytes]
            .into_iter()
            .any(|read| {
                let mut rest = self.bytes;
                while let Some((head, tail)) = rest.split_first_chunk() {
                    let Some(after) = tail.get(usize::from(read(*head))..) else {
                        return false;
                    };
                    rest = after;
                }
                rest.is_empty()
            })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

/// A number in a flight that may be its length.
#[derive(Debug, Clone, Copy)]
struct Length {
    offset: usize,
    width: usize,
    order: Order,
    /// Bytes of the flight that it does not count.
    slack: usize,
}

impl Length {
    /// Whether it is no chance by itself: it is long, or the first thing of all.
    fn is_certain(self) -> bool {
        self.width > 2 || self.offset == 0
    }

    /// Short ones must fit exactly: they count what follows them, or also
    /// themselves, or all.
    fn fits(self) -> bool {
        let behind = self.offset + self.width;
        match self.width {
            2 => [0, self.offset, behind].contains(&self.slack),
            _ => self.slack <= SLACK,
        }
    }
}
