//! Messages of one name and one side that say one thing together.

use super::answer::Answer;
use super::stances::Stances;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::wire::MessageType;

/// Pieces that are kept by number before there is only a span.
const FEW: usize = 6;

/// The pieces that a run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// The first ones, in the order of the messages.
    pub first: Vec<u32>,
    /// The lowest.
    pub lowest: u32,
    /// The highest.
    pub highest: u32,
    /// Each is the one before or the next: together they are all from the lowest
    /// to the highest.
    pub is_ascending: bool,
    /// There are others than the first ones.
    pub has_more: bool,
    last: u32,
}

impl Pieces {
    fn new(piece: u32) -> Self {
        Self {
            first: vec![piece],
            lowest: piece,
            highest: piece,
            is_ascending: true,
            has_more: false,
            last: piece,
        }
    }

    fn add(&mut self, piece: u32) {
        self.is_ascending &= piece == self.last || self.last.checked_add(1) == Some(piece);
        self.last = piece;
        self.lowest = self.lowest.min(piece);
        self.highest = self.highest.max(piece);
        if !self.first.contains(&piece) {
            if self.first.len() < FEW {
                self.first.push(piece);
            } else {
                self.has_more = true;
            }
        }
    }
}

/// A run of messages.
#[derive(Debug, Clone)]
pub struct Run {
    /// Which message.
    pub message: &'static MessageType,
    /// How many.
    pub count: u64,
    /// Which pieces, where it is about some.
    pub pieces: Option<Pieces>,
    /// Bytes of the blocks together, where it is about blocks.
    pub bytes: Option<u64>,
    /// The shortest and the longest time from a request to its answer.
    pub answers: Option<[Answer; 2]>,
    /// How many of them answer nothing that was asked for.
    pub unasked: u64,
}

/// A run that may still go on.
#[derive(Debug, Clone)]
pub(super) struct OpenRun {
    pub from: Side,
    pub first: Stamp,
    pub last: Stamp,
    pub run: Run,
    /// The first message in words: all there is to say where it is the only one.
    pub words: String,
    pub stances: Stances,
}

/// What a message adds to a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share {
    pub piece: Option<u32>,
    pub bytes: Option<u64>,
    pub answer: Option<Answer>,
    pub is_unasked: bool,
}

impl Run {
    pub(super) fn begin(message: &'static MessageType) -> Self {
        Self {
            message,
            count: 0,
            pieces: None,
            bytes: None,
            answers: None,
            unasked: 0,
        }
    }

    pub(super) fn add(&mut self, share: Share) {
        self.count += 1;
        if let Some(piece) = share.piece {
            match &mut self.pieces {
                Some(pieces) => pieces.add(piece),
                None => self.pieces = Some(Pieces::new(piece)),
            }
        }
        if let Some(bytes) = share.bytes {
            *self.bytes.get_or_insert(0) += bytes;
        }
        if let Some(answer) = share.answer {
            let [shortest, longest] = self.answers.get_or_insert([answer; 2]);
            if answer.nanos < shortest.nanos {
                *shortest = answer;
            }
            if answer.nanos > longest.nanos {
                *longest = answer;
            }
        }
        self.unasked += u64::from(share.is_unasked);
    }
}
