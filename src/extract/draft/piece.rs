//! A piece that is put together, of which several versions may come.

use std::collections::BTreeMap;
use std::io;

use super::part::Data;
use super::part::{PART_COST, Part, PartKey};
use crate::extract::cover::Cover;
use crate::extract::sender::SenderId;
use crate::extract::spool::Spool;

/// Parts of the same place that contradict each other; more are left out.
pub(super) const MAX_VARIANTS: usize = 8;

/// Bytes read at once of what is spooled.
const READ_AT_ONCE: usize = 64 << 10;

/// Which of several parts of the same place is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// What came first.
    First,
    /// What came last.
    Last,
    /// What this one sent.
    Of(SenderId),
}

/// A stretch of a piece, and where it is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Offset in the piece.
    pub begin: u32,
    /// Offset behind its last byte.
    pub end: u32,
    /// The part; `None` for padding that nobody sent, which is zeros.
    pub part: Option<PartKey>,
}

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    Fresh,
    /// It was there.
    Known,
    /// There are too many of it.
    TooMany,
}

/// The piece.
#[derive(Debug, Default)]
pub struct Draft {
    parts: BTreeMap<PartKey, Part>,
    cover: Cover,
    next: u32,
    /// Bytes on the heap.
    held: usize,
    /// Bytes of all parts.
    total: u64,
    /// Bytes that came since the hash was tried last.
    fresh: u64,
    /// The hash was tried, and was wrong.
    pub has_failed: bool,
}

impl Draft {
    /// A piece of which nothing has come; `padding` need not come.
    pub fn new(padding: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut draft = Self::default();
        for (begin, end) in padding {
            draft.cover.add(begin, end, |_, _| {});
        }
        draft
    }

    /// Bytes that it takes on the heap.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Whether any of its bytes are in memory.
    pub fn holds_data(&self) -> bool {
        self.held > self.parts.len() * PART_COST
    }

    /// Its parts by their place.
    pub fn parts(&self) -> impl Iterator<Item = (&PartKey, &Part)> {
        self.parts.iter()
    }

    /// How many parts there are.
    pub fn count(&self) -> usize {
        self.parts.len()
    }

    /// Whether every byte of a piece of `size` bytes has come.
    pub fn is_covered(&self, size: u32) -> bool {
        self.cover.bytes() >= u64::from(size)
    }

    /// Whether the hash is worth trying: at first when the piece is whole, then when
    /// as much came again.
    pub fn is_due(&self, size: u32) -> bool {
        self.is_covered(size) && (!self.has_failed || self.fresh >= u64::from(size))
    }

    /// Whether anything came since the hash was tried last.
    pub fn has_news(&self) -> bool {
        self.fresh > 0
    }

    /// Whether parts of it overlap, so that there is a choice.
    pub fn has_choice(&self) -> bool {
        self.total > self.cover.bytes()
    }

    /// Those who sent parts of it, the latest first, at most `count`.
    pub fn senders(&self, count: usize) -> Vec<SenderId> {
        let mut parts: Vec<_> = self
            .parts
            .iter()
            .map(|(key, part)| (key.1, part.sender))
            .collect();
        parts.sort_unstable_by(|one, other| other.cmp(one));
        let mut senders = Vec::new();
        for (_, sender) in parts {
            if senders.len() >= count {
                break;
            }
            if !senders.contains(&sender) {
                senders.push(sender);
            }
        }
        senders
    }

    /// Takes a part in.
    ///
    /// # Errors
    ///
    /// When the spool fails.
    pub fn add(
        &mut self,
        begin: u32,
        bytes: &[u8],
        sender: SenderId,
        frames: [u64; 2],
        spool: &Spool,
    ) -> io::Result<Added> {
        let length = bytes.len() as u32;
        let mut variants = 0;
        for part in self.at(begin).filter(|part| part.length == length) {
            if part.is(bytes, spool)? {
                return Ok(Added::Known);
            }
            variants += 1;
        }
        if variants >= MAX_VARIANTS {
            return Ok(Added::TooMany);
        }
        let part = Part {
            length,
            sender,
            frames,
            data: Data::Held(bytes.into()),
        };
        self.parts.insert((begin, self.next), part);
        self.next += 1;
        self.held += bytes.len() + PART_COST;
        self.total += u64::from(length);
        self.fresh += u64::from(length);
        self.cover.add(begin, begin + length, |_, _| {});
        Ok(Added::Fresh)
    }

