//! Makes rungs of what is heard on one connection.

use super::answer::Answer;
use super::remark::Remark;
use super::run::{OpenRun, Run, Share};
use super::rung::{Rung, RungContent};
use super::stances::Stances;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::session::{Actor, ConnectionEvent, Heard, Transition};
use crate::wire::MessageType;
use crate::wire::peer::{Block, Message};

/// Puts a message into words.
pub type Words = Box<dyn FnMut(&Heard<'_>) -> String>;

/// Says what is wrong with a message.
pub type Remarks = Box<dyn FnMut(&Heard<'_>) -> Vec<Remark>>;

/// A silence of this length ends runs: it is seen on the time axis.
const PAUSE_NANOS: i64 = 100_000_000;

/// A run that lasts for this long ends, and for this share of the time since the
/// connection began: so a long transfer has rungs all along, and not too many.
const LONG_NANOS: i64 = 1_000_000_000;
const LONG_SHARE: i64 = 8;

/// Follows one connection.
pub struct Follower {
    stream: u64,
    words: Words,
    remarks: Remarks,
    /// Runs that may go on, by the time of their first message.
    open: Vec<OpenRun>,
    rungs: Vec<Rung>,
    begin: Option<Timestamp>,
    latest: Timestamp,
    stances: Stances,
}

impl Follower {
    /// For the connection of this number.
    pub fn new(stream: u64, words: Words, remarks: Remarks) -> Self {
        Self {
            stream,
            words,
            remarks,
            open: Vec::new(),
            rungs: Vec::new(),
            begin: None,
            latest: Timestamp::UNKNOWN,
            stances: Stances::default(),
        }
    }

    /// The connection.
    pub fn stream(&self) -> u64 {
        self.stream
    }

    /// The rungs that are complete.
    pub fn take(&mut self) -> Vec<Rung> {
        std::mem::take(&mut self.rungs)
    }

    /// A message or a gap of the connection.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        let now = heard.last.time;
        self.break_runs(now);
        self.latest = self.latest.max(now);
        self.stances = Stances::after(heard);
        if let Some(hole) = heard.content.hole() {
            if !hole.within_message {
                self.end_runs();
                self.push(heard, RungContent::Gap(*hole), Vec::new());
            }
            return;
        }
        let message = heard.message_type();
        let remarks = (self.remarks)(heard);
        let Some(share) = share(heard).filter(|_| remarks.is_empty()) else {
            self.end_runs();
            let words = (self.words)(heard);
            let answer = answer(heard);
            let what = RungContent::Message {
                message,
                words,
                answer,
            };
            self.push(heard, what, remarks);
            return;
        };
        self.run(heard, message, share);
    }

    fn push(&mut self, heard: &Heard<'_>, what: RungContent, remarks: Vec<Remark>) {
        self.rungs.push(Rung {
            from: heard.from,
            first: heard.last,
            last: heard.last,
            what,
            remarks,
            stances: self.stances,
        });
    }

    /// Adds a message of the transfer to its run.
    fn run(&mut self, heard: &Heard<'_>, message: &'static MessageType, share: Share) {
        let is_its = |run: &&mut OpenRun| run.from == heard.from && run.run.message == message;
        if let Some(open) = self.open.iter_mut().find(is_its) {
            open.last = heard.last;
            open.stances = self.stances;
            open.run.add(share);
            return;
        }
        let words = (self.words)(heard);
        let mut run = Run::begin(message);
        run.add(share);
        // The catalogue bounds how many there are.
        self.open.push(OpenRun {
            from: heard.from,
            first: heard.last,
            last: heard.last,
            run,
            words,
            stances: self.stances,
        });
    }

    /// Ends the runs, if `now` is after a pause, or if they last long.
    fn break_runs(&mut self, now: Timestamp) {
        let begin = *self.begin.get_or_insert(now);
        let long = LONG_NANOS.max(now.since(begin) / LONG_SHARE);
        let first = self.open.iter().map(|open| open.first.time).min();
        let is_long = first.is_some_and(|first| now.since(first) >= long);
        if is_long || now.since(self.latest) >= PAUSE_NANOS {
            self.end_runs();
        }
    }

    fn end_runs(&mut self) {
        for open in self.open.drain(..) {
            let what = if open.run.count == 1 {
                RungContent::Message {
                    message: open.run.message,
                    words: open.words,
                    answer: open.run.answers.map(|[answer, _]| answer),
                }
            } else {
                RungContent::Run(open.run)
            };
            self.rungs.push(Rung {
                from: open.from,
                first: open.first,
                last: open.last,
                what,
                remarks: Vec::new(),
                stances: open.stances,
            });
        }
    }

    /// Something happened to the connection.
    pub fn connection(&mut self, event: &ConnectionEvent) {
        self.end_runs();
        self.rungs.push(Rung {
            from: match event.by {
                Some(Actor::End(side)) => side,
                _ => Side::Initiator,
            },
            first: event.stamp,
            last: event.stamp,
            what: RungContent::Event(Box::new(event.clone())),
            remarks: Vec::new(),
            stances: self.stances,
        });
    }

    /// Nothing more comes.
    pub fn finish(&mut self) {
        self.end_runs();
    }
}

/// What a message of the transfer adds to its run; `None` of all others.
fn share(heard: &Heard<'_>) -> Option<Share> {
    let message = heard.peer_message().filter(|_| heard.problem().is_none())?;
    let of_block = |block: &Block| Share {
        piece: Some(block.index),
        bytes: Some(u64::from(block.length)),
        answer: answer(heard),
        is_unasked: heard.transition == Some(Transition::Unasked) && is_asking_known(heard),
    };
    let of_piece = |piece: &u32| Share {
        piece: Some(*piece),
        ..Share::default()
    };
    Some(match message {
        Message::Request(block)
        | Message::Piece(block)
        | Message::Cancel(block)
        | Message::RejectRequest(block) => of_block(block),
        Message::Have(piece) | Message::SuggestPiece(piece) | Message::AllowedFast(piece) => {
            of_piece(piece)
        }
        Message::KeepAlive | Message::HashRequest(_) | Message::Hashes(_) => Share::default(),
        _ => return None,
    })
}

/// Whether all that the receiver asked for is in the capture, told before this, and
/// remembered.
fn is_asking_known(heard: &Heard<'_>) -> bool {
    !heard.acked.is_ahead
        && heard.conversation.is_some_and(|conversation| {
            let asker = conversation.speaker(heard.from.other());
            asker.is_whole() && asker.requests.is_whole()
        })
}

/// What a message answers.
fn answer(heard: &Heard<'_>) -> Option<Answer> {
    let request = heard.transition?.answered()?;
    Some(Answer {
        request: request.frame,
        nanos: heard.last.time.since(request.time),
    })
}
