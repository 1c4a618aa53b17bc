//! What each side can do, by what it announced and by what it sent.

use super::digest::{Card, Profile};
use crate::flow::Side;
use crate::session::PastEnd;

/// One side's part in a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapabilitySide {
    /// Whether it announced it; `None` where its announcement is not in the capture.
    pub announced: Option<bool>,
    /// Messages of it that it sent.
    pub used: u64,
    /// It sent some though one of the two sides whose announcement that takes is
    /// known not to have made it.
    pub is_unannounced: bool,
}

/// Something that peers can do beyond BEP 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// The name of its reserved bit or of its extension; may be text of the capture.
    pub name: String,
    /// Initiator and acceptor.
    pub sides: [CapabilitySide; 2],
}

/// Whose announcement a message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// That of both sides.
    Both,
    /// That of the receiver.
    Receiver,
    /// Other ways to agree on it exist.
    None,
}

/// Bits of the handshake, with the messages that belong to each.
const BITS: [(&str, &[&str], Takes); 4] = [
    (
        "fast",
        &[
            "have_all",
            "have_none",
            "suggest_piece",
            "allowed_fast",
            "reject_request",
        ],
        Takes::Both,
    ),
    (
        "extension",
        &["extended_handshake", "extended"],
        Takes::Both,
    ),
    ("dht", &["port"], Takes::Receiver),
    // A v2 info-hash says as much as the bit (BEP 52).
    (
        "v2",
        &["hash_request", "hashes", "hash_reject"],
        Takes::None,
    ),
];

/// What the sides of a connection announced or used.
pub fn capabilities(card: &Card) -> Vec<Capability> {
    let bits = BITS.iter().map(|(name, messages, takes)| {
        let announced = card
            .profiles
            .each_ref()
            .map(|profile| has_bit(profile, name));
        let used = card
            .past
            .ends
            .each_ref()
            .map(|end| count(end, |of| messages.contains(&of)));
        capability((*name).to_owned(), announced, used, *takes)
    });
    let extensions = extensions(card).into_iter().map(|name| {
        let announced = card
            .profiles
            .each_ref()
            .map(|profile| has_extension(profile, &name));
        let is_its = |message: &str| {
            let rest = message.strip_prefix(&name[..]);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let used = card.past.ends.each_ref().map(|end| count(end, is_its));
        capability(name.clone(), announced, used, Takes::Receiver)
    });
    let all = bits.chain(extensions);
    let is_something = |one: &Capability| {
        let sides = one.sides.iter();
        sides
            .clone()
            .any(|side| side.announced == Some(true) || side.used > 0)
    };
    all.filter(is_something).collect()
}

fn capability(
    name: String,
    announced: [Option<bool>; 2],
    used: [u64; 2],
    takes: Takes,
) -> Capability {
    let lacks = |side: Side| announced[side.index()] == Some(false);
    let sides = Side::BOTH.map(|side| {
        let is_against = match takes {
            Takes::Both => lacks(side) || lacks(side.other()),
            Takes::Receiver => lacks(side.other()),
            Takes::None => false,
        };
        CapabilitySide {
            announced: announced[side.index()],
            used: used[side.index()],
            is_unannounced: used[side.index()] > 0 && is_against,
        }
    });
    Capability { name, sides }
}

fn has_bit(profile: &Profile, name: &str) -> Option<bool> {
    let handshake = profile.handshake?;
    Some(handshake.reserved.known().any(|flag| flag.name == name))
}

/// The names of extensions that either side announced (BEP 10), sorted.
fn extensions(card: &Card) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for announced in card
        .profiles
        .iter()
        .filter_map(|one| one.announced.as_ref())
    {
        let keys = announced
            .entries()
            .iter()
            .filter_map(|entry| entry.key.strip_prefix("m."));
        names.extend(keys.map(str::to_owned));
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a side announced an extension, and did not switch it off (id 0).
fn has_extension(profile: &Profile, name: &str) -> Option<bool> {
    let announced = profile.announced.as_ref()?;
    let entry = announced.get(&format!("m.{name}"));
    Some(entry.is_some_and(|entry| entry.value != "0"))
}

fn count(end: &PastEnd, is_its: impl Fn(&str) -> bool) -> u64 {
    let its = end.messages.iter().filter(|(name, _)| is_its(name));
    its.map(|(_, count)| count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_an_announcement_is_held_against_it() {
        let announced = [Some(true), Some(false)];
        let unannounced = |takes, used| {
            let one = capability(String::new(), announced, used, takes);
            one.sides.map(|side| side.is_unannounced)
        };
        assert_eq!(unannounced(Takes::Both, [1, 1]), [true, true]);
        assert_eq!(unannounced(Takes::Receiver, [1, 1]), [true, false]);
        assert_eq!(unannounced(Takes::Receiver, [0, 1]), [false, false]);
        assert_eq!(unannounced(Takes::None, [1, 1]), [false, false]);
        // What the capture does not show is held against nobody.
        let one = capability(String::new(), [None, Some(true)], [2, 2], Takes::Both);
        assert!(one.sides.iter().all(|side| !side.is_unannounced));
    }
}
