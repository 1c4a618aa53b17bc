//! Who sent data.

use std::collections::HashMap;
use std::net::SocketAddr;

use foldhash::fast::RandomState;

/// Senders that are told apart; what others sent counts, without their name.
const MAX_SENDERS: usize = 1 << 16;

/// One direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sender {
    /// Number of the connection.
    pub stream: u64,
    /// Who sent.
    pub src: SocketAddr,
    /// To whom.
    pub dst: SocketAddr,
    /// It is a web seed, not a peer.
    pub is_web: bool,
}

/// A sender by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SenderId(u32);

/// All senders, each with a number.
#[derive(Debug, Default)]
pub struct Senders {
    list: Vec<Sender>,
    numbers: HashMap<Sender, SenderId, RandomState>,
}

impl Senders {
    /// The number of `sender`.
    pub fn id(&mut self, sender: Sender) -> SenderId {
        if let Some(id) = self.numbers.get(&sender) {
            return *id;
        }
        let id = SenderId(self.list.len() as u32);
        if self.list.len() < MAX_SENDERS {
            self.list.push(sender);
            self.numbers.insert(sender, id);
        }
        id
    }

    /// The sender of a number; `None` for one too many.
    pub fn get(&self, id: SenderId) -> Option<&Sender> {
        self.list.get(id.0 as usize)
    }
}
