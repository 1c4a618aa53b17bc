//! Bodies of web seeds.

use super::under_way::Fetch;
use super::{Came, Collector, GATHERED, MAX_GATHERING, Trouble};
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
                let parts = WebMap::parts(request, head);
                let is_wanted = parts.is_some() || !runs.is_empty();
                if is_wanted && self.fetches.len() < MAX_FETCHES {
                    let sender = self.senders.id(Sender {
                        stream: part.stream,
                        src: part.server,
                        dst: part.client,
                        is_web: true,
                    });
                    let fetch = Fetch {
                        runs,
                        parts,
                        sender,
                        gathered: Vec::new(),
                        at: 0,
                        frames: [part.stamp; 2],
                    };
                    self.fetches.insert(part.stream, fetch);
                }
            }
            WebEvent::Body { offset, bytes } => {
                let is_many = self.fetches.len() > MAX_GATHERING;
                let Some(mut fetch) = self.fetches.remove(&part.stream) else {
                    return Ok(());
                };
                if fetch.at + fetch.gathered.len() as u64 != offset {
                    self.take_gathered(&mut fetch)?;
                    fetch.at = offset;
                }
                if fetch.gathered.is_empty() {
                    fetch.frames[0] = part.stamp;
                }
                fetch.frames[1] = part.stamp;
                self.begin_parts(&mut fetch, offset, bytes);
                fetch.gathered.extend_from_slice(bytes);
                if fetch.gathered.len() >= GATHERED || is_many {
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
        let Some(mut parts) = fetch.parts.take() else {
            return;
        };
        let taken = fetch.at;
        fetch.runs.retain(|run| run.from + run.length > taken);
        let path = std::mem::take(&mut parts.path);
        parts.hear(offset, bytes, |head, at| {
            let (length, runs) = self.map.part(&self.catalog, &path, head, at)?;
            fetch.runs.extend(runs);
            Some(length)
        });
        parts.path = path;
        fetch.parts = Some(parts);
    }

    fn end_fetch(&mut self, stream: u64) -> Result<(), Trouble> {
        match self.fetches.remove(&stream) {
            Some(mut fetch) => self.take_gathered(&mut fetch),
            None => Ok(()),
        }
    }

    /// Takes what is gathered of a body to where it belongs.
    fn take_gathered(&mut self, fetch: &mut Fetch) -> Result<(), Trouble> {
        let gathered = std::mem::take(&mut fetch.gathered);
        let end = fetch.at + gathered.len() as u64;
        for run in &fetch.runs {
            let (from, to) = (run.from.max(fetch.at), (run.from + run.length).min(end));
            if from >= to {
                continue;
            }
            let bytes = &gathered[(from - fetch.at) as usize..(to - fetch.at) as usize];
            let came = Came {
                bytes,
                sender: fetch.sender,
                stamps: fetch.frames,
            };
            self.stretch(run.torrent, run.space + (from - run.from), &came)?;
        }
        fetch.at = end;
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
