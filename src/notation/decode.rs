//! From messages to words, such that the words make the same bytes again.

use super::bencoded::{self, Hint};
use super::encode::encode;
use super::write::{push_raw, sound};
use super::{dht, extended, http_tracker, lsd, peer, udp_tracker, utp};
use crate::wire::Message;
use crate::wire::peer::{self as wire_peer, PIECE_HEADER};

/// The words, if they make these bytes again.
fn checked(words: Option<String>, bytes: &[u8]) -> Option<String> {
    let words = words?;
    let again = encode(&words, &|_| None).ok()?;
    (again.bytes == bytes).then_some(words)
}

/// A message in words. `bytes` are all of its bytes; `None` if they are not, or if
/// no words make them again.
pub fn of_message(message: &Message<'_>, bytes: &[u8]) -> Option<String> {
    let words = match message {
        Message::Peer(message) => return of_peer(message, bytes),
        Message::Mse(_) => None,
        Message::Dht(message) => dht::words(message, bytes),
        Message::UdpTracker(message) => udp_tracker::words(message),
        Message::HttpRequest(request) => Some(http_tracker::request_words(request)),
        Message::HttpResponse(response) => http_tracker::response_words(response, bytes),
        Message::Lsd(announce) => lsd::words(announce),
        Message::Utp(packet) => Some(utp::words(packet)),
    };
    checked(words, bytes)
}

fn of_peer(message: &wire_peer::Message<'_>, bytes: &[u8]) -> Option<String> {
    let words = if let wire_peer::Message::Extended(extended) = message {
        let specific = checked(extended::words(extended, bytes), bytes);
        specific.or_else(|| checked(extended::words_by_id(extended, bytes), bytes))
    } else {
        let data = bytes.get(PIECE_HEADER..).unwrap_or_default();
        checked(peer::words(message, data), bytes)
    };
    words.or_else(|| checked(peer::words_by_id(bytes), bytes))
}

/// A piece in words, without its data: they make one with zeros.
pub fn of_block(block: &wire_peer::Block) -> String {
    peer::block_words(block)
}

/// A bencoded value in words; `None` if it is not canonical.
pub fn of_bencode(bytes: &[u8]) -> Option<String> {
    let document = sound(bytes)?;
    let mut words = String::from("bencode ");
    bencoded::push_value(
        &mut words,
        document.root()?,
        &mut Vec::new(),
        &Hint::of_value,
    );
    checked(Some(words), bytes)
}

/// Any bytes in words.
pub fn of_bytes(bytes: &[u8]) -> String {
    let mut words = String::from("bytes ");
    push_raw(&mut words, bytes);
    words
}
