//! The style of the first client, and of those that took it over.

use super::claim::{Client, PeerIdBytes};
use super::prefix;

/// `M7-2-0--`, `Q1-23-4-`: a letter and three numbers with dashes.
pub fn decode(id: &PeerIdBytes) -> Option<Client> {
    let name = match id[0] {
        b'M' => "BitTorrent",
        b'Q' => "Queen Bee",
        _ => return None,
    };
    let version = prefix::dashed(&id[1..9])?;
    Some(Client::known(name, version))
}
