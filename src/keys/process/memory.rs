//! Reads the memory of a process, and sweeps all of it for states.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::pages::Pages;
use super::{Process, Refusal};
use crate::keys::scan::{self, Layout, OVERLAP, Place, Pointers};
use crate::wire::mse::Rc4;

/// Bytes that are read at a time: they stay in the cache of a processor.
const AT_ONCE: usize = 256 << 10;

/// Bytes of a pointer and the two small integers behind it.
const HOLDER: usize = 3 * 8;

/// Places that are kept of one sweep: a process full of permutations is no
/// client.
const MAX_PLACES: usize = 1 << 14;

/// The memory of one process. What it takes to open it is not needed any more
/// once it is open.
#[derive(Debug)]
pub(super) struct Memory {
    memory: File,
    pages: Pages,
}

impl Memory {
    /// Opens it.
    pub fn open(process: &Process) -> Result<Self, Refusal> {
        let open = |name| File::open(process.path(name));
        let opened = open("mem").and_then(|memory| {
            let pages = Pages::new(open("maps")?, open("pagemap")?)?;
            Ok(Self { memory, pages })
        });
        opened.map_err(|error| Refusal::of(process, error))
    }

    /// Looks at all of it. Gives the places, and how many bytes were looked at.
    pub fn sweep(&mut self) -> io::Result<(Vec<Place>, u64)> {
        let stretches = self.pages.list()?;
        let bytes = stretches.iter().map(|range| range.end - range.start).sum();
        let mut places = Vec::new();
        self.each(&stretches, OVERLAP, |chunk, address| {
            if places.len() < MAX_PLACES {
                scan::scan(chunk, address, &mut places);
            }
        });
        if let Some(mut pointers) = Pointers::to(&places) {
            self.each(&stretches, HOLDER, |chunk, at| pointers.look(chunk, at));
            if pointers.go_on() {
                self.each(&stretches, HOLDER, |chunk, at| pointers.look(chunk, at));
            }
            places.retain(|place| place.layout != Layout::Object(0));
            places.extend(pointers.into_places());
        }
        places.sort_unstable();
        places.dedup();
        places.truncate(MAX_PLACES);
        Ok((places, bytes))
    }

    /// Reads the stretches piece by piece; two pieces of one overlap. What cannot
    /// be read is passed over: mappings go, and some never can.
    fn each(&self, stretches: &[Range<u64>], overlap: usize, mut look: impl FnMut(&[u8], u64)) {
        let mut buffer = vec![0; AT_ONCE + overlap];
        for stretch in stretches {
            let mut at = stretch.start;
            loop {
                let length = (stretch.end - at).min(buffer.len() as u64) as usize;
                let Ok(read) = self.memory.read_at(&mut buffer[..length], at) else {
                    break;
                };
                look(&buffer[..read], at);
                let end = at + read as u64;
                if read <= overlap || end >= stretch.end {
                    break;
                }
                at = end - overlap as u64;
            }
        }
    }

    /// Reads a state; `None` if there is none (any more).
    pub fn read(&self, place: &Place) -> Option<Rc4> {
        let (values, indices) = place.stretches();
        let mut bytes = Vec::new();
        for range in std::iter::once(values).chain(indices) {
            let from = bytes.len();
            bytes.resize(from + (range.end - range.start) as usize, 0);
            let read = self.memory.read_exact_at(&mut bytes[from..], range.start);
            read.ok()?;
        }
        scan::read(place.layout, &bytes)
    }

    /// Reads a state of a process that runs: one that is the same twice was not
    /// written meanwhile.
    pub fn read_twice(&self, place: &Place) -> Option<Rc4> {
        const TRIES: usize = 8;
        (0..TRIES).find_map(|_| {
            let state = self.read(place)?;
            (self.read(place)? == state).then_some(state)
        })
    }
}
