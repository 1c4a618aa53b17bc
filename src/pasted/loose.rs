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

fn kind(sample: &Sample<'_>) -> LooseKind {
    let bytes = sample.bytes;
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
