//! What ties a request and its answer together.

use crate::packet::Stamp;
use crate::session::{Heard, Transition};
use crate::tui::spool::{Entry, Item, Reader, Sort};
use crate::wire::peer::{Block, Message};

/// What ties a request and its answer together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    stream: u64,
    from_initiator: bool,
    /// The packet of the message.
    frame: u64,
    /// The packet of the request that it answers.
    request: Option<u64>,
    block: Option<Block>,
}

impl Link {
    /// That of a message.
    pub(super) fn of(item: Item<'_>) -> Option<Self> {
        let Item::Message(heard) = item else {
            return None;
        };
        Some(Self {
            stream: heard.stream,
            from_initiator: heard.from == crate::flow::Side::Initiator,
            frame: heard.last.frame,
            request: request_of(heard).map(|stamp| stamp.frame),
            block: block_of(heard),
        })
    }
}

/// The packet of the request that a message answers, or cancels.
pub fn request_of(heard: &Heard<'_>) -> Option<Stamp> {
    let request = heard.transition.and_then(Transition::request);
    request.or_else(|| heard.query())
}

fn block_of(heard: &Heard<'_>) -> Option<Block> {
    match heard.peer_message()? {
        Message::Request(block)
        | Message::Piece(block)
        | Message::RejectRequest(block)
        | Message::Cancel(block) => Some(*block),
        _ => None,
    }
}

/// Whether a message answers that one.
pub(super) fn is_answer(reader: &mut Reader, number: u64, asked: &Link) -> bool {
    is_candidate(reader, number, asked.stream, Sort::Answer)
        && linked(reader, number).is_some_and(|link| {
            link.request == Some(asked.frame)
                && link.block == asked.block
                && link.from_initiator != asked.from_initiator
        })
}

/// Whether that message answers this one.
pub(super) fn is_request(reader: &mut Reader, number: u64, answer: &Link) -> bool {
    is_candidate(reader, number, answer.stream, Sort::Request)
        && linked(reader, number)
            .is_some_and(|link| Some(link.frame) == answer.request && link.block == answer.block)
}

fn is_candidate(reader: &mut Reader, number: u64, stream: u64, sort: Sort) -> bool {
    let stream = u32::try_from(stream).unwrap_or(Entry::NO_STREAM);
    let entry = reader.entry(number);
    entry.is_ok_and(|entry| entry.stream == stream && entry.sort == sort)
}

fn linked(reader: &mut Reader, number: u64) -> Option<Link> {
    reader.with(number, Link::of).ok()?
}
