//! Datagrams: DHT, uTP, UDP tracker, local service discovery.

use super::reading::Reading;
use super::sample::Sample;
use super::stretch::{self, Stretch};
use crate::identify::datagram::{Certainty, Datagram, classify};
use crate::wire::compact::Family;
use crate::wire::udp_tracker::{self, Action, Context, Role};
use crate::wire::{Layout, Reader, utp};

pub fn score_dht(bytes: &[u8]) -> Option<u8> {
    match classify(bytes) {
        Datagram::Dht(Certainty::Certain) => Some(97),
        Datagram::Dht(Certainty::Likely) => Some(92),
        _ => None,
    }
}

pub fn score_lsd(bytes: &[u8]) -> Option<u8> {
    (classify(bytes) == Datagram::Lsd).then_some(99)
}

/// A version, a type and a chain of extensions: little, but no other protocol
/// has it by design.
pub fn score_utp(bytes: &[u8]) -> Option<u8> {
    let packet = utp::dissect(Reader::new(bytes, bytes.len(), &mut ())).ok()?;
    if !packet.is_plausible() {
        return None;
    }
    let is_bare = packet.payload_length == 0;
    Some(if is_bare { 80 } else { 60 })
}

pub fn score_tracker(bytes: &[u8]) -> Option<u8> {
    let word = |at: usize| {
        let word = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(word.try_into().ok()?))
    };
    if udp_tracker::is_connect(bytes) {
        return Some(99);
    }
    if udp_tracker::is_lone_announce(bytes) {
        return Some(85);
    }
    match (Action(word(0)?), bytes.len()) {
        (Action::CONNECT, 16) => Some(62),
        (Action::ANNOUNCE, 20..) if (bytes.len() - 20).is_multiple_of(6) => Some(55),
        (Action::SCRAPE, 20..) if (bytes.len() - 8).is_multiple_of(12) => Some(50),
        (Action::ERROR, 9..) if is_text(&bytes[8..]) => Some(85),
        _ if is_scrape_request(bytes) => Some(55),
        _ => None,
    }
}

fn is_text(bytes: &[u8]) -> bool {
    // A tracker in C may send the end of its string.
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

fn is_scrape_request(bytes: &[u8]) -> bool {
    let is_scrape = bytes.get(8..12) == Some(&Action::SCRAPE.0.to_be_bytes());
    is_scrape && bytes.len() >= 36 && (bytes.len() - 16).is_multiple_of(20)
}

/// Which end sent a datagram of a UDP tracker, by its looks.
fn role(bytes: &[u8]) -> Role {
    let is_request = udp_tracker::is_connect(bytes)
        || udp_tracker::is_lone_announce(bytes)
        || is_scrape_request(bytes);
    let begins_response = matches!(bytes, [0, 0, 0, 0..=3, ..]);
    if is_request || !begins_response {
        Role::Request
    } else {
        Role::Response
    }
}

pub fn stretch<'b>(sample: &Sample<'b>, reading: Reading) -> Stretch<'b> {
    let layout = match reading {
        Reading::Utp => Layout::Utp,
        Reading::UdpTracker => Layout::UdpTracker(Context {
            role: role(sample.bytes),
            family: Family::V4,
        }),
        Reading::Lsd => Layout::Lsd,
        _ => Layout::Dht,
    };
    Stretch::of(sample, stretch::Layout::Message(layout))
}
