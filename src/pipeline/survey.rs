//! Reads a capture for its encrypted directions alone, and opens with states of
//! RC4 what they open: before the capture is decoded, as a state comes after the
//! packets that it is about.

use std::net::SocketAddr;

use crate::capture::{CaptureError, Packet, Source, Timestamp};
use crate::flow::{
    Carrier, Chunk, Close, Connection, Counter, Gap, Limits, Side, Streams, TcpTable, UtpTable,
};
use crate::identify::{self, Start};
use crate::keys::matching::{Kind, Matcher, Tally, Work};
use crate::packet::{Decoder, Stamp, Transport};
use crate::session::{KeyLog, resync};
use crate::wire::mse;

use super::audience::Audience;
use super::datagram::Datagrams;
use super::observer::Observer;

/// Bytes of a direction whose beginning is not there by which it is judged.
const JUDGED_BYTES: usize = 8 << 10;

/// Connections that are listed at most.
const MAX_LISTED: usize = 1 << 13;

/// Fewer bytes of an initiator are no negotiation.
const MIN_NEGOTIATION_BYTES: u64 = mse::PUBLIC_KEY as u64;

/// What the states opened of a capture.
#[derive(Debug)]
pub struct Surveyed {
    /// The encrypted connections, in the order in which they ended.
    pub connections: Vec<Locked>,
    /// What became of the states.
    pub tally: Tally,
    /// Whether there would have been more to try.
    pub is_exhausted: bool,
}

/// A connection that may be encrypted.
#[derive(Debug, Clone)]
pub struct Locked {
    /// TCP or uTP.
    pub carrier: Carrier,
    /// Addresses: initiator, acceptor.
    pub ends: [SocketAddr; 2],
    /// Time of the first packet.
    pub first: Timestamp,
    /// Whether the capture has its beginning.
    pub from_start: bool,
    /// Bytes of each direction.
    pub bytes: [u64; 2],
    /// Whether a state opened each direction.
    pub is_open: [bool; 2],
}

/// Nobody is told of anything.
struct Nobody;

impl Observer for Nobody {}

/// Reads `source` to its end, takes the secrets that it holds, and notes in
/// `keys` what the states open. The error is that of the source; what came before
/// it counts.
pub fn survey(source: &mut dyn Source, keys: &mut KeyLog) -> (Surveyed, Result<(), CaptureError>) {
    let counter = Counter::default();
    let mut decoder = Decoder::default();
    let mut tcp = TcpTable::new(Limits::default(), counter.clone());
    let mut utp = UtpTable::new(Limits::default(), counter.clone());
    let mut datagrams = Datagrams::new(counter);
    let mut nobody = Nobody;
    let mut audience = Audience::new(&mut nobody);
    let mut directions = Directions::default();
    let secrets = source.secrets();
    let read = loop {
        let packet = source.next_packet();
        for secret in secrets.take() {
            if secret.kind == mse::SECRETS_TYPE {
                keys.add_of_capture(&secret.data);
            }
        }
        let packet: Packet<'_> = match packet {
            Ok(Some(packet)) => packet,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        let stamp = Stamp {
            frame: packet.frame,
            time: packet.time,
        };
        match decoder.decode(&packet) {
            Some(Transport::Tcp(segment)) => tcp.segment(&segment, stamp, &mut directions),
            Some(Transport::Udp(datagram)) => {
                if !datagrams.hear(&datagram, stamp, &mut audience) {
                    utp.datagram(&datagram, stamp, &mut directions);
                }
            }
            Some(Transport::Icmp(_)) | None => {}
        }
    };
    tcp.finish(&mut directions);
    utp.finish(&mut directions);
    (directions.open(keys), read)
}

/// The directions of all connections.
#[derive(Default)]
struct Directions {
    matcher: Matcher,
    ended: Vec<(Locked, [Option<usize>; 2])>,
}

/// What is kept of a connection.
#[derive(Default)]
struct State {
    /// Initiator and acceptor.
    locks: [Option<usize>; 2],
    /// It is something else.
    is_off: bool,
}

impl Directions {
    fn drop_locks(&mut self, state: &mut State) {
        state.is_off = true;
        for id in state.locks.iter_mut().filter_map(Option::take) {
            self.matcher.close(id);
        }
    }

    /// Whether what is held of a direction is no cipher text.
    fn is_plain(&self, id: usize) -> bool {
        let lock = self.matcher.lock(id);
        lock.is_some_and(|lock| lock.kind == Kind::Middle && is_plain(&lock.bytes))
    }

