//! `ut_metadata` (BEP 9): the info dictionary in pieces of 16 KiB.

use std::fmt;

use super::anomalies;
use super::head::{HEAD, message};
use super::input::{Input, int_of};
use crate::wire::bencode::{Dict, Key, Table};
use crate::wire::{Field, Kind, Member, MessageType, Sink, Topic, Unit};

static MSG_TYPE: Field = Field::new(
    "msg_type",
    Kind::Enum(MetadataType::name_of),
    "0 is a request, 1 brings data, 2 is a reject.",
);
static PIECE: Field = Field::new(
    "piece",
    Kind::Uint(Unit::None),
    "Piece of the info dictionary, 16 KiB each, counted from 0.",
);
static TOTAL_SIZE: Field = Field::new(
    "total_size",
    Kind::Uint(Unit::Bytes),
    "Length of the whole info dictionary.",
);
static DATA: Field = Field::new("data", Kind::Data, "Bytes of the info dictionary.");

static TABLE: Table = Table::new(&[Key::new(&MSG_TYPE), Key::new(&PIECE), Key::new(&TOTAL_SIZE)])
    .under(&anomalies::BENCODE);

static WITHOUT_DATA: &[Member] = &[
    Member::Shared(HEAD),
    Member::Field(&MSG_TYPE),
    Member::Field(&PIECE),
];

/// Asks for a piece of the info dictionary.
pub static UT_METADATA_REQUEST: MessageType = message("ut_metadata_request", Topic::Request)
    .bep(9)
    .members(WITHOUT_DATA);

/// Brings one.
pub static UT_METADATA_DATA: MessageType = message("ut_metadata_data", Topic::Delivery)
    .bep(9)
    .members(&[
        Member::Shared(HEAD),
        Member::Keys(&TABLE),
        Member::Field(&DATA),
    ]);

/// Refuses to bring one.
pub static UT_METADATA_REJECT: MessageType = message("ut_metadata_reject", Topic::Refusal)
    .bep(9)
    .members(WITHOUT_DATA);

/// Bytes of every piece of metadata but the last.
pub const METADATA_PIECE: u64 = 16 * 1024;

/// The `msg_type` of a `ut_metadata` message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataType(pub i64);

impl MetadataType {
    /// Asks for a piece.
    pub const REQUEST: Self = Self(0);
    /// Brings a piece.
    pub const DATA: Self = Self(1);
    /// Says that the sender has no metadata.
    pub const REJECT: Self = Self(2);

    /// The name in BEP 9, if there is one.
    pub fn name(self) -> Option<&'static str> {
        u64::try_from(self.0).ok().and_then(Self::name_of)
    }

    fn name_of(value: u64) -> Option<&'static str> {
        match value {
            0 => Some("request"),
            1 => Some("data"),
            2 => Some("reject"),
            _ => None,
        }
    }
}

/// A `ut_metadata` message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtMetadata<'a> {
    /// Request, data or reject.
    pub msg_type: Option<MetadataType>,
    /// Which piece, from 0.
    pub piece: Option<i64>,
    /// Bytes of the whole metadata.
    pub total_size: Option<i64>,
    /// What a data message carries after its dictionary (as much of it as was
    /// captured).
    pub data: &'a [u8],
    /// Bytes of it by the message's length.
    pub data_length: usize,
}

impl UtMetadata<'_> {
    /// Bytes that the data of this piece must have by `total_size`.
    pub fn expected_length(&self) -> Option<u64> {
        let total = u64::try_from(self.total_size?).ok()?;
        let start = u64::try_from(self.piece?)
            .ok()?
            .checked_mul(METADATA_PIECE)?;
        Some(total.checked_sub(start)?.min(METADATA_PIECE))
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let dict = Dict::new()
            .maybe_int("msg_type", self.msg_type.map(|kind| kind.0))
            .maybe_int("piece", self.piece)
            .maybe_int("total_size", self.total_size);
        out.extend(dict.encode());
        out.extend_from_slice(self.data);
    }
}

pub(super) fn dissect<'i, S: Sink>(input: &mut Input<'_, 'i, '_, S>) -> UtMetadata<'i> {
    let document = input.dictionary(&TABLE);
    let msg_type = input
        .required_int(&document, "msg_type", &anomalies::METADATA_NO_TYPE)
        .map(MetadataType);
    let piece = input.required_int(&document, "piece", &anomalies::METADATA_NO_PIECE);
    let total_size = document.root().and_then(|root| int_of(root, "total_size"));
    let mut message = UtMetadata {
        msg_type,
        piece,
        total_size,
        data: &[],
        data_length: 0,
    };
    if msg_type == Some(MetadataType::DATA) && document.error().is_none() {
        (message.data, message.data_length) = input.remainder(&DATA);
        check(input, &message);
    }
    input.end();
    message
}

fn check<S: Sink>(input: &mut Input<'_, '_, '_, S>, message: &UtMetadata<'_>) {
    if message.total_size.is_none() && message.data_length == 0 {
        input.anomaly(&anomalies::REJECT_AS_DATA);
    } else if message.total_size.is_none() {
        input.anomaly(&anomalies::NO_TOTAL_SIZE);
    } else if message.expected_length() != Some(message.data_length as u64) {
        input.anomaly(&anomalies::METADATA_LENGTH);
    }
    if message.data_length as u64 > METADATA_PIECE {
        input.anomaly(anomalies::LONG_METADATA.with(message.data_length));
    }
}

impl fmt::Display for UtMetadata<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ut_metadata")?;
        match (self.msg_type, self.msg_type.and_then(MetadataType::name)) {
            (_, Some(name)) => write!(f, " {name}")?,
            (Some(unknown), None) => write!(f, " type {}", unknown.0)?,
            (None, None) => {}
        }
        if let Some(piece) = self.piece {
            write!(f, " piece {piece}")?;
        }
        if self.msg_type != Some(MetadataType::DATA) {
            return Ok(());
        }
        write!(f, ", {} B", self.data_length)?;
        match self.total_size {
            Some(total) => write!(f, " of {total}"),
            None => Ok(()),
        }
    }
}
