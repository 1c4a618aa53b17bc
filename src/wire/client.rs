//! Follows.
use std::fmt;
pub struct Client;
impl Client {
    pub fn from_peer_id(_: &[u8; 20]) -> Self {
        Self
    }
}
impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("client")
    }
}
