//! The fixed-size messages of BEP 3, BEP 5 and BEP 6, and the bitfield.

use std::fmt;

use nom::number::complete::be_u32;

use super::anomalies;
use super::before::Before;
use crate::wire::field::{Field, Kind, Unit};
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::Sink;
use crate::wire::words::Size;

pub(super) static INDEX: Field = Field::new(
    "index",
    Kind::Uint(Unit::None),
    "The piece, counted from 0.",
);
pub(super) static BEGIN: Field = Field::new(
    "begin",
    Kind::Uint(Unit::None),
    "Offset of the block within the piece.",
);
pub(super) static BLOCK_LENGTH: Field =
    Field::new("length", Kind::Uint(Unit::Bytes), "Length of the block.");
pub(super) static BITFIELD: Field = Field::new(
    "bitfield",
    Kind::Bitfield,
    "A bit for each piece that the sender has: the highest bit of the first byte is piece 0.",
);

/// Bytes of the longest block that clients serve, to a multiple of which blocks
/// are aligned.
pub const MAX_BLOCK: u32 = 16 << 10;

/// A block of a piece: what request, cancel and reject name, and what piece
/// brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block {
    /// Piece.
    pub index: u32,
    /// Offset of its first byte within the piece.
    pub begin: u32,
    /// Bytes.
    pub length: u32,
}

impl Block {
    pub(super) fn dissect<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Result<Self, Problem> {
        Ok(Self {
            index: reader.field(&INDEX, be_u32)?,
            begin: reader.field(&BEGIN, be_u32)?,
            length: reader.field(&BLOCK_LENGTH, be_u32)?,
        })
    }

    /// Reads the block of a request, and holds it to what may be asked for.
    pub(super) fn dissect_request<S: Sink>(
        reader: &mut Reader<'_, '_, S>,
        pieces: Option<u32>,
    ) -> Result<Self, Problem> {
        let start = reader.at();
        let block = Self::dissect(reader)?;
        if !S::NOTES {
            return Ok(block);
        }
        let (begin_at, length_at) = (start + 4, start + 8);
        if let Some(pieces) = pieces.filter(|pieces| block.index >= *pieces) {
            let breach = anomalies::REQUEST_BEYOND.with_both(block.index, pieces);
            reader.anomaly_at(start, breach);
        }
        if !block.begin.is_multiple_of(MAX_BLOCK) {
            reader.anomaly_at(begin_at, anomalies::UNALIGNED_REQUEST.with(block.begin));
        }
        if block.length == 0 {
            reader.anomaly_at(length_at, &anomalies::EMPTY_REQUEST);
        } else if block.length > MAX_BLOCK {
            reader.anomaly_at(length_at, anomalies::LONG_REQUEST.with(block.length));
        }
        Ok(block)
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.begin.to_be_bytes());
        out.extend_from_slice(&self.length.to_be_bytes());
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "piece {}, offset {}, {}",
            self.index,
            self.begin,
            Size(u64::from(self.length))
        )
    }
}

/// Which pieces the sender has: the most significant bit of byte 0 is piece 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bitfield<'a> {
    /// The bytes.
    pub bits: &'a [u8],
    /// Pieces of the torrent, where known.
    pub pieces: Option<u32>,
}

impl<'a> Bitfield<'a> {
    pub(super) fn dissect<S: Sink>(
        reader: &mut Reader<'a, '_, S>,
        pieces: Option<u32>,
        before: Before,
    ) -> Result<Self, Problem> {
        let number = before.messages.saturating_add(1);
        if before.has_stated {
            reader.anomaly(anomalies::SECOND_BITFIELD.with(number));
        } else if number > 1 {
            reader.anomaly(anomalies::LATE_BITFIELD.with(number));
        }
        let whole = reader.is_whole();
        let bits = reader.remainder(&BITFIELD);
        let bitfield = Self { bits, pieces };
        if !whole {
            return Err(Problem::Cut);
        }
        if bits.is_empty() {
            reader.anomaly(&anomalies::EMPTY_BITFIELD);
        }
        if pieces.is_some_and(|n| n.div_ceil(8) as usize != bits.len()) {
            reader.anomaly(&anomalies::BITFIELD_LENGTH);
        } else if bitfield.spare_bits_set() > 0 {
            reader.anomaly(&anomalies::SPARE_BITS);
        }
        Ok(bitfield)
    }

    /// How many bits are set, spare ones included.
    pub fn set(&self) -> u64 {
        self.bits.iter().map(|b| u64::from(b.count_ones())).sum()
    }

    /// How many bits there are.
    pub fn len(&self) -> u64 {
        self.bits.len() as u64 * 8
    }

    /// Whether it holds no byte.
    pub fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    /// Bits set beyond the torrent's last piece; 0 where the number of pieces
    /// is not known.
    pub fn spare_bits_set(&self) -> u64 {
        let Some(pieces) = self.pieces else { return 0 };
        let (byte, bit) = ((pieces / 8) as usize, pieces % 8);
        let Some(rest) = self.bits.get(byte..) else {
            return 0;
        };
        let first = rest.first().map_or(0, |b| (b & (0xff >> bit)).count_ones());
        let others: u32 = rest.iter().skip(1).map(|b| b.count_ones()).sum();
        u64::from(first + others)
    }

    /// Whether spare bits are set, and none would be if the lowest bit of each byte came
    /// first.
    pub fn is_backwards(&self) -> bool {
        let spare = self.pieces.map_or(0, |pieces| 0xff_u8 >> (pieces % 8));
        let is_whole = self
            .pieces
            .is_some_and(|pieces| pieces % 8 > 0 && pieces.div_ceil(8) as usize == self.bits.len());
        let last = self.bits.last().copied().filter(|_| is_whole);
        last.is_some_and(|last| last & spare != 0 && last.reverse_bits() & spare == 0)
    }

    /// Whether the sender has piece `index`.
    pub fn has(&self, index: u32) -> bool {
        self.bits
            .get((index / 8) as usize)
            .is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
    }
}

impl fmt::Display for Bitfield<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.set() - self.spare_bits_set();
        match self.pieces {
            Some(pieces) if set == u64::from(pieces) => write!(f, "bitfield, all {pieces} pieces"),
            Some(pieces) => write!(f, "bitfield, {set} of {pieces} pieces"),
            None => write!(f, "bitfield, {set} of {} bits set", self.len()),
        }?;
        match self.spare_bits_set() {
            0 => Ok(()),
            1 => f.write_str(", 1 spare bit set"),
            n => write!(f, ", {n} spare bits set"),
        }
    }
}
