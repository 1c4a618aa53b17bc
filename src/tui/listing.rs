//! Which messages are listed: all, or those that were chosen, by connection and by
//! filter. The numbers of chosen ones are in a file without a name, four bytes
//! each; a thread looks through the spool for them, and goes on as it grows.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::spool::{Appender, Entry, Item, Reader, Spool, Window};
use crate::filter::Filter;

/// Bytes of a number in the file: 4 Gi messages.
const NUMBER_BYTES: usize = 4;

/// Numbers that are read at once, in bytes.
const WINDOW: usize = 16 << 10;

/// Messages between two times that what was chosen is published.
const MESSAGES_PER_FLUSH: u64 = 1 << 14;

/// Between two looks whether the spool has grown.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// What is asked of a message to be listed.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// To be of this connection.
    pub stream: Option<u64>,
    /// To pass this filter.
    pub filter: Option<Filter>,
}

impl Choice {
    /// Whether everything is listed.
    pub fn is_everything(&self) -> bool {
        self.stream.is_none() && self.filter.is_none()
    }
}

/// What is listed of a spool, as far as it is known yet.
#[derive(Debug)]
pub struct Listing {
    spool: Spool,
    chosen: Option<(Arc<Chosen>, Window)>,
    /// With it ends the search for what is listed.
    is_owner: bool,
}

/// What the thread that chooses shares with those that list.
#[derive(Debug)]
struct Chosen {
    file: Mutex<Appender>,
    /// Numbers that can be read.
    count: AtomicU64,
    /// Messages that were looked at.
    looked: AtomicU64,
    is_unwanted: AtomicBool,
}

impl Listing {
    /// Everything.
    pub fn all(spool: Spool) -> Self {
        Self {
            spool,
            chosen: None,
            is_owner: true,
        }
    }

    /// What is chosen. It is looked for by a thread until this is dropped.
    pub fn chosen(spool: Spool, choice: Choice) -> io::Result<Self> {
        if choice.is_everything() {
            return Ok(Self::all(spool));
        }
        let file = Appender::new()?;
        let window = Window::new(file.file(), WINDOW);
        let chosen = Arc::new(Chosen {
            file: Mutex::new(file),
            count: AtomicU64::new(0),
            looked: AtomicU64::new(0),
            is_unwanted: AtomicBool::new(false),
        });
        let (shared, reader) = (Arc::clone(&chosen), spool.reader());
        thread::Builder::new()
            .name("choose".to_owned())
            .spawn(move || shared.choose(reader, choice))?;
        Ok(Self {
            spool,
            chosen: Some((chosen, window)),
            is_owner: true,
        })
    }

    /// The same list for another thread. It grows for as long as the first one is
    /// there.
    pub fn again(&self) -> Self {
        let chosen = self.chosen.as_ref().map(|(chosen, window)| {
            let window = window.again();
            (Arc::clone(chosen), window)
        });
        Self {
            spool: self.spool.clone(),
            chosen,
            is_owner: false,
        }
    }

    /// Whether it is known of a message whether it is listed.
    pub fn knows(&self, number: u64) -> bool {
        self.chosen.as_ref().is_none_or(|(chosen, _)| {
            chosen.is_unwanted() || chosen.looked.load(Ordering::Acquire) > number
        })
    }

    /// Messages that are listed so far.
    pub fn len(&self) -> u64 {
        match &self.chosen {
            Some((chosen, _)) => chosen.count.load(Ordering::Acquire),
            None => self.spool.len(),
        }
    }

    /// Whether there are none so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages still have to be looked at.
    pub fn left(&self) -> u64 {
        self.chosen.as_ref().map_or(0, |(chosen, _)| {
            let looked = chosen.looked.load(Ordering::Acquire);
            self.spool.len().saturating_sub(looked)
        })
    }

    /// The number of the message at a place of the list.
    pub fn number(&mut self, place: u64) -> Option<u64> {
        if place >= self.len() {
            return None;
        }
        let Some((_, window)) = &mut self.chosen else {
            return Some(place);
        };
        let bytes = window.read(place * NUMBER_BYTES as u64, NUMBER_BYTES);
        let bytes: [u8; NUMBER_BYTES] = bytes.ok()?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes).into())
    }

    /// The place of a message; where it is not listed, `Err` of the place of the
    /// next one that is.
    pub fn place(&mut self, number: u64) -> Result<u64, u64> {
        let (mut from, mut to) = (0, self.len());
        if self.chosen.is_none() {
            return if number < to { Ok(number) } else { Err(to) };
        }
        while from < to {
            let middle = from + (to - from) / 2;
            match self.number(middle) {
                Some(found) if found == number => return Ok(middle),
                Some(found) if found < number => from = middle + 1,
                _ => to = middle,
            }
        }
        Err(from)
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        if let Some((chosen, _)) = self.chosen.as_ref().filter(|_| self.is_owner) {
            chosen.is_unwanted.store(true, Ordering::Relaxed);
        }
    }
}

impl Chosen {
    /// Looks through the spool.
    fn choose(&self, mut reader: Reader, mut choice: Choice) {
        let spool = reader.spool().clone();
        if let Some(filter) = &mut choice.filter {
            filter.begin(spool.origin());
            if filter.needs_fates() {
                while !spool.is_complete() {
                    if self.waits_in_vain(&spool) {
                        return;
                    }
                }
                filter.know(spool.fates());
            }
        }
        let mut number = 0;
        loop {
            // Before the length: what comes later is seen in the next round.
            let is_complete = spool.is_complete();
            let end = spool.len();
            while number < end {
                let until = end.min(number + MESSAGES_PER_FLUSH);
                for number in number..until {
                    if passes(&mut reader, number, &mut choice) {
                        self.push(number);
                    }
                }
                number = until;
                if self.publish(number).is_err() || self.is_unwanted() {
                    return;
                }
            }
            if is_complete || self.waits_in_vain(&spool) {
                return;
            }
        }
    }

    fn is_unwanted(&self) -> bool {
        self.is_unwanted.load(Ordering::Relaxed)
    }

    /// Waits a moment; whether nobody wants the result any more.
    fn waits_in_vain(&self, spool: &Spool) -> bool {
        thread::sleep(LOOK_INTERVAL);
        self.is_unwanted() || (spool.is_unwanted() && spool.is_complete())
    }

    fn push(&self, number: u64) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(number) = u32::try_from(number) {
            file.append(&number.to_le_bytes());
        }
    }

    fn publish(&self, looked: u64) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.flush()?;
        let count = file.end() / NUMBER_BYTES as u64;
        self.count.store(count, Ordering::Release);
        self.looked.store(looked, Ordering::Release);
        Ok(())
    }
}

fn passes(reader: &mut Reader, number: u64, choice: &mut Choice) -> bool {
    if let Some(stream) = choice.stream {
        let entry = reader.entry(number);
        let stream = u32::try_from(stream).unwrap_or(Entry::NO_STREAM);
        if entry.map_or(true, |entry| entry.stream != stream) {
            return false;
        }
    }
    let Some(filter) = &mut choice.filter else {
        return true;
    };
    let passes = reader.with(number, |item| match item {
        Item::Message(heard) => filter.passes(heard),
        // A filter is of messages.
        Item::Event(_) => false,
    });
    passes.unwrap_or(false)
}
