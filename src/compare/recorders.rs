//! Listening to a capture for the one session that is to be compared.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use super::session::Session;
use crate::session::{Certainty, Encryption, Ended, Heard};

/// Memory of the sessions under way, in bytes. Beyond, those with the least
/// data are dropped.
const MAX_COST: usize = 64 << 20;

/// Sessions that a refusal or a choice lists.
const MAX_BRIEFS: usize = 16;

/// A connection that could have been chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Its number in the capture.
    pub stream: u64,
    /// Addresses: initiator, acceptor.
    pub ends: [SocketAddr; 2],
    /// Piece data, both ways, in bytes.
    pub payload_bytes: u64,
    /// Messages that could be read.
    pub messages: u64,
    /// How it is encrypted.
    pub encryption: Encryption,
    /// How sure it is that it is one between peers.
    pub certainty: Certainty,
}

impl Brief {
    /// What makes a session the one that matters: data, then messages.
    fn rank(&self) -> (u64, u64) {
        (self.payload_bytes, self.messages)
    }
}

/// Why no session can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The capture has no connection between peers.
    None,
    /// The connection asked for is none between peers; those that are one.
    NotFound(u64, Vec<Brief>),
    /// It is there, but no message of it can be read.
    Unreadable(u64, Encryption),
    /// It may be an encrypted one, or none at all.
    Maybe(u64),
    /// Several are as good as each other.
    Ambiguous(Vec<Brief>),
    /// There were too many at once for all to be kept.
    TooMany,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no BitTorrent connection in it"),
            Self::NotFound(stream, others) if others.is_empty() => {
                write!(
                    f,
                    "nothing of BitTorrent on connection {stream}: there is none between peers"
                )
            }
            Self::NotFound(stream, others) => {
                write!(f, "nothing of BitTorrent on connection {stream}; ")?;
                list(f, others)
            }
            Self::Unreadable(stream, Encryption::None) => {
                write!(f, "connection {stream} has no message that could be read")
            }
            Self::Unreadable(stream, _) => write!(
                f,
                "connection {stream} is encrypted (MSE), its messages cannot be read"
            ),
            Self::Maybe(stream) => write!(
                f,
                "connection {stream} may be encrypted BitTorrent (MSE), its messages cannot be read"
            ),
            Self::Ambiguous(briefs) => {
                f.write_str("several connections, choose one with :stream=N; ")?;
                list(f, briefs)
            }
            Self::TooMany => f.write_str("too many connections at once, choose one with :stream=N"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Which connections there are.
fn list(f: &mut fmt::Formatter<'_>, briefs: &[Brief]) -> fmt::Result {
    for (index, brief) in briefs.iter().enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        let [initiator, acceptor] = brief.ends;
        write!(
            f,
            "{separator}{} is {initiator} > {acceptor}, {} messages, {} bytes of pieces",
            brief.stream, brief.messages, brief.payload_bytes
        )?;
    }
    if briefs.len() == MAX_BRIEFS {
        f.write_str("; peerscope sessions lists them all")?;
    }
    Ok(())
}

/// Records the sessions of one capture, and keeps the best.
#[derive(Debug)]
pub struct Recorders {
    wanted: Option<u64>,
    live: BTreeMap<u64, Session>,
    /// Memory of the live sessions, and how much it may be, in bytes.
    cost: usize,
    limit: usize,
    best: Option<Session>,
    /// The best of those that ended, best first.
    briefs: Vec<Brief>,
    /// The best of those that ended and are not `wanted`.
    others: Vec<Brief>,
    /// Connections that ended.
    total: u64,
    /// Streams up to here that are not live were dropped.
    dropped_up_to: Option<u64>,
    /// How many were.
    dropped: u64,
}

impl Recorders {
    /// Records the connection `wanted`, or all to choose from.
    pub fn new(wanted: Option<u64>) -> Self {
        Self::within(MAX_COST, wanted)
    }

    /// The same, in no more than `limit` bytes.
    pub(super) fn within(limit: usize, wanted: Option<u64>) -> Self {
        Self {
            wanted,
            live: BTreeMap::new(),
            cost: 0,
            limit,
            best: None,
            briefs: Vec::new(),
            others: Vec::new(),
            total: 0,
            dropped_up_to: None,
            dropped: 0,
        }
    }

