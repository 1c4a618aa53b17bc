//! Whether a piece is right, by whose word; what is right is written, and what is not is
//! held against who sent it.

use std::collections::BTreeSet;
use std::io;

use super::kinship::{Proof, join};
use super::{Collector, Trouble};
use crate::extract::assembly::PieceKey;
use crate::extract::draft::{Draft, Preference, Segment};
use crate::extract::results::{Failure, Provenance};
use crate::torrent::{PieceHasher, Verdict};

/// Senders whose word is tried first for a piece that is wrong otherwise.
const MAX_TRIED: usize = 8;

/// What is kept of where verified pieces come from, and of what was wrong, of all
/// torrents.
const MAX_PROVENANCES: usize = 1 << 20;
const MAX_FAILURES: usize = 1 << 16;

impl Collector {
    /// Tries whether a piece is right, by everybody's word; what is right is written.
    pub(in crate::extract) fn try_piece(&mut self, key: PieceKey) -> Result<(), Trouble> {
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
        for (_, part) in draft.parts() {
            if let Some(sender) = self.senders.get(part.sender) {
                self.kinship.refute(sender.stream, key.0);
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
        // The connections that it came over are about its torrent.
        for part in plan.iter().filter_map(|segment| draft.part(segment)) {
            if let Some(sender) = self.senders.get(part.sender) {
                self.prove(sender.stream, key.0, Proof::Piece);
            }
        }
        self.remember(key, &draft, plan);
        if draft.has_choice() {
            self.compare(key, &draft, plan)?;
        }
        Ok(())
    }

    /// A connection is about a torrent: what came over it before was of it.
    pub(super) fn prove(&mut self, stream: u64, torrent: u32, proof: Proof) {
        if let Some(span) = self.kinship.prove(stream, torrent, proof) {
            join(&mut self.progress[torrent as usize].span, span);
        }
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
        let taken: BTreeSet<_> = plan.iter().filter_map(|segment| segment.part).collect();
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

    pub(in crate::extract) fn note_failure(
        &mut self,
        number: u32,
        of: Provenance,
        is_certain: bool,
    ) {
        if self.failures < MAX_FAILURES {
            self.failures += 1;
            self.progress[number as usize]
                .failures
                .push(Failure { of, is_certain });
        }
    }
}

/// Whether all of a part, as far as the piece goes, is in the plan.
fn is_all_taken(plan: &[Segment], place: (u32, u32), length: u32, size: u32) -> bool {
    let own = plan.iter().filter(|segment| segment.part == Some(place));
    let taken: u32 = own.map(|segment| segment.end - segment.begin).sum();
    taken == length.min(size - place.0.min(size))
}
