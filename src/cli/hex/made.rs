//! Messages made of words, and words that make a message.

use crate::notation::{self, Encoded, Protocol, TextError};
use crate::paste::{self, Dump, Missing};
use crate::pasted::{self, Meaning, Names, Reading, Sample};
use crate::wire::extension::ExtendedId;

/// Bytes that were made of words, and how they are read.
pub struct Made {
    /// One or more whole messages.
    pub bytes: Vec<u8>,
    /// The protocol that the words were of.
    pub reading: Reading,
}

impl Made {
    /// The messages that `words` stand for: a name with fields, or an object as a console
    /// prints it, which is the dictionary of a message.
    pub fn of_words(words: &str, names: &mut Names) -> Result<Self, TextError> {
        match paste::read_object(words) {
            Some(object) => {
                check_whole(&object)?;
                Ok(Self::of_object(object, names))
            }
            None => notation::encode(words, &|name| names.id(name)).map(Self::from),
        }
    }

    /// The message of which an object is the dictionary. That of an extension gets its
    /// head, where the id of the extension is known.
    fn of_object(object: Dump, names: &mut Names) -> Self {
        let sample = Sample::new(&object.bytes);
        let best = pasted::readings(&sample).first().map(|best| best.reading);
        let reading = best.unwrap_or(Reading::Bencode);
        let parts = pasted::messages(&sample, reading, names);
        let framed = parts.first().and_then(|part| {
            let meaning = part.dissect(&mut ()).message;
            let Meaning::Extended(extended) = &meaning else {
                return None;
            };
            let id = match &extended.name {
                Some(name) => names.id(name)?,
                None => ExtendedId::HANDSHAKE,
            };
            let payload = hex::encode(&object.bytes);
            let words = format!("extended extended_id={} payload={payload}", id.0);
            notation::encode(&words, &|_| None).ok()
        });
        match framed {
            Some(framed) => Self {
                bytes: framed.bytes,
                reading: Reading::Peer,
            },
            None => Self {
                bytes: object.bytes,
                reading,
            },
        }
    }
}

impl From<Encoded> for Made {
    fn from(encoded: Encoded) -> Self {
        Self {
            bytes: encoded.bytes,
            reading: reading_of(encoded.protocol),
        }
    }
}

/// An error, if an object lacks a value: no message can be made of it then.
fn check_whole(object: &Dump) -> Result<(), TextError> {
    let Some(gap) = object.gaps.first() else {
        return Ok(());
    };
    let reason = match &gap.missing {
        Missing::Unprinted(shown) => format!("`{shown}` stands for the value of `{}`", gap.path),
        Missing::Damaged { .. } => format!("the value of `{}` is damaged", gap.path),
    };
    Err(TextError {
        column: gap.place.column,
        reason,
    })
}

/// How bytes are read that were made of words.
fn reading_of(protocol: Protocol) -> Reading {
    match protocol {
        Protocol::Handshake => Reading::Handshake,
        Protocol::Peer => Reading::Peer,
        Protocol::Dht => Reading::Dht,
        Protocol::Utp => Reading::Utp,
        Protocol::UdpTracker => Reading::UdpTracker,
        Protocol::HttpTracker => Reading::HttpTracker,
        Protocol::Lsd => Reading::Lsd,
        Protocol::Bencode => Reading::Bencode,
        Protocol::Bytes => Reading::Bytes,
    }
}

/// The words that make these bytes when they are encoded.
pub fn words(meaning: &Meaning<'_>, bytes: &[u8]) -> String {
    let words = match meaning {
        Meaning::Message(message) => notation::of_message(message, bytes),
        Meaning::Extended(_) | Meaning::Other { .. } => notation::of_bencode(bytes),
    };
    words.unwrap_or_else(|| notation::of_bytes(bytes))
}
