//! Looks for one message among many, in a thread of its own: the next one with a
//! text, the answer to a request, the request of an answer, that of a packet.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::line::Lines;
use super::listing::Listing;
use super::spool::{Entry, Item, Reader, Sort};
use crate::packet::Stamp;
use crate::session::{Heard, Transition};
use crate::wire::peer::{Block, Message};

/// Between two looks whether a list has grown.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Messages of one packet that are looked through for one of a name.
const MAX_OF_PACKET: usize = 1 << 12;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The next message of the list whose line has this text; letters of either
    /// case are the same.
    Text {
        /// The text.
        text: String,
        /// The place in the list to begin behind.
        from: u64,
        /// Towards the beginning.
        backwards: bool,
    },
    /// This message, once it is known whether it is listed.
    Listed(u64),
    /// The message that answers this one.
    AnswerOf(u64),
    /// The message that this one answers.
    RequestOf(u64),
    /// The first message that a packet completed, on a connection if one is named.
    Frame {
        /// The packet.
        frame: u64,
        /// The connection.
        stream: Option<u64>,
        /// The name that it has, if there is one of that name.
        message: &'static str,
    },
}

/// Looking.
#[derive(Debug)]
pub struct Search {
    is_unwanted: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<Option<u64>>>,
}

impl Search {
    /// Begins to look.
    pub fn start(reader: Reader, listing: Listing, wanted: Wanted) -> io::Result<Self> {
        let is_unwanted = Arc::new(AtomicBool::new(false));
        let unwanted = Arc::clone(&is_unwanted);
        let thread = thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || {
                look(reader, listing, &wanted, &|| {
                    unwanted.load(Ordering::Relaxed)
                })
            })?;
        Ok(Self {
            is_unwanted,
            thread: Some(thread),
        })
    }

    /// What was found, once that is known: the number of the message.
    pub fn result(&mut self) -> Option<Option<u64>> {
        let is_done = self
            .thread
            .as_ref()
            .is_none_or(thread::JoinHandle::is_finished);
        let thread = self.thread.take_if(|_| is_done)?;
        Some(thread.join().ok().flatten())
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.is_unwanted.store(true, Ordering::Relaxed);
    }
}

/// Looks, until it is found or nobody wants it any more.
pub fn look(
    mut reader: Reader,
    listing: Listing,
    wanted: &Wanted,
    is_unwanted: &dyn Fn() -> bool,
) -> Option<u64> {
    match wanted {
        Wanted::Text {
            text,
            from,
            backwards,
        } => of_text(reader, listing, text, *from, *backwards, is_unwanted),
        Wanted::Listed(number) => {
            while !listing.knows(*number) {
                if is_unwanted() {
                    return None;
                }
                thread::sleep(LOOK_INTERVAL);
            }
            Some(*number)
        }
        Wanted::AnswerOf(number) => {
            let asked = reader.with(*number, Link::of).ok()??;
            let answers = (*number + 1)..reader.spool().len();
            let mut answers = answers.take_while(|_| !is_unwanted());
            answers.find(|number| is_answer(&mut reader, *number, &asked))
        }
        Wanted::RequestOf(number) => {
            let answer = reader.with(*number, Link::of).ok()??;
            let mut before = (0..*number).rev().take_while(|_| !is_unwanted());
            before.find(|number| is_request(&mut reader, *number, &answer))
        }
        Wanted::Frame {
            frame,
            stream,
            message,
        } => {
            let stream = stream.map(|stream| u32::try_from(stream).unwrap_or(Entry::NO_STREAM));
            let is_of_it = |reader: &mut Reader, number: u64| {
                let entry = reader.entry(number);
                entry.is_ok_and(|entry| {
                    entry.frame == *frame as u32
                        && stream.is_none_or(|stream| stream == entry.stream)
                })
            };
            let mut all = (0..reader.spool().len()).take_while(|_| !is_unwanted());
            let first = all.find(|number| is_of_it(&mut reader, *number))?;
            let of_packet = (first..reader.spool().len()).take(MAX_OF_PACKET);
            let mut of_packet = of_packet.filter(|_| !message.is_empty());
            let named = of_packet.find(|number| {
                is_of_it(&mut reader, *number)
                    && reader
                        .with(*number, |item| is_called(item, message))
                        .unwrap_or(false)
            });
            Some(named.unwrap_or(first))
        }
    }
}

fn is_called(item: Item<'_>, name: &str) -> bool {
    matches!(item, Item::Message(heard) if heard.message_name() == name)
}

fn of_text(
    mut reader: Reader,
    mut listing: Listing,
    text: &str,
    from: u64,
    backwards: bool,
    is_unwanted: &dyn Fn() -> bool,
) -> Option<u64> {
    let text = text.to_lowercase();
    let mut lines = Lines::default();
    let count = listing.len();
    // Once around.
    let places: Box<dyn Iterator<Item = u64>> = if backwards {
        Box::new((0..from.min(count)).rev().chain((from..count).rev()))
    } else {
        Box::new((from + 1..count).chain(0..count.min(from + 1)))
    };
    for place in places.take_while(|_| !is_unwanted()) {
        let number = listing.number(place)?;
        let has = reader.with(number, |item| {
            lines.plain(item).to_lowercase().contains(&text)
        });
        if has.unwrap_or(false) {
            return Some(number);
        }
    }
    None
}

/// What ties a request and its answer together.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    stream: u64,
    from_initiator: bool,
    /// The packet of the message.
    frame: u64,
    /// The packet of the request that it answers.
    request: Option<u64>,
    block: Option<Block>,
}

impl Link {
    fn of(item: Item<'_>) -> Option<Self> {
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

fn is_answer(reader: &mut Reader, number: u64, asked: &Link) -> bool {
    is_candidate(reader, number, asked.stream, Sort::Answer)
        && linked(reader, number).is_some_and(|link| {
            link.request == Some(asked.frame)
                && link.block == asked.block
                && link.from_initiator != asked.from_initiator
        })
}

fn is_request(reader: &mut Reader, number: u64, answer: &Link) -> bool {
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
