//! How a connection went over time.

use super::bins::{Bins, Merge};
use super::ladder::Ladder;
use super::samples::Samples;
use super::utp::UtpCourse;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::session::budget::{Budget, Charge};
use crate::session::{Heard, Transition, UtpStep};
use crate::wire::peer::{Block, Message};

/// Latencies that are kept of a side; of more, some.
const MAX_LATENCIES: usize = 512;

/// Pieces that are kept of a side, with when they came; of more, some.
const MAX_PIECES: usize = 512;

/// How many requests were open in a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// The most; `None` where nothing changed.
    pub most: Option<u32>,
    /// At its end.
    pub last: u32,
}

impl Merge for Queue {
    fn merge(&mut self, later: &Self) {
        if later.most.is_some() {
            self.most = self.most.max(later.most);
            self.last = later.last;
        }
    }
}

/// How long a request waited for its piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// When the piece came.
    pub at: Timestamp,
    /// From the request to it, in nanoseconds.
    pub nanos: i64,
}

/// Data of a piece came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceAt {
    /// When.
    pub at: Timestamp,
    /// Which piece.
    pub index: u32,
}

/// How one side of a connection did.
#[derive(Debug, Clone)]
pub struct SideCourse {
    /// Data of pieces that it sent, in bytes, from the first piece of the capture on.
    pub data: Bins<u64>,
    /// Its open requests, from the first one on.
    pub queue: Bins<Queue>,
    /// How long it waited for pieces.
    pub latencies: Samples<Latency>,
    /// The pieces that it sent, one for each run of blocks of one piece.
    pub pieces: Samples<PieceAt>,
    /// Its packets of uTP.
    pub utp: Option<Box<UtpCourse>>,
    last_piece: Option<u32>,
}

impl SideCourse {
    fn new() -> Self {
        Self {
            data: Bins::new(Timestamp::UNKNOWN),
            queue: Bins::new(Timestamp::UNKNOWN),
            latencies: Samples::new(MAX_LATENCIES),
            pieces: Samples::new(MAX_PIECES),
            utp: None,
            last_piece: None,
        }
    }
}

/// How a connection went.
#[derive(Debug)]
pub struct Course {
    /// Initiator and acceptor.
    pub sides: [SideCourse; 2],
    /// How it opened.
    pub ladder: Ladder,
    /// Something was not entered, for memory was spent.
    pub is_partial: bool,
    charge: Charge,
}

impl Course {
    /// That of a connection; `None` where memory is spent.
    pub fn new(budget: &Budget) -> Option<Box<Self>> {
        let mut charge = budget.charge();
        charge.grow(size_of::<Self>()).then(|| {
            Box::new(Self {
                sides: Side::BOTH.map(|_| SideCourse::new()),
                ladder: Ladder::default(),
                is_partial: false,
                charge,
            })
        })
    }

    /// A message of it, whose words are asked for where they are kept. The first piece
    /// of the capture came at `first_piece`.
    pub fn hear(
        &mut self,
        heard: &Heard<'_>,
        first_piece: Timestamp,
        words: impl FnOnce() -> String,
    ) {
        let at = heard.last.time;
        if let Some(message) = heard.peer_message() {
            if let Some(transition) = heard.transition {
                self.transition(transition, message, heard);
            }
            if let Message::Piece(block) = message {
                self.piece(heard.from, *block, at, first_piece);
            }
        }
        if !self.ladder.is_over() {
            let step = (heard.last, heard.from, heard.message_type());
            self.ladder.push(step, words, &mut self.charge);
        }
    }

    /// A packet of uTP, and what it says.
    pub fn packet(&mut self, step: UtpStep, heard: &Heard<'_>) {
        let at = heard.last.time;
        for side in Side::BOTH {
            let own = &mut self.sides[side.index()];
            if own.utp.is_none() && !self.charge.grow(size_of::<UtpCourse>()) {
                self.is_partial = true;
                return;
            }
            let utp = own.utp.get_or_insert_with(|| Box::new(UtpCourse::new(at)));
            let is_entered = if side == heard.from {
                utp.send(step.sending, step.in_flight, at, &mut self.charge)
            } else {
                utp.hear(step.heard, at, &mut self.charge)
            };
            self.is_partial |= !is_entered;
        }
    }

    fn transition(&mut self, transition: Transition, message: &Message<'_>, heard: &Heard<'_>) {
        let at = heard.last.time;
        let is_of_sender = matches!(message, Message::Request(_) | Message::Cancel(_));
        let asker = if is_of_sender {
            heard.from
        } else {
            heard.from.other()
        };
        let side = &mut self.sides[asker.index()];
        if let Some(depth) = transition.queue() {
            if side.queue.is_empty() {
                side.queue = Bins::new(at);
            }
            if side.queue.afford(&mut self.charge) {
                side.queue.at(at).merge(&Queue {
                    most: Some(depth),
                    last: depth,
                });
            } else {
                self.is_partial = true;
            }
        }
        if let Some(request) = transition.answered()
            && matches!(message, Message::Piece(_))
        {
            let nanos = at.since(request.time).max(0);
            let latency = Latency { at, nanos };
            side.latencies.push(latency, &mut self.charge);
        }
    }

    fn piece(&mut self, from: Side, block: Block, at: Timestamp, first_piece: Timestamp) {
        let Block { index, length, .. } = block;
        let side = &mut self.sides[from.index()];
        if side.data.is_empty() {
            side.data = Bins::new(first_piece);
        }
        if side.data.afford(&mut self.charge) {
            *side.data.at(at) += u64::from(length);
        } else {
            self.is_partial = true;
        }
        if side.last_piece.replace(index) != Some(index) {
            let piece = PieceAt { at, index };
            side.pieces.push(piece, &mut self.charge);
        }
    }
}
