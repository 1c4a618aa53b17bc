//! The second reading: blocks become pieces, pieces become files.

use std::collections::HashMap;
use std::io;

use foldhash::fast::RandomState;
use thiserror::Error;

use super::assembly::{Assembly, PieceKey, Placed};
use super::catalog::{Catalog, Known};
use super::draft::{Draft, Preference, Segment};
use super::output::{Output, OutputError};
use super::raw::{RawBlock, RawBlocks, RawKey};
use super::results::{Failure, Provenance};
use super::sender::{Sender, SenderId, Senders};
use super::spool::Spool;
use super::verified::VerifiedPieces;
use super::web::{Run, WebMap};
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::{Heard, Speaker, WebEvent, WebPart};
use crate::torrent::{PieceHasher, Verdict};
use crate::wire::peer::{Block, Message};

/// Torrents that a connection without a handshake may be about.
const MAX_GUESSES: usize = 4;

/// Senders whose word is tried first for a piece that is wrong otherwise.
const MAX_TRIED: usize = 8;

/// What is kept of where verified pieces come from, and of what was wrong, of all
/// torrents.
const MAX_PROVENANCES: usize = 1 << 20;
const MAX_FAILURES: usize = 1 << 16;

/// Bytes of a body that are gathered before they are taken for a block.
const GATHERED: usize = 16 << 10;

/// Bodies that are gathered at a time; those of more are taken as they come.
const MAX_GATHERING: usize = 256;

/// Responses of web seeds under way.
const MAX_FETCHES: usize = 4096;

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What is verified of files that are not whole, too.
    pub partial: bool,
    /// Blocks that no hash proves, apart.
    pub raw: bool,
    /// Only what went over these connections; all if there are none.
    pub streams: Vec<u64>,
}

/// Why nothing more is written.
#[derive(Debug, Error)]
pub enum Trouble {
    /// A file.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The file without a name in which pieces wait.
    #[error("cannot keep pieces that are not whole yet: {0}")]
    Spool(#[from] io::Error),
}

/// How far a torrent is.
#[derive(Debug)]
pub(super) struct Progress {
    pub verified: VerifiedPieces,
    pub provenance: Vec<Provenance>,
    pub forgotten: u64,
    pub failures: Vec<Failure>,
    pub unverified: u32,
    pub inconsistent: u32,
    pub span: Option<[Timestamp; 2]>,
}

/// A response of a web seed.
#[derive(Debug)]
struct Fetch {
    runs: Vec<Run>,
    sender: SenderId,
    gathered: Vec<u8>,
    /// Offset in the body of what is gathered.
    at: u64,
    frames: [Stamp; 2],
}

/// A block as it came, before it is known which torrent it belongs to.
#[derive(Debug, Clone, Copy)]
struct Came<'b> {
    bytes: &'b [u8],
    sender: SenderId,
    stamps: [Stamp; 2],
}

impl Came<'_> {
    fn frames(&self) -> [u64; 2] {
        self.stamps.map(|stamp| stamp.frame)
    }
}

/// The collector.
#[derive(Debug)]
pub struct Collector {
    pub(super) catalog: Catalog,
    map: WebMap,
    pub(super) progress: Vec<Progress>,
    pub(super) assembly: Assembly,
    pub(super) senders: Senders,
    fetches: HashMap<u64, Fetch, RandomState>,
    pub(super) output: Option<Output>,
    pub(super) raw: Option<RawBlocks>,
    pub(super) options: Options,
    /// What is kept of provenances and failures of all torrents.
    provenances: usize,
    failures: usize,
    pub(super) unknown_blocks: u64,
    pub(super) unknown_bytes: u64,
    /// After it nothing more is written.
    pub(super) trouble: Option<Trouble>,
}

