//! How the sides of a connection are called in words.

use crate::flow::Side;
use crate::session::{Ended, Speaker};

/// A side by its client, else by its address.
pub fn name(ended: &Ended<'_>, side: Side) -> String {
    let clients = ended.conversation.speakers.each_ref().map(Speaker::client);
    match &clients[side.index()] {
        Some(client) if clients[0] != clients[1] => client.clone(),
        _ => ended.connection.address(side).to_string(),
    }
}