    /// Tries the states, and notes what they open.
    fn open(mut self, keys: &mut KeyLog) -> Surveyed {
        for state in keys.take_states() {
            self.matcher.add_state(&state);
        }
        let work = self.matcher.finish();
        for id in self.matcher.take_news() {
            let Some(lock) = self.matcher.lock(id) else {
                continue;
            };
            let Some(found) = &lock.found else {
                continue;
            };
            match (lock.kind, &found.start) {
                (Kind::Offer | Kind::Choice, Some((_, at_vc))) => {
                    if let Some(key) = lock.bytes.first_chunk() {
                        keys.add_beginning(*key, at_vc.clone());
                    }
                }
                (Kind::Middle, _) => {
                    let first = lock.bytes.first_chunk();
                    if let Some((first, cipher)) = first.zip(found.at(lock.offset)) {
                        keys.add_middle(*first, cipher);
                    }
                }
                _ => {}
            }
        }
        let matcher = &self.matcher;
        let listed = self.ended.into_iter().map(|(mut locked, ids)| {
            locked.is_open = ids.map(|id| {
                let lock = id.and_then(|id| matcher.lock(id));
                lock.is_some_and(|lock| lock.found.is_some())
            });
            locked
        });
        Surveyed {
            connections: listed.collect(),
            tally: matcher.tally(),
            is_exhausted: work == Work::Exhausted,
        }
    }
}

/// Whether the first bytes of a direction in mid-connection are not encrypted as
/// MSE does it: heads of messages or records of TLS stand there.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    const PIECE: &[u8] = &[0, 0, 0x40, 9, 7, 0, 0];
    const REQUEST: &[u8] = &[0, 0, 0, 13, 6, 0, 0];
    const TLS: &[u8] = &[0x17, 3, 3];
    let has = |head: &[u8]| bytes.windows(head.len()).filter(|at| *at == head).count();
    has(PIECE) > 0 || has(REQUEST) > 0 || has(TLS) > 1
}

/// Whether these first bytes may be those of an encrypted direction.
pub(super) fn may_be_encrypted(bytes: &[u8]) -> bool {
    matches!(identify::start(bytes), Start::Unknown | Start::Short)
}

/// What is captured of a direction whose first captured bytes are at `offset`.
pub(super) fn kind(connection: &Connection, from: Side, offset: u64) -> Kind {
    match from {
        _ if !connection.from_start || offset > 0 => Kind::Middle,
        Side::Initiator => Kind::Offer,
        Side::Acceptor => Kind::Choice,
    }
}

impl Streams for Directions {
    type State = State;

    fn open(&mut self, _: &Connection) -> State {
        State::default()
    }

    fn data(&mut self, connection: &Connection, state: &mut State, from: Side, chunk: Chunk<'_>) {
        let place = &mut state.locks[from.index()];
        if place.is_none() {
            if !may_be_encrypted(chunk.bytes) {
                return self.drop_locks(state);
            }
            let kind = kind(connection, from, chunk.offset);
            *place = self.matcher.open(kind, chunk.offset);
            if place.is_none() {
                return self.drop_locks(state);
            }
        }
        let Some(id) = *place else {
            return;
        };
        let held = |matcher: &Matcher| matcher.lock(id).map_or(0, |lock| lock.bytes.len());
        let before = held(&self.matcher);
        self.matcher.hear(id, chunk.offset, chunk.bytes);
        if before < JUDGED_BYTES && held(&self.matcher) >= JUDGED_BYTES && self.is_plain(id) {
            self.drop_locks(state);
        }
    }

    fn gap(&mut self, _: &Connection, _: &mut State, _: Side, _: Gap) {}

    fn close(&mut self, connection: &Connection, mut state: State, _: Close) {
        let [a, b] = state.locks;
        if [a, b].into_iter().flatten().any(|id| self.is_plain(id)) {
            self.drop_locks(&mut state);
        }
        let bytes = state.locks.map(|id| {
            let lock = id.and_then(|id| self.matcher.lock(id));
            lock.map_or(0, |lock| lock.end - lock.offset)
        });
        if state.is_off || bytes.iter().all(|bytes| *bytes < MIN_NEGOTIATION_BYTES) {
            return self.drop_locks(&mut state);
        }
        if self.ended.len() < MAX_LISTED {
            let locked = Locked {
                carrier: connection.carrier,
                ends: connection.ends,
                first: connection.first.time,
                from_start: connection.from_start,
                bytes,
                is_open: [false; 2],
            };
            self.ended.push((locked, state.locks));
        }
    }

    fn is_certain(&self, payload: &[u8]) -> bool {
        resync::is_certain(payload)
    }

    fn wanted(&self, state: &State) -> bool {
        !state.is_off
    }
}
