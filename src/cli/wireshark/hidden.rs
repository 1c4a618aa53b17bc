//! The messages that no packet shows as they are: decrypted ones, and those over uTP.

use std::collections::HashSet;

use crate::flow::Carrier;
use crate::session::{Ended, Heard};
use crate::wire::Message;

/// Which messages Wireshark does not see by itself.
#[derive(Debug, Default)]
pub struct Hidden {
    /// Connections under way that began with MSE.
    encrypted: HashSet<u64>,
}

impl Hidden {
    /// Whether a message is one; to be asked of each in its order.
    pub fn is_one(&mut self, heard: &Heard<'_>) -> bool {
        match heard.message() {
            Some(Message::Mse(_)) => {
                self.encrypted.insert(heard.stream);
                false
            }
            Some(Message::Peer(_)) => {
                heard.carrier == Carrier::Utp || self.encrypted.contains(&heard.stream)
            }
            _ => false,
        }
    }

    /// A connection is over.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        self.encrypted.remove(&ended.connection.stream);
    }
}
