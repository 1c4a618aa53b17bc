//! Who sent data.

use std::fmt;
use std::net::SocketAddr;

use crate::active::machine::Role;

/// A peer that has sent data, as reports name it. It is remembered while data of it is
/// unverified, even after it has disconnected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its address.
    pub address: SocketAddr,
    /// Our part: whether we have dialled it.
    pub role: Role,
    /// The name of its client, by its extended handshake.
    pub client: Option<String>,
    /// Its peer id.
    pub peer_id: [u8; 20],
}

/// The client's name is the peer's own text: whoever prints it sanitises it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        match &self.client {
            Some(client) => write!(f, " ({client})"),
            None => Ok(()),
        }
    }
}
