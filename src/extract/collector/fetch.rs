//! Bodies of web seeds.

use super::under_way::{Came, Fetch, GATHERED, Gathered, MAX_GATHERING};
use super::{Collector, Trouble};
use crate::extract::coding::{Unpacker, coding_name};
use crate::extract::parts::Parts;
use crate::extract::sender::Sender;
use crate::extract::unread::Unread;
use crate::extract::web;
use crate::packet::Stamp;
use crate::session::{WebEvent, WebPart};

/// HTTP responses under way.
const MAX_FETCHES: usize = 4096;

/// Those of them that are packed: each takes 40 KiB to be unpacked.
const MAX_PACKED: usize = 128;

impl Collector {
    /// Takes in a step of an exchange of HTTP.
    pub fn web(&mut self, part: &WebPart<'_>) {
        if self.trouble.is_none() && self.is_chosen(part.stream) {
            self.trouble = self.fetch(part).err();
        }
    }

    fn fetch(&mut self, part: &WebPart<'_>) -> Result<(), Trouble> {
        match part.event {
            WebEvent::Request(_) => {}
            WebEvent::Response { request, head } => {
                self.end_fetch(part.stream)?;
                self.begin_fetch(part, request, head);
            }
            WebEvent::Body { offset, bytes } => {
                let Some(mut fetch) = self.fetches.remove(&part.stream) else {
                    return Ok(());
                };
                let goes_on = match &fetch.unpacker {
                    None => {
                        self.content(&mut fetch, offset, bytes, part.stamp)?;
                        true
                    }
                    // Behind a hole nothing can be unpacked.
                    Some(unpacker) if unpacker.next != offset => false,
                    Some(_) => self.unpack(&mut fetch, bytes, part.stamp)?,
                };
                if goes_on {
                    self.fetches.insert(part.stream, fetch);
                } else {
                    self.give_up(fetch)?;
                }
            }
            WebEvent::End => self.end_fetch(part.stream)?,
        }
        Ok(())
    }

    /// A response begins; it is followed if it brings anything.
    fn begin_fetch(&mut self, part: &WebPart<'_>, request: &[u8], head: &[u8]) {
        let coding = match web::content(head) {
            None => return,
            Some(Ok(coding)) => coding,
            Some(Err(reason)) => {
                let runs = self.map.whole(&self.catalog, request);
                if !runs.is_empty() || web::is_for_metafile(request) {
                    let name = coding_name(head);
                    Unread::note(&mut self.unread, part.stamp.frame, name, reason);
                }
                return;
            }
        };
        let runs = self.map.runs(&self.catalog, request, head, coding);
        let path = web::path_of_parts(request, head, coding);
        let is_wanted = path.is_some() || !runs.is_empty();
        if !is_wanted || self.fetches.len() >= MAX_FETCHES {
            return;
        }
        let unpacker = Unpacker::new(coding);
        if unpacker.is_some() {
            if self.packed >= MAX_PACKED {
                self.left_packed += 1;
                return;
            }
            self.packed += 1;
        }
        let sender = self.senders.id(Sender {
            stream: part.stream,
            src: part.server,
            dst: part.client,
            is_web: true,
        });
        let fetch = Fetch {
            runs,
            path,
            parts: Parts::default(),
            sender,
            unpacker,
            gathered: Gathered::new(0, part.stamp),
        };
        self.fetches.insert(part.stream, fetch);
    }

    /// Unpacks bytes of a body; false when no more of it can be, or need be.
    fn unpack(
        &mut self,
        fetch: &mut Fetch,
        mut packed: &[u8],
        stamp: Stamp,
    ) -> Result<bool, Trouble> {
        self.allowance.earn(packed.len());
        let mut room = [0; GATHERED];
        while fetch.is_wanted() {
            let unpacker = fetch.unpacker.as_mut();
            let step = unpacker.and_then(|unpacker| unpacker.step(packed, &mut room));
            let Some(step) = step else {
                return Ok(false);
            };
            packed = &packed[step.taken..];
            if !self.allowance.spend(step.given) {
                self.left_packed += 1;
                return Ok(false);
            }
            let at = fetch.gathered.end();
            self.content(fetch, at, &room[..step.given], stamp)?;
            if step.is_over {
                return Ok(false);
            }
            if step.given < room.len() {
                return Ok(packed.is_empty());
            }
        }
        Ok(false)
    }

