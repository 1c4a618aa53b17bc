//! The thread that looks for a message.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::packet;
use super::pair::{Link, is_answer, is_request};
use super::watch::{Shared, Watch};
use crate::tui::line::Lines;
use crate::tui::listing::Listing;
use crate::tui::spool::{Entry, Reader};

/// Between two looks whether a list has grown.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

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
    /// The first message that a packet completed, else one that it is within, else the
    /// next one.
    Packet(u64),
    /// The first message of a connection that is listed.
    Stream {
        /// The connection.
        stream: u64,
        /// The number of its first message.
        from: u64,
    },
}

/// Looking.
#[derive(Debug)]
pub struct Search {
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<Option<u64>>>,
}

impl Search {
    /// Begins to look.
    pub fn start(reader: Reader, listing: Listing, wanted: Wanted) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let watched = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("search".to_owned())
            .spawn(move || look(reader, listing, &wanted, &Watch(&watched)))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Messages that are still to be looked at, as far as that is known.
    pub fn left(&self) -> u64 {
        self.shared.left.load(Ordering::Relaxed)
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
        self.shared.is_unwanted.store(true, Ordering::Relaxed);
    }
}

/// Looks, until it is found or nobody wants it any more.
fn look(mut reader: Reader, listing: Listing, wanted: &Wanted, watch: &Watch<'_>) -> Option<u64> {
    match wanted {
        Wanted::Text {
            text,
            from,
            backwards,
        } => of_text(reader, listing, text, *from, *backwards, watch),
        Wanted::Listed(number) => {
            while !listing.knows(*number) {
                if !watch.goes_on(listing.left()) {
                    return None;
                }
                thread::sleep(LOOK_INTERVAL);
            }
            Some(*number)
        }
        Wanted::AnswerOf(number) => {
            let asked = reader.with(*number, Link::of).ok()??;
            let end = reader.spool().len();
            let answers = (*number + 1)..end;
            let mut answers = answers.take_while(|number| watch.goes_on(end - number));
            answers.find(|number| is_answer(&mut reader, *number, &asked))
        }
        Wanted::RequestOf(number) => {
            let answer = reader.with(*number, Link::of).ok()??;
            let before = (0..*number).rev();
            let mut before = before.take_while(|number| watch.goes_on(*number));
            before.find(|number| is_request(&mut reader, *number, &answer))
        }
        Wanted::Frame {
            frame,
            stream,
            message,
        } => packet::completed(&mut reader, *frame, *stream, message, watch),
        Wanted::Packet(frame) => packet::around(&mut reader, *frame, watch),
        Wanted::Stream { stream, from } => of_stream(reader, listing, *stream, *from, watch),
    }
}

fn of_stream(
    mut reader: Reader,
    mut listing: Listing,
    stream: u64,
    from: u64,
    watch: &Watch<'_>,
) -> Option<u64> {
    let stream = u32::try_from(stream).ok()?;
    let (Ok(first) | Err(first)) = listing.place(from);
    let count = listing.len();
    let places = (first..count).take_while(|place| watch.goes_on(count - place));
    let mut numbers = places.map_while(|place| listing.number(place));
    let is_of_it = |entry: Entry| entry.stream == stream;
    numbers.find(|number| reader.entry(*number).is_ok_and(is_of_it))
}

fn of_text(
    mut reader: Reader,
    mut listing: Listing,
    text: &str,
    from: u64,
    backwards: bool,
    watch: &Watch<'_>,
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
    for (looked, place) in (0..).zip(places) {
        if !watch.goes_on(count - looked) {
            return None;
        }
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