    fn at(&self, begin: u32) -> impl Iterator<Item = &Part> {
        self.parts
            .range((begin, 0)..=(begin, u32::MAX))
            .map(|(_, part)| part)
    }

    /// From where each byte of the piece is to be taken.
    pub fn plan(&self, size: u32, preference: Preference) -> Vec<Segment> {
        let mut order: Vec<PartKey> = self.parts.keys().copied().collect();
        match preference {
            Preference::First => order.sort_unstable_by_key(|key| key.1),
            Preference::Last => order.sort_unstable_by_key(|key| u32::MAX - key.1),
            Preference::Of(sender) => {
                let is_other =
                    |key: &PartKey| self.parts.get(key).is_none_or(|p| p.sender != sender);
                order.sort_by_key(|key| (is_other(key), u32::MAX - key.1));
            }
        }
        let mut taken = Cover::default();
        let mut segments = Vec::with_capacity(order.len());
        for key in order {
            let length = self.parts.get(&key).map_or(0, |part| part.length);
            let end = (key.0 + length).min(size);
            taken.add(key.0, end, |begin, end| {
                segments.push(Segment {
                    begin,
                    end,
                    part: Some(key),
                });
            });
        }
        taken.add(0, size, |begin, end| {
            segments.push(Segment {
                begin,
                end,
                part: None,
            });
        });
        segments.sort_unstable_by_key(|segment| segment.begin);
        segments
    }

    /// The part of a segment.
    pub fn part(&self, segment: &Segment) -> Option<&Part> {
        self.parts.get(&segment.part?)
    }

    /// Gives the bytes of `segments`, in their order, with the offset of each run in
    /// the piece.
    ///
    /// # Errors
    ///
    /// When the spool fails, or `take` does.
    pub fn read(
        &self,
        segments: &[Segment],
        spool: &Spool,
        mut take: impl FnMut(u32, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        const ZEROS: [u8; 4096] = [0; 4096];
        let mut buffer = Vec::new();
        for segment in segments {
            let mut at = segment.begin;
            let Some((key, part)) = segment
                .part
                .and_then(|key| Some((key, self.parts.get(&key)?)))
            else {
                while at < segment.end {
                    let length = ZEROS.len().min((segment.end - at) as usize);
                    take(at, &ZEROS[..length])?;
                    at += length as u32;
                }
                continue;
            };
            let skip = segment.begin - key.0;
            match &part.data {
                Data::Held(bytes) => {
                    let end = (segment.end - key.0) as usize;
                    take(at, &bytes[skip as usize..end])?;
                }
                Data::Spooled(place) => {
                    while at < segment.end {
                        let length = READ_AT_ONCE.min((segment.end - at) as usize);
                        buffer.resize(length, 0);
                        spool.read(place + u64::from(at - key.0), &mut buffer)?;
                        take(at, &buffer)?;
                        at += length as u32;
                    }
                }
            }
        }
        Ok(())
    }

    /// The hash was wrong.
    pub fn failed(&mut self) {
        self.has_failed = true;
        self.fresh = 0;
    }

    /// Writes what is held to the spool; runs of one sender that follow each other
    /// become one.
    ///
    /// # Errors
    ///
    /// When the spool cannot be written.
    pub fn spill(&mut self, spool: &mut Spool) -> io::Result<()> {
        let mut merged: BTreeMap<PartKey, Part> = BTreeMap::new();
        let mut parts = std::mem::take(&mut self.parts);
        self.held = 0;
        let mut last: Option<(PartKey, u64)> = None;
        while let Some((key, part)) = parts.pop_first() {
            let place = match part.data {
                Data::Held(bytes) => spool.append(&bytes)?,
                Data::Spooled(place) => place,
            };
            if let Some((before, end)) = last
                && let Some(run) = merged.get_mut(&before)
                && before.0 + run.length == key.0
                && run.sender == part.sender
                && end == place
            {
                run.length += part.length;
                run.frames[0] = run.frames[0].min(part.frames[0]);
                run.frames[1] = run.frames[1].max(part.frames[1]);
                last = Some((before, place + u64::from(part.length)));
                continue;
            }
            last = Some((key, place + u64::from(part.length)));
            let spooled = Part {
                data: Data::Spooled(place),
                ..part
            };
            merged.insert(key, spooled);
        }
        self.held = merged.len() * PART_COST;
        self.parts = merged;
        Ok(())
    }
}
