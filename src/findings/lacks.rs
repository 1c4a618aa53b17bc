//! Which evidence the connections of a capture lack.

use super::evidence::{Evidence, Unmet};
use crate::flow::Side;
use crate::session::{Encryption, Ended, Speaker};

/// The connections that lack each kind of evidence.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lacks {
    unmet: [Unmet; Evidence::ALL.len()],
}

impl Lacks {
    /// The connections that lack this.
    pub fn of(&self, evidence: Evidence) -> Unmet {
        self.unmet[evidence as usize]
    }

    /// A connection lacks this.
    pub fn add(&mut self, evidence: Evidence, stream: u64) {
        self.unmet[evidence as usize].add(stream);
    }

    /// Notes what a connection that is over lacks; the data of its pieces is evidence only
    /// where it is hashed.
    pub fn note(&mut self, ended: &Ended<'_>, is_hashed: bool) {
        let speakers = &ended.conversation.speakers;
        let stream = ended.connection.stream;
        let is_readable = ended.encryption != Encryption::MseRc4
            || speakers.iter().any(|speaker| speaker.counts.total() > 0);
        if !is_readable {
            return self.add(Evidence::Plaintext, stream);
        }
        let is_without = |has: fn(&Speaker) -> bool| !speakers.iter().all(has);
        // What a side did not say at all is not what the capture lacks.
        let is_seen = ended.encryption == Encryption::None
            && ended.connection.from_start
            && Side::BOTH.into_iter().all(|side| !ended.is_hidden(side))
            && speakers.iter().all(|speaker| speaker.gaps == 0);
        let has_greeted = |speaker: &Speaker| speaker.handshake.is_some();
        let extends = |speaker: &Speaker| {
            let handshake = speaker.handshake;
            speaker.extensions.is_some()
                || handshake.is_some_and(|handshake| !handshake.reserved.extension())
        };
        let lacks = [
            (Evidence::Handshakes, !is_seen && is_without(has_greeted)),
            (Evidence::Whole, is_without(|speaker| speaker.gaps == 0)),
            (Evidence::Torrent, ended.conversation.torrent.is_none()),
            (Evidence::ExtendedHandshake, !is_seen && is_without(extends)),
            (Evidence::Data, !is_hashed),
        ];
        for (evidence, is_missing) in lacks {
            if is_missing {
                self.add(evidence, stream);
            }
        }
    }
}
