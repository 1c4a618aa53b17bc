//! A connection that is over, kept when its conversation is gone.

use std::sync::Arc;

use super::certainty::Certainty;
use super::ends::{Ends, Standing};
use super::event::{Encryption, Ended, Finish};
use super::figures::RequestFigures;
use super::torrents::Torrent;
use crate::flow::{Close, Connection, Side};

/// What is kept of a connection that is over.
#[derive(Debug)]
pub struct Past {
    /// The connection.
    pub connection: Connection,
    /// How it was encrypted, as far as its certainty allows to say.
    pub encryption: Encryption,
    /// How sure it is that it is one between peers.
    pub certainty: Certainty,
    /// How it ended.
    pub close: Close,
    /// Who stopped sending first.
    pub first_finish: Option<(Side, Finish)>,
    /// The info-hash of the handshake.
    pub info_hash: Option<[u8; 20]>,
    /// The torrent, where its info dictionary is known.
    pub torrent: Option<Arc<Torrent>>,
    /// Initiator and acceptor.
    pub ends: [PastEnd; 2],
}

/// One end of it, by what it sent.
#[derive(Debug)]
pub struct PastEnd {
    /// Its peer id.
    pub peer_id: Option<[u8; 20]>,
    /// The client that the peer id names; text of the capture.
    pub client: Option<String>,
    /// How many messages of each name it sent, sorted by name.
    pub messages: Vec<(&'static str, u64)>,
    /// Data of piece messages that it sent, in bytes on the wire.
    pub payload_bytes: u64,
    /// Bytes of these that the capture does not hold.
    pub payload_missing: u64,
    /// Bytes of its stream, as they passed: encrypted ones too.
    pub wire_bytes: u64,
    /// Holes in what the capture has of its stream.
    pub gaps: u64,
    /// It sent what the capture lacks.
    pub is_hidden: bool,
    /// What became of its requests.
    pub requests: RequestFigures,
}

impl PastEnd {
    /// Nothing of what it sent is in the capture: that nothing was counted says nothing.
    pub fn is_unseen(&self) -> bool {
        self.is_hidden && self.wire_bytes == 0
    }
}

impl Past {
    /// Keeps what there is to say of a connection that is over.
    pub fn of(ended: &Ended<'_>) -> Self {
        Self {
            connection: ended.connection.clone(),
            encryption: ended.encryption,
            certainty: ended.conversation.certainty,
            close: ended.how,
            first_finish: ended.first_finish(),
            info_hash: ended.conversation.info_hash(),
            torrent: ended.conversation.torrent.clone(),
            ends: Side::BOTH.map(|side| {
                let speaker = ended.conversation.speaker(side);
                let peer_id = speaker.handshake.map(|handshake| handshake.peer_id);
                PastEnd {
                    peer_id,
                    client: speaker.client(),
                    messages: speaker.counts.sorted(),
                    payload_bytes: speaker.payload_bytes,
                    payload_missing: speaker.payload_missing,
                    wire_bytes: ended.sent[side.index()],
                    gaps: speaker.gaps,
                    is_hidden: ended.is_hidden(side),
                    requests: RequestFigures::from(&speaker.requests),
                }
            }),
        }
    }

    /// Number of the connection.
    pub fn stream(&self) -> u64 {
        self.connection.stream
    }

    /// What `side` sent.
    pub fn end(&self, side: Side) -> &PastEnd {
        &self.ends[side.index()]
    }

    /// Name of the torrent; text of the capture.
    pub fn torrent_name(&self) -> Option<String> {
        self.torrent.as_ref().map(|torrent| torrent.name())
    }

    /// Data of pieces that both sides sent.
    pub fn payload_bytes(&self) -> u64 {
        self.ends.iter().map(|end| end.payload_bytes).sum()
    }

    /// Judges it again by what `ends` of the whole capture are; false if it is no
    /// connection between peers.
    pub fn judge(&mut self, ends: &Ends) -> bool {
        let acceptor = self.connection.address(Side::Acceptor);
        self.certainty = ends.raised(self.certainty, acceptor);
        self.certainty > Certainty::Likely || ends.standing(acceptor) != Standing::Foreign
    }
}
