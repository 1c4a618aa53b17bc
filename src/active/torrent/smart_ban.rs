//! Who sent wrong data, and is banned for it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use super::bans::{Bans, NewBan};
use super::peer::Peer;
use super::peer_key::PeerKey;
use super::peers::Peers;
use super::source::Source;

/// The most pieces that failed their check and whose senders are remembered.
const MAX_SUSPECT_PIECES: usize = 256;

/// The most senders that are remembered after they have disconnected, before it is
/// looked who of them is needed still.
const MAX_DISCONNECTED_SOURCES: usize = 64;

/// The blocks of a piece that failed its check: who sent each, and its SHA-1. When the
/// piece is right in the end, the senders of blocks that differ have sent wrong ones.
type SuspectBlocks = Vec<(Source, [u8; 20])>;

/// Finds out who sent wrong data when a piece fails its hash check.
///
/// If all blocks come from one peer, it is banned at once. Otherwise the piece is
/// fetched again, and its blocks are compared with those of the failed attempt.
#[derive(Debug, Default)]
pub(super) struct SmartBan {
    suspects: BTreeMap<u32, SuspectBlocks>,
    /// The peers that have sent data that is not checked yet, and others.
    sources: BTreeMap<PeerKey, Source>,
    bans: Bans,
}

impl SmartBan {
    /// A peer has sent a complete block.
    pub(super) fn note_sender(&mut self, key: PeerKey, peer: &Peer) {
        self.sources.entry(key).or_insert_with(|| peer.source());
    }

    /// Whether a piece has failed its check before.
    pub(super) fn is_suspect(&self, piece: u32) -> bool {
        self.suspects.contains_key(&piece)
    }

    /// A piece is right. The peers whose blocks of it were wrong before.
    pub(super) fn acquit(&mut self, piece: u32, digests: &[[u8; 20]]) -> Vec<Source> {
        let mut liars = Vec::new();
        let suspects = self.suspects.remove(&piece).unwrap_or_default();
        for ((source, was), is) in suspects.into_iter().zip(digests) {
            if was != *is && !liars.contains(&source) {
                liars.push(source);
            }
        }
        liars
    }

    /// A piece is wrong; `senders` sent its blocks. The peers among them, of which a
    /// single one has sent the wrong block.
    pub(super) fn accuse(
        &mut self,
        piece: u32,
        senders: &[PeerKey],
        digests: &[[u8; 20]],
    ) -> Vec<Source> {
        let sources = senders.iter().filter_map(|key| self.sources.get(key));
        let sources: Vec<Source> = sources.cloned().collect();
        let mut from: Vec<Source> = Vec::new();
        for source in &sources {
            if !from.contains(source) {
                from.push(source.clone());
            }
        }
        if from.len() != 1
            && self.suspects.len() < MAX_SUSPECT_PIECES
            && sources.len() == digests.len()
        {
            let blocks = sources.into_iter().zip(digests.iter().copied());
            self.suspects
                .entry(piece)
                .or_insert_with(|| blocks.collect());
        }
        from
    }

    /// Forgets senders that have disconnected and are not among those that `needed`
    /// gives: they have no part in a piece that is not checked yet.
    pub(super) fn forget_sources(
        &mut self,
        peers: &Peers,
        needed: impl FnOnce() -> BTreeSet<PeerKey>,
    ) {
        if self.sources.len() < peers.len() + MAX_DISCONNECTED_SOURCES {
            return;
        }
        let needed = needed();
        self.sources
            .retain(|key, _| peers.contains(*key) || needed.contains(key));
    }

    /// Bans a peer.
    pub(super) fn ban(&mut self, liar: &Source) -> NewBan {
        self.bans.add(liar.address, liar.role, liar.peer_id)
    }

    /// Whether this address is banned.
    pub(super) fn has_address(&self, address: &SocketAddr) -> bool {
        self.bans.has_address(address)
    }

    /// Whether connections from this host are refused.
    pub(super) fn has_host(&self, ip: IpAddr) -> bool {
        self.bans.has_host(ip)
    }

    /// Whether the peer of this id at this host is banned.
    pub(super) fn has_peer(&self, ip: IpAddr, peer_id: [u8; 20]) -> bool {
        self.bans.has_peer(ip, peer_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::machine::{Connection, Identity, Role, Time};

    fn peer(port: u16) -> Peer {
        let identity = Identity {
            peer_id: [1; 20],
            info_hashes: vec![[7; 20]],
            hybrid: false,
            port: None,
        };
        let connection = Connection::new(Role::Acceptor, identity, Time::ZERO);
        Peer::new(connection, ([10, 0, 0, 1], port).into(), Time::ZERO)
    }

    #[test]
    fn the_sender_whose_block_was_different_is_found() {
        let mut smart_ban = SmartBan::default();
        let (honest, liar) = (peer(1), peer(2));
        smart_ban.note_sender(PeerKey(0), &honest);
        smart_ban.note_sender(PeerKey(1), &liar);
        let senders = [PeerKey(0), PeerKey(1)];
        let accused = smart_ban.accuse(5, &senders, &[[1; 20], [2; 20]]);
        assert_eq!(accused, [honest.source(), liar.source()]);
        assert!(smart_ban.is_suspect(5) && !smart_ban.is_suspect(6));
        let liars = smart_ban.acquit(5, &[[1; 20], [3; 20]]);
        assert_eq!(liars, [liar.source()]);
        assert!(!smart_ban.is_suspect(5));
    }

    #[test]
    fn a_single_sender_needs_no_second_attempt() {
        let mut smart_ban = SmartBan::default();
        let liar = peer(1);
        smart_ban.note_sender(PeerKey(0), &liar);
        let accused = smart_ban.accuse(5, &[PeerKey(0); 2], &[[1; 20], [2; 20]]);
        assert_eq!(accused, [liar.source()]);
        assert!(!smart_ban.is_suspect(5));
        assert_eq!(smart_ban.ban(&liar.source()), NewBan::Peer);
        assert!(smart_ban.has_address(&liar.address));
    }

    #[test]
    fn senders_of_unchecked_pieces_are_remembered_after_they_have_gone() {
        let mut smart_ban = SmartBan::default();
        for number in 0..MAX_DISCONNECTED_SOURCES as u64 {
            smart_ban.note_sender(PeerKey(number), &peer(number as u16));
        }
        let nobody = Peers::new(1);
        smart_ban.forget_sources(&nobody, || [PeerKey(3)].into());
        assert!(smart_ban.sources.keys().eq([&PeerKey(3)]));
    }
}