    /// Bytes that the live sessions take.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.live.values().map(Session::cost).sum()
    }

    /// A message or a gap.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        let is_message = heard.peer_message().is_some();
        let stream = heard.stream;
        if self.wanted.is_some_and(|wanted| wanted != stream) {
            return;
        }
        if !self.live.contains_key(&stream) {
            let dropped = self.dropped_up_to.is_some_and(|last| stream <= last);
            if dropped || !is_message {
                return;
            }
            let session = Session::new(heard);
            self.cost += session.cost();
            self.live.insert(stream, session);
        }
        if let Some(session) = self.live.get_mut(&stream) {
            let before = session.cost();
            session.hear(heard);
            self.cost = (self.cost + session.cost()).saturating_sub(before);
        }
        if self.cost > self.limit {
            self.drop_half();
        }
    }

    /// A connection ended.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        let connection = ended.connection;
        let certainty = ended.conversation.certainty;
        if self
            .wanted
            .is_some_and(|wanted| wanted != connection.stream)
        {
            if certainty != Certainty::Likely {
                insert(&mut self.others, of_another(ended));
            }
            return;
        }
        if certainty == Certainty::Likely && self.wanted.is_none() {
            return;
        }
        self.total += 1;
        let session = self.live.remove(&connection.stream);
        let brief = Brief {
            stream: connection.stream,
            ends: connection.ends,
            payload_bytes: session.as_ref().map_or(0, Session::payload_bytes),
            messages: session.as_ref().map_or(0, |session| session.messages),
            encryption: ended.encryption.said(certainty),
            certainty,
        };
        if let Some(mut session) = session {
            self.cost = self.cost.saturating_sub(session.cost());
            session.end(ended);
            let is_best = self
                .briefs
                .first()
                .is_none_or(|best| is_better(&brief, best));
            if is_best {
                self.best = Some(session);
            }
        }
        insert(&mut self.briefs, brief);
    }

    /// Drops the half of the live sessions with the least data.
    fn drop_half(&mut self) {
        let rank = |session: &Session| (session.payload_bytes(), session.messages);
        let mut ranks: Vec<_> = self
            .live
            .iter()
            .map(|(stream, session)| (rank(session), *stream))
            .collect();
        ranks.sort_unstable();
        self.dropped_up_to = self.live.keys().next_back().copied();
        for (_, stream) in &ranks[..ranks.len() / 2] {
            self.live.remove(stream);
            self.dropped += 1;
        }
        self.cost = self.live.values().map(Session::cost).sum();
    }

    /// Sessions that were dropped to bound memory.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The session to compare, and how many connections it was chosen from;
    /// without a wish the one with the most data.
    pub fn choose(self) -> Result<(Session, u64), Refusal> {
        let Some(best) = self.briefs.first() else {
            return Err(match self.wanted {
                Some(wanted) => Refusal::NotFound(wanted, self.others),
                None => Refusal::None,
            });
        };
        if best.messages == 0 && self.dropped_up_to.is_some() {
            return Err(Refusal::TooMany);
        }
        let rival = self.briefs.get(1).filter(|rival| rival.messages > 0);
        if let Some(rival) = rival
            && rival.payload_bytes == best.payload_bytes
        {
            return Err(Refusal::Ambiguous(self.briefs));
        }
        match self.best {
            Some(session) => Ok((session, self.total)),
            None if best.certainty == Certainty::Likely => Err(Refusal::Maybe(best.stream)),
            None => Err(Refusal::Unreadable(best.stream, best.encryption)),
        }
    }
}

/// A connection that is not recorded.
fn of_another(ended: &Ended<'_>) -> Brief {
    let speakers = &ended.conversation.speakers;
    let certainty = ended.conversation.certainty;
    Brief {
        stream: ended.connection.stream,
        ends: ended.connection.ends,
        payload_bytes: speakers.iter().map(|speaker| speaker.payload_bytes).sum(),
        messages: speakers.iter().map(|speaker| speaker.counts.total()).sum(),
        encryption: ended.encryption.said(certainty),
        certainty,
    }
}

/// Puts a connection where it belongs among the best.
fn insert(briefs: &mut Vec<Brief>, brief: Brief) {
    let at = briefs.partition_point(|other| !is_better(&brief, other));
    briefs.insert(at, brief);
    briefs.truncate(MAX_BRIEFS);
}

/// Whether one session matters more; of equals the earlier.
fn is_better(one: &Brief, other: &Brief) -> bool {
    let order = one.rank().cmp(&other.rank());
    order.then(other.stream.cmp(&one.stream)).is_gt()
}
