//! Complete pieces are checked, and their senders judged.

use super::action::{Action, Outcome, Report};
use super::bans::NewBan;
use super::coordinator::Torrent;
use super::peer_key::PeerKey;
use super::source::Source;
use crate::active::machine::Close;
use crate::torrent::{Inconsistent, Verdict};

impl Torrent {
    /// Hands a complete piece to the check.
    pub(super) fn check(&mut self, piece: u32) {
        let content = self.pieces.content();
        let Some(check) = content.and_then(|content| content.check(piece)) else {
            return;
        };
        let digests = self.smart_ban.is_suspect(piece);
        let job = self.downloader.begin_check(piece, check, digests);
        self.actions.extend(job.map(Action::Check));
    }

    /// The outcome of a check.
    pub fn checked(&mut self, outcome: Outcome) {
        let Some(senders) = self.downloader.end_check(outcome.piece) else {
            return;
        };
        match outcome.verdict {
            Verdict::Good => self.piece_is_good(outcome.piece, &outcome.digests),
            Verdict::Bad => self.piece_is_bad(outcome.piece, &senders, &outcome.digests),
            // No other peer could send it better: it is not fetched again.
            Verdict::Inconsistent(fits) => {
                let piece = outcome.piece;
                let inconsistent = Inconsistent { piece, fits };
                self.actions.push_back(Action::Inconsistent(inconsistent));
            }
        }
        self.downloader.recycle(outcome.data);
        // There may be room for a new piece now.
        self.peers.wake_all();
    }

    fn piece_is_good(&mut self, piece: u32, digests: &[[u8; 20]]) {
        self.pieces.add(piece);
        for liar in self.smart_ban.acquit(piece, digests) {
            self.ban(&liar);
        }
        if self.pieces.have().is_all() {
            if !self.options.is_guest {
                for peer in self.peers.values_mut() {
                    peer.connection.set_interested(false);
                }
            }
            self.actions.push_back(Action::Finished);
        }
    }

    fn piece_is_bad(&mut self, piece: u32, senders: &[PeerKey], digests: &[[u8; 20]]) {
        self.downloader.picker.reopen(piece);
        let from = self.smart_ban.accuse(piece, senders, digests);
        let liar = match &from[..] {
            [only] => Some(only.clone()),
            _ => None,
        };
        self.report(Report::BadPiece { piece, from });
        if let Some(liar) = liar {
            self.ban(&liar);
        }
    }

    /// A peer has sent wrong data: it is banned and disconnected.
    fn ban(&mut self, liar: &Source) {
        self.ban_for(liar, Report::Banned(liar.clone()));
        for key in self.peers.at(liar.address) {
            self.close(key, Close::Liar);
        }
    }

    /// Bans a peer, and reports why. Other peers of its host that are connected stay:
    /// they have sent nothing wrong.
    pub(super) fn ban_for(&mut self, liar: &Source, report: Report) {
        let new_ban = self.smart_ban.ban(liar);
        if new_ban != NewBan::None {
            self.report(report);
        }
        if new_ban == NewBan::Host {
            self.report(Report::BannedHost(liar.address.ip()));
        }
    }
}
