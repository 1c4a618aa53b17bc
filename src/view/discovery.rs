//! Derived facts of messages of the DHT and of trackers.

use serde_json::Value as Json;

use crate::session::Content;
use crate::wire::compact::{Family, addresses};
use crate::wire::http_tracker::{Peers, Reply, Response};

/// What JSON has beside the fields of the message.
pub fn facts(content: &Content<'_>) -> Vec<(&'static str, Json)> {
    let mut facts = match content {
        Content::Dht { message, query, .. } => {
            let method = message.method().or(query.map(|query| query.method));
            let name = method.map(|method| ("method", method.to_string().into()));
            Vec::from_iter(name)
        }
        Content::HttpResponse { message, .. } => unpacked(message),
        _ => Vec::new(),
    };
    if let Some(query) = content.query() {
        facts.push(("query_frame", query.frame.into()));
    }
    facts
}

/// The main fields of a reply that has no place among the message's bytes.
fn unpacked(response: &Response<'_>) -> Vec<(&'static str, Json)> {
    if !response.is_decoded {
        return Vec::new();
    }
    let reply = &response.reply;
    let numbers = [
        ("interval", reply.interval),
        ("complete", reply.complete),
        ("incomplete", reply.incomplete),
    ];
    let numbers = numbers
        .into_iter()
        .filter_map(|(name, number)| Some((name, number?.into())));
    numbers
        .chain(peers(reply).map(|peers| ("peers", peers)))
        .collect()
}

fn peers(reply: &Reply) -> Option<Json> {
    reply.peer_count()?;
    let v4 = reply.peers.as_ref().map(Peers::addresses);
    let v6 = reply.peers6.as_deref().unwrap_or_default();
    let all = v4.into_iter().flatten().chain(addresses(v6, Family::V6));
    Some(all.map(|peer| peer.to_string()).collect())
}
