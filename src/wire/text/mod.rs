//! Messages in words: `request index=4 begin=0 length=16384`.
//!
//! A message is its name, as JSON has it, and its fields as `key=value`, named
//! and written as JSON has them too. [`encode`] makes bytes of words, for test
//! vectors; the functions that begin with `of_` make words of a message, such
//! that [`encode`] gives back the same bytes.
//!
//! | value | for |
//! |---|---|
//! | `16384`, `-1` | integers |
//! | `294150cb…` (hex digits) | hashes, ids, raw bytes |
//! | `"text \x13"` | any string; the escapes are `\xNN`, `\"`, `\\`, `\n`, `\r`, `\t` |
//! | `0x1342` | any string |
//! | `1.2.3.4:6881`, `[::1]:6881`, `1.2.3.4` | addresses |
//! | `[a, b]` | lists |
//! | `{key=value, "a key"=value}` | dictionaries |
//!
//! ```
//! use peerscope::wire::text;
//!
//! let request = text::encode("request index=4 begin=0 length=16384", &|_| None).unwrap();
//! assert_eq!(request.bytes[..5], [0, 0, 0, 13, 6]);
//! ```

mod arguments;
mod bencoded;
mod dht;
mod extended;
mod http_tracker;
mod lsd;
mod peer;
#[cfg(test)]
mod tests;
mod udp_tracker;
mod utp;
mod value;
mod write;

use super::extension::{ExtendedId, ExtensionName};

pub use dht::of_dht;
pub use http_tracker::{of_http_request, of_http_response};
pub use lsd::of_lsd;
pub use peer::of_peer;
pub use udp_tracker::of_udp_tracker;
pub use utp::of_utp;
pub use write::{of_bencode, of_bytes};

use arguments::Arguments;
use value::Lexer;

/// What a text is a message of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The handshake.
    Handshake,
    /// The peer wire.
    Peer,
    /// The DHT.
    Dht,
    /// uTP.
    Utp,
    /// UDP trackers.
    UdpTracker,
    /// HTTP trackers.
    HttpTracker,
    /// Local service discovery.
    Lsd,
    /// A bencoded value.
    Bencode,
    /// Just bytes.
    Bytes,
}

/// A message made of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// What it is.
    pub protocol: Protocol,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why words are no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {reason}")]
pub struct TextError {
    /// Which character, from 1.
    pub column: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Which id an extension has, where it is known without being written.
pub type Ids<'f> = &'f dyn Fn(&ExtensionName) -> Option<ExtendedId>;

/// Makes the bytes of the message that `text` describes.
pub fn encode(text: &str, ids: Ids<'_>) -> Result<Encoded, TextError> {
    read(text, ids).map_err(|fault| TextError {
        column: text[..fault.at.min(text.len())].chars().count() + 1,
        reason: fault.reason,
    })
}

/// A fault, with its offset in the text.
#[derive(Debug)]
struct Fault {
    at: usize,
    reason: String,
}

impl Fault {
    fn new(at: usize, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { at, reason }
    }
}

type Result<T, E = Fault> = std::result::Result<T, E>;

const PROTOCOLS: [(&str, Protocol); 6] = [
    ("peer", Protocol::Peer),
    ("dht", Protocol::Dht),
    ("utp", Protocol::Utp),
    ("udp_tracker", Protocol::UdpTracker),
    ("http_tracker", Protocol::HttpTracker),
    ("lsd", Protocol::Lsd),
];

fn read(text: &str, ids: Ids<'_>) -> Result<Encoded> {
    let mut lexer = Lexer::new(text);
    let (mut at, mut name) = lexer.name()?;
    let named = PROTOCOLS.iter().find(|(known, _)| *known == name);
    let protocol = if let Some((_, protocol)) = named {
        (at, name) = lexer.name()?;
        *protocol
    } else {
        protocol_of(name).ok_or_else(|| unknown(at, name))?
    };
    let bytes = match protocol {
        Protocol::Bytes => lexer.only()?.bytes()?,
        Protocol::Bencode => bencoded::value(&lexer.only()?, &bencoded::Hint::of_value)?,
        _ => {
            let mut arguments = Arguments::read(lexer, name)?;
            let encoded = match protocol {
                Protocol::Dht => dht::encode(name, &mut arguments),
                Protocol::Utp => utp::encode(name, &mut arguments),
                Protocol::UdpTracker => udp_tracker::encode(name, &mut arguments),
                Protocol::HttpTracker => http_tracker::encode(name, &mut arguments),
                Protocol::Lsd => lsd::encode(name, &mut arguments),
                _ => peer::encode(name, &mut arguments, ids),
            }?;
            let bytes = encoded.ok_or_else(|| unknown(at, name))?;
            arguments.finish()?;
            bytes
        }
    };
    let is_handshake = protocol == Protocol::Peer && name == "handshake";
    let protocol = if is_handshake {
        Protocol::Handshake
    } else {
        protocol
    };
    Ok(Encoded { protocol, bytes })
}

/// The protocol of a message whose name no other has.
fn protocol_of(name: &str) -> Option<Protocol> {
    Some(match name {
        "bytes" => Protocol::Bytes,
        "bencode" => Protocol::Bencode,
        "query" | "response" => Protocol::Dht,
        "syn" | "state" | "fin" | "reset" => Protocol::Utp,
        "announce" => Protocol::Lsd,
        _ if udp_tracker::NAMES.contains(&name) => Protocol::UdpTracker,
        _ if peer::is_name(name) => Protocol::Peer,
        _ => return None,
    })
}

fn unknown(at: usize, name: &str) -> Fault {
    let reason = match name {
        "error" => "is it `dht error`, `udp_tracker error` or `http_tracker error`?".to_owned(),
        "data" => "a uTP packet is `utp data`".to_owned(),
        _ => format!("no message has the name `{name}`"),
    };
    Fault::new(at, reason)
}
