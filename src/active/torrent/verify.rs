//! Checked pieces: who told the truth.

use std::collections::BTreeSet;

use super::bans::News;
use super::partial::Partial;
use super::{Action, Job, MAX_UNCHECKED, Outcome, PeerKey, Report, Source, Torrent};
use crate::active::machine::Close;
use crate::torrent::{Inconsistent, PieceBuffer, Verdict};

/// Blocks of a piece that failed: who sent each, and its hash. When the piece is
/// right in the end, those whose blocks differ have lied.
#[derive(Debug)]
pub(super) struct Suspects(Vec<(Source, [u8; 20])>);

/// Wrong pieces whose senders are remembered.
const MAX_SUSPECTS: usize = 256;

/// Senders that are gone and remembered before it is asked whether they matter.
const MAX_GONE: usize = 64;

/// Buffers that are kept.
const MAX_SPARE: usize = 16;

impl Torrent {
    /// Hands a piece whose blocks are all there to the check.
    pub(super) fn check(&mut self, piece: u32) {
        let check = self.content.as_ref().and_then(|c| c.check(piece));
        let (Some(check), Some(partial)) = (check, self.partials.remove(&piece)) else {
            return;
        };
        self.checking.insert(piece, partial.senders());
        self.actions.push_back(Action::Check(Job {
            piece,
            data: partial.buffer,
            check,
            digests: self.suspects.contains_key(&piece),
        }));
    }

    /// The outcome of a check.
    pub fn checked(&mut self, outcome: Outcome) {
        let Some(senders) = self.checking.remove(&outcome.piece) else {
            return;
        };
        match outcome.verdict {
            Verdict::Good => self.good(outcome.piece, &outcome.digests),
            Verdict::Bad => self.bad(outcome.piece, &senders, &outcome.digests),
            // Nobody has anything better: it is not fetched again.
            Verdict::Inconsistent(fits) => {
                let piece = outcome.piece;
                let inconsistent = Inconsistent { piece, fits };
                self.actions.push_back(Action::Inconsistent(inconsistent));
            }
        }
        self.keep_buffer(outcome.data);
        // A finished check may make room for a new piece.
        self.wake_all();
    }

    /// Keeps the buffer of a piece for the next one, if it is not too long.
    fn keep_buffer(&mut self, buffer: PieceBuffer) {
        let kept: usize = self.spare.iter().map(PieceBuffer::capacity).sum();
        let held = self.unchecked() + (kept + buffer.capacity()) as u64;
        if self.spare.len() < MAX_SPARE && held <= MAX_UNCHECKED {
            self.spare.push(buffer);
        }
    }

    fn good(&mut self, piece: u32, digests: &[[u8; 20]]) {
        if self.have.insert(piece) {
            let content = self.content.as_ref();
            self.have_bytes += content.map_or(0, |content| content.data_size(piece));
        }
        self.untold.push(piece);
        if let Some(Suspects(suspects)) = self.suspects.remove(&piece) {
            let mut liars: Vec<Source> = Vec::new();
            for ((source, was), is) in suspects.into_iter().zip(digests) {
                if was != *is && !liars.contains(&source) {
                    liars.push(source);
                }
            }
            for liar in liars {
                self.ban(&liar);
            }
        }
        if self.have.is_all() {
            if !self.options.is_guest {
                for peer in self.peers.values_mut() {
                    peer.connection.set_interested(false);
                }
            }
            self.actions.push_back(Action::Finished);
        }
    }

    fn bad(&mut self, piece: u32, senders: &[PeerKey], digests: &[[u8; 20]]) {
        let sources = senders.iter().filter_map(|key| self.sources.get(key));
        let sources: Vec<Source> = sources.cloned().collect();
        let mut from: Vec<Source> = Vec::new();
        for source in &sources {
            if !from.contains(source) {
                from.push(source.clone());
            }
        }
        self.picker.reopen(piece);
        self.actions.push_back(Action::Report(Report::BadPiece {
            piece,
            from: from.clone(),
        }));
        if let [liar] = &from[..] {
            self.ban(liar);
        } else if self.suspects.len() < MAX_SUSPECTS && sources.len() == digests.len() {
            let suspects = sources.into_iter().zip(digests.iter().copied());
            self.suspects
                .entry(piece)
                .or_insert_with(|| Suspects(suspects.collect()));
        }
    }

    /// Forgets those that have gone and have no part in a piece that is not
    /// checked yet.
    pub(super) fn forget_sources(&mut self) {
        if self.sources.len() < self.peers.len() + MAX_GONE {
            return;
        }
        let partials = self.partials.values().map(Partial::senders);
        let checking = self.checking.values().cloned();
        let needed: BTreeSet<_> = partials.chain(checking).flatten().collect();
        let peers = &self.peers;
        self.sources
            .retain(|key, _| peers.contains_key(key) || needed.contains(key));
    }

    /// This peer has sent wrong data: it is neither asked nor let in again.
    fn ban(&mut self, liar: &Source) {
        self.shut_out(liar, Report::Banned(liar.clone()));
        let same = self.peers.iter().filter(|(_, p)| p.address == liar.address);
        let keys: Vec<_> = same.map(|(key, _)| *key).collect();
        for key in keys {
            self.close(key, Close::Liar);
        }
    }

    /// Bans a peer, and tells why. Others of its host that are here stay: what
    /// they send speaks for them.
    pub(super) fn shut_out(&mut self, liar: &Source, report: Report) {
        let news = self.bans.add(liar.address, liar.role, liar.peer_id);
        if news != News::None {
            self.actions.push_back(Action::Report(report));
        }
        if news == News::Host {
            let report = Report::BannedHost(liar.address.ip());
            self.actions.push_back(Action::Report(report));
        }
    }
}
