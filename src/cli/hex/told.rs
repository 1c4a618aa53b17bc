//! The bytes of messages of which logs tell in words.

use crate::notation::{self, Encoded, Ids};
use crate::paste::{Rest, Said};
use crate::wire::peer::Reserved;

/// Bytes of the length before a message.
const LENGTH_PREFIX: usize = 4;

/// The bytes that a line of a log tells of; `None` if it does not tell enough.
pub fn bytes(said: &Said<'_>, ids: Ids<'_>) -> Option<Encoded> {
    let fields = said.fields.as_ref()?;
    let mut encoded = notation::encode(&format!("{} {fields}", said.name), ids).ok()?;
    match said.rest {
        Rest::Nothing => {}
        Rest::From(end) => encoded.bytes.truncate(end),
        Rest::Data(more) => {
            let prefix = encoded.bytes.get_mut(..LENGTH_PREFIX)?;
            let told = u32::from_be_bytes(prefix.try_into().ok()?);
            prefix.copy_from_slice(&told.saturating_add(more).to_be_bytes());
        }
    }
    Some(encoded)
}

/// Bytes of a handshake before the reserved ones.
const RESERVED_AT: usize = 20;

/// A handshake of which no more than the reserved bytes are told, in words.
pub fn reserved(said: &Said<'_>, bytes: &[u8]) -> Option<String> {
    if !matches!(said.rest, Rest::From(_)) {
        return None;
    }
    let reserved = Reserved(bytes.get(RESERVED_AT..)?.try_into().ok()?);
    let names: Vec<_> = reserved.known().map(|flag| flag.name).collect();
    Some(format!("handshake [{}]", names.join(", ")))
}

/// A message of which a line has the name and some words, in words.
pub fn summary(name: &str, words: &str) -> String {
    // The names of extensions have a `_` of their own.
    let is_plain = !(name.starts_with("ut_") || name.starts_with("lt_"));
    let name = if is_plain {
        name.replace('_', " ")
    } else {
        name.to_owned()
    };
    match words {
        "" => format!("{name}, not printed"),
        _ => format!("{name}, not printed in full: {words}"),
    }
}
