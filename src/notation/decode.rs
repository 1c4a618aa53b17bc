//! From messages to words, such that the words make the same bytes again.

use super::bencoded::{self, Hint};
use super::encode::encode;
use super::write::{push_raw, sound};
use super::{dht, extended, http_tracker, lsd, peer, udp_tracker, utp};
use crate::wire::http_tracker::{Request, Response};
use crate::wire::lsd::Announce;
use crate::wire::peer::{Message, PIECE_HEADER};
use crate::wire::{dht as wire_dht, udp_tracker as wire_udp_tracker, utp as wire_utp};

/// The words, if they make these bytes again.
fn checked(words: Option<String>, bytes: &[u8]) -> Option<String> {
    let words = words?;
    let again = encode(&words, &|_| None).ok()?;
    (again.bytes == bytes).then_some(words)
}

/// A message of the peer wire in words. `bytes` are all of its bytes; `None` if
/// they are not, or if the peer wire has no such message.
pub fn of_peer(message: &Message<'_>, bytes: &[u8]) -> Option<String> {
    let words = if let Message::Extended(extended) = message {
        let specific = checked(extended::words(extended, bytes), bytes);
        specific.or_else(|| checked(extended::words_by_id(extended, bytes), bytes))
    } else {
        let data = bytes.get(PIECE_HEADER..).unwrap_or_default();
        checked(peer::words(message, data), bytes)
    };
    words.or_else(|| checked(peer::words_by_id(bytes), bytes))
}

/// A message of the DHT in words; `None` if `bytes` are not canonical.
pub fn of_dht(message: &wire_dht::Message<'_>, bytes: &[u8]) -> Option<String> {
    checked(dht::words(message, bytes), bytes)
}

/// A uTP packet in words; `None` if `bytes` are not all of it.
pub fn of_utp(packet: &wire_utp::Packet<'_>, bytes: &[u8]) -> Option<String> {
    checked(Some(utp::words(packet)), bytes)
}

/// A datagram of a UDP tracker in words; `None` if that does not give `bytes`
/// back.
pub fn of_udp_tracker(message: &wire_udp_tracker::Message<'_>, bytes: &[u8]) -> Option<String> {
    checked(udp_tracker::words(message), bytes)
}

/// A request to an HTTP tracker in words; `None` if that does not give `bytes`
/// back.
pub fn of_http_request(request: &Request<'_>, bytes: &[u8]) -> Option<String> {
    checked(Some(http_tracker::request_words(request)), bytes)
}

/// A response of an HTTP tracker in words; `None` if that does not give `bytes`
/// back.
pub fn of_http_response(response: &Response<'_>, bytes: &[u8]) -> Option<String> {
    checked(http_tracker::response_words(response, bytes), bytes)
}

/// An announce of local service discovery in words; `None` if that does not give
/// `bytes` back.
pub fn of_lsd(announce: &Announce<'_>, bytes: &[u8]) -> Option<String> {
    checked(lsd::words(announce), bytes)
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
