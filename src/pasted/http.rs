//! Requests to HTTP trackers and their responses.

use super::reply;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use crate::wire;
use crate::wire::http_tracker::{Purpose, dissect_response, purpose};

/// How well bytes fit either.
pub fn score(bytes: &[u8]) -> Option<u8> {
    let is_request = purpose(bytes).is_some();
    let is_response = || bytes.starts_with(b"HTTP/1.") && replied(bytes).is_some();
    if is_request || is_response() {
        return Some(98);
    }
    reply::purpose(bytes).map(|_| 90)
}

/// What a response is to, by what its body says.
fn replied(bytes: &[u8]) -> Option<Purpose> {
    let read = dissect_response(bytes, bytes.len(), Purpose::Announce, &mut ());
    let reply = read.message.reply;
    if reply.torrents.is_some() {
        Some(Purpose::Scrape)
    } else if reply.peers.is_some() || reply.interval.is_some() || reply.failure_reason.is_some() {
        Some(Purpose::Announce)
    } else {
        None
    }
}

pub fn stretch<'b>(sample: &Sample<'b>) -> Stretch<'b> {
    let layout = if let Some(purpose) = reply::purpose(sample.bytes) {
        Layout::Reply(purpose)
    } else if purpose(sample.bytes).is_some() || !sample.bytes.starts_with(b"HTTP/") {
        Layout::Message(wire::Layout::HttpRequest)
    } else {
        let purpose = replied(sample.bytes).unwrap_or(Purpose::Announce);
        Layout::Message(wire::Layout::HttpResponse(purpose))
    };
    Stretch::of(sample, layout)
}
