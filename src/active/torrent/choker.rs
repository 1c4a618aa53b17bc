//! Which peers are unchoked.

use std::time::Duration;

use super::peers::Peers;
use crate::active::machine::Time;

/// A peer keeps its upload slot for this long if others wait for one (the interval of
/// BEP 3's optimistic unchoke).
const SLOT_DURATION: Duration = Duration::from_secs(30);

/// The upload slots. Peers get them in turn; how much they send us does not matter.
#[derive(Debug)]
pub(super) struct Choker {
    upload_slots: usize,
}

impl Choker {
    pub(super) fn new(upload_slots: usize) -> Self {
        Self { upload_slots }
    }

    /// Called once a second: fills free slots, and gives the slot that is held longest to a
    /// peer that waits for one.
    pub(super) fn review(&self, peers: &mut Peers, now: Time) {
        self.fill_slots(peers, now);
        rotate_slots(peers, now);
    }

    /// Unchokes interested peers while slots are free, the longest connected first.
    pub(super) fn fill_slots(&self, peers: &mut Peers, now: Time) {
        let unchoked = peers.values().filter(|peer| !peer.connection.is_choking());
        let free = self.upload_slots.saturating_sub(unchoked.count());
        let waiting = peers
            .values_mut()
            .filter(|peer| peer.is_waiting_for_a_slot());
        for peer in waiting.take(free) {
            peer.unchoke(now);
        }
    }
}

/// Gives the slot that is held longest to a peer that waits for one.
fn rotate_slots(peers: &mut Peers, now: Time) {
    let waiting = peers
        .iter()
        .filter(|(_, peer)| peer.is_waiting_for_a_slot());
    let waiting: Vec<_> = waiting.map(|(key, _)| key).collect();
    if waiting.is_empty() {
        return;
    }
    let unchoked = peers.iter();
    let unchoked = unchoked.filter_map(|(key, peer)| Some((peer.unchoked_at?, key)));
    let Some((since, key)) = unchoked.min() else {
        return;
    };
    if now < since + SLOT_DURATION {
        return;
    }
    // In the order of their keys, beginning behind the peer that had the slot.
    let next = waiting.iter().find(|next| **next > key);
    let next = next.or(waiting.first()).copied();
    if let Some(peer) = peers.get_mut(key) {
        peer.choke();
    }
    if let Some(peer) = next.and_then(|next| peers.get_mut(next)) {
        peer.unchoke(now);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::active::machine::{Connection, Identity, Role};
    use crate::wire::peer::PREFIX;

    /// Adds a peer that is interested in our pieces.
    fn add_interested(peers: &mut Peers) {
        let identity = Identity {
            peer_id: [1; 20],
            info_hashes: vec![[7; 20]],
            hybrid: false,
            port: None,
        };
        let mut connection = Connection::new(Role::Acceptor, identity, Time::ZERO);
        let said = [&PREFIX[..], &[0; 8], &[7; 20], &[9; 20], &[0, 0, 0, 1, 2]].concat();
        let mut input = &said[..];
        while connection.next(&mut input, Time::ZERO).unwrap().is_some() {}
        let address = SocketAddr::from(([10, 0, 0, 1], 6881));
        peers.add(connection, address, Time::ZERO);
    }

    fn unchoked(peers: &Peers) -> Vec<u64> {
        let unchoked = peers
            .iter()
            .filter(|(_, peer)| !peer.connection.is_choking());
        unchoked.map(|(key, _)| key.0).collect()
    }

    #[test]
    fn peers_get_the_slots_in_turn() {
        let choker = Choker::new(2);
        let mut peers = Peers::new(1);
        (0..3).for_each(|_| add_interested(&mut peers));
        let early = SLOT_DURATION.saturating_sub(Duration::from_secs(1));
        let late = 2 * SLOT_DURATION;
        for (now, expected) in [
            (Time::ZERO, [0, 1]),
            (early, [0, 1]),
            (SLOT_DURATION, [1, 2]),
            (SLOT_DURATION, [0, 2]),
            // Now both have had theirs for less than 30 seconds.
            (SLOT_DURATION, [0, 2]),
            (late, [1, 2]),
        ] {
            choker.review(&mut peers, now);
            assert_eq!(unchoked(&peers), expected, "{now:?}");
        }
    }

    #[test]
    fn the_last_peer_keeps_its_slot() {
        let choker = Choker::new(1);
        let mut peers = Peers::new(1);
        add_interested(&mut peers);
        for seconds in 0..100 {
            choker.review(&mut peers, Time::from_secs(seconds));
            assert_eq!(unchoked(&peers), [0]);
        }
    }
}
