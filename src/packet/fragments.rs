//! Reassembly of fragmented IP datagrams, in bounded memory.

use std::net::IpAddr;

use super::Stamp;
use super::ip::Payload;

/// Incomplete datagrams kept at once.
const MAX_DATAGRAMS: usize = 128;

/// Bytes kept of incomplete datagrams, all together.
const MAX_BYTES: usize = 4 << 20;

/// A datagram cannot be longer; the fields allow for offsets up to 65528.
const MAX_LENGTH: u32 = 65_535;

/// Separate runs of bytes kept of one datagram.
const MAX_RUNS: usize = 256;

/// How long a datagram may take, in nanoseconds. Systems wait 30 to 60 seconds;
/// the shorter, the less often a reused id joins parts of two datagrams.
const MAX_AGE: i64 = 30_000_000_000;

/// What a fragment did.
#[derive(Debug)]
pub(super) enum Outcome<'a> {
    /// Its datagram is complete.
    Complete(&'a [u8]),
    /// Its datagram is not complete.
    Waiting,
    /// It is of no use.
    Dropped,
}

/// Incomplete datagrams, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    datagrams: Vec<Incomplete>,
    bytes: usize,
    complete: Vec<u8>,
}

/// What tells datagrams apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    id: u32,
    src: IpAddr,
    dst: IpAddr,
    /// Only for IPv4: in IPv6 the fragments may name different next headers.
    protocol: u8,
}

#[derive(Debug)]
struct Incomplete {
    key: Key,
    began: Stamp,
    /// The datagram up to the last byte that came; zero where `runs` has a hole.
    bytes: Vec<u8>,
    /// Ranges of `bytes` that came: in order, apart from each other.
    runs: Vec<(u32, u32)>,
    /// Known from the last fragment.
    length: Option<u32>,
}

impl Fragments {
    /// Adds one fragment of an IP payload. Where two overlap, the bytes that
    /// came first stay. `abandoned` counts the datagrams that make way.
    pub(super) fn add(
        &mut self,
        part: &Payload<'_>,
        stamp: Stamp,
        abandoned: &mut u64,
    ) -> Outcome<'_> {
        let Some(fragment) = part.fragment else {
            return Outcome::Dropped;
        };
        let start = fragment.offset;
        let end = start.saturating_add(part.wire_length);
        // A part that was cut by the snaplen can never complete anything.
        if part.bytes.len() != part.wire_length as usize || end > MAX_LENGTH || start == end {
            return Outcome::Dropped;
        }
        *abandoned += self.expire(stamp);
        let index = self.find(part, fragment.id, stamp);
        let datagram = &mut self.datagrams[index];
        let before = datagram.bytes.len();
        let added = datagram.add(start, end, fragment.more, part.bytes);
        self.bytes += datagram.bytes.len() - before;
        if !added {
            *abandoned += self.bound();
            return Outcome::Dropped;
        }
        if datagram.is_complete() {
            let whole = self.datagrams.remove(index);
            self.bytes -= whole.bytes.len();
            self.complete = whole.bytes;
            return Outcome::Complete(&self.complete);
        }
        *abandoned += self.bound();
        Outcome::Waiting
    }

    /// Index of the datagram of `part`, a new one if need be.
    fn find(&mut self, part: &Payload<'_>, id: u32, began: Stamp) -> usize {
        let key = Key {
            id,
            src: part.src,
            dst: part.dst,
            protocol: if part.src.is_ipv4() { part.protocol } else { 0 },
        };
        if let Some(index) = self.datagrams.iter().position(|d| d.key == key) {
            return index;
        }
        self.datagrams.push(Incomplete {
            key,
            began,
            bytes: Vec::new(),
            runs: Vec::new(),
            length: None,
        });
        self.datagrams.len() - 1
    }

    /// Gives up what is too old; returns how many.
    fn expire(&mut self, now: Stamp) -> u64 {
        let before = self.datagrams.len();
        let bytes = &mut self.bytes;
        self.datagrams.retain(|datagram| {
            let keep = now.time.since(datagram.began.time) <= MAX_AGE;
            if !keep {
                *bytes -= datagram.bytes.len();
            }
            keep
        });
        (before - self.datagrams.len()) as u64
    }

    /// Gives up the oldest until the rest fits; returns how many.
    fn bound(&mut self) -> u64 {
        let before = self.datagrams.len();
        while self.datagrams.len() > MAX_DATAGRAMS || self.bytes > MAX_BYTES {
            let oldest = self.datagrams.remove(0);
            self.bytes -= oldest.bytes.len();
        }
        (before - self.datagrams.len()) as u64
    }
}

impl Incomplete {
    /// Takes the bytes `start..end`; false if they cannot belong here.
    fn add(&mut self, start: u32, end: u32, more: bool, bytes: &[u8]) -> bool {
        if self.runs.len() >= MAX_RUNS || self.length.is_some_and(|length| end > length) {
            return false;
        }
        if !more && self.length.is_none() {
            if self.bytes.len() > end as usize {
                return false;
            }
            self.length = Some(end);
        }
        if self.bytes.len() < end as usize {
            self.bytes.resize(end as usize, 0);
        }
        for (from, to) in self.holes(start, end) {
            let (source, target) = ((from - start) as usize, from as usize);
            let length = (to - from) as usize;
            self.bytes[target..target + length].copy_from_slice(&bytes[source..source + length]);
        }
        self.cover(start, end);
        true
    }

    /// The ranges of `start..end` that did not come yet.
    fn holes(&self, start: u32, end: u32) -> Vec<(u32, u32)> {
        let mut holes = Vec::new();
        let mut at = start;
        for &(from, to) in &self.runs {
            if to <= at {
                continue;
            }
            if from >= end {
                break;
            }
            if from > at {
                holes.push((at, from));
            }
            at = to;
        }
        if at < end {
            holes.push((at, end));
        }
        holes
    }

    /// Marks `start..end` as come, joining the runs that it touches.
    fn cover(&mut self, start: u32, end: u32) {
        let first = self.runs.partition_point(|&(_, to)| to < start);
        let last = self.runs.partition_point(|&(from, _)| from <= end);
        let joined = match self.runs.get(first..last) {
            Some([]) | None => (start, end),
            Some(touched) => (
                start.min(touched[0].0),
                end.max(touched[touched.len() - 1].1),
            ),
        };
        self.runs.splice(first..last.max(first), [joined]);
    }

    fn is_complete(&self) -> bool {
        matches!((self.length, self.runs.as_slice()), (Some(length), [(0, end)]) if *end == length)
    }
}
