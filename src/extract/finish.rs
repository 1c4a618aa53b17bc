//! The capture is over: what could not be verified, the names of files, what is told.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use super::assembly::PieceKey;
use super::catalog::{Known, Origin};
use super::collector::{Collector, Progress, Trouble};
use super::metafile;
use super::output::Output;
use super::raw::{RawBlock, RawKey};
use super::results::{
    Extracted, ExtractedFile, ExtractedTorrent, Given, PieceMap, Provenance, Written,
};
use super::sender::SenderId;
use crate::torrent::{Taken, is_any_too_long, paths_below, safe_name, short_name};

/// Bytes of a run that are one block of `--raw`.
const RAW_RUN: u32 = 1 << 20;

/// Writes the map of a torrent whose files are written in part.
pub type WriteMap<'w> = &'w dyn Fn(&mut dyn std::io::Write, &PieceMap<'_>) -> std::io::Result<()>;

impl Collector {
    /// Gives the files their names; `map` writes the maps. Gives what came of it, the
    /// folder, and what went wrong first.
    pub fn finish(mut self, map: WriteMap<'_>) -> (Extracted, Option<Output>, Option<Trouble>) {
        if self.trouble.is_none() {
            self.trouble = self.settle().err();
        }
        let mut raw = Vec::new();
        if let (Some(blocks), Some(output)) = (self.raw.take(), &self.output) {
            match blocks.finish(output) {
                Ok(files) => raw = files,
                Err(error) => {
                    self.trouble.get_or_insert(error.into());
                }
            }
        }
        let mut namer = Namer {
            output: self.output.take(),
            names: Taken::default(),
            partial: self.options.partial,
            trouble: self.trouble.take(),
            shortened: 0,
        };
        let mut torrents = Vec::new();
        let progress = std::mem::take(&mut self.progress);
        for ((number, known), progress) in (0..).zip(&self.catalog.torrents).zip(progress) {
            let is_seen = progress.has_data() || known.origin != Origin::Given;
            if is_seen {
                torrents.push(namer.torrent(number, known, progress, map));
            }
        }
        let extracted = Extracted {
            torrents,
            senders: self.senders,
            unknown_blocks: self.unknown_blocks,
            unknown_bytes: self.unknown_bytes,
            raw,
            left_out: self.assembly.left_out,
            left_packed: self.left_packed,
            unread: self.unread,
            untried: self.untried,
            shortened: namer.shortened,
        };
        (extracted, namer.output, namer.trouble)
    }

    /// Tries what was not tried with all that came; what is left is not verified.
    fn settle(&mut self) -> Result<(), Trouble> {
        self.end_fetches()?;
        // What is proven late says of what came before which torrent it is of.
        for key in self.assembly.keys() {
            self.retry(key)?;
        }
        let mut unknown = HashSet::default();
        for key in self.assembly.keys() {
            self.leave(key);
            self.keep_apart(key, &mut unknown)?;
        }
        self.drop_strangers();
        Ok(())
    }

    /// A piece stays without proof.
    fn leave(&mut self, key: PieceKey) {
        let Some(draft) = self.assembly.get(key) else {
            return;
        };
        let is_wrong = draft.has_failed;
        let own = draft
            .parts()
            .filter(|(_, part)| self.kin(key.0, part.sender) == Kin::Own);
        let own: Vec<Provenance> = own
            .map(|(place, part)| Provenance {
                piece: key.1,
                begin: place.0,
                length: part.length,
                sender: part.sender,
                frames: part.frames,
            })
            .collect();
        self.progress[key.0 as usize].unverified += u32::from(!own.is_empty());
        if is_wrong {
            for of in own {
                self.note_failure(key.0, of, false);
            }
        }
    }

    /// Holds nothing against those who may not have sent data of the torrent at all.
    fn drop_strangers(&mut self) {
        let mut progress = std::mem::take(&mut self.progress);
        for (number, progress) in (0..).zip(&mut progress) {
            let failures = &mut progress.failures;
            failures.retain(|failure| self.kin(number, failure.of.sender) == Kin::Own);
        }
        self.progress = progress;
    }

    /// Whether what `sender` sent is of a torrent.
    fn kin(&self, torrent: u32, sender: SenderId) -> Kin {
        match self.senders.get(sender).map(|sender| sender.stream) {
            // One too many: nothing of it was guessed.
            None => Kin::Own,
            Some(stream) if self.kinship.is_of(stream, torrent) => Kin::Own,
            Some(stream) if !self.kinship.is_of_any(stream) => Kin::Unknown(stream),
            Some(_) => Kin::Other,
        }
    }

    fn retry(&mut self, key: PieceKey) -> Result<(), Trouble> {
        let size = self
            .catalog
            .get(key.0)
            .map_or(0, |known| known.content.piece_size(key.1));
        let is_worth_it = |draft: &super::draft::Draft| draft.is_covered(size) && draft.has_news();
        if self.assembly.get(key).is_some_and(is_worth_it) {
            self.try_piece(key)?;
        }
        Ok(())
    }

    /// The parts of a piece that is not verified: those of no torrent that is known are
    /// counted, once, and with `--raw` all are kept.
    fn keep_apart(&mut self, key: PieceKey, unknown: &mut Unknown) -> Result<(), Trouble> {
        let (Some(known), Some(draft)) = (
            self.catalog.torrents.get(key.0 as usize),
            self.assembly.get(key),
        ) else {
            return Ok(());
        };
        let hash = known.content.info.info_hashes().next().unwrap_or_default();
        for (place, part) in draft.parts() {
            let raw_key = match self.kin(key.0, part.sender) {
                Kin::Own => RawKey::Torrent(hash),
                Kin::Unknown(stream) => {
                    // Each torrent that it was tried with has it.
                    if !unknown.insert((part.sender, part.frames, key.1, place.0)) {
                        continue;
                    }
                    self.unknown_blocks += 1;
                    self.unknown_bytes += u64::from(part.length);
                    RawKey::Stream(stream)
                }
                Kin::Other => continue,
            };
            let (Some(raw), Some(output)) = (&mut self.raw, &mut self.output) else {
                continue;
            };
            let end = place.0 + part.length;
            for begin in (place.0..end).step_by(RAW_RUN as usize) {
                let run = super::draft::Segment {
                    begin,
                    end: end.min(begin.saturating_add(RAW_RUN)),
                    part: Some(*place),
                };
                let mut bytes = Vec::with_capacity((run.end - run.begin) as usize);
                draft.read(&[run], &self.assembly.spool, |_, part| {
                    bytes.extend_from_slice(part);
                    Ok(())
                })?;
                let block = RawBlock {
                    piece: key.1,
                    begin,
                    sender: self.senders.get(part.sender),
                    frames: part.frames,
                };
                raw.add(output, raw_key, &block, &bytes)?;
            }
        }
        Ok(())
    }
}

/// What a connection is about, as a torrent sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kin {
    /// This torrent.
    Own,
    /// Another.
    Other,
    /// None that is known, so far as the connection of that number shows.
    Unknown(u64),
}

