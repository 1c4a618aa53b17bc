//! Directions whose keys may come later: states of RC4 open them on the way, from
//! where they are then.

use crate::flow::{Chunk, Gap, Side};
use crate::keys::matching::{Keystream, Kind};
use crate::session::{Certainty, Encryption, Opened};
use crate::wire::mse::{Method, PUBLIC_KEY, Rc4, StateLine};

use super::decryption::Decryption;
use super::locks::Watched;
use super::opening::Probe;
use super::peering::Reading;
use super::reading::ConnectionReader;
use super::survey::{kind, may_be_encrypted};

impl ConnectionReader<'_, '_> {
    /// Before the first connection is judged that may need keys: looks for them
    /// further on in the capture.
    pub fn look_ahead(&mut self, from: Side) {
        if self.shared.ahead.is_none() {
            return;
        }
        let Some(opening) = &self.state.opening else {
            return;
        };
        let bytes = &opening.probe(from).bytes;
        let is_enough = bytes.len() >= PUBLIC_KEY || !self.connection.from_start;
        if is_enough
            && may_be_encrypted(bytes)
            && let Some(ahead) = self.shared.ahead.take()
        {
            ahead(&mut self.shared.keys);
        }
    }

    /// Judges the first captured bytes of a direction in mid-connection by what
    /// states have opened. False if none has.
    pub fn judge_middle(&mut self, from: Side, more: bool) -> bool {
        let Some(opening) = self.state.opening.as_deref_mut() else {
            return false;
        };
        let probe = &opening.probes[from.index()];
        if self.connection.from_start && probe.offset == 0 {
            return false;
        }
        let cipher = match self.shared.keys.opens_middle(&probe.bytes) {
            Opened::Not => return false,
            Opened::Unknown => return more,
            Opened::By(cipher) => cipher.clone(),
        };
        let probe: Probe = std::mem::take(&mut opening.probes[from.index()]);
        if !self.open_from(from, probe.offset, cipher) {
            opening_back(self, from, probe);
            return false;
        }
        for chunk in probe.chunks(0) {
            self.receive(from, chunk);
        }
        true
    }

    /// From `offset` on, the bytes of `from` are decrypted, and searched for the
    /// next message. False where no memory may be used for that.
    fn open_from(&mut self, from: Side, offset: u64, cipher: Rc4) -> bool {
        if self.state.decryption.is_none() {
            self.state.decryption = Decryption::new(None, &self.shared.budget);
        }
        let Some(decryption) = &mut self.state.decryption else {
            return false;
        };
        decryption.method = Some(Method::Rc4);
        decryption.begin(from, cipher, offset);
        self.state.encryption = Encryption::MseRc4;
        self.state.conversation.certainty = Certainty::Certain;
        self.found_peer_wire();
        self.begin_search(from, offset);
        true
    }

    /// Bytes of `from` as they are in the capture, where states may come later.
    pub fn watch(&mut self, from: Side, chunk: Chunk<'_>) {
        let is_clear = self.state.is_peer_wire && self.state.encryption == Encryption::None;
        if is_clear || self.state.http.is_some() {
            self.unwatch();
        } else if let Some(found) = self.hear(from, chunk) {
            self.unlock(from, chunk.offset, &found);
        }
        self.repeat(from, chunk);
        self.receive(from, chunk);
    }

    /// Watches a direction; gives its keystream once that is known.
    fn hear(&mut self, from: Side, chunk: Chunk<'_>) -> Option<Keystream> {
        let locks = self.shared.locks.as_deref_mut()?;
        let watched = &mut self.state.watched[from.index()];
        if *watched == Watched::No {
            let kind = kind(self.connection, from, chunk.offset);
            let is_wanted = (kind != Kind::Middle || locks.in_middle)
                && self.state.decryption.is_none()
                && may_be_encrypted(chunk.bytes);
            let id = if is_wanted {
                locks.matcher.open(kind, chunk.offset)
            } else {
                None
            };
            *watched = id.map_or(Watched::Never, Watched::As);
        }
        let Watched::As(id) = *watched else {
            return None;
        };
        locks.heard += chunk.bytes.len() as u64;
        locks.matcher.hear(id, chunk.offset, chunk.bytes).cloned()
    }

    /// The keystream of a watched direction is known, and its next byte is at
    /// `offset`.
    fn unlock(&mut self, from: Side, offset: u64, found: &Keystream) {
        let side = from.index();
        let Watched::As(id) = self.state.watched[side] else {
            return;
        };
        let Some(locks) = self.shared.locks.as_deref_mut() else {
            return;
        };
        self.state.watched[side] = Watched::Open(locks.round);
        let start = found.start.as_ref();
        let start = start.map(|(_, cipher)| {
            let mut cipher = cipher.clone();
            cipher.go_back(Rc4::DROP);
            cipher
        });
        let state = found.state.as_ref().map(|(_, cipher)| cipher.clone());
        if let Some(cipher) = start.or(state) {
            locks.tell(StateLine {
                anchor: None,
                cipher,
            });
        }
        let lock = locks.matcher.lock(id);
        let key = lock.and_then(|lock| lock.bytes.first_chunk().copied());
        locks.matcher.close(id);
        match self.state.readings[side] {
            // Still all there: what is held is judged with the state.
            Reading::Probing => {
                if let (Some(key), Some((_, at_vc))) = (key, &found.start) {
                    self.shared.keys.add_beginning(key, at_vc.clone());
                } else if let Some(cipher) = found.at(offset) {
                    self.open_from(from, offset, cipher);
                }
            }
            Reading::Framing(_) => {}
            Reading::Encrypted(run) => {
                if let Some(cipher) = found.at(offset)
                    && self.open_from(from, offset, cipher)
                {
                    self.tell_encrypted(from, run);
                }
            }
            Reading::Searching(_) | Reading::Off => {
                self.end_search(from);
                if let Some(cipher) = found.at(offset) {
                    self.open_from(from, offset, cipher);
                }
            }
        }
    }

    /// Tells the state before `chunk`, if it is asked for.
    fn repeat(&mut self, from: Side, chunk: Chunk<'_>) {
        let Some(locks) = self.shared.locks.as_deref_mut() else {
            return;
        };
        let watched = &mut self.state.watched[from.index()];
        let decryption = self.state.decryption.as_ref();
        if let Watched::Open(round) = watched
            && *round != locks.round
            && let Some(cipher) = decryption.and_then(|decryption| decryption.keystream(from))
        {
            *round = locks.round;
            locks.tell(StateLine {
                anchor: chunk.bytes.first_chunk().copied(),
                cipher: cipher.clone(),
            });
        }
    }

    /// Bytes of `from` are missing: where it is not known how many, no state says
    /// any more where the next ones belong.
    pub fn watch_gap(&mut self, from: Side, gap: &Gap) {
        if gap.length.is_none() {
            self.unwatch_side(from);
        }
    }

    /// Nothing is waited for any more.
    pub fn unwatch(&mut self) {
        for side in Side::BOTH {
            self.unwatch_side(side);
        }
    }

    fn unwatch_side(&mut self, side: Side) {
        let watched = &mut self.state.watched[side.index()];
        if let (Watched::As(id), Some(locks)) = (*watched, &mut self.shared.locks) {
            locks.matcher.close(id);
            *watched = Watched::Never;
        }
    }
}

/// Puts back what was taken to be decrypted.
fn opening_back(at: &mut ConnectionReader<'_, '_>, from: Side, probe: Probe) {
    if let Some(opening) = at.state.opening.as_deref_mut() {
        opening.probes[from.index()] = probe;
    }
}
