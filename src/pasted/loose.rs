//! Bytes that are no message: an address, a hash, text, or anything.

use super::loose_kind::LooseKind;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use crate::wire::client::Client;

/// Names, in lower case, of variables and keys that hold an address.
const ADDRESSES: [&str; 5] = ["ip", "ipv4", "ipv6", "yourip", "addr"];

pub fn stretch<'b>(sample: &Sample<'b>) -> Stretch<'b> {
    Stretch::of(sample, Layout::Bytes(kind(sample)))
}

/// Bytes behind a message that are none.
pub fn out_of_step<'b>(sample: &Sample<'b>) -> Stretch<'b> {
    Stretch::of(sample, Layout::Bytes(LooseKind::OutOfStep))
}

fn kind(sample: &Sample<'_>) -> LooseKind {
    let bytes = sample.bytes;
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    let mut words = sample.label.split(word).filter(|word| !word.is_empty());
    let name = words.next_back().unwrap_or_default().to_ascii_lowercase();
    let is_address = matches!(bytes.len(), 4 | 6 | 16 | 18);
    if is_address && ADDRESSES.contains(&name.as_str()) {
        return LooseKind::Address;
    }
    let id: Option<[u8; 20]> = bytes.try_into().ok();
    if id.is_some_and(|id| id[0] == b'-' && Client::from_peer_id(&id).is_some()) {
        return LooseKind::PeerId;
    }
    let is_text = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n' && c != '\r');
    if std::str::from_utf8(bytes).is_ok_and(is_text) {
        return LooseKind::Text;
    }
    match bytes.len() {
        20 | 32 if !sample.is_cut => LooseKind::Hash,
        _ => LooseKind::Unknown,
    }
}
