//! What comes of every message, taken to where it belongs.

use std::collections::HashMap;
use std::io;

use foldhash::fast::RandomState;
use thiserror::Error;

use super::kinship::{Kinship, Proof, join};
use super::under_way::{Came, Fetch, Gathering};
use crate::capture::Timestamp;
use crate::extract::assembly::{Assembly, PieceKey, Placed};
use crate::extract::catalog::{Catalog, Known};
use crate::extract::coding::Allowance;
use crate::extract::output::{Output, OutputError};
use crate::extract::raw::{RawBlock, RawBlocks, RawKey};
use crate::extract::results::{Failure, Provenance};
use crate::extract::sender::{Sender, Senders};
use crate::extract::spool::Spool;
use crate::extract::unread::Unread;
use crate::extract::verified::VerifiedPieces;
use crate::extract::web::WebMap;
use crate::session::{Conversation, Heard, Speaker};
use crate::wire::peer::{Block, Message};

/// Torrents that a block of a connection without a handshake is tried with: each keeps
/// its own copy until a piece is verified. None where the sender has no number (nothing
/// that a piece proves is kept of it), nor where half of the parts that are kept are in
/// use: the rest is for blocks of which it is known where they belong.
const MAX_GUESSES: usize = 256;

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
pub(in crate::extract) struct Progress {
    pub verified: VerifiedPieces,
    pub provenance: Vec<Provenance>,
    pub forgotten: u64,
    pub failures: Vec<Failure>,
    pub unverified: u32,
    pub inconsistent: u32,
    pub span: Option<[Timestamp; 2]>,
}

impl Progress {
    /// Whether anything of the torrent came.
    pub fn has_data(&self) -> bool {
        self.span.is_some() || self.verified.count() > 0
    }
}

/// The collector.
#[derive(Debug)]
pub struct Collector {
    pub(in crate::extract) catalog: Catalog,
    pub(super) map: WebMap,
    pub(in crate::extract) progress: Vec<Progress>,
    pub(in crate::extract) assembly: Assembly,
    pub(in crate::extract) senders: Senders,
    pub(in crate::extract) kinship: Kinship,
    pub(super) fetches: HashMap<u64, Fetch, RandomState>,
    /// How many of these are packed.
    pub(super) packed: usize,
    /// What of packed responses may yet be unpacked, and those that were left.
    pub(super) allowance: Allowance,
    pub(in crate::extract) left_packed: u64,
    /// Responses that cannot be read.
    pub(in crate::extract) unread: Option<Unread>,
    /// The blocks under way by connection and direction.
    pub(super) gatherings: HashMap<(u64, usize), Gathering, RandomState>,
    pub(in crate::extract) output: Option<Output>,
    pub(in crate::extract) raw: Option<RawBlocks>,
    pub(in crate::extract) options: Options,
    /// What is kept of provenances and failures of all torrents.
    pub(in crate::extract) provenances: usize,
    pub(in crate::extract) failures: usize,
    pub(in crate::extract) unknown_blocks: u64,
    pub(in crate::extract) unknown_bytes: u64,
    /// Blocks that were not tried with all torrents.
    pub(in crate::extract) untried: u64,
    /// After it nothing more is written.
    pub(in crate::extract) trouble: Option<Trouble>,
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
            kinship: Kinship::default(),
            untried: 0,
            fetches: HashMap::default(),
            packed: 0,
            allowance: Allowance::default(),
            left_packed: 0,
            unread: None,
            gatherings: HashMap::default(),
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
        match self.end_gathering(heard) {
            Ok(true) => return,
            Ok(false) => {}
            Err(trouble) => {
                self.trouble = Some(trouble);
                return;
            }
        }
        // The data of a piece of AZMP comes with its message, and ends it.
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
        let place = (block.index, block.begin);
        let taken = self.block(heard.stream, heard.conversation, place, &came);
        self.trouble = taken.err();
    }

    pub(super) fn is_chosen(&self, stream: u64) -> bool {
        self.options.streams.is_empty() || self.options.streams.contains(&stream)
    }

    /// A block of a peer, by its piece and its offset in it.
    pub(super) fn block(
        &mut self,
        stream: u64,
        conversation: Option<&Conversation>,
        (index, begin): (u32, u32),
        came: &Came<'_>,
    ) -> Result<(), Trouble> {
        let speakers = conversation.map(|conversation| &conversation.speakers);
        let mut hashes = speakers
            .into_iter()
            .flatten()
            .filter_map(Speaker::info_hash);
        let hash = hashes.next();
        // The two handshakes of a hybrid torrent may have one hash each.
        let named = hash.and_then(|hash| self.catalog.find(&hash));
        let named = named.or_else(|| hashes.find_map(|hash| self.catalog.find(&hash)));
        let block = Block {
            index,
            begin,
            length: came.bytes.len() as u32,
        };
        let fits = |known: &Known| known.content.contains(block);
        let targets: Vec<u32> = match (named, hash) {
            (Some(number), _) => vec![number],
            // Of a torrent whose info dictionary is not known.
            (None, Some(_)) => Vec::new(),
            // No handshake in the capture: the hashes of the pieces decide.
            (None, None) => {
                let is_kin = self.kinship.is_of_any(stream);
                let all = (0..).zip(&self.catalog.torrents);
                let mut guesses = all
                    .filter(|(_, known)| fits(known))
                    .map(|(number, _)| number)
                    .filter(|number| !(is_kin && self.kinship.is_refuted(stream, *number)));
                // What a piece proves is kept of a sender with a number.
                let is_numbered = self.senders.get(came.sender).is_some();
                let most = if is_numbered && !self.assembly.is_half_full() {
                    MAX_GUESSES
                } else {
                    0
                };
                let tried = guesses.by_ref().take(most).collect();
                self.untried += u64::from(guesses.next().is_some());
                tried
            }
        };
        let is_sure = named.is_some();
        let mut is_placed = false;
        for number in targets {
            if self.catalog.get(number).is_some_and(fits) {
                self.place((number, block.index), block.begin, came, is_sure)?;
                is_placed = true;
            }
        }
        if !is_placed {
            self.unknown_blocks += 1;
            self.unknown_bytes += came.bytes.len() as u64;
            let key = hash.map_or(RawKey::Stream(stream), RawKey::Torrent);
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

    /// Takes a block to its piece; `is_sure` if it is known that it belongs there.
    pub(super) fn place(
        &mut self,
        piece: PieceKey,
        begin: u32,
        came: &Came<'_>,
        is_sure: bool,
    ) -> Result<(), Trouble> {
        self.note_kinship(piece.0, came, is_sure);
        let Some(known) = self.catalog.torrents.get(piece.0 as usize) else {
            return Ok(());
        };
        if self.progress[piece.0 as usize].verified.has(piece.1) {
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
}

impl Collector {
    /// Notes which torrent a connection is about, and when it had data of it.
    fn note_kinship(&mut self, torrent: u32, came: &Came<'_>, is_sure: bool) {
        let stream = self.senders.get(came.sender).map(|sender| sender.stream);
        let span = came.stamps.map(|stamp| stamp.time);
        if is_sure && let Some(stream) = stream {
            self.prove(stream, torrent, Proof::Word);
        }
        if is_sure || stream.is_some_and(|stream| self.kinship.is_of(stream, torrent)) {
            join(&mut self.progress[torrent as usize].span, span);
        } else if let Some(stream) = stream {
            self.kinship.wait(stream, span);
        }
    }
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
