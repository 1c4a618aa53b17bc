//! What is this UDP payload? One port carries DHT, uTP and tracker traffic, so
//! that each datagram is judged by its own bytes.

use crate::wire::bencode::{Document, Node, TokenKind};
use crate::wire::{lsd, udp_tracker};

/// What one datagram is, by its bytes alone.
///
/// Tracker traffic beyond the connect request is known from the conversation,
/// uTP by corroborating packets: both are told by who keeps that state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datagram {
    /// A KRPC message of the DHT (BEP 5).
    Dht(Certainty),
    /// A request for a connection id of a UDP tracker (BEP 15): certain.
    TrackerConnect,
    /// Local service discovery (BEP 14): certain.
    Lsd,
    /// None of these.
    Unknown,
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is nothing else.
    Certain,
    /// It is damaged or incomplete, but has marks that only this has.
    Likely,
}

/// Judges a payload.
pub fn classify(payload: &[u8]) -> Datagram {
    match payload.first() {
        Some(b'd') => dht(payload).map_or(Datagram::Unknown, Datagram::Dht),
        Some(b'B') if payload.starts_with(lsd::PREFIX) => Datagram::Lsd,
        Some(0) if udp_tracker::is_connect(payload) => Datagram::TrackerConnect,
        _ => Datagram::Unknown,
    }
}

/// A dictionary of KRPC: whole with type and transaction id, or with at least one
/// part that is as KRPC has it.
fn dht(payload: &[u8]) -> Option<Certainty> {
    // Most of what begins with a `d` is text: do not parse it.
    if !payload.get(1)?.is_ascii_digit() {
        return None;
    }
    let document = Document::parse(payload);
    let root = document.root()?;
    let kind = root.get(b"y").and_then(|y| y.as_bytes());
    let has_kind = matches!(kind, Some(b"q" | b"r" | b"e"));
    let has_transaction = root.get(b"t").is_some_and(|t| t.as_bytes().is_some());
    let is_whole = document.error().is_none();
    if has_kind && has_transaction && is_whole {
        Some(Certainty::Certain)
    } else if (has_kind && (has_transaction || is_whole)) || has_part(root) {
        Some(Certainty::Likely)
    } else {
        None
    }
}

/// Whether there are arguments or results with a node id, or an error list.
fn has_part(root: Node<'_, '_>) -> bool {
    let has_id = |key: &[u8]| {
        let id = root.get(key).and_then(|dict| dict.get(b"id"));
        id.and_then(|id| id.as_bytes())
            .is_some_and(|id| id.len() == 20)
    };
    let is_error = root.get(b"e").is_some_and(|e| {
        let mut items = e.items();
        let first = items.next().map(|item| item.kind());
        e.is_closed()
            && matches!(first, Some(TokenKind::Int | TokenKind::Bytes))
            && items.count() < 2
    });
    has_id(b"a") || has_id(b"r") || is_error
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn datagrams_are_known_by_their_bytes() {
        let certain = Datagram::Dht(Certainty::Certain);
        let likely = Datagram::Dht(Certainty::Likely);
        for (payload, verdict) in [
            (
                &b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"[..],
                certain,
            ),
            (
                b"d1:q4:ping1:t2:ad1:y1:q1:ad2:id20:IIIIIIIIIIIIIIIIIIIIee",
                certain,
            ),
            (b"d1:t2:aa1:y1:re", certain),
            (b"d1:t2:aa1:y1:retrailing", certain),
            (b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:y1:qe", likely),
            (
                b"d1:ad2:id20:IIIIIIIIIIIIIIIIIIIIe1:q4:ping1:t99999999999:",
                likely,
            ),
            (b"d1:ad2:id20:IIIIIIIIIIIIIIIIIIII1:xlllllll", likely),
            (b"d1:eli201eee", likely),
            (b"d1:el3:fooee", likely),
            (
                b"\0\0\x04\x17\x27\x10\x19\x80\0\0\0\0\x11\x22\x33\x44",
                Datagram::TrackerConnect,
            ),
            (b"BT-SEARCH * HTTP/1.1\r\n", Datagram::Lsd),
            (b"", Datagram::Unknown),
            (b"d", Datagram::Unknown),
            (b"de", Datagram::Unknown),
            (b"d0:", Datagram::Unknown),
            (b"d1:t1:ae", Datagram::Unknown),
            (b"discover", Datagram::Unknown),
            (b"d8:announce3:urle", Datagram::Unknown),
            (b"d1:ele1:t1:ae", Datagram::Unknown),
            (b"M-SEARCH * HTTP/1.1\r\n", Datagram::Unknown),
        ] {
            assert_eq!(classify(payload), verdict, "{}", payload.escape_ascii());
        }
    }

    #[test]
    fn other_protocols_are_unknown() {
        let stun = b"\0\x01\0\0\x21\x12\xa4\x42\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b";
        let dtls = b"\x16\xfe\xff\0\0\0\0\0\0\0\0\0\x10";
        let dns = b"dd\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01";
        let numbered = b"d1\x01\0\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01";
        let utp = [&[0x41, 2, 0x12, 0x34][..], &[0; 16]].concat();
        for payload in [&stun[..], dtls, dns, numbered, &utp] {
            assert_eq!(classify(payload), Datagram::Unknown);
        }
    }

    proptest! {
        #[test]
        fn random_bytes_are_unknown(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(classify(&bytes), Datagram::Unknown);
        }
    }
}
