//! What is wrong with the peers that a `ut_pex` message names: too many, the same
//! one twice, addresses where no peer can be.

use super::anomalies;
use super::input::Input;
use crate::wire::Sink;
use crate::wire::anomaly::{Argument, Breach};
use crate::wire::bencode::Node;
use crate::wire::compact::{self, Family};

/// Peers that one message may add, or drop, but for the first one (BEP 11).
const MAX_CONTACTS_LATER: usize = 50;

/// Peers of a message that libtorrent takes.
const MAX_CONTACTS_TAKEN: usize = 100;

/// Deviations told of one message at most: who sends nonsense sends a lot.
const MAX_DEVIATIONS: usize = 8;

/// A peer of the message.
struct Contact<'i> {
    /// Its address and port.
    bytes: &'i [u8],
    /// Offset in the message.
    at: usize,
    is_dropped: bool,
}

/// Tells what is wrong with the peers; `base` is the offset of the dictionary in
/// the message.
pub(super) fn check<S: Sink>(input: &mut Input<'_, '_, '_, S>, root: Node<'_, '_>, base: usize) {
    let mut contacts = Vec::new();
    for (key, family, is_dropped) in [
        ("added", Family::V4, false),
        ("added6", Family::V6, false),
        ("dropped", Family::V4, true),
        ("dropped6", Family::V6, true),
    ] {
        let Some(value) = root.get(key.as_bytes()) else {
            continue;
        };
        let start = base + value.content().start;
        let peers = value.as_bytes().unwrap_or_default();
        let peers = peers.chunks_exact(family.size()).enumerate();
        contacts.extend(peers.map(|(index, bytes)| Contact {
            bytes,
            at: start + index * family.size(),
            is_dropped,
        }));
    }
    count(input, &contacts, base);
    let mut told = 0;
    let mut tell = |contact: &Contact<'_>, breach: Breach| {
        told += 1;
        if told <= MAX_DEVIATIONS {
            input.anomaly_at(contact.at, breach);
        }
    };
    for contact in contacts.iter().filter(|contact| !contact.is_dropped) {
        if !compact::address(contact.bytes).is_some_and(compact::is_reachable) {
            tell(contact, anomalies::UNREACHABLE_PEER.with(address(contact)));
        }
    }
    // Equal ones come to stand beside each other.
    contacts.sort_by_key(|contact| (contact.bytes, contact.at));
    for pair in contacts
        .windows(2)
        .filter(|pair| pair[0].bytes == pair[1].bytes)
    {
        let (first, second) = (&pair[0], &pair[1]);
        let anomaly = if first.is_dropped == second.is_dropped {
            &anomalies::SAME_PEER
        } else {
            &anomalies::ADDED_AND_DROPPED
        };
        tell(second, anomaly.with(address(second)));
    }
}

fn count<S: Sink>(input: &mut Input<'_, '_, '_, S>, contacts: &[Contact<'_>], base: usize) {
    let dropped = contacts.iter().filter(|contact| contact.is_dropped).count();
    for number in [contacts.len() - dropped, dropped] {
        if number > MAX_CONTACTS_TAKEN {
            input.anomaly_at(base, anomalies::TOO_MANY_PEERS.with(number));
        } else if number > MAX_CONTACTS_LATER {
            input.anomaly_at(base, anomalies::MANY_PEERS.with(number));
        }
    }
}

fn address(contact: &Contact<'_>) -> Argument {
    Argument::Address {
        start: contact.at as u32,
        end: (contact.at + contact.bytes.len()) as u32,
    }
}