/// Parts of no torrent that were met: sender, packets, piece and offset.
type Unknown = HashSet<(SenderId, [u64; 2], u32, u32)>;

/// Gives files their names.
struct Namer {
    output: Option<Output>,
    /// The names, where nothing is written.
    names: Taken,
    partial: bool,
    trouble: Option<Trouble>,
    /// Torrents with names too long for a file system.
    shortened: u64,
}

impl Namer {
    fn claim(&mut self, name: String) -> String {
        match &mut self.output {
            Some(output) => output.claim(name),
            None => self.names.free(name),
        }
    }

    fn torrent(
        &mut self,
        number: u32,
        known: &Known,
        progress: Progress,
        map: WriteMap<'_>,
    ) -> ExtractedTorrent {
        let content = &known.content;
        let info = &content.info;
        let whole = safe_name(info.name_bytes());
        let length = whole.len();
        let name = short_name(whole);
        let is_short = name.len() < length || is_any_too_long(info);
        self.shortened += u64::from(is_short);
        let root = self.claim(name);
        let has_data = progress.has_data();
        let mut have = vec![0; info.files().len()];
        for piece in progress.verified.iter() {
            let (start, size) = (content.piece_start(piece), content.piece_size(piece));
            for extent in info.extents(start, size.into()) {
                have[extent.file] += extent.length;
            }
        }
        let mut files = Vec::new();
        let paths = paths_below(Path::new(&root), info);
        for (((at, file), path), have) in (0..).zip(info.files()).zip(paths).zip(have) {
            let Some(path) = path else { continue };
            let mut file = ExtractedFile {
                path: path.to_string_lossy().into_owned(),
                length: file.length,
                have,
                written: None,
            };
            if has_data {
                self.file((number, at), &mut file);
            }
            files.push(file);
        }
        let is_whole = files.iter().all(ExtractedFile::is_whole);
        let metafile = self.metafile(known, &root);
        let mut torrent = ExtractedTorrent {
            number,
            v1: info.v1_hash(),
            v2: info.v2_hash(),
            name: info.name_bytes().to_vec(),
            origin: known.origin,
            metafile,
            missing_layers: content.missing_layers().len(),
            piece_length: info.piece_length(),
            verified: progress.verified,
            provenance: progress.provenance,
            forgotten: progress.forgotten,
            failures: progress.failures,
            unverified: progress.unverified,
            inconsistent: progress.inconsistent,
            files,
            map: None,
            span: progress.span,
        };
        torrent
            .provenance
            .sort_by_key(|from| (from.piece, from.begin));
        torrent
            .failures
            .sort_by_key(|failure| (failure.of.piece, failure.of.begin, failure.of.sender));
        if self.partial && has_data && !is_whole {
            torrent.map = self.put(format!("{root}.pieces.json"), |out| {
                map(out, &PieceMap(&torrent))
            });
        }
        torrent
    }

    /// Gives a file its name, if it is worth one.
    fn file(&mut self, number: (u32, u32), file: &mut ExtractedFile) {
        let Some(output) = &mut self.output else {
            return;
        };
        let given = match (file.is_whole(), self.partial && file.have > 0) {
            (true, _) => Given::Whole,
            (false, true) => Given::Partial,
            (false, false) => return output.discard(number.0, number.1),
        };
        match output.finish(number.0, number.1, &file.path, file.length) {
            Ok(sha256) => file.written = Some(Written { given, sha256 }),
            Err(error) => {
                output.discard(number.0, number.1);
                self.trouble.get_or_insert(error.into());
            }
        }
    }

    /// Writes the `.torrent`, if it comes from the capture.
    fn metafile(&mut self, known: &Known, root: &str) -> Option<String> {
        let bytes = match (&known.file, known.origin) {
            (_, Origin::Given) => return None,
            (Some(file), _) => Ok(file.clone()),
            (None, _) => {
                metafile::encode(&known.content, &known.trackers).map_err(io::Error::other)
            }
        };
        self.put(format!("{root}.torrent"), |out| out.write_all(&bytes?))
    }

    /// Writes a file that stands beside the torrent's own; gives its name.
    fn put(
        &mut self,
        name: String,
        write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> Option<String> {
        let name = self.claim(name);
        let output = self.output.as_mut()?;
        match output.put(&name, write) {
            Ok(()) => Some(name),
            Err(error) => {
                self.trouble.get_or_insert(error.into());
                None
            }
        }
    }
}