    /// Bytes of content, at an offset of the body.
    fn content(
        &mut self,
        fetch: &mut Fetch,
        offset: u64,
        bytes: &[u8],
        stamp: Stamp,
    ) -> Result<(), Trouble> {
        if fetch.gathered.end() != offset {
            self.take_gathered(fetch)?;
            fetch.gathered.at = offset;
        }
        self.begin_parts(fetch, offset, bytes);
        fetch.gathered.add(bytes, stamp);
        let is_many = self.fetches.len() >= MAX_GATHERING;
        if fetch.gathered.bytes.len() >= GATHERED || is_many {
            self.take_gathered(fetch)?;
        }
        Ok(())
    }

    /// Learns where the parts belong that begin in these bytes of a body.
    fn begin_parts(&self, fetch: &mut Fetch, offset: u64, bytes: &[u8]) {
        let Some(path) = &fetch.path else {
            return;
        };
        let (runs, taken) = (&mut fetch.runs, fetch.gathered.at);
        runs.retain(|run| run.from + run.length > taken);
        fetch.parts.hear(offset, bytes, |head, at| {
            let (length, more) = self.map.part(&self.catalog, path, head, at)?;
            runs.extend(more);
            Some(length)
        });
    }

    fn end_fetch(&mut self, stream: u64) -> Result<(), Trouble> {
        match self.fetches.remove(&stream) {
            Some(fetch) => self.give_up(fetch),
            None => Ok(()),
        }
    }

    /// No more of a response is taken than is gathered.
    fn give_up(&mut self, mut fetch: Fetch) -> Result<(), Trouble> {
        self.packed -= usize::from(fetch.unpacker.is_some());
        self.take_gathered(&mut fetch)
    }

    /// Takes what is gathered of a body to where it belongs.
    fn take_gathered(&mut self, fetch: &mut Fetch) -> Result<(), Trouble> {
        let gathered = fetch.gathered.take();
        for run in &fetch.runs {
            let from = run.from.max(gathered.at);
            let to = (run.from + run.length).min(gathered.end());
            if from >= to {
                continue;
            }
            let here = (from - gathered.at) as usize..(to - gathered.at) as usize;
            let came = Came {
                bytes: &gathered.bytes[here],
                sender: fetch.sender,
                stamps: gathered.stamps,
            };
            self.stretch(run.torrent, run.space + (from - run.from), &came)?;
        }
        Ok(())
    }

    /// Bytes at an offset of the space of pieces.
    fn stretch(&mut self, number: u32, space: u64, came: &Came<'_>) -> Result<(), Trouble> {
        let Some(length) = self
            .catalog
            .get(number)
            .map(|known| known.content.info.piece_length())
        else {
            return Ok(());
        };
        let (mut space, mut rest) = (space, came.bytes);
        while !rest.is_empty() {
            let begin = (space % u64::from(length)) as u32;
            let here = rest.len().min((length - begin) as usize);
            let (bytes, behind) = rest.split_at(here);
            if let Ok(piece) = u32::try_from(space / u64::from(length)) {
                self.place((number, piece), begin, &Came { bytes, ..*came }, true)?;
            }
            space += here as u64;
            rest = behind;
        }
        Ok(())
    }

    /// Takes in what is still gathered of bodies.
    pub(in crate::extract) fn end_fetches(&mut self) -> Result<(), Trouble> {
        let mut streams: Vec<_> = self.fetches.keys().copied().collect();
        streams.sort_unstable();
        streams
            .into_iter()
            .try_for_each(|stream| self.end_fetch(stream))
    }
}
