//! Who has a place among the connections, and who loses it to others.

use std::time::Duration;

use super::pool::Connections;
use crate::active::driver::watch::Watch;
use crate::active::machine::{Close, Connection, Role, Time};
use crate::active::torrent::{PeerKey, Torrent};

/// After so long without a block whom we dialled makes room for others that wait
/// to be dialled.
const MAX_USELESS: Duration = Duration::from_secs(20);

/// The same for one that chokes us and has what we lack: others get new places from
/// it each 30 seconds (BEP 3), and we may be the next.
const MAX_QUEUED: Duration = Duration::from_mins(1);

/// When the system gives us no more descriptors, so many connections end: files
/// need some too.
const SPARE_DESCRIPTORS: usize = 32;

impl Connections {
    /// Ends the connection that we made and that has been of no use for longest,
    /// if that is long: others wait to be dialled.
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

    /// Whether one more may be let in. Where all places are taken the oldest of
    /// those that dialled us loses its own if it has not even said who it is, or
    /// has been of no use for long.
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
        let is_idle = |(is_known, at): (bool, Time)| !is_known || now >= at + MAX_USELESS;
        let Some((_, key)) = worst.filter(|(worth, _)| is_idle(*worth)) else {
            return false;
        };
        torrent.disconnected(key);
        self.end(key, &Close::MadeRoom, watch, now);
        true
    }

    /// Ends some connections, so that files can be opened still, and lets no more
    /// in from now on than are left.
    pub(super) fn free_descriptors(
        &mut self,
        torrent: &mut Torrent,
        watch: &mut dyn Watch,
        now: Time,
    ) {
        // Those that dialled us first: anybody can do that, as often as he likes.
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

/// How long whom we dialled may be of no use while others wait.
fn patience(connection: &Connection) -> Duration {
    if connection.is_interested() && connection.is_choked() {
        MAX_QUEUED
    } else {
        MAX_USELESS
    }
}

/// What a connection is worth, the least first: whether the peer has said who it is,
/// and when it was of use last.
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
    fn whoever_lets_us_queue_is_given_more_time() {
        let sample = v1(100_000, 65536, 1);
        let mut torrent = Node::leecher(&sample, 1).torrent;
        let key = torrent.connect(Net::address(9), Role::Initiator, Time::ZERO);
        let mut after = |bytes: &[u8]| {
            torrent.receive(key, bytes, Time::ZERO);
            patience(torrent.connection(key).unwrap())
        };
        assert_eq!(after(&[]), MAX_USELESS);
        let hash = sample.wanted().v1.unwrap();
        let handshake = [&crate::wire::peer::PREFIX[..], &[0; 8], &hash, &[9; 20]].concat();
        assert_eq!(after(&handshake), MAX_USELESS);
        // It has both pieces.
        assert_eq!(after(&[0, 0, 0, 2, 5, 0b1100_0000]), MAX_QUEUED);
        // It lets us go on, and sends nothing.
        assert_eq!(after(&[0, 0, 0, 1, 1]), MAX_USELESS);
    }
}
