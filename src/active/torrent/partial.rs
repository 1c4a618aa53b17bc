//! A piece that is being fetched.

use super::peer_key::PeerKey;
use crate::torrent::PieceBuffer;

/// The most peers of which one block is requested at a time.
const MAX_PEERS_PER_BLOCK: u8 = 3;

/// The state of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// It is requested from nobody.
    Free,
    /// It is requested from so many peers.
    Requested(u8),
    /// This peer is sending it. It may be requested from others too.
    Receiving(PeerKey),
    /// This peer is sending it, too slowly: the next peer that begins to send it takes
    /// over.
    Contested(PeerKey),
    /// This peer has sent it.
    Complete(PeerKey),
}

/// A piece that is being fetched: its buffer, and the state of each block. Only one peer
/// at a time writes into a block, so that a hostile peer cannot spoil what an honest one
/// sends.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) buffer: PieceBuffer,
    slots: Vec<Slot>,
    /// The peer that it is assigned to, unless that one has disconnected or rejected it.
    pub(super) owner: Option<PeerKey>,
    /// Whether its blocks are requested from the owner alone: it has failed its check,
    /// and if it fails again, that is the owner's fault.
    pub(super) is_exclusive: bool,
    free: u32,
    complete: u32,
    /// No slot before this one is free.
    first_free: usize,
}

impl Partial {
    pub(super) fn new(
        buffer: PieceBuffer,
        blocks: u32,
        owner: PeerKey,
        is_exclusive: bool,
    ) -> Self {
        Self {
            buffer,
            slots: vec![Slot::Free; blocks as usize],
            owner: Some(owner),
            is_exclusive,
            free: blocks,
            complete: 0,
            first_free: 0,
        }
    }

    pub(super) fn has_free(&self) -> bool {
        self.free > 0
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete as usize == self.slots.len()
    }

    fn slot(&self, number: u32) -> Slot {
        self.slots
            .get(number as usize)
            .copied()
            .unwrap_or(Slot::Free)
    }

    /// The first block that is requested from nobody. Now it is.
    pub(super) fn request_first_free(&mut self) -> Option<u32> {
        let free = |slot: &Slot| *slot == Slot::Free;
        let at = self.first_free + self.slots[self.first_free..].iter().position(free)?;
        self.first_free = at + 1;
        self.slots[at] = Slot::Requested(1);
        self.free -= 1;
        Some(at as u32)
    }

    /// Whether a block that is requested from `slow` may be requested from one more peer.
    pub(super) fn may_request_again(&self, number: u32, slow: PeerKey) -> bool {
        match self.slot(number) {
            Slot::Requested(1..MAX_PEERS_PER_BLOCK) => true,
            Slot::Receiving(sender) => sender == slow,
            _ => false,
        }
    }

    /// Requests a block from one more peer. Says whether that is allowed.
    pub(super) fn request_again(&mut self, number: u32) -> bool {
        let Some(slot) = self.slots.get_mut(number as usize) else {
            return false;
        };
        *slot = match *slot {
            Slot::Requested(peers @ 1..MAX_PEERS_PER_BLOCK) => Slot::Requested(peers + 1),
            Slot::Receiving(peer) => Slot::Contested(peer),
            _ => return false,
        };
        true
    }

    /// A peer does not answer the request for this block.
    pub(super) fn release(&mut self, number: u32) {
        let Some(slot) = self.slots.get_mut(number as usize) else {
            return;
        };
        match slot {
            Slot::Requested(1) => self.set_free(number),
            Slot::Requested(peers) => *peers -= 1,
            Slot::Contested(peer) => *slot = Slot::Receiving(*peer),
            Slot::Free | Slot::Receiving(_) | Slot::Complete(_) => {}
        }
    }

    /// A peer that was sending this block will not complete it.
    pub(super) fn abandon(&mut self, number: u32, peer: PeerKey) {
        match self.slot(number) {
            Slot::Receiving(sender) if sender == peer => self.set_free(number),
            Slot::Contested(sender) if sender == peer => {
                self.slots[number as usize] = Slot::Requested(1);
            }
            _ => {}
        }
    }

    fn set_free(&mut self, number: u32) {
        self.slots[number as usize] = Slot::Free;
        self.free += 1;
        self.first_free = self.first_free.min(number as usize);
    }

