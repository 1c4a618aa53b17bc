//! `lt_donthave` (BEP 54): the sender no longer has a piece.

use std::fmt;

use super::anomalies;
use super::head::{HEAD, message};
use super::input::Input;
use crate::wire::{Field, Kind, Lengths, Member, MessageType, Problem, Sink, Topic, Unit};

static PIECE: Field = Field::new(
    "piece",
    Kind::Uint(Unit::None),
    "The piece that the sender no longer has, counted from 0.",
);

/// The sender no longer has a piece.
pub static LT_DONTHAVE: MessageType = message("lt_donthave", Topic::Availability)
    .bep(54)
    .lengths(Lengths::Exactly(1 + 1 + 4))
    .members(&[Member::Shared(HEAD), Member::Field(&PIECE)]);

/// An `lt_donthave` message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LtDonthave {
    /// The piece that is gone.
    pub piece: u32,
}

pub(super) fn dissect<S: Sink>(input: &mut Input<'_, '_, '_, S>) -> Result<LtDonthave, Problem> {
    let piece = input.word(&PIECE)?;
    input.end_by(&anomalies::DONTHAVE_LONG);
    Ok(LtDonthave { piece })
}

impl LtDonthave {
    pub(super) fn encode(self, out: &mut Vec<u8>) {
        out.extend(self.piece.to_be_bytes());
    }
}

impl fmt::Display for LtDonthave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lt_donthave piece {}", self.piece)
    }
}
