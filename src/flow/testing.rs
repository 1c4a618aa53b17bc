//! What the tests of both tables share: a consumer that keeps what it is given.

use std::collections::BTreeMap;

use super::{Chunk, Close, Connection, Gap, GapCause, Side, Streams};
use crate::capture::Timestamp;
use crate::packet::Stamp;

/// Bytes or missing bytes of one direction, runs joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Run {
    Bytes(Vec<u8>),
    Missing(Option<u64>, GapCause),
}

/// One direction of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Track {
    pub runs: Vec<Run>,
    pub next: u64,
    pub finished: Option<bool>,
    pub conflicts: Vec<u64>,
}

/// One connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    pub connection: Option<Connection>,
    pub tracks: [Track; 2],
    pub close: Option<Close>,
}

/// Keeps everything, and checks the contract of [`Streams`] as it goes.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    pub logs: BTreeMap<u64, Log>,
    /// Connections are unwanted after this many bytes.
    pub enough: Option<usize>,
    /// A payload that begins like this is certain.
    pub certain: Option<&'static [u8]>,
}

impl Recorder {
    fn track(&mut self, connection: &Connection, from: Side) -> &mut Track {
        let log = self.logs.get_mut(&connection.stream).expect("opened");
        assert_eq!(log.close, None, "nothing comes after close");
        let track = &mut log.tracks[from.index()];
        assert_eq!(track.finished, None, "nothing comes after the end");
        track
    }

    pub fn only(&self) -> &Log {
        assert_eq!(self.logs.len(), 1, "one connection");
        self.logs.values().next().expect("one")
    }
}

impl Streams for Recorder {
    type State = usize;

    fn open(&mut self, connection: &Connection) -> usize {
        let log = Log {
            connection: Some(connection.clone()),
            ..Log::default()
        };
        assert!(self.logs.insert(connection.stream, log).is_none());
        0
    }

    fn data(&mut self, connection: &Connection, seen: &mut usize, from: Side, chunk: Chunk<'_>) {
        let track = self.track(connection, from);
        assert!(!chunk.bytes.is_empty());
        assert_eq!(track.next, chunk.offset);
        track.next += chunk.bytes.len() as u64;
        match track.runs.last_mut() {
            Some(Run::Bytes(bytes)) => bytes.extend_from_slice(chunk.bytes),
            _ => track.runs.push(Run::Bytes(chunk.bytes.to_vec())),
        }
        *seen += chunk.bytes.len();
    }

    fn gap(&mut self, connection: &Connection, _: &mut usize, from: Side, gap: Gap) {
        let track = self.track(connection, from);
        assert_eq!(track.next, gap.offset);
        assert_ne!(gap.length, Some(0));
        track.next += gap.length.unwrap_or(0);
        if let (Some(Run::Missing(Some(known), cause)), Some(length)) =
            (track.runs.last_mut(), gap.length)
            && *cause == gap.cause
        {
            *known += length;
            return;
        }
        track.runs.push(Run::Missing(gap.length, gap.cause));
    }

    fn conflict(
        &mut self,
        connection: &Connection,
        _: &mut usize,
        from: Side,
        offset: u64,
        _: Stamp,
    ) {
        self.track(connection, from).conflicts.push(offset);
    }

    fn finished(
        &mut self,
        connection: &Connection,
        _: &mut usize,
        from: Side,
        reset: bool,
        _: Stamp,
    ) {
        let log = self.logs.get_mut(&connection.stream).expect("opened");
        let finished = &mut log.tracks[from.index()].finished;
        assert!(finished.is_none() || reset);
        *finished = Some(reset);
    }

    fn close(&mut self, connection: &Connection, _: usize, how: Close) {
        let log = self.logs.get_mut(&connection.stream).expect("opened");
        assert_eq!(log.close.replace(how), None);
    }

    fn is_certain(&self, payload: &[u8]) -> bool {
        self.certain
            .is_some_and(|certain| payload.starts_with(certain))
    }

    fn wanted(&self, seen: &usize) -> bool {
        self.enough.is_none_or(|enough| *seen < enough)
    }
}

/// Stamps of packets a microsecond apart, or as told.
#[derive(Debug, Default)]
pub(super) struct Clock {
    frame: u64,
    nanos: i128,
}

impl Clock {
    pub fn after(&mut self, nanos: i128) -> Stamp {
        self.frame += 1;
        self.nanos += nanos;
        Stamp {
            frame: self.frame,
            time: Timestamp::from_nanos(self.nanos),
        }
    }
}
