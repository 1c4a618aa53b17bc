//! The state of one connection, and how the flow tables hand it its bytes.

use crate::flow::{Chunk, Close, Connection, Gap, Side, Streams};
use crate::packet::Stamp;
use crate::session::resync;
use crate::session::{
    Budget, Conversation, Encryption, Finish, Framer, HttpTracker, KeyLog, Negotiation, Resync,
    Torrents, WebConnection,
};
use crate::wire::Tree;

use super::attempts::Attempts;
use super::audience::Audience;
use super::decryption::{Decryption, MAX_GAPS};
use super::early::EarlyGaps;
use super::locked::{Locks, Watched};
use super::opening::Opening;
use super::overview::Overview;
use super::reading::At;
use super::{Ahead, Conflict, Observer, StreamBytes};

/// What all connections share.
pub struct Connections<'o> {
    /// Whom to tell.
    pub audience: Audience<'o>,
    /// The torrents known so far.
    pub torrents: Torrents,
    /// Attempts that failed, until it is known whether they are told.
    pub attempts: Attempts,
    /// The fields of the latest message, if the observer asks for them.
    pub fields: Tree,
    /// The packet that is being read.
    pub now: Option<Stamp>,
    /// The keys of encrypted connections known so far.
    pub keys: KeyLog,
    /// Looks for more of them further on in the capture.
    pub ahead: Option<Ahead>,
    /// The directions that states of RC4 may yet open, where such states come
    /// while the packets do.
    pub locks: Option<Box<Locks>>,
    /// What all connections may still hold.
    pub budget: Budget,
    /// Bytes of keystreams that may yet be passed over at gaps.
    pub gap_allowance: u64,
    /// What there was.
    pub overview: Overview,
    /// What is being decrypted: memory that is reused.
    pub plain: Vec<u8>,
}

impl<'o> Connections<'o> {
    /// No connection yet.
    pub fn new(observer: &'o mut dyn Observer, torrents: Torrents) -> Self {
        let audience = Audience::new(observer);
        let budget = Budget::default();
        Self {
            attempts: Attempts::new(audience.interest.attempts, &budget),
            audience,
            now: None,
            torrents,
            keys: KeyLog::default(),
            ahead: None,
            locks: None,
            budget,
            fields: Tree::new(),
            gap_allowance: MAX_GAPS,
            overview: Overview::default(),
            plain: Vec::new(),
        }
    }

    /// The packet `now` is next: tells what was held for long enough.
    #[inline]
    pub fn at(&mut self, now: Stamp) {
        self.now = Some(now);
        for attempt in self.attempts.due(now, &self.audience.ends) {
            self.audience.connection(&attempt);
        }
    }

    /// The capture is over: tells what was held.
    pub fn tell_held(&mut self) {
        for attempt in self.attempts.finish(&self.audience.ends) {
            self.audience.connection(&attempt);
        }
    }
}

/// How one direction is read at present.
pub enum Reading {
    /// Its first bytes are held, not judged yet.
    Probing,
    /// In step.
    Framing(Framer),
    /// Out of step.
    Searching(Box<Resync>),
    /// Encrypted, only counted.
    Encrypted(Encrypted),
    /// Of no use.
    Off,
}

impl Reading {
    /// The framer, while in step.
    pub fn framer(&mut self) -> Option<&mut Framer> {
        match self {
            Self::Framing(framer) => Some(framer),
            _ => None,
        }
    }
}

/// A run of encrypted bytes.
#[derive(Clone, Copy)]
pub struct Encrypted {
    /// Stream offset of the first one.
    pub offset: u64,
    /// How many.
    pub bytes: u64,
    /// Packets that brought them.
    pub packets: u64,
    /// First packet.
    pub first: Stamp,
    /// Last packet.
    pub last: Stamp,
    /// The keys are known, but not where in the keystream the bytes belong.
    pub astray: bool,
}

/// The state of one connection.
pub struct Peering {
    /// Initiator and acceptor.
    pub readings: [Reading; 2],
    /// What is held while it is not known what the connection is.
    pub opening: Option<Box<Opening>>,
    /// What the peers have told each other.
    pub conversation: Box<Conversation>,
    /// How it is encrypted.
    pub encryption: Encryption,
    /// Its keystreams, where its keys are known.
    pub decryption: Option<Box<Decryption>>,
    /// Whether each direction waits for a state that opens it.
    pub watched: [Watched; 2],
    /// Known to be BitTorrent.
    pub is_peer_wire: bool,
    /// Gaps from before that was known.
    pub early_gaps: EarlyGaps,
    /// The initiator's MSE negotiation is told once its end is found: where in
    /// its stream it began.
    pub negotiation_from: Option<(u64, Stamp)>,
    /// It is a connection to a tracker.
    pub http: Option<Box<HttpTracker>>,
    /// It is a connection of the web, and the observer wants to be told of it.
    pub web: Option<Box<WebConnection>>,
    /// How each end stopped sending.
    pub finishes: [Option<Finish>; 2],
    /// Stream bytes that each side sent, as far as the capture shows.
    pub sent: [u64; 2],
    /// Some of these bytes are in the capture.
    pub has_bytes: bool,
    /// While it is not known to be BitTorrent: its first bytes may be MSE, and that
    /// came so far.
    pub negotiation: Option<Negotiation>,
}

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
        let mut at = At::new(connection, state, self);
        if at.shared.locks.is_some() {
            at.watch(from, chunk);
        } else {
            at.receive(from, chunk);
        }
    }

    fn gap(&mut self, connection: &Connection, state: &mut Peering, from: Side, gap: Gap) {
        state.sent[from.index()] = gap.offset + gap.length.unwrap_or(0);
        At::new(connection, state, self).gap(from, gap);
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
        let mut at = At::new(connection, state, self);
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
        At::new(connection, &mut state, self).close(how);
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
