//! How the flow tables hand connections their bytes.

use crate::flow::{Chunk, Close, Connection, Gap, Side, Streams};
use crate::packet::Stamp;
use crate::session::resync;
use crate::session::{Conflict, Conversation, Encryption, Finish};

use super::connection::Connections;
use super::early::EarlyGaps;
use super::locks::Watched;
use super::observer::StreamBytes;
use super::peering::{Peering, Reading};
use super::reading::ConnectionReader;

impl Streams for Connections<'_> {
    type State = Peering;

    fn open(&mut self, connection: &Connection) -> Peering {
        self.attempts.begins(connection);
        Peering {
            readings: [Reading::Probing, Reading::Probing],
            opening: None,
            conversation: Box::new(Conversation::new(&self.budget)),
            encryption: Encryption::None,
            decryption: None,
            watched: [Watched::No; 2],
            is_peer_wire: false,
            early_gaps: EarlyGaps::new(&self.budget),
            negotiation_from: None,
            http: None,
            web: None,
            finishes: [None; 2],
            sent: [0; 2],
            has_bytes: false,
            answer: None,
            negotiation: None,
        }
    }

    fn data(&mut self, connection: &Connection, state: &mut Peering, from: Side, chunk: Chunk<'_>) {
        state.sent[from.index()] = chunk.offset + chunk.bytes.len() as u64;
        state.has_bytes = true;
        if self.audience.interest.wants_bytes(connection.stream) {
            self.audience.observer.bytes(&StreamBytes {
                connection,
                from,
                offset: chunk.offset,
                bytes: chunk.bytes,
            });
        }
        let mut at = ConnectionReader::new(connection, state, self);
        if at.shared.locks.is_some() {
            at.watch(from, chunk);
        } else {
            at.receive(from, chunk);
        }
    }

    fn gap(&mut self, connection: &Connection, state: &mut Peering, from: Side, gap: Gap) {
        state.sent[from.index()] = gap.offset + gap.length.unwrap_or(0);
        ConnectionReader::new(connection, state, self).gap(from, gap);
    }

    fn finished(
        &mut self,
        connection: &Connection,
        state: &mut Peering,
        from: Side,
        reset: bool,
        stamp: Stamp,
    ) {
        state.finishes[from.index()].get_or_insert(Finish { reset, stamp });
        let mut at = ConnectionReader::new(connection, state, self);
        at.note_look();
        at.end(from);
    }

    fn conflict(
        &mut self,
        connection: &Connection,
        state: &mut Peering,
        from: Side,
        offset: u64,
        stamp: Stamp,
    ) {
        state.conversation.speakers[from.index()].conflicts += 1;
        if state.is_peer_wire {
            self.audience.observer.conflict(&Conflict {
                connection,
                from,
                offset,
                stamp,
            });
        }
    }

    fn close(&mut self, connection: &Connection, mut state: Peering, how: Close) {
        ConnectionReader::new(connection, &mut state, self).close(how);
        self.overview.add(connection, &state);
    }

    fn is_certain(&self, payload: &[u8]) -> bool {
        resync::is_certain(payload)
    }

    fn wanted(&self, state: &Peering) -> bool {
        let off = |reading: &Reading| matches!(reading, Reading::Off);
        let is_watched = state.watched.iter().any(Watched::is_on);
        state.http.is_some() || state.web.is_some() || is_watched || !state.readings.iter().all(off)
    }
}
