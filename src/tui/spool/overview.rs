//! What is kept in memory of a capture while it is indexed: the connections and
//! what was found, both bounded.

use std::collections::HashMap;
use std::net::SocketAddr;

use foldhash::fast::RandomState;

use crate::findings::{Finding, Rule};
use crate::flow::{Carrier, Close, Side};
use crate::packet::Stamp;
use crate::session::{Certainty, ConnectionEvent, Ended, Heard};
use crate::wire::Severity;
use crate::wire::client::Client;
use crate::wire::peer::Message;

/// Connections that are listed; messages of more are there, but in no row. They
/// take 40 MB.
const MAX_CONNECTIONS: usize = 1 << 16;

/// Bytes that are kept of a torrent's name.
const MAX_NAME_BYTES: usize = 200;

/// How it stands with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It goes on, or the capture ended first.
    Open,
    /// It was closed, and who began that.
    Ended(Close, Option<Side>),
    /// An attempt that failed; how, as JSON has it.
    Failed(&'static str),
}

/// A row of the list of connections.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number.
    pub stream: u64,
    /// The number of its first message or event; `None` while it has none.
    pub start: Option<u64>,
    /// What carries it.
    pub carrier: Carrier,
    /// Initiator and acceptor.
    pub ends: [SocketAddr; 2],
    /// Its first packet with a message, or of an attempt.
    pub first: Stamp,
    /// Its last one.
    pub last: Stamp,
    /// Messages of each side.
    pub messages: [u64; 2],
    /// Data of pieces of each side, in bytes.
    pub payload: [u64; 2],
    /// Clients, by their peer ids; text of the capture.
    pub clients: [Option<Box<str>>; 2],
    /// The torrent.
    pub info_hash: Option<[u8; 20]>,
    /// Its name; text of the capture.
    pub name: Option<Box<str>>,
    /// How it stands with it.
    pub state: State,
    /// The worst finding on it.
    pub worst: Option<Severity>,
    /// How sure it is that it is BitTorrent.
    pub certainty: Certainty,
}

/// Something that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The rule that was broken.
    pub rule: &'static Rule,
    /// How badly.
    pub severity: Severity,
    /// On which connection.
    pub stream: Option<u64>,
    /// By whom, to whom.
    pub ends: [SocketAddr; 2],
    /// In which packet, the first time.
    pub stamp: Stamp,
    /// The name of the message; empty where it is about none.
    pub message: &'static str,
    /// How often.
    pub count: u64,
    /// What happened; may hold text of the capture.
    pub words: Box<str>,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Overview {
    rows: Vec<Row>,
    row_of: HashMap<u64, u32, RandomState>,
    /// Where the row of the connection heard last is.
    current: Option<(u64, u32)>,
    /// Connections without a row.
    left_out: u64,
    found: Vec<Found>,
}

impl Overview {
    /// The connections, in the order in which they were first heard.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a connection.
    pub fn row_of(&self, stream: u64) -> Option<&Row> {
        self.rows.get(*self.row_of.get(&stream)? as usize)
    }

    /// Connections that have no row.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What was found.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// A message, which has this number.
    pub fn hear(&mut self, number: u64, heard: &Heard<'_>) {
        let ends = match heard.from {
            Side::Initiator => [heard.src, heard.dst],
            Side::Acceptor => [heard.dst, heard.src],
        };
        let new = || Row::new(heard.stream, heard.carrier, ends, heard.first);
        let Some(row) = self.row(heard.stream, new) else {
            return;
        };
        row.start.get_or_insert(number);
        row.last = heard.last;
        row.certainty = heard.certainty();
        let side = heard.from.index();
        if heard.is_gap() {
            return;
        }
        match heard.peer_message() {
            Some(Message::Piece(block)) => row.payload[side] += u64::from(block.length),
            Some(Message::Handshake(handshake)) => {
                row.info_hash.get_or_insert(handshake.info_hash);
                let client = Client::from_peer_id(&handshake.peer_id);
                row.clients[side] = client.map(|client| client.to_string().into());
            }
            _ => {}
        }
        row.messages[side] += 1;
    }

    /// A connection is over.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        let connection = ended.connection;
        let new = || {
            let (carrier, ends) = (connection.carrier, connection.ends);
            Row::new(connection.stream, carrier, ends, connection.first)
        };
        let Some(row) = self.row(connection.stream, new) else {
            return;
        };
        let conversation = ended.conversation;
        row.certainty = conversation.certainty;
        row.first = connection.first;
        row.last = connection.last;
        row.info_hash = conversation.info_hash();
        row.name = conversation.torrent.as_ref().map(|torrent| {
            let name = torrent.name();
            name[..name.floor_char_boundary(MAX_NAME_BYTES)].into()
        });
        row.state = match ended.how {
            Close::Open => State::Open,
            how => State::Ended(how, ended.first_finish().map(|(side, _)| side)),
        };
    }

    /// Something happened to a connection, which is told under this number.
    pub fn happened(&mut self, number: u64, event: &ConnectionEvent) {
        let Some(stream) = event.stream.filter(|_| event.change.is_failure()) else {
            return;
        };
        let new = || Row::new(stream, event.carrier, event.ends, event.first);
        if let Some(row) = self.row(stream, new) {
            row.start.get_or_insert(number);
            row.last = event.stamp;
            row.state = State::Failed(event.change.name());
        }
    }

    /// Something was found.
    pub fn find(&mut self, finding: &Finding) {
        let place = finding.place;
        if let Some(stream) = place.stream
            && let Some(index) = self.row_of.get(&stream)
        {
            let row = &mut self.rows[*index as usize];
            row.worst = row.worst.max(Some(finding.severity));
        }
        self.found.push(Found {
            rule: finding.rule,
            severity: finding.severity,
            stream: place.stream,
            ends: [place.src, place.dst],
            stamp: finding.first,
            message: finding.message,
            count: finding.count,
            words: finding.words.as_str().into(),
        });
    }

    /// Forgets what was found: it is told again, as it stands now.
    pub fn forget_found(&mut self) {
        self.found.clear();
    }

    #[inline]
    fn row(&mut self, stream: u64, new: impl FnOnce() -> Row) -> Option<&mut Row> {
        if let Some((current, index)) = self.current
            && current == stream
        {
            return self.rows.get_mut(index as usize);
        }
        let index = match self.row_of.get(&stream) {
            Some(index) => *index,
            None if self.rows.len() >= MAX_CONNECTIONS => {
                self.left_out += 1;
                return None;
            }
            None => {
                let index = self.rows.len() as u32;
                self.rows.push(new());
                self.row_of.insert(stream, index);
                index
            }
        };
        self.current = Some((stream, index));
        self.rows.get_mut(index as usize)
    }
}

impl Row {
    fn new(stream: u64, carrier: Carrier, ends: [SocketAddr; 2], first: Stamp) -> Self {
        Self {
            stream,
            start: None,
            carrier,
            ends,
            first,
            last: first,
            messages: [0; 2],
            payload: [0; 2],
            clients: [None, None],
            info_hash: None,
            name: None,
            state: State::Open,
            worst: None,
            certainty: Certainty::Certain,
        }
    }

    /// How much is wrong with it: the worst finding, then whether it failed.
    pub fn trouble(&self) -> (Option<Severity>, bool) {
        (self.worst, matches!(self.state, State::Failed(_)))
    }

    /// Nanoseconds from its first packet to its last one.
    pub fn nanos(&self) -> i64 {
        self.last.time.since(self.first.time)
    }
}
