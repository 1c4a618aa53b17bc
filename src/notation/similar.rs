//! The message that is meant by a name that none has.

use super::{extension_names, spelling};
use crate::wire::catalogue;
use crate::wire::dht::Method;
use crate::wire::peer::types;
use crate::wire::{MessageType, Protocol};

/// Fewer letters are the beginning, or a part, of anything.
const MIN_PART: usize = 3;

/// Names that stand for several messages.
const SEVERAL: [(&str, &str); 2] = [
    (
        "error",
        "is it `dht error`, `udp_tracker error` or `http_tracker error`?",
    ),
    ("data", "a uTP packet is `utp data`"),
];

/// What to say of a name that no message has, with the word behind it.
pub fn reason(name: &str, next: &str) -> String {
    if let Some((_, words)) = SEVERAL.iter().find(|(known, _)| *known == name) {
        return (*words).to_owned();
    }
    let meant = |words: &str| format!("no message has the name `{name}`: is it `{words}`?");
    // `keep alive`
    if let Some(joined) = joined(name, next) {
        return meant(joined);
    }
    if Method::ALL.iter().any(|method| method.0 == name.as_bytes()) {
        return meant(&format!("query q={name}"));
    }
    match similar(name) {
        Some(known) => meant(known),
        None => format!("no message has the name `{name}` (--list shows all)"),
    }
}

/// The message whose name is two words, written apart.
pub fn joined(name: &str, next: &str) -> Option<&'static str> {
    if next.is_empty() {
        return None;
    }
    let words = format!("{}_{}", plain(name), plain(next));
    names().find(|known| *known == words)
}

/// The message that a word behind `extended` names.
pub fn of_extension(word: &str) -> Option<&'static str> {
    let is_one = |known: &&str| *known == word || has_part(known, word);
    let both = format!("{}_", plain(word));
    let begins = |known: &&str| known.starts_with(&both);
    extension_names::names().find(|known| is_one(known) || begins(known))
}

/// In small letters, with `_` for what else joins words.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// Whether a name has a word as one of its parts.
fn has_part(known: &str, word: &str) -> bool {
    word.len() >= MIN_PART && known.split('_').any(|part| part == word)
}

/// The name that is meant by one with a letter too many, too few or wrong, by its
/// beginning, or by one of its parts.
fn similar(name: &str) -> Option<&'static str> {
    let name = &plain(name);
    let distance = |known: &&str| (spelling::distance(name, known), known.len());
    let nearest = names().min_by_key(distance)?;
    let without = |known: &&str| known.replace('_', "") == *name;
    if nearest == name {
        return Some(nearest);
    }
    // `ut_metadata` is the beginning of three, `pex` the end of two.
    let begins = |known: &&str| name.len() >= MIN_PART && known.starts_with(&**name);
    let near = || spelling::is_near(name, nearest).then_some(nearest);
    names()
        .find(without)
        .or_else(|| names().find(begins))
        .or_else(near)
        .or_else(|| names().find(|known| has_part(known, name)))
}

/// Whether words make a message of this type: there is nothing to make where bytes are
/// missing, and files and key exchanges are made in other ways.
pub fn is_made(message: &'static MessageType) -> bool {
    let is_other = matches!(message.protocol, Protocol::Metainfo | Protocol::Mse);
    message != &types::GAP && !is_other
}

/// The names of all messages that can be made.
fn names() -> impl Iterator<Item = &'static str> {
    let listed = catalogue::messages().filter(|message| is_made(message));
    let listed = listed.map(|message| message.name);
    listed
        .chain(extension_names::names())
        .chain(["bencode", "bytes"])
}
