//! Hash request, hashes, hash reject (BEP 52, "new messages").

use std::fmt;

use nom::number::complete::be_u32;

use super::anomalies;
use super::handshake::array;
use crate::wire::field::{Field, Kind, Unit};
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::{Label, Note, Sink};

pub(super) static PIECES_ROOT: Field = Field::new(
    "pieces_root",
    Kind::Hash,
    "Root of the hash tree of the file.",
);
pub(super) static BASE_LAYER: Field = Field::new(
    "base_layer",
    Kind::Uint(Unit::None),
    "Layer of the hashes: 0 are the hashes of 16 KiB blocks.",
);
pub(super) static INDEX: Field = Field::new(
    "index",
    Kind::Uint(Unit::None),
    "First hash in that layer, counted from 0.",
);
pub(super) static LENGTH: Field = Field::new(
    "length",
    Kind::Uint(Unit::None),
    "How many hashes, a power of two.",
);
pub(super) static PROOF_LAYERS: Field = Field::new(
    "proof_layers",
    Kind::Uint(Unit::None),
    "How many layers of uncle hashes above.",
);
pub(super) static HASHES: Field = Field::new("hashes", Kind::List, "Hashes of the base layer.");
pub(super) static UNCLES: Field = Field::new(
    "uncle_hashes",
    Kind::List,
    "Hashes that prove the base layer, from low to high.",
);
pub(super) static HASH: Field = Field::new("hash", Kind::Hash, "A SHA-256 hash.");
pub(super) static UNCLAIMED: Field = Field::new(
    "trailing_bytes",
    Kind::Unclaimed,
    "Bytes that are no whole hash.",
);

/// Hashes that a client need serve in one message (BEP 52).
const MAX_HASHES: u32 = 512;

/// The part of a file's hash tree that a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashRange {
    /// Root of the file's tree.
    pub pieces_root: [u8; 32],
    /// Lowest layer: 0 are the hashes of 16 KiB blocks.
    pub base_layer: u32,
    /// First hash in that layer.
    pub index: u32,
    /// How many hashes.
    pub length: u32,
    /// Layers of uncle hashes above.
    pub proof_layers: u32,
}

impl HashRange {
    pub(super) fn dissect<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Result<Self, Problem> {
        let pieces_root = reader.field(&PIECES_ROOT, array::<32>)?;
        let base_layer = reader.field(&BASE_LAYER, be_u32)?;
        let index = reader.field(&INDEX, be_u32)?;
        let length = reader.field(&LENGTH, be_u32)?;
        if !length.is_power_of_two() || length < 2 {
            reader.anomaly(anomalies::HASHES_LENGTH.with(length));
        } else if length > MAX_HASHES {
            reader.anomaly(anomalies::MANY_HASHES.with(length));
        }
        if length > 0 && !index.is_multiple_of(length) {
            reader.anomaly(anomalies::HASHES_INDEX.with_both(index, length));
        }
        Ok(Self {
            pieces_root,
            base_layer,
            index,
            length,
            proof_layers: reader.field(&PROOF_LAYERS, be_u32)?,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.pieces_root);
        for number in [self.base_layer, self.index, self.length, self.proof_layers] {
            out.extend_from_slice(&number.to_be_bytes());
        }
    }

    /// Uncle hashes that a reply carries: of `proof_layers`, the first
    /// log2(length) - 1 follow from the base hashes and are not sent.
    pub fn uncles(&self) -> u32 {
        let implied = self.length.checked_ilog2().unwrap_or(0).saturating_sub(1);
        self.proof_layers.saturating_sub(implied)
    }
}

impl fmt::Display for HashRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("root ")?;
        for byte in &self.pieces_root[..4] {
            write!(f, "{byte:02x}")?;
        }
        write!(
            f,
            "…, layer {}, {} hashes from {}, {} proof layers",
            self.base_layer, self.length, self.index, self.proof_layers
        )
    }
}

/// Hashes: the range asked for, and the hashes, 32 bytes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashes<'a> {
    /// What they answer.
    pub range: HashRange,
    /// Base hashes, then uncle hashes from low to high.
    pub hashes: &'a [u8],
}

impl<'a> Hashes<'a> {
    pub(super) fn dissect<S: Sink>(reader: &mut Reader<'a, '_, S>) -> Result<Self, Problem> {
        let range = HashRange::dissect(reader)?;
        let all = reader.rest();
        let declared = reader.left();
        let base = (declared / 32).min(range.length as usize);
        list(reader, &HASHES, base)?;
        let uncles = reader.left() / 32;
        list(reader, &UNCLES, uncles)?;
        if uncles != range.uncles() as usize || base != range.length as usize {
            reader.anomaly(&anomalies::HASHES_COUNT);
        }
        let whole = declared / 32 * 32;
        if reader.left() > 0 {
            reader.remainder(&UNCLAIMED);
            reader.note(Note::Malformed(&anomalies::PARTIAL_HASH));
        }
        Ok(Self {
            range,
            hashes: &all[..whole.min(all.len())],
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        self.range.encode(out);
        out.extend_from_slice(self.hashes);
    }
}

fn list<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    field: &'static Field,
    count: usize,
) -> Result<(), Problem> {
    if count == 0 {
        return Ok(());
    }
    reader.open(Label::Field(field));
    for index in 0..count {
        if let Err(problem) = reader.labelled(Label::Item(index as u32, &HASH), array::<32>) {
            reader.close();
            return Err(problem);
        }
    }
    reader.close();
    Ok(())
}
