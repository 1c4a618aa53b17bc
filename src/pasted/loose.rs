//! Bytes that are no message: an address, a hash, text, or anything.

use super::loose_kind::LooseKind;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use crate::wire::client::Client;

pub fn stretch<'b>(sample: &Sample<'b>) -> Stretch<'b> {
    Stretch::of(sample, Layout::Bytes(kind(sample)))
}

/// Bytes behind a message that are none.
pub fn out_of_step<'b>(sample: &Sample<'b>) -> Stretch<'b> {
    Stretch::of(sample, Layout::Bytes(LooseKind::OutOfStep))
}

/// Bytes before a message that belong to none.
pub fn stray<'b>(sample: &Sample<'b>) -> Stretch<'b> {
    Stretch::of(sample, Layout::Bytes(LooseKind::Stray))
}

/// Names that words before bytes may give them, in small letters, and how long these are.
const NAMES: [(&str, LooseKind, &[usize]); 18] = [
    ("reserved", LooseKind::Reserved, &[8]),
    ("info hash", LooseKind::InfoHash, &[20, 32]),
    ("info-hash", LooseKind::InfoHash, &[20, 32]),
    ("info_hash", LooseKind::InfoHash, &[20, 32]),
    ("infohash", LooseKind::InfoHash, &[20, 32]),
    ("hash of info", LooseKind::InfoHash, &[20, 32]),
    // libtorrent's log of a handshake, BiglyBT's, and crawlers of the DHT.
    ("[ ih: ", LooseKind::InfoHash, &[20]),
    ("dataid", LooseKind::InfoHash, &[20]),
    ("getpeers", LooseKind::InfoHash, &[20]),
    ("announcepeer", LooseKind::InfoHash, &[20]),
    ("peer id", LooseKind::PeerId, &[20]),
    ("peer-id", LooseKind::PeerId, &[20]),
    ("peer_id", LooseKind::PeerId, &[20]),
    ("peerid", LooseKind::PeerId, &[20]),
    ("node id", LooseKind::NodeId, &[20]),
    ("node-id", LooseKind::NodeId, &[20]),
    ("node_id", LooseKind::NodeId, &[20]),
    ("nodeid", LooseKind::NodeId, &[20]),
];

/// Characters of the words before bytes in which such a name stands.
const NEAR: usize = 48;

/// What the words before bytes call them; the last name counts.
pub fn named(sample: &Sample<'_>) -> Option<LooseKind> {
    let label = sample.label;
    let near = label.ceil_char_boundary(label.len().saturating_sub(NEAR));
    let near = label[near..].to_ascii_lowercase();
    let fits = |lengths: &[usize]| lengths.contains(&sample.bytes.len()) && !sample.is_cut;
    let names = NAMES.iter().filter(|(_, _, lengths)| fits(lengths));
    let places = names.filter_map(|(name, kind, _)| Some((near.rfind(name)?, *kind)));
    places.max_by_key(|(at, _)| *at).map(|(_, kind)| kind)
}

/// A message is no longer, of those that clients send: the second byte of its length.
const MAX_HIGH: u8 = 1;

/// Words before bytes, or parts of them, that say that they were carried.
const CARRIED: [&str; 22] = [
    "byte", "buf", "data", "msg", "message", "packet", "payload", "recv", "receiv", "rx", "sen",
    "tx", "got", "read", "wr", "hex", "keep", "peer", "wire", "stream", "frame", "socket",
];

/// Marks that say the same.
const ARROWS: [&str; 6] = ["->", "<-", "=>", "<=", ">>", "<<"];

/// Whether bytes are zeros in a sentence about something else, `weights are [0, 0, 0, 0]`.
pub fn are_prose(sample: &Sample<'_>) -> bool {
    let label = sample.label.to_ascii_lowercase();
    let has_words = label.contains(|c: char| c.is_alphabetic());
    let is_carried = CARRIED.iter().any(|part| label.contains(part));
    let has_arrow = ARROWS.iter().any(|arrow| label.contains(arrow));
    let are_zeros = sample.bytes.iter().all(|byte| *byte == 0) && sample.bytes.len() >= 4;
    are_zeros && has_words && !is_carried && !has_arrow
}

/// Whether words before bytes say that they were carried; without words that is as likely.
pub fn may_be_carried(sample: &Sample<'_>) -> bool {
    let label = sample.label.to_ascii_lowercase();
    label.trim().is_empty() || CARRIED.iter().any(|part| label.contains(part))
}

fn kind(sample: &Sample<'_>) -> LooseKind {
    if let Some(kind) = named(sample) {
        return kind;
    }
    let bytes = sample.bytes;
    let id: Option<[u8; 20]> = bytes.try_into().ok();
    if id.is_some_and(|id| id[0] == b'-' && Client::from_peer_id(&id).is_some()) {
        return LooseKind::PeerId;
    }
    if are_prose(sample) {
        return LooseKind::Zeros;
    }
    let is_text = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n' && c != '\r');
    if std::str::from_utf8(bytes).is_ok_and(is_text) {
        return LooseKind::Text;
    }
    match bytes.len() {
        4 if matches!(bytes, [0, 0..=MAX_HIGH, ..]) && !sample.is_cut => LooseKind::Length,
        20 | 32 if !sample.is_cut => LooseKind::Hash,
        _ => LooseKind::Unknown,
    }
}