    /// Whether this block comes from this peer.
    pub(super) fn is_receiving(&self, number: u32, peer: PeerKey) -> bool {
        let slot = self.slot(number);
        slot == Slot::Receiving(peer) || slot == Slot::Contested(peer)
    }

    /// A peer begins to send this block. Says whether its bytes are to be kept.
    pub(super) fn receive(&mut self, number: u32, peer: PeerKey) -> bool {
        let Some(slot) = self.slots.get_mut(number as usize) else {
            return false;
        };
        match slot {
            Slot::Free => {
                self.free -= 1;
                *slot = Slot::Receiving(peer);
                true
            }
            Slot::Requested(_) => {
                *slot = Slot::Receiving(peer);
                true
            }
            Slot::Contested(sender) if *sender != peer => {
                *slot = Slot::Receiving(peer);
                true
            }
            Slot::Receiving(sender) | Slot::Contested(sender) => *sender == peer,
            Slot::Complete(_) => false,
        }
    }

    /// A peer has completed this block. Says whether its data was used.
    pub(super) fn complete(&mut self, number: u32, peer: PeerKey) -> bool {
        let is_sender = self.is_receiving(number, peer);
        if is_sender {
            self.slots[number as usize] = Slot::Complete(peer);
            self.complete += 1;
        }
        is_sender
    }

    /// It is not assigned to this peer any more.
    pub(super) fn disown(&mut self, peer: PeerKey) {
        if self.owner == Some(peer) {
            self.owner = None;
        }
    }

    /// Who sent which block.
    pub(super) fn senders(&self) -> Vec<PeerKey> {
        let complete = self.slots.iter().filter_map(|slot| match slot {
            Slot::Complete(peer) => Some(*peer),
            _ => None,
        });
        complete.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_peer_sends_a_block() {
        let (a, b) = (PeerKey(1), PeerKey(2));
        let mut partial = Partial::new(PieceBuffer::default(), 2, a, false);
        assert_eq!(partial.request_first_free(), Some(0));
        assert_eq!(partial.request_first_free(), Some(1));
        assert_eq!(partial.request_first_free(), None);
        assert!(
            partial.may_request_again(0, a) && partial.request_again(0) && partial.request_again(0)
        );
        assert!(!partial.may_request_again(0, a) && !partial.request_again(0));
        assert!(partial.receive(0, b) && !partial.receive(0, a) && partial.receive(0, b));
        assert!(!partial.complete(0, a) && partial.complete(0, b));
        assert!(!partial.receive(0, a));
        partial.release(1);
        assert!(partial.has_free() && !partial.is_complete());
        assert_eq!(partial.request_first_free(), Some(1));
        assert!(partial.receive(1, a));
        partial.abandon(1, b);
        assert!(!partial.has_free());
        partial.abandon(1, a);
        assert_eq!(partial.request_first_free(), Some(1));
        assert!(partial.receive(1, a) && partial.complete(1, a));
        assert!(partial.is_complete());
        assert_eq!(partial.senders(), [b, a]);
    }

    #[test]
    fn a_faster_peer_takes_a_block_over() {
        let (slow, fast) = (PeerKey(1), PeerKey(2));
        let mut partial = Partial::new(PieceBuffer::default(), 1, slow, false);
        assert_eq!(partial.request_first_free(), Some(0));
        assert!(partial.receive(0, slow) && !partial.receive(0, fast));
        assert!(partial.may_request_again(0, slow) && !partial.may_request_again(0, fast));
        assert!(partial.request_again(0) && !partial.request_again(0));
        // Until the other begins, the first goes on.
        assert!(partial.receive(0, slow));
        assert!(partial.receive(0, fast) && !partial.receive(0, slow));
        assert!(!partial.complete(0, slow) && partial.complete(0, fast));

        let mut partial = Partial::new(PieceBuffer::default(), 1, slow, false);
        partial.request_first_free();
        assert!(partial.receive(0, slow) && partial.request_again(0));
        // The other rejects the request.
        partial.release(0);
        assert!(!partial.receive(0, fast));
        // The first disconnects while the block is requested from the other.
        assert!(partial.request_again(0));
        partial.abandon(0, slow);
        assert!(!partial.has_free() && partial.receive(0, fast) && partial.complete(0, fast));
    }
}
