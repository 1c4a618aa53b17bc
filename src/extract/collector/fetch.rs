//! Bodies of web seeds.

use super::under_way::{Fetch, Gathered};
use super::{Came, Collector, GATHERED, MAX_GATHERING, Trouble};
use crate::extract::parts::Parts;
use crate::extract::sender::Sender;
use crate::extract::web::WebMap;
use crate::session::{WebEvent, WebPart};

/// Responses of web seeds under way.
const MAX_FETCHES: usize = 4096;

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
                let runs = self.map.runs(&self.catalog, request, head);
                let path = WebMap::path_of_parts(request, head);
                let is_wanted = path.is_some() || !runs.is_empty();
                if is_wanted && self.fetches.len() < MAX_FETCHES {
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
                        gathered: Gathered::new(0, part.stamp),
                    };
                    self.fetches.insert(part.stream, fetch);
                }
            }
            WebEvent::Body { offset, bytes } => {
                let is_many = self.fetches.len() > MAX_GATHERING;
                let Some(mut fetch) = self.fetches.remove(&part.stream) else {
                    return Ok(());
                };
                if fetch.gathered.end() != offset {
                    self.take_gathered(&mut fetch)?;
                    fetch.gathered.at = offset;
                }
                self.begin_parts(&mut fetch, offset, bytes);
                fetch.gathered.add(bytes, part.stamp);
                if fetch.gathered.bytes.len() >= GATHERED || is_many {
                    self.take_gathered(&mut fetch)?;
                }
                self.fetches.insert(part.stream, fetch);
            }
            WebEvent::End => self.end_fetch(part.stream)?,
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
            Some(mut fetch) => self.take_gathered(&mut fetch),
            None => Ok(()),
        }
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
                self.place((number, piece), begin, &Came { bytes, ..*came })?;
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
