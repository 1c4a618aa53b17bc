//! `LT_metadata` (libtorrent before 0.15, in no BEP): the binary predecessor of
//! `ut_metadata`.

use std::fmt;

use super::anomalies;
use super::input::Input;
use crate::wire::{Field, Kind, Member, Problem, Sink, Unit};

static MSG_TYPE: Field = Field::new(
    "msg_type",
    Kind::Enum(message_type),
    "0 is a request, 1 brings data, 2 says that there is none.",
);
static START: Field = Field::new(
    "start",
    Kind::Uint(Unit::None),
    "First part that is asked for, in 256ths of the metadata.",
);
static SIZE: Field = Field::new(
    "size",
    Kind::Uint(Unit::None),
    "How much is asked for, in 256ths of the metadata.",
);
static TOTAL_SIZE: Field = Field::new(
    "total_size",
    Kind::Uint(Unit::Bytes),
    "Length of the whole metadata.",
);
static OFFSET: Field = Field::new(
    "offset",
    Kind::Uint(Unit::Bytes),
    "Offset of the data in the metadata.",
);
static DATA: Field = Field::new("data", Kind::Data, "Bytes of the metadata.");

/// Its fields, which a message `extended` has.
pub(super) static MEMBERS: &[Member] = &[
    Member::Field(&MSG_TYPE),
    Member::Field(&START),
    Member::Field(&SIZE),
    Member::Field(&TOTAL_SIZE),
    Member::Field(&OFFSET),
    Member::Field(&DATA),
];

fn message_type(value: u64) -> Option<&'static str> {
    match value {
        0 => Some("request"),
        1 => Some("data"),
        2 => Some("don't have"),
        _ => None,
    }
}

/// An `LT_metadata` message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LtMetadata<'a> {
    /// Asks for a range, counted in 256ths of the metadata.
    Request {
        /// The first 256th.
        start: u8,
        /// How many, less one.
        size: u8,
    },
    /// Brings a range.
    Data {
        /// Bytes of the whole metadata.
        total_size: u32,
        /// Offset of the range in bytes.
        offset: u32,
        /// The bytes that were captured.
        data: &'a [u8],
        /// Bytes by the message's length.
        data_length: usize,
    },
    /// The sender has no metadata.
    DontHave,
}

pub(super) fn dissect<'i, S: Sink>(
    input: &mut Input<'_, 'i, '_, S>,
) -> Result<LtMetadata<'i>, Problem> {
    let message = match input.byte(&MSG_TYPE)? {
        0 => LtMetadata::Request {
            start: input.byte(&START)?,
            size: input.byte(&SIZE)?,
        },
        1 => {
            let total_size = input.word(&TOTAL_SIZE)?;
            let offset = input.word(&OFFSET)?;
            let (data, data_length) = input.remainder(&DATA);
            LtMetadata::Data {
                total_size,
                offset,
                data,
                data_length,
            }
        }
        2 => LtMetadata::DontHave,
        _ => return Err(input.reader.malformed(&anomalies::LT_METADATA_TYPE)),
    };
    input.end();
    Ok(message)
}

impl LtMetadata<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Request { start, size } => out.extend([0, start, size]),
            Self::Data {
                total_size,
                offset,
                data,
                ..
            } => {
                out.push(1);
                out.extend(total_size.to_be_bytes());
                out.extend(offset.to_be_bytes());
                out.extend_from_slice(data);
            }
            Self::DontHave => out.push(2),
        }
    }
}

impl fmt::Display for LtMetadata<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Request { start, size } => {
                let size = u32::from(size) + 1;
                write!(f, "LT_metadata request {size}/256 from {start}/256")
            }
            Self::Data {
                total_size,
                offset,
                data_length,
                ..
            } => write!(
                f,
                "LT_metadata data offset {offset}, {data_length} B of {total_size}"
            ),
            Self::DontHave => f.write_str("LT_metadata don't have"),
        }
    }
}
