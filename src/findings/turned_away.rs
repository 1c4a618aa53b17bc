//! Who answered which handshakes, and what that says of one that was not answered.

use std::net::SocketAddr;

use super::few::Few;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::recent::Recent;
use crate::wire::peer::Handshake;

/// Ends whose answers are remembered: about 1 MB.
const MAX_ENDS: usize = 1 << 12;

/// Torrents of an end that are remembered.
const MAX_TORRENTS: usize = 4;

/// Digits by which a torrent is told from others.
const SHORT_DIGITS: usize = 8;

/// What an end answered with.
#[derive(Debug, Default)]
struct Known {
    peer_id: [u8; 20],
    /// The packet of its last answer.
    frame: u64,
    /// The torrents, and a packet that shows each.
    torrents: Few<([u8; 20], u64), MAX_TORRENTS>,
}

/// The ends that answered handshakes.
#[derive(Debug)]
pub struct Answers {
    known: Recent<SocketAddr, Known>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            known: Recent::new(MAX_ENDS, i64::MAX),
        }
    }
}

/// A handshake that was not answered.
#[derive(Debug, Clone, Copy)]
pub struct Greeting {
    /// Initiator and acceptor.
    pub ends: [SocketAddr; 2],
    /// What the initiator said.
    pub handshake: Handshake,
    /// The end of the connection.
    pub closed: Stamp,
}

impl Answers {
    /// An end answers a handshake.
    pub fn add(&mut self, end: SocketAddr, handshake: &Handshake, at: Stamp) {
        let known = self.known.entry(end, at);
        (known.peer_id, known.frame) = (handshake.peer_id, at.frame);
        let torrent = handshake.info_hash;
        if !known.torrents.iter().any(|(other, _)| *other == torrent) {
            known.torrents.push((torrent, at.frame));
        }
    }

    /// Why the acceptor may have closed without an answer, what is most likely first.
    pub fn guesses(&self, greeting: &Greeting) -> Vec<String> {
        let [initiator, acceptor] = greeting.ends;
        let handshake = &greeting.handshake;
        let known = self.known.get(&acceptor, Timestamp::UNKNOWN);
        let known = known.map(|(known, _)| known);
        if let Some(known) = known.filter(|known| known.peer_id == handshake.peer_id) {
            return vec![format!(
                "most likely a connection to itself: in #{} the acceptor answered another \
                 handshake with the same peer id",
                known.frame
            )];
        }
        let mut torrents = known.into_iter().flat_map(|known| known.torrents.iter());
        let same = torrents
            .clone()
            .find(|(hash, _)| *hash == handshake.info_hash);
        let mut guesses = vec![match (same, torrents.next()) {
            (Some((_, frame)), _) => format!(
                "it has the torrent, for it answered a handshake about it in #{frame}: it may be \
                 full, have banned this peer, or have a connection to it"
            ),
            (None, Some((hash, frame))) => format!(
                "most likely it does not have the torrent: it answered a handshake about another \
                 one, {}, in #{frame}",
                &hex::encode(hash)[..SHORT_DIGITS]
            ),
            (None, None) => "most likely it does not have the torrent, or has stopped it; else it \
                             is full, has banned this peer, or takes encrypted connections only"
                .to_owned(),
        }];
        if initiator.ip() == acceptor.ip() {
            let guess = "or it is a connection to itself: both ends are of one host";
            guesses.push(guess.to_owned());
        }
        guesses
    }
}
