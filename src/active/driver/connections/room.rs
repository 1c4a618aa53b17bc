//! Which connections end to make room for others.

use std::time::Duration;

use super::pool::Connections;
use crate::active::driver::watch::Watch;
use crate::active::machine::{Close, Connection, Role, Time};
use crate::active::torrent::{PeerKey, Torrent};

/// A peer that we have dialled and that has transferred no block for this long makes room
/// for addresses that wait to be dialled.
const MAX_USELESS_TIME: Duration = Duration::from_secs(20);

/// The same for a peer that chokes us and has what we lack: it gives upload slots to others
/// every 30 seconds (the optimistic unchoke of BEP 3), and we may be next.
const MAX_CHOKED_TIME: Duration = Duration::from_mins(1);

/// When there are no more file descriptors, so many connections end: files need some too.
const SPARE_DESCRIPTORS: usize = 32;

impl Connections {
    /// Ends the connection of ours that has been useless for longest, if it has been for
    /// too long: others wait to be dialled.
    pub(super) fn make_room(&mut self, torrent: &mut Torrent, watch: &mut dyn Watch, now: Time) {
        let dialled = self.sockets.iter();
        let dialled = dialled.filter(|(_, socket)| socket.role == Role::Initiator);
        let ends = dialled.filter_map(|(key, _)| {
            let patience = patience(torrent.connection(*key)?);
            Some((torrent.useful_at(*key)? + patience, *key))
        });
        let Some((_, key)) = ends.min().filter(|(end, _)| now >= *end) else {
            return;
        };
        torrent.disconnected(key);
        self.end(key, &Close::MadeRoom, watch, now);
    }

    /// Whether one more peer may be accepted. If there are too many connections, one of
    /// those that dialled us ends: one that has sent no handshake, or that has been
    /// useless for too long.
    pub(super) fn has_room(
        &mut self,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) -> bool {
        if self.sockets.len() < self.most {
            return true;
        }
        let callers = self.sockets.iter();
        let callers = callers.filter(|(_, socket)| socket.role == Role::Acceptor);
        let worst = callers.map(|(key, _)| (worth(*key, torrent), *key)).min();
        let is_idle = |(is_known, at): (bool, Time)| !is_known || now >= at + MAX_USELESS_TIME;
        let Some((_, key)) = worst.filter(|(worth, _)| is_idle(*worth)) else {
            return false;
        };
        torrent.disconnected(key);
        self.end(key, &Close::MadeRoom, watch, now);
        true
    }

    /// Ends some connections, so that files can still be opened, and from now on allows no
    /// more than are left.
    pub(super) fn free_descriptors(
        &mut self,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) {
        // First those that dialled us: anybody can do that, any number of times.
        let sockets = self.sockets.iter();
        let ranks = sockets.map(|(key, s)| (s.role == Role::Initiator, worth(*key, torrent), *key));
        let mut ranks: Vec<_> = ranks.collect();
        ranks.sort_unstable();
        for (.., key) in ranks.into_iter().take(SPARE_DESCRIPTORS) {
            torrent.disconnected(key);
            self.end(key, &Close::MadeRoom, watch, now);
        }
        self.most = self.sockets.len().max(1);
    }
}

/// How long a peer that we have dialled may be useless while others wait.
fn patience(connection: &Connection) -> Duration {
    if connection.is_interested() && connection.is_choked() {
        MAX_CHOKED_TIME
    } else {
        MAX_USELESS_TIME
    }
}

/// What a connection is worth: whether the peer has sent its handshake, and when it was
/// useful last.
fn worth(key: PeerKey, torrent: &Torrent) -> (bool, Time) {
    let connection = torrent.connection(key);
    let is_known = connection.is_some_and(|connection| connection.handshake().is_some());
    (is_known, torrent.useful_at(key).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::testing::{Net, Node, v1};

    #[test]
    fn a_peer_that_chokes_us_is_given_more_time() {
        let sample = v1(100_000, 65536, 1);
        let mut torrent = Node::leecher(&sample, 1).torrent;
        let key = torrent.connect(Net::address(9), Role::Initiator, Time::ZERO);
        let mut after = |bytes: &[u8]| {
            torrent.receive(key, bytes, Time::ZERO);
            patience(torrent.connection(key).unwrap())
        };
        assert_eq!(after(&[]), MAX_USELESS_TIME);
        let hash = sample.wanted().v1.unwrap();
        let handshake = [&crate::wire::peer::PREFIX[..], &[0; 8], &hash, &[9; 20]].concat();
        assert_eq!(after(&handshake), MAX_USELESS_TIME);
        // It has both pieces.
        assert_eq!(after(&[0, 0, 0, 2, 5, 0b1100_0000]), MAX_CHOKED_TIME);
        // It unchokes us, and sends nothing.
        assert_eq!(after(&[0, 0, 0, 1, 1]), MAX_USELESS_TIME);
    }
}
