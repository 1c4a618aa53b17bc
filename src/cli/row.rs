//! A connection that is over, kept to be listed.

use std::sync::Arc;

use crate::flow::{Close, Connection, Side};
use crate::session::{
    Certainty, Encryption, Ended, Ends, Finish, RequestFigures, Standing, Torrent,
};
use crate::view::{End, SessionSummary};
use crate::wire::client::Client;

/// What is kept of an ended connection.
pub struct Row {
    connection: Connection,
    encryption: Encryption,
    certainty: Certainty,
    close: Close,
    first_finish: Option<(Side, Finish)>,
    info_hash: Option<[u8; 20]>,
    torrent: Option<Arc<Torrent>>,
    ends: [RowEnd; 2],
}

struct RowEnd {
    peer_id: Option<[u8; 20]>,
    client: Option<String>,
    messages: Vec<(&'static str, u64)>,
    payload_bytes: u64,
    payload_missing: u64,
    gaps: u64,
    requests: RequestFigures,
}

impl Row {
    /// Keeps what will be shown.
    pub fn new(ended: &Ended<'_>) -> Self {
        Self {
            connection: ended.connection.clone(),
            encryption: ended.encryption,
            certainty: ended.conversation.certainty,
            close: ended.how,
            first_finish: ended.first_finish(),
            info_hash: ended.conversation.info_hash(),
            torrent: ended.conversation.torrent.clone(),
            ends: ended.conversation.speakers.each_ref().map(|speaker| {
                let peer_id = speaker.handshake.map(|handshake| handshake.peer_id);
                RowEnd {
                    peer_id,
                    client: peer_id
                        .and_then(|id| Client::from_peer_id(&id))
                        .map(|client| client.to_string()),
                    messages: speaker.counts.sorted(),
                    payload_bytes: speaker.payload_bytes,
                    payload_missing: speaker.payload_missing,
                    gaps: speaker.gaps,
                    requests: RequestFigures::from(&speaker.requests),
                }
            }),
        }
    }

    /// Number of the connection.
    pub fn stream(&self) -> u64 {
        self.connection.stream
    }

    /// How sure it is that it is one between peers.
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// Judges it again by what `ends` of the whole capture are; false if it is no
    /// connection between peers.
    pub fn judge(&mut self, ends: &Ends) -> bool {
        let acceptor = self.connection.address(Side::Acceptor);
        self.certainty = ends.raised(self.certainty, acceptor);
        self.certainty > Certainty::Likely || ends.standing(acceptor) != Standing::Foreign
    }

    /// Gives `show` the connection as views want it.
    pub fn show<R>(&self, show: impl FnOnce(&SessionSummary<'_>) -> R) -> R {
        let name = self.torrent.as_ref().map(|torrent| torrent.name());
        show(&SessionSummary {
            stream: self.connection.stream,
            carrier: self.connection.carrier,
            ends: Side::BOTH.map(|side| self.end(side)),
            info_hash: self.info_hash,
            name: name.as_deref(),
            start: self.connection.first.time,
            end: self.connection.last.time,
            encryption: self.encryption.said(self.certainty).name(),
            certainty: self.certainty,
            close: self.close,
            closed_by: self
                .first_finish
                .map(|(side, finish)| (side, finish.stamp.frame)),
        })
    }

    fn end(&self, side: Side) -> End<'_> {
        let end = &self.ends[side.index()];
        End {
            address: self.connection.address(side),
            peer_id: end.peer_id,
            client: end.client.as_deref(),
            messages: &end.messages,
            payload_bytes: end.payload_bytes,
            payload_missing: end.payload_missing,
            gaps: end.gaps,
            requests: end.requests,
        }
    }
}
