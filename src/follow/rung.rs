//! One thing that one side says to the other.

use super::answer::Answer;
use super::remark::Remark;
use super::run::Run;
use super::stances::Stances;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{ConnectionEvent, Hole};
use crate::wire::MessageType;

/// What happens.
#[derive(Debug, Clone)]
pub enum RungContent {
    /// A message.
    Message {
        /// Which.
        message: &'static MessageType,
        /// It in words; may hold text of the capture.
        words: String,
        /// What it answers.
        answer: Option<Answer>,
    },
    /// Messages of one name in a row, but for those of other runs between them.
    Run(Run),
    /// Bytes that could not be decoded.
    Gap(Hole),
    /// The connection ended, or an attempt at it failed.
    Event(Box<ConnectionEvent>),
}

/// A rung of the ladder.
#[derive(Debug, Clone)]
pub struct Rung {
    /// Who says it.
    pub from: Side,
    /// The packet that completed the first message.
    pub first: Stamp,
    /// The same of the last.
    pub last: Stamp,
    /// What.
    pub what: RungContent,
    /// What is wrong with the message; one with something wrong is in no run.
    pub remarks: Vec<Remark>,
    /// How both stand after it.
    pub stances: Stances,
}
