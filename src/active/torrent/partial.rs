//! A piece that is being fetched.

use super::PeerKey;
use crate::torrent::PieceBuffer;

/// The most peers that are asked for one block.
const MOST_ASKED: u8 = 3;

/// The state of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Nobody was asked.
    Free,
    /// So many peers were asked.
    Asked(u8),
    /// This peer is sending it; others may have been asked too.
    Receiving(PeerKey),
    /// This peer is sending it too slowly: whoever else begins takes over.
    Contested(PeerKey),
    /// It came from this peer.
    Done(PeerKey),
}

/// A piece that is being fetched: its buffer, and where each block stands. Only
/// one peer at a time writes into a block, so that a liar cannot spoil what an
/// honest peer sends.
#[derive(Debug)]
pub(super) struct Partial {
    pub(super) buffer: PieceBuffer,
    slots: Vec<Slot>,
    /// The peer that fetches it, unless that has gone.
    pub(super) owner: Option<PeerKey>,
    /// After a failed check: only the owner is asked, so that a second failure
    /// is its alone.
    pub(super) exclusive: bool,
    free: u32,
    done: u32,
    /// No slot before this one is free.
    first_free: usize,
}

impl Partial {
    pub(super) fn new(buffer: PieceBuffer, blocks: u32, owner: PeerKey, exclusive: bool) -> Self {
        Self {
            buffer,
            slots: vec![Slot::Free; blocks as usize],
            owner: Some(owner),
            exclusive,
            free: blocks,
            done: 0,
            first_free: 0,
        }
    }

    pub(super) fn has_free(&self) -> bool {
        self.free > 0
    }

    pub(super) fn is_done(&self) -> bool {
        self.done as usize == self.slots.len()
    }

    fn slot(&self, number: u32) -> Slot {
        self.slots
            .get(number as usize)
            .copied()
            .unwrap_or(Slot::Free)
    }

    /// The first block that nobody was asked for, now asked for.
    pub(super) fn ask_first_free(&mut self) -> Option<u32> {
        let free = |slot: &Slot| *slot == Slot::Free;
        let at = self.first_free + self.slots[self.first_free..].iter().position(free)?;
        self.first_free = at + 1;
        self.slots[at] = Slot::Asked(1);
        self.free -= 1;
        Some(at as u32)
    }

    /// Whether one more peer may be asked for a block that `slow` was asked for.
    pub(super) fn may_ask_again(&self, number: u32, slow: PeerKey) -> bool {
        match self.slot(number) {
            Slot::Asked(1..MOST_ASKED) => true,
            Slot::Receiving(sender) => sender == slow,
            _ => false,
        }
    }

    /// One more peer is asked for a block. Says whether it may be.
    pub(super) fn ask_again(&mut self, number: u32) -> bool {
        let Some(slot) = self.slots.get_mut(number as usize) else {
            return false;
        };
        *slot = match *slot {
            Slot::Asked(peers @ 1..MOST_ASKED) => Slot::Asked(peers + 1),
            Slot::Receiving(peer) => Slot::Contested(peer),
            _ => return false,
        };
        true
    }

    /// A peer that was asked for this block does not send it.
    pub(super) fn release(&mut self, number: u32) {
        let Some(slot) = self.slots.get_mut(number as usize) else {
            return;
        };
        match slot {
            Slot::Asked(1) => self.set_free(number),
            Slot::Asked(peers) => *peers -= 1,
            Slot::Contested(peer) => *slot = Slot::Receiving(*peer),
            Slot::Free | Slot::Receiving(_) | Slot::Done(_) => {}
        }
    }

    /// A peer that was sending this block has gone.
    pub(super) fn abandon(&mut self, number: u32, peer: PeerKey) {
        match self.slot(number) {
            Slot::Receiving(sender) if sender == peer => self.set_free(number),
            Slot::Contested(sender) if sender == peer => {
                self.slots[number as usize] = Slot::Asked(1);
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
            Slot::Asked(_) => {
                *slot = Slot::Receiving(peer);
                true
            }
            Slot::Contested(sender) if *sender != peer => {
                *slot = Slot::Receiving(peer);
                true
            }
            Slot::Receiving(sender) | Slot::Contested(sender) => *sender == peer,
            Slot::Done(_) => false,
        }
    }

    /// The block has come whole. Says whether it was this peer that was to send
    /// it.
    pub(super) fn finish(&mut self, number: u32, peer: PeerKey) -> bool {
        let mine = self.is_receiving(number, peer);
        if mine {
            self.slots[number as usize] = Slot::Done(peer);
            self.done += 1;
        }
        mine
    }

    /// Who sent which block.
    pub(super) fn senders(&self) -> Vec<PeerKey> {
        let done = self.slots.iter().filter_map(|slot| match slot {
            Slot::Done(peer) => Some(*peer),
            _ => None,
        });
        done.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sender_a_block() {
        let (a, b) = (PeerKey(1), PeerKey(2));
        let mut partial = Partial::new(PieceBuffer::default(), 2, a, false);
        assert_eq!(partial.ask_first_free(), Some(0));
        assert_eq!(partial.ask_first_free(), Some(1));
        assert_eq!(partial.ask_first_free(), None);
        assert!(partial.may_ask_again(0, a) && partial.ask_again(0) && partial.ask_again(0));
        assert!(!partial.may_ask_again(0, a) && !partial.ask_again(0));
        assert!(partial.receive(0, b) && !partial.receive(0, a) && partial.receive(0, b));
        assert!(!partial.finish(0, a) && partial.finish(0, b));
        assert!(!partial.receive(0, a));
        partial.release(1);
        assert!(partial.has_free() && !partial.is_done());
        assert_eq!(partial.ask_first_free(), Some(1));
        assert!(partial.receive(1, a));
        partial.abandon(1, b);
        assert!(!partial.has_free());
        partial.abandon(1, a);
        assert_eq!(partial.ask_first_free(), Some(1));
        assert!(partial.receive(1, a) && partial.finish(1, a));
        assert!(partial.is_done());
        assert_eq!(partial.senders(), [b, a]);
    }

    #[test]
    fn a_faster_peer_takes_a_block_over() {
        let (slow, fast) = (PeerKey(1), PeerKey(2));
        let mut partial = Partial::new(PieceBuffer::default(), 1, slow, false);
        assert_eq!(partial.ask_first_free(), Some(0));
        assert!(partial.receive(0, slow) && !partial.receive(0, fast));
        assert!(partial.may_ask_again(0, slow) && !partial.may_ask_again(0, fast));
        assert!(partial.ask_again(0) && !partial.ask_again(0));
        // Until the other begins, the first goes on.
        assert!(partial.receive(0, slow));
        assert!(partial.receive(0, fast) && !partial.receive(0, slow));
        assert!(!partial.finish(0, slow) && partial.finish(0, fast));

        let mut partial = Partial::new(PieceBuffer::default(), 1, slow, false);
        partial.ask_first_free();
        assert!(partial.receive(0, slow) && partial.ask_again(0));
        // The other refuses.
        partial.release(0);
        assert!(!partial.receive(0, fast));
        // The first goes, while the other is asked.
        assert!(partial.ask_again(0));
        partial.abandon(0, slow);
        assert!(!partial.has_free() && partial.receive(0, fast) && partial.finish(0, fast));
    }
}