impl Collector {
    /// Collects what belongs to the torrents of `catalog`, and writes to `output`, if
    /// there is one. Pieces that are too many to be held wait in `spool`.
    pub fn new(catalog: Catalog, output: Option<Output>, spool: Spool, options: Options) -> Self {
        let progress = catalog.torrents.iter().map(|known| Progress {
            verified: VerifiedPieces::none(known.content.pieces()),
            provenance: Vec::new(),
            forgotten: 0,
            failures: Vec::new(),
            unverified: 0,
            inconsistent: 0,
            span: None,
        });
        let progress = progress.collect();
        Self {
            map: WebMap::new(&catalog),
            catalog,
            progress,
            assembly: Assembly::new(spool),
            senders: Senders::default(),
            fetches: HashMap::default(),
            raw: (options.raw && output.is_some()).then(RawBlocks::default),
            output,
            options,
            provenances: 0,
            failures: 0,
            unknown_blocks: 0,
            unknown_bytes: 0,
            trouble: None,
        }
    }

    /// Whether it can go on no further: the disk is full, say.
    pub fn is_stuck(&self) -> bool {
        self.trouble.is_some()
    }

    /// Takes in a message.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        let Some(Message::Piece(block)) = heard.peer_message() else {
            return;
        };
        if self.trouble.is_some() || !self.is_chosen(heard.stream) {
            return;
        }
        // The data ends the message, also where the header has a form of its own (AZMP).
        let header = heard.length.saturating_sub(block.length.into());
        let header = usize::try_from(header).unwrap_or(usize::MAX);
        let data = heard.bytes.get(header..);
        let Some(bytes) = data.filter(|bytes| !bytes.is_empty()) else {
            return;
        };
        let sender = self.senders.id(Sender {
            stream: heard.stream,
            src: heard.src,
            dst: heard.dst,
            is_web: false,
        });
        let came = Came {
            bytes,
            sender,
            stamps: [heard.first, heard.last],
        };
        self.trouble = self.block(heard, *block, &came).err();
    }

    fn is_chosen(&self, stream: u64) -> bool {
        self.options.streams.is_empty() || self.options.streams.contains(&stream)
    }

    /// A block of a peer.
    fn block(&mut self, heard: &Heard<'_>, block: Block, came: &Came<'_>) -> Result<(), Trouble> {
        let speakers = heard
            .conversation
            .map(|conversation| &conversation.speakers);
        let mut hashes = speakers
            .into_iter()
            .flatten()
            .filter_map(Speaker::info_hash);
        let hash = hashes.next();
        // The two handshakes of a hybrid torrent may have one hash each.
        let named = hash.and_then(|hash| self.catalog.find(&hash));
        let named = named.or_else(|| hashes.find_map(|hash| self.catalog.find(&hash)));
        let block = Block {
            length: came.bytes.len() as u32,
            ..block
        };
        let fits = |known: &Known| known.content.contains(block);
        let targets: Vec<u32> = match (named, hash) {
            (Some(number), _) => vec![number],
            // Of a torrent whose info dictionary is not known.
            (None, Some(_)) => Vec::new(),
            // No handshake in the capture: the hashes of the pieces decide.
            (None, None) => (0..)
                .zip(&self.catalog.torrents)
                .filter(|(_, known)| fits(known))
                .map(|(number, _)| number)
                .take(MAX_GUESSES)
                .collect(),
        };
        let mut is_placed = false;
        for number in targets {
            if self.catalog.get(number).is_some_and(fits) {
                self.place((number, block.index), block.begin, came)?;
                is_placed = true;
            }
        }
        if !is_placed {
            self.unknown_blocks += 1;
            self.unknown_bytes += came.bytes.len() as u64;
            let key = hash.map_or(RawKey::Stream(heard.stream), RawKey::Torrent);
            self.keep_raw(key, block.index, block.begin, came)?;
        }
        Ok(())
    }

    /// Keeps a block that belongs to no torrent that is known.
    fn keep_raw(
        &mut self,
        key: RawKey,
        piece: u32,
        begin: u32,
        came: &Came<'_>,
    ) -> Result<(), Trouble> {
        let (Some(raw), Some(output)) = (&mut self.raw, &mut self.output) else {
            return Ok(());
        };
        let block = RawBlock {
            piece,
            begin,
            sender: self.senders.get(came.sender),
            frames: came.frames(),
        };
        Ok(raw.add(output, key, &block, came.bytes)?)
    }

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
                if !runs.is_empty() && self.fetches.len() < MAX_FETCHES {
                    let sender = self.senders.id(Sender {
                        stream: part.stream,
                        src: part.server,
                        dst: part.client,
                        is_web: true,
                    });
                    let fetch = Fetch {
                        runs,
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

    /// Takes a block to its piece.
    fn place(&mut self, piece: PieceKey, begin: u32, came: &Came<'_>) -> Result<(), Trouble> {
        let Some(known) = self.catalog.torrents.get(piece.0 as usize) else {
            return Ok(());
        };
        let progress = &mut self.progress[piece.0 as usize];
        let [first, last] = came.stamps.map(|stamp| stamp.time);
        let span = progress.span.get_or_insert([first, last]);
        *span = [span[0].min(first), span[1].max(last)];
        if progress.verified.has(piece.1) {
            return Ok(());
        }
        let placed = Placed {
            piece,
            begin,
            bytes: came.bytes,
            sender: came.sender,
            frames: came.frames(),
        };
        let size = known.content.piece_size(piece.1);
        let draft = self.assembly.add(&placed, || padding(known, piece.1))?;
        if draft.is_some_and(|draft| draft.is_due(size)) {
            self.try_piece(piece)?;
        }
        Ok(())
    }

    /// Tries whether a piece is right, by everybody's word; what is right is written.
    pub(super) fn try_piece(&mut self, key: PieceKey) -> Result<(), Trouble> {
        let (Some(known), Some(draft)) = (self.catalog.get(key.0), self.assembly.get(key)) else {
            return Ok(());
        };
        let content = &known.content;
        let Some(check) = content.check(key.1) else {
            return Ok(());
        };
        let size = content.piece_size(key.1);
        let mut preferences = vec![Preference::First];
        if draft.has_choice() {
            preferences.push(Preference::Last);
            preferences.extend(draft.senders(MAX_TRIED).into_iter().map(Preference::Of));
        }
        for preference in preferences {
            let plan = draft.plan(size, preference);
            let mut hasher = PieceHasher::new(&check);
            draft.read(&plan, &self.assembly.spool, |_, bytes| {
                hasher.update(bytes);
                Ok(())
            })?;
            match hasher.finish() {
                Verdict::Good => return self.verified(key, &plan, false),
                Verdict::Inconsistent(_) => return self.verified(key, &plan, true),
                Verdict::Bad => {}
            }
        }
        self.assembly.failed(key);
        Ok(())
    }

    /// A piece is right.
    fn verified(
        &mut self,
        key: PieceKey,
        plan: &[Segment],
        is_inconsistent: bool,
    ) -> Result<(), Trouble> {
        let Some(draft) = self.assembly.remove(key) else {
            return Ok(());
        };
        self.write(key, &draft, plan)?;
        let progress = &mut self.progress[key.0 as usize];
        progress.verified.insert(key.1);
        progress.inconsistent += u32::from(is_inconsistent);
        self.remember(key, &draft, plan);
        if draft.has_choice() {
            self.compare(key, &draft, plan)?;
        }
        Ok(())
    }

    fn write(&mut self, key: PieceKey, draft: &Draft, plan: &[Segment]) -> Result<(), Trouble> {
        let (Some(output), Some(known)) =
            (&mut self.output, self.catalog.torrents.get(key.0 as usize))
        else {
            return Ok(());
        };
        let info = &known.content.info;
        let start = known.content.piece_start(key.1);
        let mut failed = None;
        draft.read(plan, &self.assembly.spool, |at, bytes| {
            let space = start + u64::from(at);
            for extent in info.extents(space, bytes.len() as u64) {
                let file = &info.files()[extent.file];
                if file.is_padding() || file.attributes.symlink {
                    continue;
                }
                let from = (file.offset + extent.offset - space) as usize;
                let part = &bytes[from..from + extent.length as usize];
                let written = output.write(key.0, extent.file as u32, extent.offset, part);
                if let Err(error) = written {
                    failed = Some(error);
                    break;
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Notes where a piece comes from: runs of one sender that follow each other are
    /// one.
    fn remember(&mut self, key: PieceKey, draft: &Draft, plan: &[Segment]) {
        let progress = &mut self.progress[key.0 as usize];
        let from = progress.provenance.len();
        for segment in plan {
            let Some(part) = draft.part(segment) else {
                continue;
            };
            let [first, last] = part.frames;
            let length = segment.end - segment.begin;
            if let Some(run) = progress.provenance[from..].last_mut()
                && run.sender == part.sender
                && run.begin + run.length == segment.begin
            {
                run.length += length;
                run.frames = [run.frames[0].min(first), run.frames[1].max(last)];
                continue;
            }
            if self.provenances >= MAX_PROVENANCES {
                progress.forgotten += 1;
                continue;
            }
            self.provenances += 1;
            progress.provenance.push(Provenance {
                piece: key.1,
                begin: segment.begin,
                length,
                sender: part.sender,
                frames: part.frames,
            });
        }
    }

    /// Holds what was not taken against the piece that is right.
    fn compare(&mut self, key: PieceKey, draft: &Draft, plan: &[Segment]) -> Result<(), Trouble> {
        let taken: std::collections::BTreeSet<_> =
            plan.iter().filter_map(|segment| segment.part).collect();
        let size = plan.last().map_or(0, |segment| segment.end);
        for (place, part) in draft.parts() {
            if taken.contains(place) && is_all_taken(plan, *place, part.length, size) {
                continue;
            }
            let is_right = self.agrees(
                draft,
                plan,
                *place,
                part.length.min(size - place.0.min(size)),
            )?;
            if !is_right {
                let of = Provenance {
                    piece: key.1,
                    begin: place.0,
                    length: part.length,
                    sender: part.sender,
                    frames: part.frames,
                };
                self.note_failure(key.0, of, true);
            }
        }
        Ok(())
    }

    /// Whether a part has the bytes of the piece that is right.
    fn agrees(
        &self,
        draft: &Draft,
        plan: &[Segment],
        place: (u32, u32),
        length: u32,
    ) -> io::Result<bool> {
        let end = place.0 + length;
        let mut right = Vec::with_capacity(length as usize);
        let of_piece = plan
            .iter()
            .filter(|segment| segment.begin < end && segment.end > place.0);
        let of_piece: Vec<_> = of_piece
            .map(|segment| Segment {
                begin: segment.begin.max(place.0),
                end: segment.end.min(end),
                part: segment.part,
            })
            .collect();
        let spool = &self.assembly.spool;
        draft.read(&of_piece, spool, |_, bytes| {
            right.extend_from_slice(bytes);
            Ok(())
        })?;
        let own = [Segment {
            begin: place.0,
            end,
            part: Some(place),
        }];
        let mut is_same = true;
        draft.read(&own, spool, |at, bytes| {
            let from = (at - place.0) as usize;
            is_same &= right.get(from..from + bytes.len()) == Some(bytes);
            Ok(())
        })?;
        Ok(is_same)
    }

    pub(super) fn note_failure(&mut self, number: u32, of: Provenance, is_certain: bool) {
        if self.failures < MAX_FAILURES {
            self.failures += 1;
            self.progress[number as usize]
                .failures
                .push(Failure { of, is_certain });
        }
    }

    /// Takes in what is still gathered of bodies.
    pub(super) fn end_fetches(&mut self) -> Result<(), Trouble> {
        let mut streams: Vec<_> = self.fetches.keys().copied().collect();
        streams.sort_unstable();
        streams
            .into_iter()
            .try_for_each(|stream| self.end_fetch(stream))
    }
}

/// Whether all of a part, as far as the piece goes, is in the plan.
fn is_all_taken(plan: &[Segment], place: (u32, u32), length: u32, size: u32) -> bool {
    let own = plan.iter().filter(|segment| segment.part == Some(place));
    let taken: u32 = own.map(|segment| segment.end - segment.begin).sum();
    taken == length.min(size - place.0.min(size))
}

/// What of a piece need not come: padding, which is zeros.
fn padding(known: &Known, piece: u32) -> Vec<(u32, u32)> {
    let content = &known.content;
    let (start, size) = (content.piece_start(piece), content.piece_size(piece));
    let files = content.info.files();
    let extents = content.info.extents(start, size.into());
    let padding = extents.filter(|extent| files[extent.file].is_padding());
    padding
        .map(|extent| {
            let from = (files[extent.file].offset + extent.offset - start) as u32;
            (from, from + extent.length as u32)
        })
        .collect()
}
