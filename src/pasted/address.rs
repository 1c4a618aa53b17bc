//! Addresses in their compact form: one, or peers in a row.

use super::loose_kind::LooseKind;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use crate::wire::compact;

/// Names, in lower case, of variables and keys that hold an address.
const ADDRESSES: [&str; 5] = ["ip", "ipv4", "ipv6", "yourip", "addr"];

/// Names of those that hold peers.
const PEERS: [&str; 9] = [
    "peers", "peers6", "added", "added6", "dropped", "dropped6", "values", "value", "peer",
];

/// Names of those that hold nodes of the DHT, and how long each of these is.
const NODES: [(&str, usize); 2] = [("nodes", 26), ("nodes6", 38)];

/// Parts of names of those that do.
const PEER_PARTS: [&str; 2] = ["peer", "peers"];

/// Bytes of a peer of each family.
const SIZES: [usize; 2] = [6, 18];

/// Nothing but the number of bytes speaks for it.
pub const POSSIBLE: u8 = 29;

/// A smaller port is nobody's.
const SMALL_PORT: u16 = 1024;

/// The name that stands before the bytes, in lower case.
fn name(sample: &Sample<'_>) -> String {
    let is_end = |c: char| !(c.is_alphanumeric() || c == '_');
    let mut words = sample.label.split(is_end).filter(|word| !word.is_empty());
    words.next_back().unwrap_or_default().to_ascii_lowercase()
}

/// Bytes of each peer, if they are peers in a row; a name that ends in 6 has the
/// long ones.
fn size(length: usize, name: &str) -> Option<usize> {
    let [short, long] = SIZES;
    let fits = |size: &usize| length > 0 && length.is_multiple_of(*size);
    let sizes = if name.ends_with('6') {
        [long, short]
    } else {
        SIZES
    };
    sizes.into_iter().find(fits)
}

/// Bytes of each node, if they are nodes in a row by their name.
fn nodes(length: usize, name: &str) -> Option<usize> {
    let (_, size) = NODES.iter().find(|(known, _)| *known == name)?;
    (length > 0 && length.is_multiple_of(*size)).then_some(*size)
}

/// How well bytes fit addresses.
pub fn score(sample: &Sample<'_>) -> Option<u8> {
    let (length, name) = (sample.bytes.len(), name(sample));
    let is_one = matches!(length, 4 | 6 | 16 | 18);
    if is_one && ADDRESSES.contains(&name.as_str()) {
        return Some(90);
    }
    if nodes(length, &name).is_some() {
        return Some(90);
    }
    let size = size(length, &name);
    if size.is_some() && PEERS.contains(&name.as_str()) {
        return Some(90);
    }
    let is_of_peers = name.split('_').any(|part| PEER_PARTS.contains(&part));
    let is_likely = |size: usize| sample.bytes.chunks(size).all(is_likely);
    let is_text = sample.bytes.iter().all(u8::is_ascii_graphic);
    match (size, length) {
        (Some(size), _) if is_likely(size) && is_of_peers => Some(60),
        (Some(size), _) if is_likely(size) && !is_text => Some(POSSIBLE),
        // Three short peers are as long as a long one.
        (Some(_), 18) if is_likely(18) && !is_text => Some(POSSIBLE),
        // A connect response has as many bytes.
        (None, 16) if sample.bytes.starts_with(&[0; 4]) => Some(45),
        (None, 16) if !is_text => Some(POSSIBLE),
        _ => None,
    }
}

/// Whether bytes are the address of a peer by their looks.
fn is_likely(peer: &[u8]) -> bool {
    let Some(address) = compact::address(peer) else {
        return false;
    };
    let is_global = match address.ip() {
        std::net::IpAddr::V4(ip) => {
            matches!(ip.octets()[0], 1..=126 | 128..=223) || ip.is_loopback()
        }
        std::net::IpAddr::V6(ip) => matches!(ip.segments()[0], 0x2000..=0x3fff | 0xfe80),
    };
    is_global && address.port() >= SMALL_PORT
}

pub fn stretch<'b>(sample: &Sample<'b>) -> Stretch<'b> {
    let is_one = matches!(sample.bytes.len(), 4 | 6 | 16 | 18);
    let name = name(sample);
    if let Some(size) = nodes(sample.bytes.len(), &name) {
        return Stretch::of(sample, Layout::Bytes(LooseKind::Nodes(size)));
    }
    let kind = match size(sample.bytes.len(), &name) {
        Some(size) if !is_one => LooseKind::Peers(size),
        _ if is_one => LooseKind::Address,
        _ => LooseKind::Unknown,
    };
    Stretch::of(sample, Layout::Bytes(kind))
}
